"""A large COCO file is cut without losing or doubling anything, and findings keep their place in the whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.errors import DatasetError, Finding, Severity
from automation.labeling.batches import Batch, cut


def a_coco(images: int, per_image: int) -> dict[str, Any]:
    return {
        "info": {},
        "images": [{"id": i, "file_name": f"{i}.jpg"} for i in range(images)],
        # in another order than the pictures, as files have it
        "annotations": [
            {"id": n * images + i, "image_id": i, "bbox": [0, 0, 1, 1]} for n in range(per_image) for i in range(images)
        ],
        "categories": [{"id": 1, "name": "apple"}],
    }


def pieces(coco: dict[str, Any], most_bytes: int) -> list[Batch]:
    return list(cut(json.dumps(coco).encode(), most_bytes=most_bytes))


def test_a_file_that_fits_goes_whole() -> None:
    coco = a_coco(3, 2)
    (batch,) = pieces(coco, 1_000_000)
    assert (batch.coco, batch.images, batch.annotations) == (coco, (0, 1, 2), (0, 1, 2, 3, 4, 5))


@given(images=st.integers(1, 40), per_image=st.integers(0, 4), most_bytes=st.integers(200, 4000))
def test_pieces_together_are_the_whole(images: int, per_image: int, most_bytes: int) -> None:
    coco = a_coco(images, per_image)
    batches = pieces(coco, most_bytes)
    assert [image for batch in batches for image in batch.coco["images"]] == coco["images"]
    assert sorted(place for batch in batches for place in batch.annotations) == list(range(images * per_image))
    for batch in batches:
        assert batch.coco["categories"] == coco["categories"]
        assert batch.coco["annotations"] == [coco["annotations"][place] for place in batch.annotations]
        wanted = {image["id"] for image in batch.coco["images"]}
        assert {annotation["image_id"] for annotation in batch.coco["annotations"]} <= wanted


def test_pieces_keep_to_the_size() -> None:
    batches = pieces(a_coco(200, 3), 5_000)
    assert len(batches) > 5
    assert max(len(json.dumps(batch.coco, separators=(",", ":"))) for batch in batches) <= 5_000


def test_findings_point_into_the_whole_file() -> None:
    second = pieces(a_coco(4, 2), 300)[1]
    here = Finding(code="x", severity=Severity.WARNING, where="/annotations/1/bbox", message="m")
    assert second.in_whole_file(here).where == f"/annotations/{second.annotations[1]}/bbox"
    for where in ("/categories/0", "", "/images/999"):
        elsewhere = Finding(code="x", severity=Severity.WARNING, where=where, message="m")
        assert second.in_whole_file(elsewhere) == elsewhere


@pytest.mark.parametrize("content", [b"", b"[]", b'{"images": []}', b'{"images": [1], "annotations": []}'])
def test_what_is_no_coco_is_refused(content: bytes) -> None:
    with pytest.raises(DatasetError):
        list(cut(content, most_bytes=100))
