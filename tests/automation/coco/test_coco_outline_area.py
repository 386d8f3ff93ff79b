"""The areas of outlines are those of pycocotools, and an area is compared with, and mended from, the outline it has."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from automation.coco.checking import check_file
from automation.coco.fixing import fix_file
from automation.coco.formats.conversion import convert_dataset
from automation.coco.outline_area import outline_area
from automation.coco.profiles import PROFILES

SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=40)


@given(mask=arrays.arrays(np.uint8, SHAPES, elements=st.integers(0, 1)))
@settings(max_examples=60, deadline=None)
def test_the_area_of_a_mask_is_its_pixels(mask: "np.ndarray[Any, np.dtype[np.uint8]]") -> None:
    coder = pytest.importorskip("pycocotools.mask")
    size, inside = list(mask.shape), int(mask.sum())
    text = coder.encode(np.asfortranarray(mask))["counts"].decode()
    assert outline_area({"size": size, "counts": text}) == inside
    assert outline_area({"size": size, "counts": text}, shares=True) == inside / mask.size


@pytest.mark.parametrize(
    ("outline", "area"),
    [
        ([[0, 0, 4, 0, 4, 3]], 6),
        ([[0, 0, 4, 0, 4, 3], [10, 10, 12, 10, 12, 12, 10, 12]], 10),
        ({"size": [4, 5], "counts": [3, 7, 10]}, 7),
        ({"size": [4, 5], "counts": "é"}, None),
        ({"size": [4, 5], "counts": "P"}, None),  # the last number goes on, and the text does not
        ({"size": [4], "counts": [20]}, None),
        ([[0, 0, 4, 0]], None),
        ([[1e300, 0, 1e300, 1e300, -1e300, 1e300]], None),
        ({"size": [10**400, 1], "counts": [0, 5]}, 5),
        ([], None),
        ("None", None),
    ],
)
def test_areas_of_outlines(outline: object, area: float | None) -> None:
    assert outline_area(outline) == area


def labels(folder: Path, area: float, outline: object) -> Path:
    thing = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 2, 20, 10], "iscrowd": 0}
    tree = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 20}],
        "annotations": [{**thing, "area": area, "segmentation": outline}],
        "categories": [{"id": 1, "name": "cat"}],
    }
    (folder / "labels.json").write_text(json.dumps(tree))
    return folder / "labels.json"


TRIANGLE = [[2, 2, 22, 2, 22, 12]]
MASK = {"size": [20, 40], "counts": [42, 300, 458]}


@pytest.mark.parametrize(
    ("area", "outline", "message", "mended"),
    [
        (800, TRIANGLE, "the area is 800, that of the outline 100", 100),
        (800, MASK, "the area is 800, that of the outline 300", 300),
        (0, TRIANGLE, "the area is 0, and the box has one", 100),
        (300, MASK, None, 300),  # it is the box that is too small, as some exporters count
        (90, TRIANGLE, None, 90),
    ],
)
def test_an_area_is_that_of_the_outline(
    tmp_path: Path, area: float, outline: object, message: str | None, mended: float
) -> None:
    path, new = labels(tmp_path, area, outline), tmp_path / "new.json"
    assert [finding.message for finding in check_file(path, profile=PROFILES["coco"]).findings] == [message] * (
        message is not None
    )
    done = fix_file(path, new, profile=PROFILES["coco"])
    assert dict(done.mends) == ({} if message is None else {"area": 1})
    assert json.loads(new.read_bytes())["annotations"][0]["area"] == mended
    assert check_file(new, profile=PROFILES["coco"]).findings == ()


def test_a_mask_keeps_its_area_in_another_unit(tmp_path: Path) -> None:
    path = labels(tmp_path, 150, {"size": [20, 40], "counts": [42, 150, 608]})
    convert_dataset(path, tmp_path / "shares.json", to="normalised")
    convert_dataset(tmp_path / "shares.json", tmp_path / "back.json", to="pixels")
    areas = [json.loads((tmp_path / n).read_bytes())["annotations"][0]["area"] for n in ("shares.json", "back.json")]
    assert areas == [150 / 800, 150]
