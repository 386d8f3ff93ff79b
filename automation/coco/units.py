"""In which unit a file measures its boxes, decided once for the whole file.

Owns: the decision.
Leaves: complaining to `rules.py`, changing the unit to `convert.py`.

One box never decides: a box of one pixel at the origin looks normalised.
"""

import math

import numpy as np

from automation.coco.columns import Floats, annotation_columns
from automation.coco.types import Box, Dataset, Image, Unit
from automation.errors import DatasetError, Finding, Severity

__all__ = ["UnitFinder", "clamped", "edges", "find_unit", "undecided", "unit_of"]

NORMALISED_AT_MOST = 1 + 1e-3
PIXELS_AT_LEAST = 2
TOLERANCE_UNSIZED = 1e-3


class UnitFinder:
    """The unit that the numbers of a file show, seen piece by piece."""

    def __init__(self) -> None:
        self._largest: float | None = None

    def add(self, boxes: Floats) -> None:
        """Boxes, float (n, 4); a row of NaN is no box."""
        ends = np.maximum(boxes[:, :2], boxes[:, :2] + boxes[:, 2:])
        largest = float(np.fmax.reduce(ends, axis=None, initial=np.nan))
        if not math.isnan(largest):
            self._largest = largest if self._largest is None else max(self._largest, largest)

    @property
    def found(self) -> Unit:
        if self._largest is None:
            return Unit.ABSENT
        if self._largest <= NORMALISED_AT_MOST:
            return Unit.NORMALISED
        return Unit.PIXELS if self._largest >= PIXELS_AT_LEAST else Unit.UNDECIDED


def find_unit(dataset: Dataset) -> Unit:
    """The unit that the numbers of the file show."""
    finder = UnitFinder()
    for piece in annotation_columns(dataset.annotations):
        finder.add(piece.boxes)
    return finder.found


def unit_of(dataset: Dataset, asked: Unit | None = None) -> Unit:
    """The unit, as asked for or as found.

    Raises:
        DatasetError: The file does not show its unit, and nobody said it.
    """
    unit = asked or find_unit(dataset)
    if unit is Unit.UNDECIDED:
        raise DatasetError("the unit of the boxes is not clear", findings=[undecided()], hint=undecided().hint)
    return unit


def undecided() -> Finding:
    return Finding(
        code="unit-undecided",
        severity=Severity.ERROR,
        where="/annotations",
        message="the boxes reach beyond 1 but not to 2: they fit neither pixels nor shares of the image",
        hint="say which unit it is, pixels or normalised, or correct the boxes that leave their image",
    )


def edges(image: Image, unit: Unit) -> tuple[float, float] | None:
    """Where the image ends, in the unit of the boxes; None when that is not known."""
    if unit is Unit.NORMALISED:
        return 1.0, 1.0
    return (image.width, image.height) if image.sized else None


def clamped(box: Box, limits: tuple[float, float]) -> Box:
    """The part of the box that is inside; with no area when none is. A box inside stays bit by bit as it is."""
    if box.x >= 0 and box.y >= 0 and box.right <= limits[0] and box.bottom <= limits[1]:
        return box
    left, top = min(max(box.x, 0.0), limits[0]), min(max(box.y, 0.0), limits[1])
    right, bottom = min(max(box.right, 0.0), limits[0]), min(max(box.bottom, 0.0), limits[1])
    return Box(x=left, y=top, w=max(right - left, 0.0), h=max(bottom - top, 0.0))
