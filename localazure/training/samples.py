"""Windows that the heads learn from, kept small: 256 half-precision numbers each, whatever the pictures' size.

Owns: which windows of a picture become samples, and their targets.
Leaves: the fitting to `detector.py`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64, Bools
from localazure.training.boxes import clipped, corrections, iou
from localazure.training.cascade import Cascade
from localazure.training.mlp import Extras, Mlp, MlpSettings, fit_mlp
from localazure.training.projection import Projection
from localazure.training.truth import Truth
from localazure.training.windows import View, dense_windows

__all__ = ["HeadSamples", "Quota", "jittered"]

_HIT = 0.5
_MOVABLE = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most so many windows on a thing, and so many beside."""

    on: int
    beside: int


def jittered(view: View, truth: F32, copies: int, rng: np.random.Generator) -> F32:
    """The true boxes, each a few times, a tenth off."""
    boxes = np.repeat(truth, copies, 0)
    size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    moved = clipped(boxes + rng.normal(0, 0.1, boxes.shape).astype(np.float32) * size, view.width, view.height)
    return moved[(moved[:, 2:] - moved[:, :2] > 3).all(1)]


class HeadSamples:
    """The samples of all pictures so far."""

    def __init__(self, projection: Projection, classes: int, *, share: float) -> None:
        self._projection, self._classes, self._share = projection, classes, share
        self._rows: list[F32] = []
        self._targets: list[F32] = []
        self._changes: list[F32] = []
        self._movable: list[Bools] = []
        self._images: list[I64] = []

    def add(
        self,
        view: View,
        boxes: F32,
        truth: Truth,
        *,
        image: int,
        quota: Quota,
        rng: np.random.Generator,
        best_first: bool = False,
    ) -> None:
        """Take samples from these boxes: at random, or those that come first."""
        if not len(boxes):
            return
        overlaps = iou(boxes, truth.boxes)
        overlap = overlaps.max(1, initial=0)
        on = _some(np.flatnonzero(overlap >= _HIT), math.ceil(quota.on * self._share), None if best_first else rng)
        beside = _some(
            np.flatnonzero(overlap < _HIT), math.ceil(quota.beside * self._share), None if best_first else rng
        )
        chosen = np.concatenate([on, beside])
        if not len(chosen):
            return
        # A better fit is a better answer: the target rises from 0 at IoU 0.45 to 1 at IoU 0.75.
        chance = np.where(overlap[chosen] < _MOVABLE, 0, np.clip((overlap[chosen] - 0.4) / 0.35, 0, 1)).astype(
            np.float32
        )
        targets = np.zeros((len(chosen), self._classes + 1), np.float32)
        targets[:, 0] = 1 - chance
        changes = np.zeros((len(chosen), 4), np.float32)
        if len(truth.boxes):
            nearest = overlaps[chosen].argmax(1)
            targets[np.arange(len(chosen)), truth.labels[nearest] + 1] = chance
            changes = corrections(boxes[chosen], truth.boxes[nearest])
        self._rows.append(self._projection(view.features(boxes[chosen])).astype(np.float16))
        self._targets.append(targets)
        self._changes.append(changes)
        self._movable.append(overlap[chosen] > _MOVABLE)
        self._images.append(np.full(len(chosen), image, np.int64))

    def add_basics(
        self,
        view: View,
        truth: Truth,
        proposals: F32,
        *,
        aspects: tuple[float, ...],
        image: int,
        rng: np.random.Generator,
    ) -> None:
        """What every picture gives: the things themselves, the proposals, and windows anywhere."""
        near = jittered(view, truth.boxes, 14, rng)
        self.add(view, near, truth, image=image, quota=Quota(on=60, beside=20), rng=rng)
        self.add(view, proposals, truth, image=image, quota=Quota(on=20, beside=60), rng=rng)
        windows = dense_windows(view.width, view.height, aspects)
        anywhere = windows[rng.integers(0, len(windows), 40)]
        self.add(view, anywhere, truth, image=image, quota=Quota(on=4, beside=16), rng=rng)

    def add_mistakes(
        self, view: View, truth: Truth, proposals: F32, cascade: Cascade, *, image: int, rng: np.random.Generator
    ) -> None:
        """What the heads so far get wrong here; and their moved boxes, since later passes will see such boxes."""
        boxes, chances = cascade.score(view, proposals)
        thing = 1 - chances[:, 0]
        hit = iou(boxes, truth.boxes).max(1, initial=0) >= _HIT
        wrong = np.flatnonzero(~hit & (thing > 0.15))
        wrong = wrong[np.argsort(-thing[wrong], kind="stable")]
        self.add(view, boxes[wrong], truth, image=image, quota=Quota(on=0, beside=30), rng=rng, best_first=True)
        self.add(view, boxes[hit & (thing > 0.1)], truth, image=image, quota=Quota(on=12, beside=0), rng=rng)

    def fit(
        self,
        use: Callable[[I64], Bools],
        *,
        seed: int,
        epochs: int,
        least_steps: int,
        each_epoch: Callable[[int], None],
    ) -> Mlp:
        """Fit a head to the samples of those images that `use` says yes to."""
        chosen = use(np.concatenate(self._images))
        extras = Extras(
            values=np.concatenate(self._changes)[chosen],
            weights=np.concatenate(self._movable)[chosen].astype(np.float32),
        )
        settings = MlpSettings(seed=seed, epochs=epochs, hidden=96, dropout=0.3, least_steps=least_steps)
        rows, targets = np.concatenate(self._rows)[chosen], np.concatenate(self._targets)[chosen]
        return fit_mlp(rows, targets, settings=settings, extras=extras, each_epoch=each_epoch)

    def __len__(self) -> int:
        return sum(map(len, self._images))


def _some(indices: I64, most: int, rng: np.random.Generator | None) -> I64:
    """At most so many: the first ones, or by lot."""
    if len(indices) <= most:
        return indices
    return rng.choice(indices, most, replace=False) if rng else indices[:most]
