"""A COCO file as it comes from anywhere, read for import: which labels it has for which picture.

Owns: variants (pixels or fractions, boxes, polygons, none), decided for the whole file. Pure.
Leaves: finding the pictures among the tasks to `importing.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from localazure.labeling.errors import user_error

__all__ = ["CocoAnnotation", "CocoCategory", "CocoFile", "CocoImage", "Finding", "State", "Unit", "decide_unit"]

Unit = Literal["pixels", "fractions"]
_FRACTIONS_UP_TO = 1 + 1e-3
_PIXELS_FROM = 2.0


class CocoImage(msgspec.Struct, gc=False):
    id: int
    file_name: str | None = None
    width: float | None = None
    height: float | None = None
    absolute_url: str | None = None
    coco_url: str | None = None


class CocoAnnotation(msgspec.Struct):
    image_id: int
    category_id: int
    bbox: list[float] | None = None
    segmentation: list[list[float]] | dict[str, Any] | None = None
    score: float | None = None


class CocoCategory(msgspec.Struct):
    id: int
    name: str


class CocoFile(msgspec.Struct):
    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    categories: list[CocoCategory]


State = Literal["labeled", "prelabeled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in the file that could not be taken. `where` is a JSON pointer into the file."""

    code: str
    where: str
    message: str


def decide_unit(file: CocoFile) -> Unit:
    """For the file, never for a box: a box of one pixel in the corner looks like a fraction."""
    largest = max(_numbers(file), default=0.0)
    if largest <= _FRACTIONS_UP_TO:
        return "fractions"
    if largest >= _PIXELS_FROM:
        return "pixels"
    raise user_error(
        f"The largest coordinate is {largest:g}: the file's boxes are neither clearly pixels nor clearly fractions."
    )


def _numbers(file: CocoFile) -> Iterator[float]:
    for row in file.annotations:
        if row.bbox is not None and len(row.bbox) == 4:
            left, top, width, height = row.bbox
            yield max(left, top, left + width, top + height)
        if isinstance(row.segmentation, list):
            for ring in row.segmentation:
                yield from ring
