"""The rules about boxes: does every box lie in its image, in a unit that the whole file shares?

Owns: the checks; a box may be over the edge by half a pixel, since rounding alone does that.
Leaves: deciding the unit to `units.py`, moving boxes to `repair.py` and `convert.py`.
"""

from dataclasses import dataclass, field

import numpy as np

from automation.coco.columns import AnnotationColumns, Bools, Floats, Ints
from automation.coco.rules.found import AT_MOST_PER_CODE, Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject
from automation.coco.types import Box, Unit
from automation.coco.units import NORMALISED_AT_MOST, PIXELS_AT_LEAST, TOLERANCE_UNSIZED, undecided
from automation.errors import Finding

__all__ = ["BoxesInImages", "UnitOfBoxes", "outside"]

MERGED_SHARE = 0.01


class UnitOfBoxes(Rule):
    """All boxes of a file have one unit."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._boxes = 0
        self._tiny: list[Ints] = []

    def annotations(self, piece: AnnotationColumns) -> None:
        boxes = piece.boxes
        self._boxes += int(piece.boxed.sum())
        # Where there is no box the comparison is with NaN, and false.
        within = (boxes[:, 0] + boxes[:, 2] <= NORMALISED_AT_MOST) & (boxes[:, 1] + boxes[:, 3] <= NORMALISED_AT_MOST)
        if within.any():
            self._tiny.append(piece.index[within])

    def end(self) -> None:
        subject = self.subject
        if subject.unit is Unit.UNDECIDED:
            self.found.add(undecided())
        if subject.for_service and subject.unit is Unit.PIXELS:
            hint = "divide left and width by the width of the image, top and height by its height"
            message = "the vision service takes shares of the image"
            self.found.add(error("boxes-in-pixels", "/annotations", message, hint=hint))
        if subject.unit is not Unit.PIXELS:
            return
        tiny = np.concatenate([np.empty(0, np.int64), *self._tiny])
        if len(tiny) > MERGED_SHARE * self._boxes and subject.asked is None:
            message = f"{len(tiny)} of {self._boxes} boxes lie within 0 and 1, the others are in pixels"
            hint = "convert files before merging them; where all boxes are in one unit, say so with --unit pixels"
            self.found.add(error("units-mixed", f"/annotations/{tiny[0]}/bbox", message, hint=hint))
            return
        self.found.each(
            tiny, lambda i: warning("box-within-one", f"/annotations/{i}/bbox", "the box is within one pixel")
        )


@dataclass(slots=True)
class _Outside:
    """Boxes that leave their image if the unit is this one; the first of them with what a message needs."""

    places: list[Ints] = field(default_factory=list[Ints])
    shown: dict[int, tuple[Box, int]] = field(default_factory=dict[int, tuple[Box, int]])


class BoxesInImages(Rule):
    """Every box has an area and lies in its image.

    The unit is known for sure only at the end, and boxes are looked at once: so both are tried until one is out.
    """

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        units = [subject.asked] if subject.asked else [Unit.PIXELS, Unit.NORMALISED]
        self._outside = {unit: _Outside() for unit in units}

    def annotations(self, piece: AnnotationColumns) -> None:
        boxes, rows = piece.boxes, piece.rows
        negative = (boxes[:, 2] < 0) | (boxes[:, 3] < 0)
        empty = ((boxes[:, 2] == 0) | (boxes[:, 3] == 0)) & ~negative
        if negative.any() or empty.any():
            at = {int(piece.index[row]): row for row in np.flatnonzero(negative | empty)}
            self.found.each(piece.index[negative], lambda i: _negative(i, _box(boxes[at[i]])))
            self.found.each(piece.index[empty], lambda i: _empty(i, _box(boxes[at[i]])))
        if self.subject.asked is None and piece.boxed.any() and _largest(boxes) >= PIXELS_AT_LEAST:
            self._outside.pop(Unit.NORMALISED, None)
        sizes = self.subject.images.sizes[rows] if len(self.subject.images) else np.zeros((len(rows), 2))
        for unit, kept in self._outside.items():
            out = outside(boxes, sizes, unit) & (rows >= 0) & ~negative
            if out.any():
                kept.places.append(piece.index[out])
                for row in np.flatnonzero(out)[: max(0, AT_MOST_PER_CODE - len(kept.shown))]:
                    kept.shown[int(piece.index[row])] = _box(boxes[row]), int(rows[row])

    def end(self) -> None:
        kept = self._outside.get(self.subject.unit)
        if kept is None:
            return
        images, in_pixels = self.subject.images, self.subject.unit is Unit.PIXELS

        def say(place: int) -> Finding:
            box, row = kept.shown[place]
            size = f"{images.sizes[row][0]:g} x {images.sizes[row][1]:g} px" if in_pixels else "0 to 1"
            message = f"{box} leaves {images.name(row)} ({size})"
            hint = "correct the box, or cut it to the image"
            return error("box-outside-image", f"/annotations/{place}/bbox", message, hint=hint)

        self.found.each(np.concatenate([np.empty(0, np.int64), *kept.places]), say)


def outside(boxes: Floats, sizes: Floats, unit: Unit) -> Bools:
    """Bool (n,): boxes that are over an edge by more than rounding, in a unit, in images of these sizes."""
    sized = np.all(sizes > 0, axis=1)
    if unit is Unit.PIXELS:
        limits, slack = sizes, np.full((1, 2), 0.5)
    else:
        limits = np.ones((1, 2))
        slack = np.where(sized[:, None], 0.5 / np.where(sizes > 0, sizes, 1), TOLERANCE_UNSIZED)
    over = (-boxes[:, :2] - slack > 0) | (boxes[:, :2] + boxes[:, 2:] - limits - slack > 0)
    out = np.any(over, axis=1)
    return out & sized if unit is Unit.PIXELS else out


def _largest(boxes: Floats) -> float:
    return float(max(np.nanmax(boxes[:, :2]), np.nanmax(boxes[:, :2] + boxes[:, 2:])))


def _box(numbers: Floats) -> Box:
    x, y, w, h = numbers.tolist()
    return Box(x=x, y=y, w=w, h=h)


def _negative(place: int, box: Box) -> Finding:
    hint = "write [left, top, width, height]"
    return error("box-negative", f"/annotations/{place}/bbox", f"{box} has a negative side", hint=hint)


def _empty(place: int, box: Box) -> Finding:
    hint = "an accidental click leaves such boxes: delete it"
    return error("box-empty", f"/annotations/{place}/bbox", f"{box} has no area", hint=hint)
