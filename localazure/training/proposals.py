"""First guess: which few of the thousands of windows may hold anything at all.

Owns: the small network over quick features, the samples it is fitted to, and the choice of the best windows.
Leaves: what the thing is, and exactly where, to `cascade.py`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64, Bools
from localazure.training.boxes import iou, suppress
from localazure.training.mlp import Mlp, MlpSettings, fit_mlp, one_hot
from localazure.training.samples import by_lot
from localazure.training.truth import Scene
from localazure.training.watch import Step
from localazure.training.windows import View, dense_windows

__all__ = ["Proposer", "QuickSamples"]

_PROMISING = 600
_PROPOSALS = 150
_SAME = 0.75
_HIT, _MISS = 0.5, 0.35
_POSITIVES, _NEGATIVES = 60, 180


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposer:
    """Knows the usual shapes of windows and how things differ from background."""

    aspects: tuple[float, ...]
    network: Mlp

    def propose(self, view: View) -> F32:
        """The most promising windows, best first."""
        windows = dense_windows(view.width, view.height, self.aspects)
        scores = self.network.probabilities(view.quick_features(windows))[:, 1]
        best = np.argsort(-scores, kind="stable")[:_PROMISING]
        kept = suppress(windows[best], scores[best], _SAME)[:_PROPOSALS]
        return windows[best[kept]]


class QuickSamples:
    """Windows with and without a thing in them, of all pictures, to fit a proposer to."""

    def __init__(self, aspects: Sequence[float], *, share: float) -> None:
        self._aspects = tuple(aspects)
        self._positives, self._negatives = math.ceil(_POSITIVES * share), math.ceil(_NEGATIVES * share)
        self._rows: list[F32] = []
        self._things: list[Bools] = []
        self._pictures: list[I64] = []

    def add(self, scene: Scene) -> None:
        """Sample the windows of one view. What overlaps a thing a little says nothing and is left out."""
        windows = dense_windows(scene.view.width, scene.view.height, self._aspects)
        overlap = iou(windows, scene.truth.boxes).max(1, initial=0)
        good = by_lot(np.flatnonzero(overlap > _HIT), self._positives, scene.rng)
        chosen = np.concatenate([good, by_lot(np.flatnonzero(overlap < _MISS), self._negatives, scene.rng)])
        self._rows.append(scene.view.quick_features(windows[chosen]).astype(np.float16))
        self._things.append(overlap[chosen] > _HIT)
        self._pictures.append(np.full(len(chosen), scene.picture, np.int64))

    def fit(self, use: Callable[[I64], Bools], settings: MlpSettings, step: Step) -> Proposer:
        """Fit to the samples of those pictures that `use` says yes to."""
        chosen = use(np.concatenate(self._pictures))
        rows, things = np.concatenate(self._rows)[chosen], np.concatenate(self._things)[chosen]
        targets = one_hot(things.astype(np.int64), 2)
        network = fit_mlp(rows, targets, settings=settings, each_epoch=lambda _: step())
        return Proposer(aspects=self._aspects, network=network)
