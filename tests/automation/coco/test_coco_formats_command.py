"""`visionlab dataset convert`: what it prints, and which way it goes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from automation.cli.app import cli

Tree = dict[str, Any]


def run(*arguments: object) -> Any:
    found = CliRunner().invoke(cli, ["dataset", "convert", *map(str, arguments), "--json"], catch_exceptions=False)
    assert found.exit_code == 0
    return json.loads(found.stdout)


@pytest.fixture
def labels(tmp_path: Path, tree: Callable[..., Tree]) -> Path:
    (tmp_path / "in.json").write_text(json.dumps(tree()))
    return tmp_path / "in.json"


def test_counts_and_losses_are_in_the_result(tmp_path: Path, labels: Path) -> None:
    found = run(labels, "--to", "yolo", "--out", tmp_path / "yolo")
    counts = {key: found[key] for key in ("from", "to", "images", "annotations", "categories", "files")}
    assert counts == {"from": "coco", "to": "yolo", "images": 2, "annotations": 2, "categories": 1, "files": 4}
    assert found["lost"] == [{"code": "lost-sizes", "count": 2, "message": "sizes of pictures: yolo has none"}]
    assert [finding["code"] for finding in found["findings"]] == ["lost-sizes"]


def test_coco_to_coco_keeps_every_other_byte(tmp_path: Path, labels: Path) -> None:
    labels.write_text(labels.read_text().replace('"categories"', ' "mine": [1 ,2],\n"categories"'))
    found = run(labels, "--to", "normalised", "--out", tmp_path / "out.json")
    assert ' "mine": [1 ,2],\n"categories"' in (tmp_path / "out.json").read_text()
    assert (found["from"], found["to"], found["files"], found["lost"]) == ("pixels", "normalised", 1, [])


def test_polygons_of_a_coco_file_are_converted_with_their_boxes(
    tmp_path: Path, labels: Path, tree: Callable[..., Tree]
) -> None:
    things = tree()["annotations"]
    things[0]["segmentation"] = [[20, 10, 120, 10, 120, 60]]
    labels.write_text(json.dumps(tree(annotations=things)))
    run(labels, "--to", "normalised", "--out", tmp_path / "out.json")
    made = json.loads((tmp_path / "out.json").read_bytes())["annotations"][0]
    assert (made["bbox"], made["segmentation"]) == ([0.1, 0.1, 0.5, 0.5], [[0.1, 0.1, 0.6, 0.1, 0.6, 0.6]])
    run(labels, "--to", "pixels", "--out", tmp_path / "same.json")
    assert (tmp_path / "same.json").read_bytes() == labels.read_bytes()
