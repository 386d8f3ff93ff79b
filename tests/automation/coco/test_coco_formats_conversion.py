"""Conversions from file to file: what is lost is said, what cannot be is refused, and nothing else is written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.cli.dataset_convert import SOURCES, TARGETS
from automation.coco.files import read_coco
from automation.coco.formats import FORMATS
from automation.coco.formats.conversion import convert_dataset, find_format
from automation.coco.formats.format import Holds
from automation.coco.formats.measures import around, polygon_area, text_of
from automation.coco.formats.names import leads_out, name_of, stem_of, url_under
from automation.coco.types import Box
from automation.errors import ConfigError, DatasetError, Refused

Tree = dict[str, Any]


@pytest.fixture
def source(tmp_path: Path, tree: Callable[..., Tree]) -> Callable[..., Path]:
    def build(**sections: Any) -> Path:
        path = tmp_path / "labels.json"
        path.write_text(json.dumps(tree(**sections)))
        return path

    return build


def a_picture(path: Path, size: tuple[int, int], orientation: int = 1) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", size).save(path, exif=exif)


def codes(error: DatasetError) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in error.findings]


def test_the_command_names_the_formats_that_there_are() -> None:
    assert list(TARGETS) == list(FORMATS)
    assert set(SOURCES) == {"coco", *FORMATS} - {"pixels", "normalised", "azure", "yolo-seg"}


def test_yolo_is_written_as_others_read_it(tmp_path: Path, source: Callable[..., Path]) -> None:
    images = [{"id": 4, "file_name": "x/a b.jpg", "width": 200, "height": 100}]
    things = [{"id": 1, "image_id": 4, "category_id": 9, "bbox": [20, 10, 100, 50], "iscrowd": 1, "note": "far"}]
    classes = [{"id": 9, "name": "cat", "supercategory": "pet"}, {"id": 3, "name": "dog: big"}]
    path = source(images=images, annotations=things, categories=classes)
    done = convert_dataset(path, tmp_path / "yolo", to="yolo")
    written = {str(p.relative_to(tmp_path / "yolo")): p.read_text() for p in (tmp_path / "yolo").rglob("*.*")}
    assert written == {
        "data.yaml": "path: .\ntrain: train.txt\nval: train.txt\nnames:\n  0: cat\n  1: 'dog: big'\n",
        "train.txt": "./images/x/a b.jpg\n",
        "labels/x/a b.txt": "0 0.35 0.35 0.5 0.5\n",
    }
    assert [(lost.code, lost.count) for lost in done.lost] == [
        ("lost-crowds", 1),
        ("lost-sizes", 1),
        ("lost-keys", 1),
        ("lost-keys", 1),
    ]
    assert done.findings[2].message == "1 annotations have 'note': it has no place in yolo"


def test_two_pictures_with_one_stem_cannot_be_yolo(tmp_path: Path, source: Callable[..., Path]) -> None:
    images = [{"id": n, "file_name": f"x/a.{s}", "width": 9, "height": 9} for n, s in ((1, "jpg"), (2, "png"))]
    path = source(images=images, annotations=[])
    with pytest.raises(DatasetError, match="1 error") as refused:
        convert_dataset(path, tmp_path / "yolo", to="yolo")
    assert codes(refused.value) == [("name-collision", "/images")]
    assert [p.name for p in tmp_path.iterdir()] == ["labels.json"]


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "c:/a.jpg", "x\\..\\..\\a.jpg", "x/../../a.jpg"])
@pytest.mark.parametrize("to", [name for name in FORMATS if FORMATS[name].by_name and name in ("yolo", "voc")])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, source: Callable[..., Path], to: str, name: str) -> None:
    path = source(images=[{"id": 1, "file_name": name, "width": 9, "height": 9}], annotations=[])
    with pytest.raises(DatasetError) as refused:
        convert_dataset(path, tmp_path / "out", to=to)
    assert [finding.code for finding in refused.value.findings] == ["path-outside"]


def test_sizes_come_from_the_pictures(tmp_path: Path, source: Callable[..., Path]) -> None:
    a_picture(tmp_path / "photos" / "x" / "a.png", (200, 100), orientation=6)
    images = [
        {"id": 1, "file_name": "c/x/a.png", "width": 0.0, "height": 0.0, "coco_url": "AmlDatastore://d/c/x/a.png"}
    ]
    things = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0.1, 0.1, 0.5, 0.5], "area": 0.0}]
    path = source(images=images, annotations=things)
    with pytest.raises(DatasetError) as refused:
        convert_dataset(path, tmp_path / "out.json", to="pixels")
    assert codes(refused.value)[0][0] == "size-missing"
    done = convert_dataset(path, tmp_path / "out.json", to="pixels", images=tmp_path / "photos")
    made = json.loads((tmp_path / "out.json").read_bytes())
    assert made["images"] == [{**images[0], "width": 200, "height": 100}]
    assert made["annotations"] == [{**things[0], "bbox": [20, 10, 100, 50], "area": 5000, "iscrowd": 0}]
    assert '"width": 200,' in (tmp_path / "out.json").read_text()
    assert [lost.code for lost in done.lost] == ["picture-turned"]


def test_two_entries_never_share_a_picture(tmp_path: Path, source: Callable[..., Path]) -> None:
    a_picture(tmp_path / "photos" / "a.png", (20, 10))
    path = source(images=[{"id": 1, "file_name": "x/a.png"}, {"id": 2, "file_name": "y/a.png"}], annotations=[])
    with pytest.raises(DatasetError) as refused:
        convert_dataset(path, tmp_path / "out.json", to="pixels", images=tmp_path / "photos")
    assert codes(refused.value) == [("name-collision", "y/a.png")]


def test_the_service_gets_addresses_ids_from_1_and_shares(tmp_path: Path, source: Callable[..., Path]) -> None:
    images = [{"id": 7, "file_name": "x/a b.jpg", "width": 200.0, "height": 100.0}]
    things = [
        {"id": 5, "image_id": 7, "category_id": 3, "bbox": [20, 10, 100, 50], "segmentation": [[1, 1, 2, 1, 2, 2]]}
    ]
    path = source(images=images, annotations=things, categories=[{"id": 3, "name": "cat"}])
    with pytest.raises(DatasetError) as refused:
        convert_dataset(path, tmp_path / "out.json", to="azure")
    assert codes(refused.value) == [("address-missing", "/images/0")]
    base = "https://a.blob.core.windows.net/c/"
    done = convert_dataset(path, tmp_path / "out.json", to="azure", url_base=base)
    made = json.loads((tmp_path / "out.json").read_bytes())
    address = {"absolute_url": f"{base}x/a%20b.jpg"}
    assert made["images"] == [{"id": 1, "width": 200, "height": 100, "file_name": "x/a b.jpg", **address}]
    box = [0.1, 0.1, 0.5, 0.5]
    assert made["annotations"] == [{"id": 1, "image_id": 1, "category_id": 1, "bbox": box, "area": 0.25}]
    assert [lost.code for lost in done.lost] == ["lost-polygons"]


def test_automl_rows_and_what_a_classification_loses(tmp_path: Path, source: Callable[..., Path]) -> None:
    things = [{"id": n, "image_id": 1, "category_id": n} for n in (1, 2)]
    path = source(annotations=things, categories=[{"id": n, "name": f"c{n}"} for n in (1, 2)])
    done = convert_dataset(path, tmp_path / "out", to="automl", url_base="azureml://s/datastores/d/paths/p")
    rows = (tmp_path / "out" / "annotations.jsonl").read_text().splitlines()
    assert [json.loads(row)["label"] for row in rows] == [["c1", "c2"]]
    assert json.loads(rows[0])["image_url"].startswith("azureml://s/datastores/d/paths/p/")
    assert [(lost.code, lost.count) for lost in done.lost] == [("lost-pictures", 1)]
    assert find_format(tmp_path / "out") == "automl"
    convert_dataset(tmp_path / "out" / "MLTable", tmp_path / "back.json", to="pixels", written_in="automl")
    assert [a.category_id for a in read_coco(tmp_path / "back.json").annotations] == [1, 2]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{", "not-json"),
        ("[1]", "missing-key"),
        ('{"image_url": "a", "label": [3]}', "wrong-type"),
        ('{"image_url": "a", "label": [{"label": "c", "topX": NaN}]}', "not-json"),
        ('{"image_url": "a", "label": [{"label": "c", "topX": 1}]}', "wrong-type"),
        ('{"image_url": "a", "label": [{"label": "c", "polygon": [[1, 2, 3]]}]}', "wrong-type"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: str, code: str) -> None:
    (tmp_path / "rows.jsonl").write_text('{"image_url": "b", "label": "c"}\n\n' + row + "\n")
    with pytest.raises(DatasetError) as refused:
        convert_dataset(tmp_path / "rows.jsonl", tmp_path / "out.json", to="pixels")
    assert [(f.code, f.where.split(": ")[0]) for f in refused.value.findings] == [(code, "rows.jsonl:3")]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("labels/a.txt", "0 0.1 0.1 0.2\n", "wrong-type"),
        ("labels/a.txt", "0 0.1 nan 0.2 0.2\n", "wrong-type"),
        ("labels/a.txt", "1 0.1 0.1 0.2 0.2\n", "dangling-category"),
        ("labels/b.txt", "0 0.1 0.1 0.2 0.2\n", "picture-unknown"),
        ("train.txt", "../../a.jpg\n", "path-outside"),
        ("data.yaml", "names: {0: a, 2: b}\n", "classes-missing"),
        ("data.yaml", "a: &a [x]\nnames: *a\n", "not-yaml"),
        ("data.yaml", "names: [a\n", "not-yaml"),
    ],
)
def test_bad_yolo_is_named(tmp_path: Path, name: str, text: str, code: str) -> None:
    files = {"data.yaml": "names: [cat]\n", "train.txt": "images/a.jpg\n", name: text}
    for path, content in files.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(content)
    with pytest.raises(DatasetError) as refused:
        convert_dataset(tmp_path / "in", tmp_path / "out.json", to="normalised")
    assert [finding.code for finding in refused.value.findings] == [code]


def test_yolo_has_its_classes_in_a_yaml_file_of_any_name(tmp_path: Path) -> None:
    files = {"fruit.yaml": "names: [cat]\n", "train.txt": "images/a.jpg\n", "labels/a.txt": "0 0.5 0.5 0.2 0.2\n"}
    for path, content in files.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(content)
    assert convert_dataset(tmp_path / "in", tmp_path / "out.json", to="normalised").categories == 1
    (tmp_path / "in" / "vegetables.yaml").write_text("names: [dog]\n")
    with pytest.raises(DatasetError) as refused:
        convert_dataset(tmp_path / "in", tmp_path / "two.json", to="normalised")
    assert refused.value.findings[0].message.endswith("and 2 other YAML files: fruit.yaml, vegetables.yaml")


def test_nothing_is_overwritten(tmp_path: Path, source: Callable[..., Path]) -> None:
    path = source()
    with pytest.raises(Refused, match="place of the old one"):
        convert_dataset(path, path, to="normalised")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    with pytest.raises(Refused, match="is there already"):
        convert_dataset(path, tmp_path / "full", to="yolo")
    with pytest.raises(Refused, match="is a folder"):
        convert_dataset(path, tmp_path / "full", to="pixels")


@pytest.mark.parametrize("names", [["a" * 300 + ".jpg"], ["a.jpg", "a.txt/b.jpg"]])
def test_what_the_disk_does_not_take_leaves_nothing_behind(
    tmp_path: Path, source: Callable[..., Path], names: list[str]
) -> None:
    images = [{"id": n, "file_name": name, "width": 200, "height": 100} for n, name in enumerate(names, 1)]
    things = [{"id": n, "image_id": n, "category_id": 1, "bbox": [20, 10, 9, 9]} for n in range(1, len(names) + 1)]
    path = source(images=images, annotations=things)
    with pytest.raises(ConfigError, match="cannot be written"):
        convert_dataset(path, tmp_path / "yolo", to="yolo")
    assert [found.name for found in tmp_path.iterdir()] == ["labels.json"]


def test_a_link_that_leads_out_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rows.jsonl").symlink_to(tmp_path / "secret")
    with pytest.raises(Refused, match="leads out"):
        convert_dataset(tmp_path / "in", tmp_path / "out.json", to="pixels")


def test_what_looks_like_nothing_or_like_two_things_has_to_be_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="like no format that is known"):
        find_format(tmp_path)
    (tmp_path / "a.jsonl").touch()
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(ConfigError, match="like automl and coco"):
        find_format(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        find_format(tmp_path / "no.json")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://a.blob.core.windows.net/c/x/a%20b.jpg?sig=s", "x/a b.jpg"),
        ("AmlDatastore://store/x/a.jpg", "x/a.jpg"),
        ("azureml://subscriptions/s/datastores/d/paths/x/a.jpg", "x/a.jpg"),
        ("/data/local-files/?d=x/a%20b.jpg", "x/a b.jpg"),
        ("/data/upload/3/a.jpg", "upload/3/a.jpg"),
        ("x/a.jpg", "x/a.jpg"),
    ],
)
def test_names_keep_their_folders(address: str, name: str) -> None:
    assert name_of(address) == name


def test_small_things() -> None:
    assert [stem_of(n) for n in ("x.y/a.b.jpg", "x.y/a", ".a")] == ["x.y/a.b", "x.y/a", ".a"]
    assert url_under("https://a/c/", "x/ä.jpg") == "https://a/c/x/%C3%A4.jpg"
    assert [leads_out(n) for n in ("x/a", "x/..a", "a/", "", "a\0")] == [False, False, True, True, True]
    assert [text_of(v, 3) for v in (1, 0.5, 100, -0.0001, 1e-9, 1234567.25)] == [
        "1",
        "0.5",
        "100",
        "0",
        "0",
        "1234567.25",
    ]
    assert around([[1, 2, 5, 2, 5, 9], [0, 3, 1, 3, 1, 4]]) == Box(x=0, y=2, w=5, h=7)
    assert polygon_area([0, 0, 4, 0, 4, 3]) == 6


def test_the_page_about_formats_names_all_of_them() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "formats.md").read_text()
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")][1:]
    assert {name.strip(" `") for row in rows for name in row[1].split(",")} == set(FORMATS)
    said = {name.strip(" `"): [cell.strip() for cell in row[4:13]] for row in rows for name in row[1].split(",")}
    columns = (
        Holds.BOXES,
        Holds.POLYGONS,
        Holds.LABELS,
        Holds.CROWDS,
        Holds.SIZES,
        Holds.ADDRESSES,
        Holds.CLASSES,
        Holds.EMPTY,
    )
    for name, kind in FORMATS.items():
        assert [cell == "no" for cell in said[name]][:8] == [held not in kind.holds for held in columns]


def test_polygons_and_keypoints_change_their_unit_with_the_box(tmp_path: Path, source: Callable[..., Path]) -> None:
    shape = {"segmentation": [[20, 10, 120, 10, 120, 60]], "keypoints": [20, 10, 2, 0, 0, 0], "num_keypoints": 1}
    thing = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 10, 100, 50], "iscrowd": 0, **shape}
    images = [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}]
    path = source(images=images, annotations=[thing])
    convert_dataset(path, tmp_path / "shares.json", to="normalised")
    [made] = json.loads((tmp_path / "shares.json").read_bytes())["annotations"]
    assert made["segmentation"] == [[0.1, 0.1, 0.6, 0.1, 0.6, 0.6]]
    assert made["keypoints"] == [0.1, 0.1, 2, 0, 0, 0]
    convert_dataset(tmp_path / "shares.json", tmp_path / "back.json", to="pixels")
    [back] = json.loads((tmp_path / "back.json").read_bytes())["annotations"]
    assert back == {**thing, "area": 2500}


def test_automl_rows_have_corners_and_crowds(tmp_path: Path, source: Callable[..., Path]) -> None:
    images = [{"id": 1, "file_name": "a.jpeg", "width": 200, "height": 100, "absolute_url": "https://a/c/a.jpeg"}]
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 20, 100, 50]}
    outline = {"segmentation": [[20, 20, 120, 20, 120, 70]], "iscrowd": 1}
    convert_dataset(
        source(images=images, annotations=[box, {**box, "id": 2, **outline}]), tmp_path / "out", to="automl"
    )
    assert json.loads((tmp_path / "out" / "annotations.jsonl").read_bytes()) == {
        "image_url": "https://a/c/a.jpeg",
        "image_details": {"format": "jpg", "width": 200, "height": 100},
        "label": [
            {"label": "cat", "topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.7, "isCrowd": False},
            {
                "label": "cat",
                "bbox": [0.1, 0.2, 0.6, 0.7],
                "isCrowd": True,
                "polygon": [[0.1, 0.2, 0.6, 0.2, 0.6, 0.7]],
            },
        ],
    }


def test_labels_of_nothing_and_twins_of_classes_are_refused(tmp_path: Path, source: Callable[..., Path]) -> None:
    lost = {"id": 1, "image_id": 9, "category_id": 1, "bbox": [20, 10, 100, 50]}
    with pytest.raises(DatasetError) as refused:
        convert_dataset(source(annotations=[lost]), tmp_path / "out", to="yolo")
    assert [finding.code for finding in refused.value.findings] == ["dangling-image"]
    twins = [{"id": n, "name": "cat"} for n in (1, 2)]
    with pytest.raises(DatasetError) as refused:
        convert_dataset(source(categories=twins), tmp_path / "out", to="yolo")
    assert codes(refused.value) == [("name-collision", "/categories")]
