"""Mending: what can be set right is, all else stays as it was, and a second time nothing is left to do."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from automation.coco import scan
from automation.coco.checking import check_file
from automation.coco.fixing import Fixed, fix_file
from automation.coco.profiles import PROFILES
from automation.errors import DatasetError, Refused

Tree = dict[str, Any]


def fixed(folder: Path, tree: Tree, *, profile: str = "coco", **how: Any) -> tuple[Tree, dict[str, int]]:
    source, target = folder / "labels.json", folder / "new.json"
    source.write_text(json.dumps(tree))
    done: Fixed = fix_file(source, target, profile=PROFILES[profile], **how)
    return json.loads(target.read_text()), dict(done.mends)


def label(number: int, **fields: Any) -> Tree:
    usual = {"id": number, "image_id": 1, "category_id": 1, "bbox": [20, 10, 100, 50], "area": 5000, "iscrowd": 0}
    return usual | fields


@pytest.mark.parametrize(
    ("wrong", "right", "mend"),
    [
        ({"bbox": [150, 10, 100, 50]}, {"bbox": [150, 10, 50, 50], "area": 2500}, "box-outside-image"),
        ({"area": 0.0}, {"area": 5000}, "area"),
        ({"area": 77}, {"area": 5000}, "area"),
        ({"area": None}, {"area": 5000}, "area"),
        ({"iscrowd": None}, {"iscrowd": 0}, "iscrowd-missing"),
        ({"id": None}, {"id": 1}, "id"),
    ],
)
def test_an_annotation_is_mended(
    tmp_path: Path, tree: Callable[..., Tree], wrong: Tree, right: Tree, mend: str
) -> None:
    new, mends = fixed(tmp_path, tree(annotations=[label(1, **wrong, note="kept")]))
    assert new["annotations"] == [label(1, **right, note="kept")]
    assert mends[mend] == 1


@pytest.mark.parametrize(
    "fine",
    [
        {"bbox": [100.4, 10, 100, 50]},  # rounding
        {"bbox": [300, 10, 100, 50]},  # nothing of it is in the image
        {"bbox": [20, 10, 0, 50], "area": 0},  # dropped only when told
        {"segmentation": [[20, 10, 60, 10, 60, 50]], "area": 800},
        {"iscrowd": 2},
        {"id": "x"},
        {"id": 2**60},
    ],
)
def test_what_is_fine_or_unclear_stays_byte_by_byte(tmp_path: Path, tree: Callable[..., Tree], fine: Tree) -> None:
    source, target = tmp_path / "labels.json", tmp_path / "new.json"
    source.write_text(json.dumps(tree(annotations=[label(1, **fine)]), indent=3))
    assert fix_file(source, target, profile=PROFILES["coco"]).mends == {}
    assert target.read_bytes() == source.read_bytes()


def test_an_empty_segmentation_goes(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    new, mends = fixed(tmp_path, tree(annotations=[label(1, segmentation=[])]))
    assert (new["annotations"], mends) == ([label(1)], {"segmentation-empty": 1})


def test_an_image_is_mended(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    image = {"id": 1, "file_name": "a.jpg", "width": 200.0, "height": 100.0}
    url = "https://a.example/c/a.jpg"
    wrong = {"absolute_url": f"{url}?versionid=7&sv=1&sig=x%3D", "date_captured": "2022-09-16T14:48:15.6141099Z"}
    new, mends = fixed(tmp_path, tree(images=[image | wrong], annotations=[label(1)]))
    right = {"absolute_url": f"{url}?versionid=7", "date_captured": "2022-09-16T14:48:15.614109Z"}
    assert new["images"] == [image | right]
    assert '"width": 200,' in (tmp_path / "new.json").read_text()
    assert mends == {"date-decimals": 1, "size-float": 1, "url-with-signature": 1}


@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_categories_of_one_name_are_merged(
    tmp_path: Path, tree: Callable[..., Tree], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "CHUNK_BYTES", chunk)
    names = [{"id": 4, "name": "cat"}, {"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}]
    labels = [label(1, category_id=4), label(2, category_id=7), label(3, category_id=9)]
    new, mends = fixed(tmp_path, tree(categories=names, annotations=labels))
    assert new["categories"] == [names[0], names[2]]
    assert [entry["category_id"] for entry in new["annotations"]] == [4, 4, 9]
    assert mends == {"category-name-duplicate": 1, "category_id": 1}


def test_for_the_service_all_ids_run_from_1(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    images = [{"id": i, "file_name": f"{i}.jpg", "width": 200, "height": 100} for i in (30, 10)]
    labels = [label(5, image_id=10, category_id=0), label(5, image_id=30, category_id=0)]
    told = tree(images=images, annotations=labels, categories=[{"id": 0, "name": "cat"}])
    new, _ = fixed(tmp_path, told, profile="image-analysis")
    assert [image["id"] for image in new["images"]] == [1, 2]
    assert [(a["id"], a["image_id"], a["category_id"]) for a in new["annotations"]] == [(1, 2, 1), (2, 1, 1)]
    kept, _ = fixed(tmp_path, told)
    assert [image["id"] for image in kept["images"]] == [30, 10]


def test_references_that_lead_nowhere_keep_ids_as_they_are(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    images = [{"id": i, "file_name": f"{i}.jpg", "width": 200, "height": 100} for i in (3, 7)]
    told = tree(images=images, annotations=[label(1, image_id=1)])
    new, _ = fixed(tmp_path, told, profile="image-analysis")
    assert (new["images"], new["annotations"][0]["image_id"]) == (images, 1)


@pytest.mark.parametrize("chunk", [1, 1 << 20])
@pytest.mark.parametrize("empty", [{1}, {3}, {1, 2}, {2, 3}, {1, 2, 3}])
def test_boxes_without_area_are_dropped_when_told(
    tmp_path: Path, tree: Callable[..., Tree], empty: set[int], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "CHUNK_BYTES", chunk)
    labels = [label(i, bbox=[20, 10, 0, 50], area=0) if i in empty else label(i) for i in (1, 2, 3)]
    new, mends = fixed(tmp_path, tree(annotations=labels), drop=True)
    assert ([a["id"] for a in new["annotations"]], mends) == (sorted({1, 2, 3} - empty), {"box-empty": len(empty)})


def test_annotations_of_no_category_are_dropped_when_told(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    told = tree(annotations=[label(1), label(2, category_id=9), label(3)])
    new, mends = fixed(tmp_path, told)
    assert ([a["id"] for a in new["annotations"]], mends) == ([1, 2, 3], {})
    new, mends = fixed(tmp_path, told, drop=True)
    assert ([a["id"] for a in new["annotations"]], mends) == ([1, 3], {"dangling-category": 1})


@pytest.mark.parametrize("categories", [None, [{"id": 9, "name": 5}], "none"])
def test_annotations_of_a_category_that_cannot_be_read_stay(
    tmp_path: Path, tree: Callable[..., Tree], categories: Any
) -> None:
    told = tree(annotations=[label(1, category_id=9)], **({} if categories is None else {"categories": categories}))
    if categories == "none":
        with pytest.raises(DatasetError):
            fixed(tmp_path, told, drop=True)
        return
    new, _ = fixed(tmp_path, told, drop=True)
    assert len(new["annotations"]) == (categories is not None)


def test_an_area_whose_outline_is_empty_is_told_apart(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    new, mends = fixed(tmp_path, tree(annotations=[label(1, area=7, segmentation=[])]))
    assert mends == {"area-without-outline": 1, "segmentation-empty": 1}
    assert new["annotations"][0]["area"] == math.prod(new["annotations"][0]["bbox"][2:])


def test_ids_written_as_text_become_numbers(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    told = tree(annotations=[label(1, area=7), label(2)])
    for entry in (*told["images"], *told["categories"], *told["annotations"]):
        entry |= {key: str(entry[key]) for key in ("id", "image_id", "category_id") if key in entry}
    new, mends = fixed(tmp_path, told)
    assert new == tree(annotations=[label(1), label(2)])
    assert mends == {"area": 1, "id-text": 9}
    assert not check_file(tmp_path / "new.json", profile=PROFILES["coco"]).errors


@pytest.mark.parametrize("text", ["", "01", "1.0", " 1", "-0", "one", "1" * 16, "\u0661"])
def test_text_that_is_no_id_stays(tmp_path: Path, tree: Callable[..., Tree], text: str) -> None:
    new, mends = fixed(tmp_path, tree(annotations=[label(1, image_id=text)]))
    assert (new["annotations"][0]["image_id"], mends) == (text, {})


def test_licenses_are_added_for_cvat(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    new, mends = fixed(tmp_path, tree(annotations=[label(1)]), profile="cvat")
    assert (new["licenses"], mends) == ([], {"licenses-missing": 1})


def test_a_file_is_never_written_over_unless_told(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    source = tmp_path / "labels.json"
    source.write_text(json.dumps(tree(annotations=[label(1, area=0)])))
    before = source.read_bytes()
    with pytest.raises(Refused):
        fix_file(source, source, profile=PROFILES["coco"])
    assert source.read_bytes() == before
    fix_file(source, source, profile=PROFILES["coco"], in_place=True)
    assert json.loads(source.read_text())["annotations"] == [label(1)]


def test_what_cannot_be_read_is_not_mended(tmp_path: Path) -> None:
    source = tmp_path / "labels.json"
    source.write_text('{"images": [], "annotations": [], "categories": [{"id": 1, "id": 2, "name": "cat"}]}')
    with pytest.raises(DatasetError):
        fix_file(source, tmp_path / "new.json", profile=PROFILES["coco"])
    assert not (tmp_path / "new.json").exists()


IDS = st.one_of(st.integers(-1, 6), st.none(), st.just(2.0), st.just("x"))
LABELS: st.SearchStrategy[list[Any]] = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "image_id": IDS,
                "category_id": IDS,
                "bbox": st.sampled_from([[1, 2, 300, 40], [-5.5, 2, 60.25, 400], [3, 4, 0, 9], [1, 2], [1, 2, -3, 4]]),
            },
            optional={
                "id": IDS,
                "area": st.sampled_from([0, 0.0, 12, None, "x"]),
                "iscrowd": st.sampled_from([0, 1, None, 5]),
                "segmentation": st.sampled_from([[], {}, [[1, 2, 3, 4, 5, 6]], None]),
            },
        ),
        st.sampled_from([None, 5]),
    ),
    max_size=5,
)
NAMES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["cat", "dog", " ", "Cat"])), max_size=4)


TREES = st.fixed_dictionaries(
    {"labels": LABELS, "names": NAMES, "ids": st.lists(st.integers(0, 6), max_size=4)},
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=TREES, profile=st.sampled_from(sorted(PROFILES)), drop=st.booleans())
@example(
    drawn={"labels": [{"image_id": 1, "category_id": None, "bbox": [1, 2, 3, 4]}], "names": [], "ids": []},
    profile="image-analysis",
    drop=False,
)
@example(
    drawn={
        "labels": [{"image_id": 2, "category_id": 2, "bbox": [3, 4, 0, 9]}],
        "names": [(0, "cat"), (1, "cat")],
        "ids": [],
    },
    profile="automl",
    drop=True,
)
def test_mending_twice_is_mending_once(tmp_path: Path, drawn: Tree, profile: str, *, drop: bool) -> None:
    images = [{"id": i, "file_name": f"{n}.jpg", "width": 200.0, "height": 100} for n, i in enumerate(drawn["ids"])]
    whole = {"id": 99, "file_name": "whole.jpg", "width": 200, "height": 100}
    tree = {
        "images": [*images, whole],
        "annotations": [*drawn["labels"], label(50, image_id=99, bbox=[0, 0, 200, 100])],
        "categories": [{"id": i, "name": name} for i, name in drawn["names"]],
    }
    once, _ = fixed(tmp_path, tree, profile=profile, drop=drop)
    first = (tmp_path / "new.json").read_bytes()
    assert len(once["annotations"]) <= len(tree["annotations"])
    again = fix_file(tmp_path / "new.json", tmp_path / "third.json", profile=PROFILES[profile], drop=drop)
    assert (again.mends, (tmp_path / "third.json").read_bytes()) == ({}, first)
    assert check_file(tmp_path / "third.json").errors <= check_file(tmp_path / "labels.json").errors


def test_what_is_dropped_for_an_id_in_quotes_is_dropped_at_once(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    told = tree(annotations=[label(1), label(2, category_id="9")])
    new, mends = fixed(tmp_path, told, drop=True)
    assert ([a["id"] for a in new["annotations"]], mends) == ([1], {"dangling-category": 1, "id-text": 1})
