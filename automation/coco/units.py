"""In which unit a file measures its boxes, decided once for the whole file.

Owns: the decision, and how far over the edge a box may be before it counts as outside.
Leaves: complaining to `rules.py`, changing the unit to `convert.py`.

One box never decides: a box of one pixel at the origin looks normalised.
"""

from automation.coco.types import Box, Dataset, Image, Unit
from automation.errors import DatasetError, Finding, Severity

__all__ = ["clamped", "edges", "find_unit", "tolerance", "undecided", "unit_of"]

NORMALISED_AT_MOST = 1 + 1e-3
PIXELS_AT_LEAST = 2
TOLERANCE_UNSIZED = 1e-3


def find_unit(dataset: Dataset) -> Unit:
    """The unit that the numbers of the file show."""
    boxes = [annotation.box for annotation in dataset.annotations if annotation.box is not None]
    if not boxes:
        return Unit.ABSENT
    largest = max(max(box.x, box.y, box.right, box.bottom) for box in boxes)
    if largest <= NORMALISED_AT_MOST:
        return Unit.NORMALISED
    return Unit.PIXELS if largest >= PIXELS_AT_LEAST else Unit.UNDECIDED


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


def tolerance(image: Image, unit: Unit) -> tuple[float, float]:
    """How far a box may reach over an edge by rounding alone: half a pixel."""
    if unit is Unit.PIXELS:
        return 0.5, 0.5
    return (0.5 / image.width, 0.5 / image.height) if image.sized else (TOLERANCE_UNSIZED, TOLERANCE_UNSIZED)


def clamped(box: Box, limits: tuple[float, float]) -> Box:
    """The part of the box that is inside; with no area when none is. A box inside stays bit by bit as it is."""
    if box.x >= 0 and box.y >= 0 and box.right <= limits[0] and box.bottom <= limits[1]:
        return box
    left, top = min(max(box.x, 0.0), limits[0]), min(max(box.y, 0.0), limits[1])
    right, bottom = min(max(box.right, 0.0), limits[0]), min(max(box.bottom, 0.0), limits[1])
    return Box(x=left, y=top, w=max(right - left, 0.0), h=max(bottom - top, 0.0))
