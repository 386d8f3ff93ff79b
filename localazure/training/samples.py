"""Windows that the heads learn from, kept small: 256 half-precision numbers each, whatever the pictures' size.

Owns: which windows of a picture become samples, and their targets.
Leaves: the fitting to `detector.py`.
"""

import math
from collections.abc import Callable

import numpy as np

from localazure.training.arrays import F32, I64, Bools
from localazure.training.boxes import clipped, corrections, iou
from localazure.training.cascade import Cascade
from localazure.training.mlp import Extras, Mlp, MlpSettings, fit_mlp
from localazure.training.projection import Projection
from localazure.training.truth import Scene
from localazure.training.watch import Step
from localazure.training.windows import dense_windows

__all__ = ["HeadSamples", "by_lot", "jittered"]

_HIT = 0.5
_MOVABLE = 0.45
_SUSPICIOUS, _NOTICED = 0.15, 0.1
_SHORTEST_SIDE = 3


def jittered(scene: Scene, copies: int) -> F32:
    """The true boxes, each a few times, a tenth off."""
    boxes = np.repeat(scene.truth.boxes, copies, 0)
    size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    off = scene.rng.normal(0, 0.1, boxes.shape).astype(np.float32)
    moved = clipped(boxes + off * size, scene.view.width, scene.view.height)
    return moved[(moved[:, 2:] - moved[:, :2] > _SHORTEST_SIDE).all(1)]


class HeadSamples:
    """The samples of all pictures so far."""

    def __init__(self, projection: Projection, classes: int, *, share: float) -> None:
        self._projection, self._classes, self._share = projection, classes, share
        self._rows: list[F32] = []
        self._targets: list[F32] = []
        self._changes: list[F32] = []
        self._movable: list[Bools] = []
        self._pictures: list[I64] = []

    def add_basics(self, scene: Scene, proposals: F32, aspects: tuple[float, ...]) -> None:
        """What every view gives: the things themselves, the proposals, and windows anywhere."""
        windows = dense_windows(scene.view.width, scene.view.height, aspects)
        anywhere = windows[scene.rng.integers(0, len(windows), 40)]
        self._add(scene, jittered(scene, 14), on=60, beside=20)
        self._add(scene, proposals, on=20, beside=60)
        self._add(scene, anywhere, on=4, beside=16)

    def add_mistakes(self, scene: Scene, proposals: F32, so_far: Cascade) -> None:
        """What the heads so far get wrong here; and their moved boxes, since later passes will see such boxes."""
        boxes, chances = so_far.score(scene.view, proposals)
        thing = 1 - chances[:, 0]
        hit = iou(boxes, scene.truth.boxes).max(1, initial=0) >= _HIT
        wrong = np.flatnonzero(~hit & (thing > _SUSPICIOUS))
        worst = wrong[np.argsort(-thing[wrong], kind="stable")][: self._part(30)]
        self._add(scene, boxes[worst], on=0, beside=30)
        self._add(scene, boxes[hit & (thing > _NOTICED)], on=12, beside=0)

    def fit(self, use: Callable[[I64], Bools], settings: MlpSettings, step: Step) -> Mlp:
        """Fit a head to the samples of those pictures that `use` says yes to."""
        chosen = use(np.concatenate(self._pictures))
        movable = np.concatenate(self._movable)[chosen].astype(np.float32)
        extras = Extras(values=np.concatenate(self._changes)[chosen], weights=movable)
        rows, targets = np.concatenate(self._rows)[chosen], np.concatenate(self._targets)[chosen]
        return fit_mlp(rows, targets, settings=settings, extras=extras, each_epoch=lambda _: step())

    def _add(self, scene: Scene, boxes: F32, *, on: int, beside: int) -> None:
        """Take at most so many of these boxes that lie on a thing, and so many that lie beside."""
        truth = scene.truth
        overlaps = iou(boxes, truth.boxes)
        best = overlaps.max(1, initial=0)
        good = by_lot(np.flatnonzero(best >= _HIT), self._part(on), scene.rng)
        chosen = np.concatenate([good, by_lot(np.flatnonzero(best < _HIT), self._part(beside), scene.rng)])
        if not len(chosen):
            return
        boxes, overlap = boxes[chosen], best[chosen]
        # A better fit is a better answer: the target rises from 0 below IoU 0.45 to 1 at IoU 0.75.
        chance = np.where(overlap < _MOVABLE, 0, np.clip((overlap - 0.4) / 0.35, 0, 1))
        targets = np.zeros((len(chosen), self._classes + 1), np.float32)
        targets[:, 0] = 1 - chance
        changes = np.zeros((len(chosen), 4), np.float32)
        if len(truth.boxes):
            nearest = overlaps[chosen].argmax(1)
            targets[np.arange(len(chosen)), truth.labels[nearest] + 1] = chance
            changes = corrections(boxes, truth.boxes[nearest])
        self._rows.append(self._projection(scene.view.features(boxes)).astype(np.float16))
        self._targets.append(targets)
        self._changes.append(changes)
        self._movable.append(overlap > _MOVABLE)
        self._pictures.append(np.full(len(chosen), scene.picture, np.int64))

    def _part(self, count: int) -> int:
        return math.ceil(count * self._share)


def by_lot(indices: I64, most: int, rng: np.random.Generator) -> I64:
    """At most so many of them."""
    return rng.choice(indices, most, replace=False) if len(indices) > most else indices
