"""Several files as one: nothing is lost, nothing meets, and what nobody knows stays as it was."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from automation.cli.app import cli
from automation.coco import scan
from automation.coco.checking import check_file
from automation.coco.transform import merge_files
from automation.coco.transform.renumbering import renumbered, with_prefix
from automation.errors import ConfigError, DatasetError, Refused

Tree = dict[str, Any]


def a_file(path: Path, *, names: str = "ab", categories: Tree | None = None, **extra: Any) -> Path:
    """An image for each letter, and a box of each class on it, with ids from 1."""
    classes = categories or {"cat": 1, "dog": 2}
    pairs = [(image, number) for image in range(1, len(names) + 1) for number in classes.values()]
    tree = {
        "images": [
            {"id": n, "file_name": f"{letter}.jpg", "width": 200, "height": 100, "more": {"id": n}}
            for n, letter in enumerate(names, 1)
        ],
        "annotations": [
            {"image_id": image, "id": n, "category_id": number, "bbox": [0, n, 10, 10], "note": '"id": 5, '}
            for n, (image, number) in enumerate(pairs, 1)
        ],
        "categories": [{"id": number, "name": name} for name, number in classes.items()],
        **extra,
    }
    path.write_text(json.dumps(tree))
    return path


def told(path: Path) -> list[tuple[str, str, float]]:
    """What is on which picture, whatever the ids."""
    tree = json.loads(path.read_bytes())
    images = {image["id"]: image["file_name"] for image in tree["images"]}
    classes = {category["id"]: category["name"] for category in tree["categories"]}
    assert len(images) == len(tree["images"])
    assert len({a["id"] for a in tree["annotations"]}) == len(tree["annotations"])
    return sorted((images[a["image_id"]], classes[a["category_id"]], a["bbox"][1]) for a in tree["annotations"])


@pytest.mark.parametrize("chunk", [30, 300, 4 << 20])
def test_all_that_the_files_say_is_in_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(scan, "CHUNK_BYTES", chunk)
    one = a_file(tmp_path / "1.json", info={"year": 1})
    two = a_file(tmp_path / "2.json", names="cde", categories={"dog": 1, "cow": 7}, info={"year": 2}, extra=[])
    found = merge_files([one, two], tmp_path / "m.json")
    assert told(tmp_path / "m.json") == sorted(told(one) + told(two))
    tree = json.loads((tmp_path / "m.json").read_bytes())
    assert tree["info"] == {"year": 1}
    assert [(c["id"], c["name"]) for c in tree["categories"]] == [(1, "cat"), (2, "dog"), (7, "cow")]
    assert [image["more"]["id"] for image in tree["images"]] == [1, 2, 1, 2, 3]
    assert {a["note"] for a in tree["annotations"]} == {'"id": 5, '}
    assert (found.left_out, found.renumbered) == (("extra", "info"), (two,))
    assert (found.part.images, found.part.annotations, found.part.categories) == (5, 10, 3)
    assert not check_file(tmp_path / "m.json").errors


def test_ids_that_are_free_stay_and_the_first_file_stays_byte_by_byte(tmp_path: Path) -> None:
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    first = '{"id":1 , "file_name":"a","k":1.50},  {"file_name":"b", "id":2}'
    one.write_text('{"categories":[],"annotations":[],"images":[' + first + "]}")
    second = '{"file_name":"c", "id" : 9}'
    two.write_text('{"images":[' + second + '],"categories":[],"annotations":[]}')
    assert merge_files([one, two], tmp_path / "m.json").renumbered == ()
    assert (tmp_path / "m.json").read_text() == (
        '{"images": [' + first + ", " + second + '], "annotations": [], "categories": []}'
    )
    merge_files([two, one], tmp_path / "n.json")
    assert [i["id"] for i in json.loads((tmp_path / "n.json").read_bytes())["images"]] == [9, 10, 11]


def test_classes_are_one_by_their_new_names(tmp_path: Path) -> None:
    one = a_file(tmp_path / "1.json")
    two = a_file(tmp_path / "2.json", names="c", categories={"kitten": 1, "bird": 2})
    merge_files([one, two], tmp_path / "m.json", names={"kitten": "cat"})
    tree = json.loads((tmp_path / "m.json").read_bytes())
    assert {c["name"]: c["id"] for c in tree["categories"]} == {"cat": 1, "dog": 2, "bird": 3}
    assert [name for picture, name, _ in told(tmp_path / "m.json") if picture == "c.jpg"] == ["bird", "cat"]
    with pytest.raises(ConfigError, match="no file has a class 'puppy'"):
        merge_files([one, two], tmp_path / "n.json", names={"puppy": "dog"})


def test_file_names_that_meet_are_named_and_a_prefix_parts_them(tmp_path: Path) -> None:
    one, two = a_file(tmp_path / "1.json"), a_file(tmp_path / "2.json", names="cb")
    with pytest.raises(DatasetError, match="1 file names") as caught:
        merge_files([one, two], tmp_path / "m.json")
    assert [f.where for f in caught.value.findings] == ["2.json/images/1/file_name"]
    assert not (tmp_path / "m.json").exists()
    merge_files([one, two], tmp_path / "m.json", prefix=True)
    assert {picture for picture, *_ in told(tmp_path / "m.json")} == {"1/a.jpg", "1/b.jpg", "2/b.jpg", "2/c.jpg"}


def test_what_cannot_be_merged_is_refused(tmp_path: Path) -> None:
    one = a_file(tmp_path / "1.json")
    shares = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 0.5, 0.5]}]
    two = a_file(tmp_path / "2.json", names="c", annotations=shares)
    with pytest.raises(DatasetError, match="measure their boxes differently"):
        merge_files([one, two], tmp_path / "m.json")
    with pytest.raises(Refused):
        merge_files([one, a_file(tmp_path / "3.json", names="z")], one)
    with pytest.raises(ConfigError):
        merge_files([one], tmp_path / "m.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.json", "2.json", "3.json"]


def test_numbers_change_where_they_are_meant_and_nowhere_else() -> None:
    assert renumbered(b'{"a":1, "id" :2 },{"id":3.0}', {"id": [20, 30]}) == b'{"a":1, "id": 20 },{"id": 30}'
    assert renumbered(b'{"a": 1}, {"id": 3}', {"id": [None, 9]}) == b'{"a": 1}, {"id": 9}'
    hidden = json.loads(b"[" + renumbered(b'{"\\u0069d": 1, "x": {"id": 4}}', {"id": [9]}) + b"]")
    assert hidden == [{"id": 9, "x": {"id": 4}}]
    named = json.loads(with_prefix(b'{"file_name" : "a", "x": "\\"file_name\\": \\"q"}', 'p"/', 1))
    assert named == {"file_name": 'p"/a', "x": '"file_name": "q'}


def test_the_command(tmp_path: Path) -> None:
    one, two = a_file(tmp_path / "1.json"), a_file(tmp_path / "2.json", names="c", info={})
    arguments = ["dataset", "merge", str(one), str(two), "--out", str(tmp_path / "m.json")]
    said = CliRunner().invoke(cli, [*arguments, "--map", "cat=pet", "--json"])
    facts = json.loads(said.stdout)
    assert (facts["images"], facts["categories"], facts["left_out"]) == (3, 2, ["info"])
    assert "3 images, 6 annotations, 2 classes" in CliRunner().invoke(cli, arguments).stdout
    assert isinstance(CliRunner().invoke(cli, [*arguments, "--map", "cat"]).exception, ConfigError)
