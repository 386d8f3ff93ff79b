"""Findings in groups, with the places of the first in the file, and as SARIF."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.coco import scan
from automation.coco.checking import check_file
from automation.coco.fixing import fix_file
from automation.coco.grouping import Group, grouped
from automation.coco.profiles import PROFILES
from automation.coco.sarif import sarif
from automation.errors import Severity

Tree = dict[str, Any]


def groups_of(path: Path, *, examples: int = 3) -> dict[str, Group]:
    return {group.code: group for group in grouped(path, check_file(path), examples=examples)}


@pytest.fixture
def spoiled(tmp_path: Path, tree: Callable[..., Tree]) -> Path:
    """Five boxes that leave their image, of which the first stands behind a name that takes several bytes a letter."""
    boxes = [{"id": i, "image_id": 1, "category_id": 1, "bbox": [150 + i, 0, 100, 50]} for i in range(1, 6)]
    path = tmp_path / "labels.json"
    text = json.dumps(tree(annotations=[{**boxes[0], "note": "ä€"}, *boxes[1:]]), ensure_ascii=False, indent=1)
    path.write_text(text, "utf-8")
    return path


def test_the_same_fault_is_one_group_with_its_number_and_first_places(spoiled: Path) -> None:
    group = groups_of(spoiled)["box-outside-image"]
    assert (group.severity, group.count, len(group.examples)) == (Severity.ERROR, 5, 3)
    assert [example.where for example in group.examples] == [f"/annotations/{i}/bbox" for i in range(3)]
    assert group.examples[1].value == "[152, 0, 100, 50]"
    assert group.hint == "correct the box, or cut it to the image"


@pytest.mark.parametrize("chunk", [1, 100, 1 << 20])
def test_offset_and_size_are_those_of_the_entry(spoiled: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHUNK_BYTES", chunk)
    data = spoiled.read_bytes()
    examples = groups_of(spoiled, examples=9)["box-outside-image"].examples
    entries = [json.loads(data[e.offset : (e.offset or 0) + e.size]) for e in examples]
    assert [entry["id"] for entry in entries] == [1, 2, 3, 4, 5]


def test_errors_come_before_warnings(spoiled: Path) -> None:
    severities = [group.severity for group in grouped(spoiled, check_file(spoiled))]
    assert severities == [Severity.ERROR, Severity.WARNING]


def test_more_faults_than_are_listed_are_counted(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    path = tmp_path / "labels.json"
    empty = [{"id": i, "image_id": 1, "category_id": 1, "bbox": [5, 5, 0, 9]} for i in range(1, 1203)]
    path.write_text(json.dumps(tree(annotations=empty)))
    assert groups_of(path)["box-empty"].count == 1202


def test_a_broken_file_has_the_offset_of_the_break(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text('{"images": [}')
    (example,) = groups_of(path)["not-json"].examples
    assert (example.where, example.offset) == ("", 12)


def test_a_token_is_no_value_to_show(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    path = tmp_path / "labels.json"
    url = "https://a.blob.core.windows.net/c/one.jpg?sig=secret"
    path.write_text(json.dumps(tree(images=[{"id": 1, "file_name": "one.jpg", "absolute_url": url}])))
    assert "secret" not in repr(grouped(path, check_file(path)))


def test_sarif_has_what_its_schema_requires_and_the_line_of_each_entry(spoiled: Path) -> None:
    log: Any = sarif({spoiled: grouped(spoiled, check_file(spoiled))})
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "visionlab")
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    first = run["results"][0]
    assert (first["level"], first["properties"]) == ("error", {"foundInAll": 5})
    assert first["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "/annotations/0/bbox"}]
    region = first["locations"][0]["physicalLocation"]["region"]
    lines = spoiled.read_bytes()[: region["byteOffset"]].split(b"\n")
    assert (region["startLine"], lines[-1]) == (len(lines), b"  ")


def test_sarif_of_a_strict_check_has_no_warnings(spoiled: Path) -> None:
    log: Any = sarif({spoiled: grouped(spoiled, check_file(spoiled))}, strict=True)
    assert {result["level"] for result in log["runs"][0]["results"]} == {"error"}


def test_what_is_no_text_can_be_printed_and_mended(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    name = b"\\ud800"
    path, new = tmp_path / "labels.json", tmp_path / "new.json"
    images = [{"id": 1, "file_name": "one.jpg", "width": 20, "height": 20, "NOTE": 1}]
    path.write_bytes(json.dumps(tree(images=images, categories=[])).encode().replace(b"NOTE", name))
    json.dumps(sarif({path: grouped(path, check_file(path))}), ensure_ascii=False).encode()
    assert fix_file(path, new, profile=PROFILES["coco"]).mends != {}
    assert name in new.read_bytes()


def test_half_of_a_pair_in_a_name_can_be_printed(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(tree(images=[{"id": 1, "file_name": "../\ud800.jpg"}])))
    group = groups_of(path)["file-name-outside"]
    assert group.examples[0].message.encode().startswith(b"'../\\ud800.jpg'")
