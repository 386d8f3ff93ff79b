"""Two versions of a file: what was done to the second is what is found, whatever its ids are."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.cli.app import cli
from automation.coco.differences import compare_files
from automation.coco.label_pairs import BoxChange
from automation.errors import ConfigError, DatasetError

Tree = dict[str, Any]


def tree(*boxes: tuple[str, str, Sequence[float] | None], images: tuple[str, ...] = ("a.jpg", "b.jpg")) -> Tree:
    """Labels as (image, class, box); ids are given as they come."""
    classes = list(dict.fromkeys(["cat", "dog", *(name for _, name, _ in boxes)]))
    return {
        "images": [{"id": n, "file_name": name, "width": 100, "height": 80} for n, name in enumerate(images, 1)],
        "annotations": [
            {"id": n, "image_id": images.index(image) + 1, "category_id": classes.index(name) + 1}
            | ({} if box is None else {"bbox": box})
            for n, (image, name, box) in enumerate(boxes, 1)
        ],
        "categories": [{"id": n, "name": name} for n, name in enumerate(classes, 1)],
    }


def written(folder: Path, **trees: Tree) -> list[Path]:
    for name, content in trees.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return [folder / f"{name}.json" for name in trees]


def test_each_kind_of_change_is_told(tmp_path: Path) -> None:
    same, moved, relabelled, removed = [10, 10, 20, 20], [40, 40, 20, 20], [70, 10, 10, 10], [0, 60, 10, 10]
    before = tree(
        ("a.jpg", "cat", same), ("a.jpg", "cat", moved), ("b.jpg", "cat", relabelled), ("b.jpg", "dog", removed),
        ("b.jpg", "dog", None),
    )  # fmt: skip
    after = tree(
        ("b.jpg", "dog", None), ("b.jpg", "cow", [1, 1, 5, 5]), ("b.jpg", "dog", relabelled),
        ("a.jpg", "cat", [45, 40, 20, 20]), ("a.jpg", "cat", same), images=("c.jpg", "b.jpg", "a.jpg"),
    )  # fmt: skip
    after["images"][1]["width"] = 101
    old, new = written(tmp_path, old=before, new=after)
    found = compare_files(old, new)
    assert (found.images_added, found.images_removed, found.images_resized) == (("c.jpg",), (), ("b.jpg",))
    assert (found.images_same, found.classes_added, found.classes_removed) == (2, ("cow",), ())
    assert (found.same, found.changed) == (2, {"added": 1, "removed": 1, "moved": 1, "relabelled": 1})
    assert found.changes == (
        BoxChange(kind="moved", image="a.jpg", old="cat", new="cat", iou=0.6),
        BoxChange(kind="relabelled", image="b.jpg", old="cat", new="dog", iou=1.0),
        BoxChange(kind="removed", image="b.jpg", old="dog", new=None, iou=None),
        BoxChange(kind="added", image="b.jpg", old=None, new="cow", iou=None),
    )
    cat = found.classes[0]
    assert (cat.before, cat.after, cat.same, cat.moved, cat.relabelled) == (3, 2, 1, 1, 1)
    assert compare_files(old, new, least_iou=0.7).changed == {"added": 2, "removed": 2, "moved": 0, "relabelled": 1}


def test_of_two_boxes_that_lie_together_the_nearer_is_the_one(tmp_path: Path) -> None:
    before = tree(("a.jpg", "cat", [0, 0, 20, 20]), ("a.jpg", "dog", [2, 0, 20, 20]))
    after = tree(("a.jpg", "dog", [3, 0, 20, 20]), ("a.jpg", "cat", [0.5, 0, 20, 20]))
    found = compare_files(*written(tmp_path, old=before, new=after))
    assert [(change.kind, change.old) for change in found.changes] == [("moved", "cat"), ("moved", "dog")]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**20))
def test_a_file_whose_order_and_ids_changed_is_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    boxes = [
        (chance.choice(["a.jpg", "b.jpg"]), chance.choice(["cat", "dog"]), [chance.randint(0, 50), 1, 9, 9])
        for _ in range(chance.randint(0, 12))
    ]
    shuffled = tree(*chance.sample(boxes, len(boxes)), images=("b.jpg", "a.jpg"))
    for annotation in shuffled["annotations"]:
        annotation["id"] += 1000
    old, new = written(tmp_path_factory.mktemp("diff"), old=tree(*boxes), new=shuffled)
    found = compare_files(old, new)
    assert found.none
    assert (found.same, found.images_same) == (len(boxes), 2)


def test_files_that_cannot_be_compared_are_refused(tmp_path: Path) -> None:
    twice = tree(("a.jpg", "cat", [1, 1, 5, 5]), images=("a.jpg", "a.jpg"))
    fractions = tree(("a.jpg", "cat", [0.1, 0.1, 0.5, 0.5]))
    lost = tree(("a.jpg", "cat", [1, 1, 5, 5]))
    lost["annotations"][0]["image_id"] = 9
    pixels, *others = written(tmp_path, good=tree(("a.jpg", "cat", [1, 1, 50, 5])), t=twice, f=fractions, lost=lost)
    for other, reason in zip(others, ("a file name twice", "differently", "sound first"), strict=True):
        with pytest.raises(DatasetError, match=reason):
            compare_files(pixels, other)
    with pytest.raises(ConfigError, match="no overlap"):
        compare_files(pixels, pixels, least_iou=0)


def test_the_command_says_it_and_ends_as_asked(tmp_path: Path) -> None:
    old, new = written(
        tmp_path, old=tree(("a.jpg", "cat", [1, 1, 50, 5])), new=tree(("a.jpg", "\x1b[31mcat", [1, 1, 50, 5]))
    )
    run = CliRunner().invoke(cli, ["dataset", "diff", str(old), str(new), "--exit-code"])
    assert run.exit_code == 1
    assert "relabelled a.jpg: cat -> \\x1b[31mcat, IoU 1.00" in run.stdout
    same = CliRunner().invoke(cli, ["dataset", "diff", str(old), str(old), "--exit-code", "--json"])
    assert same.exit_code == 0
    assert json.loads(same.stdout)["different"] is False
