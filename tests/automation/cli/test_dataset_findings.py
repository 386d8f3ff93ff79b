"""`visionlab dataset check FILE`: what it prints, and when it fails."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from automation.cli.app import main


def a_file(folder: Path, *, boxes: Sequence[Sequence[float]], name: str = "one.jpg") -> Path:
    path = folder / "labels.json"
    image = {"id": 1, "file_name": name, "width": 200, "height": 100}
    labels = [{"id": i, "image_id": 1, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
              for i, box in enumerate(boxes, 1)]  # fmt: skip
    tree = {"images": [image], "annotations": labels, "categories": [{"id": 1, "name": "cat"}], "licenses": []}
    path.write_text(json.dumps(tree))
    return path


def test_a_correct_file_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, boxes=[[20, 10, 100, 50]])
    assert main(["dataset", "check", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: 1 image, 1 annotation, 1 category, boxes: pixels",
        "0 errors, 0 warnings",
    ]


def test_a_fault_is_told_once_with_its_number_place_and_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_file(tmp_path, boxes=[[20, 10, 100, 50], *[[150, 10, 100, 50]] * 5])
    place = path.read_bytes().index(b'{"id": 2')
    assert main(["dataset", "check", str(path)]) == 1
    told = capsys.readouterr().out.splitlines()
    start = next(i for i, line in enumerate(told) if "box-outside-image" in line)
    assert told[start] == "  error box-outside-image (5 times) [--fix]"
    message = "[150, 10, 100, 50] leaves one.jpg (200 x 100 px)"
    assert told[start + 1] == f"    /annotations/1/bbox at byte {place}: {message}"
    assert told[start + 4] == "    and 2 more"
    assert told[start + 5].startswith("    what to do: correct the box, or cut it to the image")


def test_strict_makes_warnings_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, boxes=[[20, 10, 100, 50], [0, 0, 1, 1], *[[20, 10, 100, 50 + i % 9] for i in range(120)]])
    assert main(["dataset", "check", str(path)]) == 0
    assert "  warning box-within-one" in capsys.readouterr().out
    assert main(["dataset", "check", str(path), "--strict"]) == 1
    assert "  error box-within-one" in capsys.readouterr().out


def test_a_name_in_a_file_does_nothing_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, boxes=[[150, 10, 100, 50]], name="a\x1b[2J\nb.jpg")
    main(["dataset", "check", str(path)])
    out = capsys.readouterr().out
    assert "leaves a\\x1b[2J\\nb.jpg" in out
    assert "\x1b" not in out


def test_json_has_groups_with_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, boxes=[[150, 10, 100, 50]])
    assert main(["dataset", "check", str(path), "--json"]) == 1
    told: Any = json.loads(capsys.readouterr().out)
    (report,) = told
    assert (report["file"], report["images"], report["errors"], report["passed"]) == (str(path), 1, 1, False)
    group = next(group for group in report["findings"] if group["severity"] == "error")
    assert (group["code"], group["count"]) == ("box-outside-image", 1)
    assert group["examples"][0]["offset"] == path.read_bytes().index(b'{"id": 1, "image_id"')


def test_sarif_is_printed_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, boxes=[[150, 10, 100, 50]])
    assert main(["dataset", "check", str(path), "--format", "sarif"]) == 1
    log: Any = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    assert [r["ruleId"] for r in log["runs"][0]["results"]] == ["box-outside-image"]


def test_fix_writes_a_new_file_and_reports_on_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_file(tmp_path, boxes=[[20, 10, 100, 50], [150, 10, 100, 50]])
    before, new = path.read_bytes(), tmp_path / "labels.fixed.json"
    assert main(["dataset", "check", str(path)]) == 1
    assert "  error box-outside-image [--fix]" in capsys.readouterr().out.splitlines()
    assert main(["dataset", "check", str(path), "--fix"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{new}: 1 image, 2 annotations, 1 category, boxes: pixels",
        "  mended areas computed from the box, or from the outline in it: 1",
        "  mended boxes cut to their image: 1",
        "0 errors, 0 warnings",
    ]
    assert path.read_bytes() == before
    assert json.loads(new.read_text())["annotations"][1]["bbox"] == [150, 10, 50, 50]


@pytest.mark.parametrize("words", [["--drop"], ["--in-place"], ["--out", "x"], ["--fix", "--in-place", "--out", "x"]])
def test_options_of_a_fix_have_to_fit(tmp_path: Path, words: list[str]) -> None:
    assert main(["dataset", "check", str(a_file(tmp_path, boxes=[[20, 10, 100, 50]])), *words]) == 2
