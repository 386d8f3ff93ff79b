"""The rules about the values of annotations beside the box: area, iscrowd, and corners given as a size."""

import msgspec
import numpy as np

from automation.coco.columns import AnnotationColumns, Bools
from automation.coco.outline_area import outline_area
from automation.coco.rules.found import Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject
from automation.coco.units import PIXELS_AT_LEAST
from automation.errors import Finding

__all__ = ["Areas", "Corners", "Crowds"]

_FEW_BOXES = 10
_SHARE_OUTSIDE = 0.2
_AREA_TOLERANCE = 0.02


def _areas_unlike(piece: AnnotationColumns) -> tuple[Bools, dict[int, float]]:
    """Bool (n,), areas that are not those of their boxes, and by row the right areas of outlined ones among them.

    With an outline the area may be smaller than the box, and larger where the outline is.
    """
    box = piece.boxes[:, 2] * piece.boxes[:, 3]
    in_pixels = bool((piece.boxes >= PIXELS_AT_LEAST).any())
    slack = _AREA_TOLERANCE * box + (1.0 if in_pixels else 1e-3)
    off = piece.areas - box
    unlike = (piece.areas != 0) & ((off > slack) | ((off < -slack) & ~piece.outlined))
    right: dict[int, float] = {}
    if piece.outlines and (rows := np.flatnonzero(unlike & piece.outlined)).size:
        places: list[int] = (np.cumsum(piece.outlined) - 1).tolist()
        for row in map(int, rows):
            inside = _area_of(piece.outlines[places[row]], shares=not in_pixels)
            if inside is None or abs(piece.areas[row] - inside) <= slack[row]:
                unlike[row] = False  # or what is wrong is the outline, which has a rule of its own
            else:
                right[row] = inside
    return unlike, right


def _area_of(outline: bytes, *, shares: bool) -> float | None:
    try:
        found: object = msgspec.json.decode(outline)
        return outline_area(found, shares=shares)
    except (msgspec.DecodeError, RecursionError):
        return None


class Areas(Rule):
    """An area is that of the box, or of the outline in it."""

    def annotations(self, piece: AnnotationColumns) -> None:
        box = piece.boxes[:, 2] * piece.boxes[:, 3]
        zero = (piece.areas == 0) & (box > 0)
        unlike, of_outlines = _areas_unlike(piece)
        if unlike.any():
            row_of = {int(piece.index[row]): int(row) for row in np.flatnonzero(unlike)}

            def say(place: int) -> Finding:
                row = row_of[place]
                what, right = ("outline", of_outlines[row]) if row in of_outlines else ("box", box[row])
                message = f"the area is {piece.areas[row]:g}, that of the {what} {right:g}"
                return warning("area-unlike-box", f"/annotations/{place}/area", message, hint="compute the areas anew")

            self.found.each(piece.index[unlike], say)
        hint = "exports say 0 where they do not know: compute the areas anew"
        self.found.each(
            piece.index[zero],
            lambda i: warning("area-zero", f"/annotations/{i}/area", "the area is 0, and the box has one", hint=hint),
        )
        if self.subject.wants("area-missing"):
            message, cure = "there is no area", "write that of the box; pycocotools asks for it"
            self.found.each(
                piece.index[np.isnan(piece.areas) & piece.boxed],
                lambda i: warning("area-missing", f"/annotations/{i}", message, hint=cure),
            )


class Crowds(Rule):
    """The key iscrowd says 0 or 1."""

    def annotations(self, piece: AnnotationColumns) -> None:
        missing = np.isnan(piece.crowds)
        odd = (piece.crowds != 0) & (piece.crowds != 1) & ~missing
        if odd.any():
            value_of = dict(zip(piece.index[odd].tolist(), piece.crowds[odd].tolist(), strict=True))
            self.found.each(
                piece.index[odd],
                lambda i: error(
                    "iscrowd-value",
                    f"/annotations/{i}/iscrowd",
                    f"{value_of[i]:g} is neither 0 nor 1",
                    hint="write 0, or 1 for a group that is outlined as one",
                ),
            )
        if self.subject.wants("iscrowd-missing"):
            hint = "write 0; pycocotools asks for it"
            self.found.each(
                piece.index[missing & piece.boxed],
                lambda i: warning("iscrowd-missing", f"/annotations/{i}", "there is no iscrowd", hint=hint),
            )


class Corners(Rule):
    """Boxes as two corners look like boxes that grow with their distance from the origin, and leave their images."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._possible = True
        self._boxes = self._outside = 0

    def annotations(self, piece: AnnotationColumns) -> None:
        boxed = piece.boxed & (piece.rows >= 0)
        if not self._possible or not boxed.any():
            return
        near, far = piece.boxes[boxed, :2], piece.boxes[boxed, 2:]
        if (far < near).any():
            self._possible = False
            return
        in_pixels = bool((piece.boxes >= PIXELS_AT_LEAST).any())
        limits = self.subject.images.sizes[piece.rows[boxed]] if in_pixels else np.ones_like(far)
        self._possible = not (far > limits + 1).any() if in_pixels else not (far > limits + 1e-3).any()
        self._boxes += len(near)
        self._outside += int((near + far > limits * 1.001).any(axis=1).sum())

    def end(self) -> None:
        if self._possible and self._boxes >= _FEW_BOXES and self._outside > _SHARE_OUTSIDE * self._boxes:
            message = (
                f"{self._outside:,} of {self._boxes:,} boxes leave their image, "
                "and all would fit as [left, top, right, bottom]"
            )
            hint = "subtract left from the third number and top from the fourth"
            self.found.add(error("boxes-as-corners", "/annotations", message, hint=hint))
