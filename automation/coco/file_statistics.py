"""What is in a COCO file of any size, in figures.

Owns: the counting, over columns and piece by piece. Leaves: small datasets in memory to `statistics.py`, showing to the
CLI. Sizes are those that COCO's evaluation uses, of the box and not of the outline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from automation.coco.columns import AnnotationColumns, Floats, Ints
from automation.coco.statistics import CategoryCount
from automation.coco.types import Unit
from automation.coco.units import UnitFinder
from automation.coco.walk import Walk, indexes
from automation.progress import Progress, silent

__all__ = ["FileStatistics", "Share", "Together", "file_statistics"]

HEAT_SIDE = 8
MOST_TOGETHER = 30  # of so many classes, those on most images, it is counted which occur together
_SMALL, _LARGE = 32.0**2, 96.0**2
_ASPECTS = (1 / 3, 2 / 3, 3 / 2, 3.0)
_ASPECT_NAMES = ("taller than 1:3", "1:3 to 2:3", "2:3 to 3:2", "3:2 to 3:1", "wider than 3:1")
_COUNTS = (1, 2, 3, 6, 11, 21, 51)
_COUNT_NAMES = ("0", "1", "2", "3 to 5", "6 to 10", "11 to 20", "21 to 50", "more than 50")
_SIZE_NAMES = ("small", "medium", "large")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many are of a kind, and which share of all that were measured that is."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Two classes, and on how many images both are."""

    first: str
    second: str
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatistics:
    """The figures of one file.

    Attributes:
        unreadable: How many things could not be read; they count nowhere.
        unit: Of the boxes.
        categories: Annotations and images of each, in the order of the file.
        per_image: Smallest, mean, median and largest number of annotations of an image.
        images_by_annotations: Images by how many annotations they have.
        sizes: Boxes by COCO's small (under 32 x 32 pixels), medium and large (from 96 x 96 pixels); empty where sizes
            of images are missing.
        shares: Smallest, median and largest share of its image that a box covers; None as above.
        aspects: Boxes by width to height, in pixels.
        heat: 8 x 8, from the top left: how many boxes have their centre in that part of their image.
        image_sizes: Width, height and how many images have them, most frequent first, at most 20.
        together: Pairs of classes by on how many images both are, most first, at most 20.
    """

    images: int
    annotations: int
    boxes: int
    outlines: int
    unlabeled_images: int
    unreadable: int
    unit: Unit
    categories: tuple[CategoryCount, ...]
    per_image: tuple[int, float, float, int]
    images_by_annotations: tuple[Share, ...]
    sizes: tuple[Share, ...]
    shares: tuple[float, float, float] | None
    aspects: tuple[Share, ...]
    heat: tuple[tuple[int, ...], ...]
    image_sizes: tuple[tuple[int, int, int], ...]
    together: tuple[Together, ...]


def file_statistics(path: Path, *, unit: Unit | None = None, progress: Progress = silent) -> FileStatistics:
    """Count.

    Args:
        path: A COCO file.
        unit: The unit of the boxes, where the file is not to decide.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file.
        DatasetError: It is no JSON object.
    """
    believed, found = unit, None
    while True:
        walk = Walk(path, progress=progress, doing="counting")
        finder, tally = UnitFinder(), None
        for columns in walk.annotations():
            finder.add(columns.boxes)
            if tally is None:
                # The first boxes tell the unit; when all of them tell another, it is counted once more.
                tally = _Tally(believed or finder.found)
            tally.add(columns, walk.images.sizes)
        found = unit or finder.found
        tally = tally or _Tally(found)
        if found is tally.unit or Unit.ABSENT in (found, tally.unit):
            return _figures(walk, tally, found)
        believed = found


class _Tally:
    """What is counted on the way, with boxes of one unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.rows: list[np.ndarray] = []
        self.category_ids: list[np.ndarray] = []
        self.shares: list[np.ndarray] = []
        self.sizes = np.zeros(len(_SIZE_NAMES), np.int64)
        self.aspects = np.zeros(len(_ASPECT_NAMES), np.int64)
        self.heat = np.zeros(HEAT_SIDE * HEAT_SIDE, np.int64)
        self.annotations = self.boxes = self.outlines = 0

    def add(self, columns: AnnotationColumns, sides: Floats) -> None:
        self.annotations += len(columns.ids)
        self.outlines += int(columns.outlined.sum())
        self.boxes += int(columns.boxed.sum())
        self.rows.append(columns.rows.astype(np.int32))
        narrow = np.abs(columns.category_ids).max(initial=0) < np.iinfo(np.int32).max
        self.category_ids.append(columns.category_ids.astype(np.int32) if narrow else columns.category_ids)
        known = columns.boxed & (columns.rows >= 0)
        if self.unit not in (Unit.PIXELS, Unit.NORMALISED) or not known.any():
            return
        boxes, sides = columns.boxes[known], sides[columns.rows[known]]
        sized = (sides > 0).all(axis=1)
        boxes, sides = boxes[sized], sides[sized]
        shares = boxes / np.tile(sides, 2) if self.unit is Unit.PIXELS else boxes
        pixels = (boxes if self.unit is Unit.PIXELS else boxes * np.tile(sides, 2))[:, 2:]
        areas: Floats = pixels[:, 0] * pixels[:, 1]
        self.sizes += np.bincount(np.digitize(areas, (_SMALL, _LARGE)), minlength=len(self.sizes))
        flat = pixels.min(axis=1) <= 0
        aspects: Floats = pixels[~flat, 0] / pixels[~flat, 1]
        self.aspects += np.bincount(np.digitize(aspects, _ASPECTS), minlength=len(self.aspects))
        centres: Ints = np.clip((shares[:, :2] + shares[:, 2:] / 2) * HEAT_SIDE, 0, HEAT_SIDE - 1).astype(np.int64)
        self.heat += np.bincount(centres[:, 1] * HEAT_SIDE + centres[:, 0], minlength=len(self.heat))
        self.shares.append((shares[:, 2] * shares[:, 3]).astype(np.float32))


def _figures(walk: Walk, tally: _Tally, unit: Unit) -> FileStatistics:
    images = len(walk.images)
    rows = _joined(tally.rows)
    category_ids = _joined(tally.category_ids)
    per_image = np.bincount(rows[rows >= 0], minlength=images)[:images] if images else np.zeros(0, np.int64)
    ids = np.array([category.id for category in walk.categories], np.int64)
    of = indexes(category_ids, ids)
    annotations = np.bincount(of[of >= 0], minlength=len(ids))
    pairs = np.unique((rows.astype(np.int64) * max(len(ids), 1) + of)[(rows >= 0) & (of >= 0)])
    on_images = np.bincount(pairs % max(len(ids), 1), minlength=len(ids))
    names = [category.name for category in walk.categories]
    shares = _joined(tally.shares)
    return FileStatistics(
        images=images,
        annotations=tally.annotations,
        boxes=tally.boxes,
        outlines=tally.outlines,
        unlabeled_images=int((per_image == 0).sum()),
        unreadable=len(walk.findings),
        unit=unit,
        categories=tuple(
            CategoryCount(name=name, annotations=int(annotations[index]), images=int(on_images[index]))
            for index, name in enumerate(names)
        ),
        per_image=_spread(per_image),
        images_by_annotations=_shares(_COUNT_NAMES, np.bincount(np.digitize(per_image, _COUNTS), minlength=8)),
        sizes=_shares(_SIZE_NAMES, tally.sizes),
        shares=(float(shares.min()), float(np.median(shares)), float(shares.max())) if len(shares) else None,
        aspects=_shares(_ASPECT_NAMES, tally.aspects),
        heat=tuple(tuple(row) for row in tally.heat.reshape(HEAT_SIDE, HEAT_SIDE).tolist()),
        image_sizes=_image_sizes(walk.images.sizes),
        together=_together(pairs, on_images, names),
    )


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def _spread(counts: Ints) -> tuple[int, float, float, int]:
    if not len(counts):
        return 0, 0.0, 0.0, 0
    return int(counts.min()), float(counts.mean()), float(np.median(counts)), int(counts.max())


def _shares(names: Sequence[str], counts: Ints) -> tuple[Share, ...]:
    total = int(counts.sum())
    if not total:
        return ()
    return tuple(
        Share(name=name, count=int(count), share=int(count) / total) for name, count in zip(names, counts, strict=True)
    )


def _image_sizes(sizes: Floats) -> tuple[tuple[int, int, int], ...]:
    whole = sizes[(sizes > 0).all(axis=1)].astype(np.int64)
    found, counts = np.unique(whole, axis=0, return_counts=True) if len(whole) else (whole, whole[:0, 0])
    ranked = sorted(
        ((w, h, count) for (w, h), count in zip(found.tolist(), counts.tolist(), strict=True)),
        key=lambda entry: (-entry[2], entry[:2]),
    )
    return tuple(ranked[:20])


def _together(pairs: Ints, on_images: Ints, names: Sequence[str]) -> tuple[Together, ...]:
    """Of pairs image x classes + class, sorted: which classes meet."""
    shown = np.sort(np.argsort(-on_images, kind="stable")[:MOST_TOGETHER])
    column = np.full(len(names), -1)
    column[shown] = np.arange(len(shown))
    classes = column[pairs % max(len(names), 1)]
    rows = (pairs // max(len(names), 1))[classes >= 0]
    classes = classes[classes >= 0]
    met = np.zeros((len(shown), len(shown)), np.int64)
    step = 1 << 14
    bounds = np.searchsorted(rows, np.arange(0, int(rows.max(initial=0)) + 2 * step, step))
    for start, stop in pairwise(bounds.tolist()):
        seen = np.zeros((step, len(shown)), np.float32)
        seen[rows[start:stop] % step, classes[start:stop]] = 1
        met += (seen.T @ seen).astype(np.int64)
    found = [
        Together(first=names[int(shown[a])], second=names[int(shown[b])], images=int(met[a, b]))
        for a in range(len(shown))
        for b in range(a + 1, len(shown))
        if met[a, b]
    ]
    return tuple(sorted(found, key=lambda pair: -pair.images)[:20])
