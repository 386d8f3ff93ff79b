"""Which label of one COCO file is which label of another: the equal ones, then those that overlap most.

Owns: the pairing, image by image, and counting what became of each. Leaves: files to `differences.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automation.coco.columns import Floats, Ints

__all__ = ["BoxChange", "ClassChange", "Labels", "Tally", "pair"]

MOST_EXAMPLES = 100
SAME_IOU = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxChange:
    """One label that changed.

    Attributes:
        kind: "added", "removed", "moved" or "relabelled".
        image: The file name.
        old: The class before; None when it was added.
        new: The class now; None when it was removed.
        iou: Overlap of the two boxes; None for one that was added or removed.
    """

    kind: str
    image: str
    old: str | None
    new: str | None
    iou: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChange:
    """Labels of a class. One that got another class counts as `relabelled` with the class that it had."""

    name: str
    before: int
    after: int
    same: int
    moved: int
    relabelled: int
    added: int
    removed: int


class Labels:
    """Labels of one side in the numbers of both: n of them."""

    def __init__(self, *, images: Ints, classes: Ints, boxes: Floats, digits: int) -> None:
        """`boxes`: float (n, 4), one and the same where there is none. Equal to `digits` is equal."""
        self.images, self.classes, self.boxes = images, classes, boxes
        self.open = np.ones(len(images), np.bool_)
        self.keys = np.empty((len(images), 6), np.int64)
        self.keys[:, 0], self.keys[:, 1] = images, classes
        self.keys[:, 2:] = np.rint(boxes * 10.0**digits)


class Tally:
    """What was found: counts by class, and the first examples."""

    def __init__(self, images: Sequence[str], classes: Sequence[str]) -> None:
        self._images, self._classes = images, classes
        kinds = ("same", "moved", "relabelled", "added", "removed")
        self.counts = {kind: np.zeros(len(classes), np.int64) for kind in kinds}
        self.examples: list[BoxChange] = []

    def change(self, kind: str, image: int, *, old: int | None, new: int | None, iou: float | None = None) -> None:
        self.counts[kind][new if old is None else old] += 1
        if len(self.examples) < MOST_EXAMPLES:
            names = [None if number is None else self._classes[number] for number in (old, new)]
            rounded = None if iou is None else round(iou, 4)
            change = BoxChange(kind=kind, image=self._images[image], old=names[0], new=names[1], iou=rounded)
            self.examples.append(change)

    def of_classes(self, old: Ints, new: Ints) -> tuple[ClassChange, ...]:
        count = len(self._classes)
        before, after = np.bincount(old, minlength=count), np.bincount(new, minlength=count)
        return tuple(
            ClassChange(
                name=name,
                before=int(before[number]),
                after=int(after[number]),
                **{kind: int(counts[number]) for kind, counts in self.counts.items()},
            )
            for number, name in enumerate(self._classes)
        )


def pair(old: Labels, new: Labels, tally: Tally, *, least_iou: float) -> None:
    """Find out what became of every label."""
    _pair_the_same(old, new, tally)
    for mine, theirs in _by_image(old, new):
        pairs = _overlapping(old, new, mine, theirs, least_iou) if len(mine) and len(theirs) else []
        for one, other, iou in pairs:
            if old.open[one] and new.open[other]:
                old.open[one] = new.open[other] = False
                _tell(tally, int(old.images[one]), int(old.classes[one]), int(new.classes[other]), iou)
        for row in mine[old.open[mine]].tolist():
            tally.change("removed", int(old.images[row]), old=int(old.classes[row]), new=None)
        for row in theirs[new.open[theirs]].tolist():
            tally.change("added", int(new.images[row]), old=None, new=int(new.classes[row]))


def _pair_the_same(old: Labels, new: Labels, tally: Tally) -> None:
    """Labels that are equal to the last digit that counts: the k-th of one side with the k-th of the other."""
    both = np.concatenate([old.keys, new.keys])
    if not len(both):
        return
    order = np.lexsort(both.T[::-1])
    ordered = both[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(begins) - 1
    groups = int(begins.sum())
    ours, theirs = group[: len(old.keys)], group[len(old.keys) :]
    pairs = np.minimum(np.bincount(ours, minlength=groups), np.bincount(theirs, minlength=groups))
    for side, of in ((old, ours), (new, theirs)):
        side.open = _rank(of) >= pairs[of]
    tally.counts["same"] += np.bincount(old.classes[~old.open], minlength=len(tally.counts["same"]))


def _rank(group: Ints) -> Ints:
    """The how-manieth of its group each is, from 0."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    rank = np.empty(len(group), np.int64)
    rank[order] = np.arange(len(group)) - starts
    return rank


def _by_image(old: Labels, new: Labels) -> "list[tuple[Ints, Ints]]":
    """What is left of each image, on both sides."""
    left = [np.flatnonzero(side.open) for side in (old, new)]
    left = [rows[np.argsort(side.images[rows], kind="stable")] for rows, side in zip(left, (old, new), strict=True)]
    of = [side.images[rows] for rows, side in zip(left, (old, new), strict=True)]
    images = np.unique(np.concatenate(of))
    bounds = [(np.searchsorted(side, images, "left"), np.searchsorted(side, images, "right")) for side in of]
    return [
        (left[0][bounds[0][0][at] : bounds[0][1][at]], left[1][bounds[1][0][at] : bounds[1][1][at]])
        for at in range(len(images))
    ]


def _overlapping(old: Labels, new: Labels, mine: Ints, theirs: Ints, least_iou: float) -> list[tuple[int, int, float]]:
    """Rows of both sides that overlap enough, the best pairs first; of equal pairs those of one class."""
    overlap = _overlaps(old.boxes[mine], new.boxes[theirs])
    alike = old.classes[mine][:, None] == new.classes[theirs][None, :]
    a, b = np.nonzero(overlap >= least_iou)
    order = np.lexsort((b, a, ~alike[a, b], -overlap[a, b]))
    a, b = a[order], b[order]
    return list(zip(mine[a].tolist(), theirs[b].tolist(), overlap[a, b].tolist(), strict=True))


def _tell(tally: Tally, image: int, old: int, new: int, iou: float) -> None:
    if old != new:
        tally.change("relabelled", image, old=old, new=new, iou=float(iou))
    elif iou < SAME_IOU:
        tally.change("moved", image, old=old, new=new, iou=float(iou))
    else:
        tally.counts["same"][old] += 1


def _overlaps(a: Floats, b: Floats) -> Floats:
    """IoU of boxes (n, 4) and (m, 4): (n, m); 0 where one has no box."""
    near = np.maximum(a[:, None, :2], b[None, :, :2])
    far = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    shared = np.clip(far - near, 0, None).prod(axis=2)
    whole = a[:, 2:].prod(axis=1)[:, None] + b[:, 2:].prod(axis=1)[None, :] - shared
    boxed = (a[:, 2] > 0)[:, None] & (b[:, 2] > 0)[None, :]
    return np.divide(shared, whole, out=np.zeros_like(shared), where=boxed & (whole > 0))
