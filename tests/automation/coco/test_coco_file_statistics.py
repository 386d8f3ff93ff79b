"""Figures of a file: exact, whatever the order of its sections, the unit of its boxes and the size of its pieces."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from automation.cli.app import cli
from automation.cli.dataset_stats import plain
from automation.coco import scan
from automation.coco.file_statistics import FileStatistics, file_statistics
from automation.coco.types import Unit
from automation.errors import DatasetError

Tree = dict[str, Any]
CATEGORIES = [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}, {"id": 9, "name": "cow"}]


def an_annotation(number: int, image: int, category: int, box: list[float]) -> Tree:
    return {"id": number, "image_id": image, "category_id": category, "bbox": box}


ANNOTATIONS = [
    an_annotation(1, 1, 7, [0, 0, 20, 20]),
    an_annotation(2, 1, 3, [100, 0, 100, 100]),
    an_annotation(3, 1, 7, [100, 50, 90, 45]),
    an_annotation(4, 2, 3, [0, 0, 200, 40]),
]


def counted(path: Path, tree: Tree) -> FileStatistics:
    path.write_text(json.dumps(tree), "utf-8")
    return file_statistics(path)


def test_the_figures_of_a_small_file(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    images = [*tree()["images"], {"id": 5, "file_name": "three.jpg", "width": 20, "height": 10}]
    found = counted(tmp_path / "a.json", tree(images=images, annotations=ANNOTATIONS, categories=CATEGORIES))
    assert [(c.name, c.annotations, c.images) for c in found.categories] == [
        ("cat", 2, 1),
        ("dog", 2, 2),
        ("cow", 0, 0),
    ]
    assert found.per_image == (0, 4 / 3, 1.0, 3)
    assert {s.name: s.count for s in found.sizes} == {"small": 1, "medium": 2, "large": 1}
    assert [s.count for s in found.aspects] == [0, 0, 2, 1, 1]
    assert {s.name: s.count for s in found.images_by_annotations if s.count} == {"0": 1, "1": 1, "3 to 5": 1}
    assert found.shares == pytest.approx((0.02, (0.2025 + 0.4) / 2, 0.5))
    assert [(pair.first, pair.second, pair.images) for pair in found.together] == [("cat", "dog", 1)]
    assert found.image_sizes == ((200, 100, 2), (20, 10, 1))
    heat = {(y, x): n for y, row in enumerate(found.heat) for x, n in enumerate(row) if n}
    assert heat == {(0, 0): 1, (4, 6): 1, (5, 5): 1, (1, 4): 1}
    assert (found.unit, found.unlabeled_images, found.unreadable) == (Unit.PIXELS, 1, 0)


def test_order_pieces_and_unit_change_nothing(
    tmp_path: Path, tree: Callable[..., Tree], monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = tree(annotations=ANNOTATIONS, categories=CATEGORIES)
    whole = counted(tmp_path / "a.json", pixels)
    turned = {key: pixels[key] for key in ("annotations", "categories", "images")}
    shares = [{**a, "bbox": [v / side for v, side in zip(a["bbox"], (200, 100) * 2, strict=True)]} for a in ANNOTATIONS]
    normalised = counted(tmp_path / "b.json", {**pixels, "annotations": shares})
    monkeypatch.setattr(scan, "CHUNK_BYTES", 30)
    assert counted(tmp_path / "c.json", turned) == whole
    assert counted(tmp_path / "a.json", pixels) == whole
    assert normalised.unit is Unit.NORMALISED
    assert (normalised.sizes, normalised.heat, normalised.aspects) == (whole.sizes, whole.heat, whole.aspects)


def test_first_boxes_that_tell_the_wrong_unit_are_counted_again(
    tmp_path: Path, tree: Callable[..., Tree], monkeypatch: pytest.MonkeyPatch
) -> None:
    corner = [an_annotation(1, 1, 7, [0, 0, 1, 1]), *ANNOTATIONS[1:]]
    monkeypatch.setattr(scan, "CHUNK_BYTES", 30)
    found = counted(tmp_path / "a.json", tree(annotations=corner, categories=CATEGORIES))
    assert (found.unit, found.sizes[0].count) == (Unit.PIXELS, 1)
    assert found.annotations == 4


def test_what_cannot_be_read_is_counted_apart(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    dangling = an_annotation(9, 77, 55, [0, 0, 5, 5])
    found = counted(tmp_path / "a.json", tree(annotations=[*ANNOTATIONS, dangling, 5], categories=CATEGORIES))
    assert (found.unreadable, found.annotations, sum(s.count for s in found.sizes)) == (1, 5, 4)


def test_an_empty_file_and_one_that_is_none(tmp_path: Path) -> None:
    empty = counted(tmp_path / "a.json", {"images": [], "annotations": [], "categories": []})
    assert (empty.images, empty.per_image, empty.sizes, empty.shares) == (0, (0, 0.0, 0.0, 0), (), None)
    (tmp_path / "b.json").write_bytes(b'{"images": [')
    with pytest.raises(DatasetError):
        file_statistics(tmp_path / "b.json")


def test_the_command_shows_text_and_json(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(tree(categories=[{"id": 1, "name": "c\u001b[2Jat"}])), "utf-8")
    text = CliRunner().invoke(cli, ["dataset", "stats", str(path)])
    assert text.exit_code == 0, text.output
    assert "c\\x1b[2Jat" in text.output
    assert "\u001b" not in text.output
    as_json = json.loads(CliRunner().invoke(cli, ["dataset", "stats", str(path), "--json"]).output)
    assert (as_json["images"], as_json["boxes"], as_json["unit"]) == (2, 2, "pixels")


def test_a_name_for_the_terminal_is_short_and_still() -> None:
    assert plain("ä" * 70) == "ä" * 60 + "…"
    assert plain("a\nb\u202e") == "a\\nb\\u202e"
