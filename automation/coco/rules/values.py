"""The rules about the values of annotations beside the box: area, iscrowd, and corners given as a size."""

import numpy as np

from automation.coco.columns import AnnotationColumns
from automation.coco.rules.found import Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject
from automation.coco.units import PIXELS_AT_LEAST

__all__ = ["Areas", "Corners", "Crowds", "areas_unlike"]

_FEW_BOXES = 10
_SHARE_OUTSIDE = 0.2
_AREA_TOLERANCE = 0.02


def areas_unlike(piece: AnnotationColumns) -> "np.ndarray":
    """Bool (n,): areas that are not those of their boxes; below an outline it may be smaller."""
    box = piece.boxes[:, 2] * piece.boxes[:, 3]
    in_pixels = bool((piece.boxes >= PIXELS_AT_LEAST).any())
    slack = _AREA_TOLERANCE * box + (1.0 if in_pixels else 1e-3)
    off = piece.areas - box
    return (piece.areas != 0) & ((off > slack) | ((off < -slack) & ~piece.outlined))


class Areas(Rule):
    """An area is that of the box, or of the outline in it."""

    def annotations(self, piece: AnnotationColumns) -> None:
        box = piece.boxes[:, 2] * piece.boxes[:, 3]
        zero = (piece.areas == 0) & (box > 0)
        unlike = areas_unlike(piece)
        if unlike.any():
            row_of = {int(piece.index[row]): row for row in np.flatnonzero(unlike)}
            self.found.each(
                piece.index[unlike],
                lambda i: warning(
                    "area-unlike-box",
                    f"/annotations/{i}/area",
                    f"the area is {piece.areas[row_of[i]]:g}, that of the box {box[row_of[i]]:g}",
                    hint="compute the areas anew",
                ),
            )
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
