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
from localazure.training.windows import View, dense_windows

__all__ = ["Proposer", "QuickSamples"]

_PROMISING = 600
_PROPOSALS = 150
_SAME = 0.75
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
        self._images: list[I64] = []

    def add(self, view: View, truth: F32, *, image: int, rng: np.random.Generator) -> None:
        """Sample the windows of one picture. What overlaps a thing a little says nothing and is left out."""
        windows = dense_windows(view.width, view.height, self._aspects)
        overlap = iou(windows, truth).max(1, initial=0)
        good = _some(np.flatnonzero(overlap > 0.5), self._positives, rng)
        bad = _some(np.flatnonzero(overlap < 0.35), self._negatives, rng)
        chosen = np.concatenate([good, bad])
        self._rows.append(view.quick_features(windows[chosen]).astype(np.float16))
        self._things.append(overlap[chosen] > 0.5)
        self._images.append(np.full(len(chosen), image, np.int64))

    def fit(
        self,
        use: Callable[[I64], Bools],
        *,
        seed: int,
        epochs: int,
        least_steps: int,
        each_epoch: Callable[[int], None],
    ) -> Proposer:
        """Fit to the samples of those images that `use` says yes to."""
        chosen = use(np.concatenate(self._images))
        rows, things = np.concatenate(self._rows)[chosen], np.concatenate(self._things)[chosen]
        settings = MlpSettings(seed=seed, epochs=epochs, hidden=32, dropout=0.2, least_steps=least_steps)
        network = fit_mlp(rows, one_hot(things.astype(np.int64), 2), settings=settings, each_epoch=each_epoch)
        return Proposer(aspects=self._aspects, network=network)


def _some(indices: I64, most: int, rng: np.random.Generator) -> I64:
    return rng.choice(indices, most, replace=False) if len(indices) > most else indices
