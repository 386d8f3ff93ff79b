"""Boxes in another unit, in files of any size: the numbers, the rest of the text, and what cannot be converted."""

import json
import math
from collections.abc import Callable
from itertools import compress
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.coco.formats.conversion import convert_dataset
from automation.coco.rewriting import convert_file
from automation.coco.shapes import measured_polygons
from automation.coco.types import Unit
from automation.errors import DatasetError, Refused

Tree = dict[str, Any]


def converted(folder: Path, text: str, to: Unit, unit: Unit | None = None) -> str:
    source, target = folder / "in.json", folder / "out.json"
    source.write_text(text)
    convert_file(source, target, to=to, unit=unit)
    return target.read_text()


def test_new_numbers_stand_in_the_old_text(tmp_path: Path) -> None:
    before = (
        '{"images": [{"id":7, "file_name":"\\u00e4.jpg", "width":200, "height":100.0}],\n'
        '"annotations":[ {"note":"\\"bbox\\": [1]", "area": 5000, "id":1,"image_id":7,"category_id":1,'
        ' "bbox":[20,10,100,50], "x":[1,2]} ,\n'
        '{"bbox" : [0,0,200.3,100],"id":2,"image_id":7,"category_id":1}],"categories":[{"id":1,"name":"cat"}]}'
    )
    after = before.replace("5000", "0.25").replace('"bbox":[20,10,100,50]', '"bbox": [0.1,0.1,0.5,0.5]')
    after = after.replace('"bbox" : [0,0,200.3,100]', '"bbox": [0.0,0.0,1.0,1.0]')
    assert converted(tmp_path, before, Unit.NORMALISED) == after


@pytest.mark.parametrize("order", [["images", "annotations", "categories"], ["categories", "annotations", "images"]])
def test_the_order_of_the_sections_does_not_matter(tmp_path: Path, tree: Callable[..., Tree], order: list[str]) -> None:
    text = json.dumps({key: tree()[key] for key in order})
    found = json.loads(converted(tmp_path, text, Unit.NORMALISED))
    assert [a["bbox"] for a in found["annotations"]] == [[0.1, 0.1, 0.5, 0.5], [0, 0, 1, 1]]
    assert list(found) == order


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 150), st.integers(0, 80), st.integers(3, 50), st.integers(3, 20), st.booleans()),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([1, 60, 4 << 20]),
    st.sampled_from([None, 2]),
)
def test_there_and_back_gives_the_same_boxes(
    tmp_path_factory: pytest.TempPathFactory, boxes: list[Any], chunk: int, indent: int | None
) -> None:
    image = {"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}
    entries = [
        {"id": n, "image_id": 1, "category_id": 1, "bbox": box, "area": box[2] * box[3]}
        | ({"attributes": {"bbox": [1, 2], "area": 3}} if odd else {})
        for n, (*box, odd) in enumerate(boxes, 1)
    ]
    text = json.dumps(
        {"images": [image], "annotations": entries, "categories": [{"id": 1, "name": "c"}]}, indent=indent
    )
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.scan.CHUNK_BYTES", chunk)
        there = converted(folder, text, Unit.NORMALISED, Unit.PIXELS)
        back = json.loads(converted(folder, there, Unit.PIXELS, Unit.NORMALISED))
    assert json.loads(there)["annotations"][0]["bbox"][2] == round(boxes[0][2] / 200, 7)
    assert back == json.loads(text)


def test_a_file_without_boxes_or_in_that_unit_is_copied(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    same = json.dumps(tree(), indent=3)
    assert converted(tmp_path, same, Unit.PIXELS) == same
    bare = json.dumps(tree(annotations=[{"id": 1, "image_id": 1, "category_id": 1, "area": 4}]))
    assert converted(tmp_path, bare, Unit.NORMALISED) == bare


def test_first_boxes_that_tell_the_wrong_unit_do_not_lead_astray(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    boxes = [[0, 0, 1, 1], *[[20, 10, 100, 50]] * 199]
    entries = [{"id": n, "image_id": 1, "category_id": 1, "bbox": box} for n, box in enumerate(boxes, 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.scan.CHUNK_BYTES", 1)
        found = json.loads(converted(tmp_path, json.dumps(tree(annotations=entries)), Unit.NORMALISED))
    assert [a["bbox"] for a in found["annotations"][:2]] == [[0, 0, 0.005, 0.01], [0.1, 0.1, 0.5, 0.5]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bbox": [20, 10, 300, 50]}, "box-outside-image"),
        ({"bbox": [20, 10, -3, 50]}, "box-negative"),
        ({"image_id": 9}, "dangling-image"),
        ({"image_id": "9"}, "wrong-type"),
    ],
)
def test_what_cannot_be_converted_is_said_and_nothing_written(
    tmp_path: Path, tree: Callable[..., Tree], change: Tree, code: str
) -> None:
    labels = tree()
    labels["annotations"][1].update(change)
    (tmp_path / "out.json").write_text("old")
    with pytest.raises(DatasetError) as refused:
        converted(tmp_path, json.dumps(labels), Unit.NORMALISED)
    assert [finding.code for finding in refused.value.findings] == [code]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.json", "out.json"]
    assert (tmp_path / "out.json").read_text() == "old"


def test_annotations_without_any_image_are_refused(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(tree(images=[])))
    with pytest.raises(DatasetError, match="cannot be converted"):
        convert_file(tmp_path / "a.json", tmp_path / "b.json", to=Unit.NORMALISED)
    assert not (tmp_path / "b.json").exists()


def test_bytes_that_are_no_json_are_an_error_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as refused:
        converted(tmp_path, '{"images": [}', Unit.PIXELS)
    assert [(f.code, f.where) for f in refused.value.findings] == [("not-json", "byte 12")]


def test_the_old_file_is_never_overwritten(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    path = tmp_path / "in.json"
    path.write_text(json.dumps(tree()))
    with pytest.raises(Refused, match="take the place of the old one"):
        convert_file(path, tmp_path / "." / "in.json", to=Unit.NORMALISED)


POLYGON = st.lists(st.integers(0, 1000).map(lambda n: n / 10), min_size=3, max_size=12).map(lambda xs: xs + xs)
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "segmentation": st.one_of(
            st.lists(POLYGON, max_size=3),
            st.sampled_from([None, {}, {"counts": [5, 10], "size": [3, 5]}, [[1, 2]], [[1, 2, 3, 4, 5, "x"]], "none"]),
        ),
        "keypoints": st.one_of(
            st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 2)), max_size=3).map(
                lambda found: [number for point in found for number in point]
            ),
            st.sampled_from([None, [1, 2], ["nose"], [1, 2, None]]),
        ),
        "area": st.integers(1, 500),
        "attributes": st.sampled_from([{"segmentation": [[1, 2, 3, 4, 5, 6]]}, {"keypoints": [1, 2, 2]}]),
    },
)


@settings(max_examples=80, deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=8), st.sampled_from([1, 200, 4 << 20]), st.sampled_from([None, 1]))
def test_outlines_are_those_that_a_conversion_in_memory_gives(
    tmp_path_factory: pytest.TempPathFactory, shapes: list[Tree], chunk: int, indent: int | None
) -> None:
    images = [{"id": 7, "file_name": "a.jpg", "width": 200, "height": 100}]
    entries: list[Tree] = [
        {"id": n, "image_id": 7, "category_id": 1, "bbox": [20, 10, 100, 50], "iscrowd": 0, **shape}
        for n, shape in enumerate(shapes, 1)
    ]
    text = json.dumps({"images": images, "annotations": entries, "categories": [{"id": 1, "name": "c"}]}, indent=indent)
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.scan.CHUNK_BYTES", chunk)
        found = json.loads(converted(folder, text, Unit.NORMALISED))
    (folder / "memory.json").unlink(missing_ok=True)
    convert_dataset(folder / "in.json", folder / "memory.json", to="normalised")
    expected = json.loads((folder / "memory.json").read_bytes())
    for old, new, other in zip(entries, found["annotations"], expected["annotations"], strict=True):
        assert list(new) == list(old)
        area = old.get("area")
        scaled = None if area is None else area / 20_000 if old.get("segmentation") else 0.25
        assert (new["bbox"], new.get("area")) == ([0.1, 0.1, 0.5, 0.5], scaled)
        assert near(new.get("segmentation")) == near(other.get("segmentation"))
        assert near(new.get("keypoints")) == near(other.get("keypoints"))
        assert new.get("attributes") == old.get("attributes")


def near(value: Any) -> Any:
    """With seven digits, as large files are written."""
    if isinstance(value, list):
        return [near(part) for part in cast("list[Any]", value)]
    return round(value, 7) if isinstance(value, float) else value


def test_an_outline_without_a_box_keeps_its_area(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    outline = {"segmentation": [[0, 0, 20, 0, 20, 10]], "area": 100}
    labels = tree()
    labels["annotations"].append({"id": 9, "image_id": 1, "category_id": 1, **outline})
    found = json.loads(converted(tmp_path, json.dumps(labels), Unit.NORMALISED))["annotations"][-1]
    assert (found["segmentation"], found["area"]) == ([[0, 0, 0.1, 0, 0.1, 0.1]], 0.005)


def test_parts_of_a_piece_are_one(tmp_path: Path, tree: Callable[..., Tree], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automation.coco.columns.PIECE", 1)
    labels = tree()
    for entry in labels["annotations"]:
        entry |= {"segmentation": [[0, 0, 20, 0, 20, 10]], "keypoints": [20, 10, 2], "id": float(entry["id"])}
    found = json.loads(converted(tmp_path, json.dumps(labels), Unit.NORMALISED))["annotations"]
    assert [a["bbox"] for a in found] == [[0.1, 0.1, 0.5, 0.5], [0, 0, 1, 1]]
    assert [a["segmentation"] for a in found] == [[[0, 0, 0.1, 0, 0.1, 0.1]]] * 2
    assert [a["keypoints"] for a in found] == [[0.1, 0.1, 2]] * 2


NESTED = st.recursive(st.integers(-9, 99), lambda inner: st.lists(inner, max_size=7), max_leaves=40)
SOUND = st.lists(st.lists(st.floats(0, 9), min_size=3, max_size=4).map(lambda half: half * 2), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(SOUND, SOUND, NESTED), min_size=1, max_size=4), st.sampled_from([None, 1]))
def test_only_sound_polygons_are_measured(outlines: list[Any], indent: int | None) -> None:
    texts = [json.dumps(outline, indent=indent).encode() for outline in outlines]
    sides = np.arange(1.0, 1 + 2 * len(texts)).reshape(-1, 2)
    good, numbers = measured_polygons(texts, sides, lambda points, of_each: points * of_each)
    sound = [
        isinstance(outline, list)
        and len(cast("list[Any]", outline)) > 0
        and all(
            isinstance(part, list)
            and len(cast("list[Any]", part)) in range(6, 99, 2)
            and not any(isinstance(number, list) for number in cast("list[Any]", part))
            for part in cast("list[Any]", outline)
        )
        for outline in outlines
    ]
    assert good.tolist() == sound
    expected: list[float] = []
    for outline, (width, height) in compress(zip(outlines, sides.tolist(), strict=True), sound):
        for polygon in outline:
            expected += [number * (height if place % 2 else width) for place, number in enumerate(polygon)]
            expected.append(math.nan)
        expected.append(math.nan)
    np.testing.assert_array_equal(numbers, expected)
