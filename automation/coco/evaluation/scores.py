"""What thresholds do: precision, recall and F1 over scores, the best threshold, and calibration.

Owns: figures that need only scores and hits. Leaves: what a hit is to `matching.py`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from automation.coco.columns import Bools, Floats, Ints
from automation.coco.evaluation.types import Reliability, ScorePoint

__all__ = ["Ranking", "calibration_error", "ratio", "reliability"]

BINS = 10
STEPS = 101


def ratio(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Predictions by score, and how many there were to find.

    Attributes:
        scores: float (n,), as they come.
        hits: bool (n,).
        truths: How many there are to find.
    """

    scores: Floats
    hits: Bools
    truths: int

    @cached_property
    def _cut(self) -> tuple[Floats, Ints, Ints]:
        """Distinct scores from high to low; how many predictions reach each, and how many of them hit."""
        order = np.argsort(-self.scores, kind="stable")
        scores = self.scores[order]
        last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) if len(scores) else np.empty(0, np.int64)
        return scores[last], last + 1, np.cumsum(self.hits[order], dtype=np.int64)[last]

    @cached_property
    def _figures(self) -> tuple[Floats, Floats, Floats]:
        """Precision, recall and F1 at the distinct scores."""
        _, many, hits = self._cut
        whole = many + self.truths
        f1 = np.divide(2 * hits, whole, out=np.zeros(len(hits)), where=whole > 0)
        return hits / many, hits / max(self.truths, 1), f1

    def at(self, threshold: float) -> ScorePoint:
        """Predictions count from this score on."""
        counts = self.scores >= threshold
        hits, many = int((self.hits & counts).sum()), int(counts.sum())
        return ScorePoint(
            threshold=threshold,
            precision=ratio(hits, many),
            recall=ratio(hits, self.truths),
            f1=ratio(2 * hits, many + self.truths),
        )

    def points(self) -> tuple[ScorePoint, ...]:
        """At thresholds from 0 to 1, or from the lowest score to the highest where they are of another kind."""
        order = np.sort(self.scores)
        low = min(0.0, float(self.scores.min())) if len(order) else 0.0
        high = max(1.0, float(self.scores.max())) if len(order) else 1.0
        hitting = np.sort(self.scores[self.hits])
        found: list[ScorePoint] = []
        thresholds: list[float] = np.linspace(low, high, STEPS).round(6).tolist()
        for threshold in thresholds:
            many = len(order) - int(np.searchsorted(order, threshold))
            hits = len(hitting) - int(np.searchsorted(hitting, threshold))
            found.append(
                ScorePoint(
                    threshold=threshold,
                    precision=ratio(hits, many),
                    recall=ratio(hits, self.truths),
                    f1=ratio(2 * hits, many + self.truths),
                )
            )
        return tuple(found)

    def best(self) -> ScorePoint | None:
        """Where F1 is greatest; the higher of equal thresholds. None without predictions or without truths."""
        if not len(self.scores) or not self.truths:
            return None
        return self.at(float(self._cut[0][int(np.argmax(self._figures[2]))]))

    def reaching(self, precision: float) -> ScorePoint | None:
        """The threshold that finds most with at least this precision; None where none reaches it."""
        enough = np.flatnonzero((self._figures[0] >= precision) & (self._cut[2] > 0))
        return self.at(float(self._cut[0][enough[-1]])) if len(enough) else None

    def interpolated(self) -> tuple[float, ...]:
        """Precision at recall 0, 0.01 ... 1: the best that is reached at this recall or a greater one."""
        order = np.argsort(-self.scores, kind="stable")
        hits = np.cumsum(self.hits[order])
        precision = np.maximum.accumulate((hits / np.arange(1, len(hits) + 1))[::-1])[::-1]
        places = np.searchsorted(hits / max(self.truths, 1), np.linspace(0, 1, STEPS), "left")
        return tuple(np.append(precision, 0.0)[np.minimum(places, len(precision))].tolist())

    def average_precision(self) -> float | None:
        """The area below precision over recall, step by step; equal scores are one step. None of nothing."""
        if not self.truths:
            return None
        precision, recall, _ = self._figures
        return float((np.diff(recall, prepend=0.0) * precision).sum())


def reliability(scores: Floats, right: Bools) -> tuple[Reliability, ...]:
    """Ten bins of equal width; none where scores are no probabilities."""
    if not len(scores) or scores.min() < 0 or scores.max() > 1:
        return ()
    place = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    many = np.bincount(place, minlength=BINS)
    sure = np.bincount(place, scores, BINS)
    hits = np.bincount(place, right, BINS)
    return tuple(
        Reliability(
            low=bin_ / BINS,
            high=(bin_ + 1) / BINS,
            predictions=int(many[bin_]),
            confidence=ratio(float(sure[bin_]), int(many[bin_])),
            accuracy=ratio(float(hits[bin_]), int(many[bin_])),
        )
        for bin_ in range(BINS)
    )


def calibration_error(bins: tuple[Reliability, ...]) -> float | None:
    """The expected calibration error: how far confidence is from accuracy, on average over predictions."""
    whole = sum(bin_.predictions for bin_ in bins)
    off = sum(bin_.predictions * abs((bin_.confidence or 0.0) - (bin_.accuracy or 0.0)) for bin_ in bins)
    return off / whole if whole else None
