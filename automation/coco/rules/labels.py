"""The rules about labels without boxes: with boxes it is a detection, without a classification, and a class is one."""

from collections.abc import Callable
from functools import partial

import numpy as np

from automation.coco.columns import AnnotationColumns, Bools, Ints
from automation.coco.rules.found import AT_MOST_PER_CODE, Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject
from automation.coco.rules.whole import source_of
from automation.coco.types import Unit
from automation.errors import Finding

__all__ = ["LabelsWithoutBoxes", "QuotaOfLabels"]


class LabelsWithoutBoxes(Rule):
    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._boxes = False
        self._bare: list[Ints] = []
        self._outlined: set[int] = set()
        self._first: Ints | None = None
        self._several: list[tuple[int, int, int]] = []  # place, row of the image, place of the first label

    def annotations(self, piece: AnnotationColumns) -> None:
        self._boxes |= bool(piece.boxed.any())
        bare = ~piece.boxed
        if not bare.any():
            return
        self._bare.append(piece.index[bare])
        self._outlined.update(piece.index[bare & piece.outlined].tolist()[:AT_MOST_PER_CODE])
        if not self._boxes:
            self._labels(piece.index[bare], piece.rows[bare])

    def end(self) -> None:
        quota, unit = self.subject.quota, self.subject.unit
        if unit is not Unit.ABSENT:
            self.found.each(np.concatenate([np.empty(0, np.int64), *self._bare]), self._missing)
            if quota and not quota.boxes:
                self.found.add(warning("boxes-unused", "/annotations", f"{quota.what} takes no notice of the boxes"))
            return
        if quota and quota.boxes and self._bare:
            message = f"{quota.what} needs boxes, and there are none"
            self.found.add(error("boxes-absent", "/annotations", message))
            return
        if not self.subject.for_service and quota is None:
            return  # several classes of a picture, or several sentences about it
        several = {place: (row, first) for place, row, first in self._several}

        def say(place: int) -> Finding:
            row, first = several[place]
            message = f"image {self.subject.images.ids[row]} has a label at /annotations/{first} already"
            return error("labels-several", f"/annotations/{place}", message)

        self.found.each(list(several), say)

    def _missing(self, place: int) -> Finding:
        polygon = "it has a polygon: write the box around it"
        hint = polygon if place in self._outlined else "give a box, or leave out all boxes"
        return error("box-missing", f"/annotations/{place}/bbox", "there is no box, though others have one", hint=hint)

    def _labels(self, places: Ints, rows: Ints) -> None:
        """Keep the first label of each image, and note the others."""
        if self._first is None:
            self._first = np.full(len(self.subject.images), -1)
        places, rows = places[rows >= 0], rows[rows >= 0]
        new, at = np.unique(rows, return_index=True)
        unseen = self._first[new] < 0
        self._first[new[unseen]] = places[at[unseen]]
        again = self._first[rows] != places
        self._several += zip(
            places[again].tolist(), rows[again].tolist(), self._first[rows[again]].tolist(), strict=True
        )


class QuotaOfLabels(Rule):
    """How full an image may be, and how large."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._labels: Ints | None = None

    def annotations(self, piece: AnnotationColumns) -> None:
        if self.subject.quota is None:
            return
        if self._labels is None:
            self._labels = np.zeros(len(self.subject.images), np.int64)
        rows, counts = np.unique(piece.rows[piece.rows >= 0], return_counts=True)
        self._labels[rows] += counts

    def end(self) -> None:
        quota, images = self.subject.quota, self.subject.images
        if quota is None:
            return
        sides = images.sizes
        small = (sides > 0).all(axis=1) & (sides.min(axis=1, initial=np.inf) < quota.min_side_px)
        large = sides.max(axis=1, initial=0) > quota.max_side_px
        if quota.boxes and self._labels is not None:
            self._each(self._labels > quota.max_labels_per_image, self._full)
        self._each(small, partial(self._side, f"below {quota.min_side_px}"))
        if quota.max_ratio is not None:
            longest, shortest = sides.max(axis=1, initial=0), sides.min(axis=1, initial=np.inf)
            self._each((shortest > 0) & (longest > quota.max_ratio * shortest), self._long)
        self._each(large, partial(self._side, f"above {quota.max_side_px:,}"))

    def _each(self, wrong: Bools, say: Callable[[int], tuple[str, str]]) -> None:
        """A finding for each image that is wrong; `say` gives its code and message by row."""
        rows = np.flatnonzero(wrong)
        places = self.subject.images.places.of(rows)
        row_of = dict(zip(places[:AT_MOST_PER_CODE].tolist(), rows.tolist(), strict=False))

        def finding(place: int) -> Finding:
            code, message = say(row_of[place])
            hint = None if self.subject.quota is None else source_of(self.subject.quota)
            return error(code, f"/images/{place}", message, hint=hint)

        self.found.each(places, finding)

    def _full(self, row: int) -> tuple[str, str]:
        count = 0 if self._labels is None else int(self._labels[row])
        most = 0 if self.subject.quota is None else self.subject.quota.max_labels_per_image
        return "quota-boxes", f"{count:,} boxes are more than {most:,}"

    def _long(self, row: int) -> tuple[str, str]:
        width, height = self.subject.images.sizes[row]
        return "quota-ratio", f"{width:g} x {height:g} px is too long for its other side"

    def _side(self, what: str, row: int) -> tuple[str, str]:
        width, height = self.subject.images.sizes[row]
        return "quota-side", f"{width:g} x {height:g} px: a side is {what}"
