"""The entries of a COCO file as columns: what rules and figures look at, a piece of the file at a time.

Owns: the columns, and making them of decoded entries. Leaves: reading files to `pieces.py`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automation.coco.types import Annotation, Image

__all__ = [
    "NO_ID",
    "AnnotationColumns",
    "Bools",
    "Floats",
    "ImageColumns",
    "Ints",
    "annotation_columns",
    "distinct",
    "image_columns",
    "together",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PIECE = 50_000
NO_ID = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageColumns:
    """Images of a piece, n of them.

    Attributes:
        index: int (n,), where each stands in its section.
        ids: int (n,).
        sizes: float (n, 2), width and height in pixels; 0 where the file does not say.
        names: File names.
        urls: The absolute_url and coco_url of each.
    """

    index: Ints
    ids: Ints
    sizes: Floats
    names: Sequence[str]
    urls: Sequence[tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationColumns:
    """Annotations of a piece, n of them.

    Attributes:
        index: int (n,), where each stands in its section.
        ids: int (n,), NO_ID where there is none.
        image_ids: int (n,).
        category_ids: int (n,).
        boxes: float (n, 4), left, top, width, height in the unit of the file; NaN where there is none.
        boxed: bool (n,), whether there is a box.
        outlined: bool (n,), whether there is a segmentation with something in it.
        emptied: bool (n,), whether there is a segmentation with nothing in it.
        areas: float (n,), NaN where there is none; so with `crowds`, the values of iscrowd.
        outlines: The JSON of the segmentations, of those that are outlined, in order.
        pointed: bool (n,), whether there are keypoints; empty where none of them has any.
        keypoints: The JSON of those.
        rows: int (n,), the rows of their images in the table of images, -1 where there is no such image; empty until
            somebody looked them up.
    """

    index: Ints
    ids: Ints
    image_ids: Ints
    category_ids: Ints
    boxes: Floats
    boxed: Bools
    outlined: Bools
    emptied: Bools
    areas: Floats
    crowds: Floats
    outlines: Sequence[bytes] = ()
    pointed: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    keypoints: Sequence[bytes] = ()
    rows: Ints = field(default_factory=lambda: np.empty(0, np.int64))


def distinct(ids: Ints) -> list[int]:
    """The different ids, ascending. np.unique would import masked arrays, a fiftieth of a small command's time."""
    ids = np.sort(ids)
    return ids[np.diff(ids, prepend=ids[:1] - 1) != 0].tolist()


def together(parts: Sequence[AnnotationColumns]) -> AnnotationColumns:
    """Several parts, at least one, as one."""
    if len(parts) == 1:
        return parts[0]
    values: dict[str, Any] = {}
    for name in (one.name for one in fields(AnnotationColumns)):
        found = [getattr(part, name) for part in parts]
        values[name] = [*chain.from_iterable(found)] if name in ("outlines", "keypoints") else np.concatenate(found)
    return AnnotationColumns(**values)


def image_columns(images: Sequence[Image], index: Ints | None = None) -> Iterator[ImageColumns]:
    """Images in memory as pieces; `index` says where they stand, in a row when it is None."""
    places = np.arange(len(images)) if index is None else index
    for start in range(0, len(images), PIECE):
        piece = slice(start, start + PIECE)
        yield _images(images[piece], places[piece])


def annotation_columns(annotations: Sequence[Annotation], index: Ints | None = None) -> Iterator[AnnotationColumns]:
    """As `image_columns`."""
    places = np.arange(len(annotations)) if index is None else index
    for start in range(0, len(annotations), PIECE):
        piece = slice(start, start + PIECE)
        yield _annotations(annotations[piece], places[piece])


def _images(images: Sequence[Image], index: Ints) -> ImageColumns:
    return ImageColumns(
        index=index,
        ids=np.fromiter([image.id for image in images], np.int64, len(images)),
        sizes=np.array([(image.width, image.height) for image in images], np.float64).reshape(-1, 2),
        names=[image.file_name for image in images],
        urls=[(image.absolute_url, image.coco_url) for image in images],
    )


_NAN = float("nan")
_NO_BOX = (_NAN,) * 4


def _annotations(annotations: Sequence[Annotation], index: Ints) -> AnnotationColumns:
    n = len(annotations)
    boxes = [_NO_BOX if a.box is None else (a.box.x, a.box.y, a.box.w, a.box.h) for a in annotations]
    return AnnotationColumns(
        index=index,
        ids=np.fromiter([NO_ID if a.id is None else a.id for a in annotations], np.int64, n),
        image_ids=np.fromiter([a.image_id for a in annotations], np.int64, n),
        category_ids=np.fromiter([a.category_id for a in annotations], np.int64, n),
        boxes=np.fromiter(chain.from_iterable(boxes), np.float64, 4 * n).reshape(n, 4),
        boxed=np.fromiter([a.box is not None for a in annotations], np.bool_, n),
        outlined=np.fromiter([bool(a.extra.get("segmentation")) for a in annotations], np.bool_, n),
        emptied=np.fromiter([a.extra.get("segmentation") in ([], {}) for a in annotations], np.bool_, n),
        areas=np.fromiter([_NAN if a.area is None else a.area for a in annotations], np.float64, n),
        crowds=np.fromiter([_NAN if a.iscrowd is None else a.iscrowd for a in annotations], np.float64, n),
        outlines=[json.dumps(seg).encode() for a in annotations if (seg := a.extra.get("segmentation"))],
        pointed=np.fromiter([bool(a.extra.get("keypoints")) for a in annotations], np.bool_, n),
        keypoints=[json.dumps(points).encode() for a in annotations if (points := a.extra.get("keypoints"))],
    )
