"""Softmax regression: the classifier's only part that learns from labels.

Owns: fitting (Nesterov's accelerated descent; no dice) and the fitted weights.
Leaves: the rows to whoever measured them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64
from localazure.training.errors import Diverged
from localazure.training.mlp import one_hot, softmax
from localazure.training.projection import standardised

__all__ = ["STEPS", "Logistic", "fit_logistic"]

STEPS = 200
_STRENGTH = 0.1
"""The usual C: the smaller, the simpler the model."""
_POWER_ROUNDS = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logistic:
    """`weights` has one row per value and one column per class."""

    mean: F32
    spread: F32
    weights: F32
    bias: F32

    def logits(self, rows: F32) -> F32:
        return standardised(rows, self.mean, self.spread) @ self.weights + self.bias


def fit_logistic(rows: F32, labels: I64, classes: int, *, each_step: Callable[[], None] = lambda: None) -> Logistic:
    """Fit to one label per row. `each_step` may raise to stop."""
    mean, spread = rows.mean(0), rows.std(0) + np.float32(1e-3)
    x = standardised(rows, mean, spread)
    count = np.float32(len(rows))
    targets = one_hot(labels, classes)
    pull = np.float32(1 / (_STRENGTH * len(rows)))
    # The steepest the slope can get; the bias adds 1 to the squared length of a row.
    rate = np.float32(1) / (np.float32((_largest(x) + len(rows)) / (2 * len(rows))) + pull)
    weights, bias = np.zeros((x.shape[1], classes), np.float32), np.zeros(classes, np.float32)
    ahead, ahead_bias, momentum = weights, bias, 1.0
    for _ in range(STEPS):
        wrong = (softmax(x @ ahead + ahead_bias) - targets) / count
        new = ahead - rate * (x.T @ wrong + pull * ahead)
        new_bias = ahead_bias - rate * wrong.sum(0)
        larger = (1 + np.sqrt(1 + 4 * momentum * momentum)) / 2
        push = np.float32((momentum - 1) / larger)
        ahead, ahead_bias = new + push * (new - weights), new_bias + push * (new_bias - bias)
        weights, bias, momentum = new, new_bias, larger
        each_step()
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise Diverged("the classifier's weights ran away: they are no numbers any more")
    return Logistic(mean=mean, spread=spread, weights=weights, bias=bias)


def _largest(x: F32) -> float:
    """An upper estimate of the largest eigenvalue of x.T @ x, by the power method."""
    vector = np.ones(x.shape[1], np.float32)
    size = 0.0
    for _ in range(_POWER_ROUNDS):
        vector = x.T @ (x @ vector)
        size = float(np.linalg.norm(vector))
        if size == 0:
            return 0.0
        vector = vector / np.float32(size)
    return 1.1 * size
