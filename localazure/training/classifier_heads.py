"""Which head to trust, and how far: decided on pictures that the deciding heads have never seen.

Owns: the candidates, the choice between them, and the temperature that makes their probabilities mean what they say.
Both come from one cross-validation inside the training set, grouped by picture. The reported metrics do not: they
are taken from the evaluation set, or from another cross-validation around the whole training (`run.py`).
Leaves: the rows to `classifier_features.py` and `classifier_words.py`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64
from localazure.training.classifier_logistic import Logistic, fit_logistic
from localazure.training.mlp import softmax

__all__ = ["CANDIDATES", "HEADS", "Choice", "Rows", "blended", "choose", "fit_heads"]

HEADS = ("whole", "words")
CANDIDATES: tuple[tuple[str, ...], ...] = (("whole", "words"), ("words",), ("whole",))
"""Which heads speak together. The first wins a tie."""

_TEMPERATURES = tuple(0.4 * 1.05**step for step in range(48))
_PRIOR_SPREAD = 0.5
_LEAST = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """All views of all pictures. `values` has the rows of each head; `pictures` says which picture a view shows."""

    values: Mapping[str, F32]
    pictures: I64
    labels: I64

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The heads to use, the temperature to divide their logits by, and how they did on unseen pictures."""

    uses: tuple[str, ...]
    temperature: float
    unseen_accuracy: float


def blended(logits: Sequence[F32]) -> F32:
    """Several heads as one: the mean of their log probabilities."""
    return np.stack([np.log(np.maximum(softmax(one), _LEAST)) for one in logits]).mean(0)


def choose(rows: Rows, classes: int, folds: I64, *, each_step: Callable[[], None]) -> Choice:
    """Compare the candidates. `folds` has one number per picture; with a single fold nothing can be compared."""
    count = len(folds)
    unseen = {head: np.zeros((count, classes), np.float32) for head in HEADS}
    first_views = np.flatnonzero(np.concatenate([[True], rows.pictures[1:] != rows.pictures[:-1]]))
    labels = rows.labels[first_views]
    if folds.max() == 0:
        return Choice(uses=CANDIDATES[0], temperature=1.0, unseen_accuracy=0.0)
    for fold in range(int(folds.max()) + 1):
        seen = folds[rows.pictures] != fold
        held = np.flatnonzero(folds == fold)
        for head in HEADS:
            values = rows.values[head]
            fitted = fit_logistic(values[seen], rows.labels[seen], classes, each_step=each_step)
            unseen[head][held] = fitted.logits(values[first_views[held]])
    outcomes = [_outcome(uses, [unseen[head] for head in uses], labels) for uses in CANDIDATES]
    return min(outcomes, key=lambda outcome: outcome[0])[1]


def fit_heads(rows: Rows, classes: int, uses: Sequence[str], *, each_step: Callable[[], None]) -> dict[str, Logistic]:
    """The heads in use, fitted to all views."""
    return {
        head: fit_logistic(rows.values[head], rows.labels, classes, each_step=each_step)
        for head in HEADS
        if head in uses
    }


def _outcome(uses: tuple[str, ...], logits: Sequence[F32], labels: I64) -> tuple[float, Choice]:
    """How surprised the candidate is by the truth (per picture), and what choosing it means."""
    joint = blended(logits)
    surprises = [
        _surprise(joint / t, labels) + (math.log(t) / _PRIOR_SPREAD) ** 2 / (2 * len(labels)) for t in _TEMPERATURES
    ]
    best = int(np.argmin(surprises))
    accuracy = float((joint.argmax(1) == labels).mean())
    return surprises[best], Choice(uses=uses, temperature=_TEMPERATURES[best], unseen_accuracy=accuracy)


def _surprise(logits: F32, labels: I64) -> float:
    chances = softmax(logits)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chances, _LEAST)).mean())
