"""Scores that mean what they say: of the boxes with score 0.8, about 80 % are right.

Owns: Platt scaling, fitted on predictions for pictures that the predicting heads have never seen.
The scale is one and the same for all classes and always rising, so the order of the boxes, and with it every
average precision, stays as it is.
"""

from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, Bools
from localazure.training.boxes import iou
from localazure.training.cascade import Found
from localazure.training.truth import Truth

__all__ = ["Calibration", "fit_calibration", "hits"]

_LEAST, _MOST = 1e-4, 1 - 1e-4
_PRIOR_SPREAD = 1.0
_SMALLEST_SLOPE = 0.2
_HIT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """log odds of the truth = slope * log odds of the score + shift."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, scores: F32) -> F32:
        return _logistic(self.slope * _log_odds(scores) + self.shift)


def hits(found: Found, truth: Truth) -> Bools:
    """Which of the boxes are right: each true box is found once, by the best-scored box of its class on it."""
    right = np.zeros(len(found.scores), np.bool_)
    if not len(truth.boxes):
        return right
    overlap = iou(found.boxes, truth.boxes)
    overlap[found.labels[:, None] != truth.labels[None, :]] = 0
    for index in np.argsort(-found.scores, kind="stable"):
        best = int(overlap[index].argmax())
        if overlap[index, best] >= _HIT:
            right[index] = True
            overlap[:, best] = 0
    return right


def fit_calibration(scores: F32, right: Bools) -> Calibration:
    """The most likely scale, held near "as it is" while there is little to learn from. A few Newton steps."""
    x = np.stack([_log_odds(scores), np.ones(len(scores))], 1).astype(np.float64)
    y = right.astype(np.float64)
    centre = np.array([1.0, 0.0])
    line = centre.copy()
    for _ in range(30):
        chance = _logistic(x @ line)
        slope = x.T @ (chance - y) + (line - centre) / _PRIOR_SPREAD**2
        bend = (x * (chance * (1 - chance))[:, None]).T @ x + np.eye(2) / _PRIOR_SPREAD**2
        line = line - np.clip(np.linalg.solve(bend, slope), -1, 1)
    slope, shift = max(_SMALLEST_SLOPE, float(line[0])), float(line[1])
    return Calibration(slope=float(np.float32(slope)), shift=float(np.float32(shift)))  # as the model file keeps it


def _log_odds(scores: F32) -> F32:
    inside = np.clip(scores, _LEAST, _MOST)
    return np.log(inside / (1 - inside))


def _logistic(values: F32) -> F32:
    return 1 / (1 + np.exp(-values))
