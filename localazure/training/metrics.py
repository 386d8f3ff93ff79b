"""How good a model is, in the figures that the service reports.

Owns: the figures and their names in the service's `modelPerformance`.
Leaves: average precision of boxes to `scoring.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from localazure.training.detections import Detection
from localazure.training.scoring import average_precisions, calibration_error

__all__ = ["ClassifierMetrics", "DetectionMetrics", "average_precision", "evaluate_classifier", "evaluate_detector"]

_COCO_OVERLAPS = tuple(0.5 + 0.05 * step for step in range(10))
_BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionMetrics:
    """Mean average precision at three overlaps, the COCO average over ten, and AP at 0.5 of each class that occurs."""

    map30: float
    map50: float
    map75: float
    average_precision: float
    per_class50: Mapping[str, float]

    def performance(self) -> dict[str, Any]:
        return {
            "averagePrecision": self.average_precision,
            "meanAveragePrecision30": self.map30,
            "meanAveragePrecision50": self.map50,
            "meanAveragePrecision75": self.map75,
            "tagPerformance": {name: {"averagePrecision50": value} for name, value in self.per_class50.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierMetrics:
    """`per_class` is the share of a class's pictures that are recognised, for each class that occurs."""

    accuracy_top1: float
    accuracy_top5: float
    average_precision: float
    calibration_ece: float
    per_class: Mapping[str, float]

    def performance(self) -> dict[str, Any]:
        return {
            "accuracyTop1": self.accuracy_top1,
            "accuracyTop5": self.accuracy_top5,
            "averagePrecision": self.average_precision,
            "calibrationECE": self.calibration_ece,
            "tagPerformance": {name: {"accuracy": value} for name, value in self.per_class.items()},
        }


def evaluate_detector(
    truth: Sequence[Sequence[Detection]], found: Sequence[Sequence[Detection]], classes: Sequence[str]
) -> DetectionMetrics:
    """Compare what was found with the truth, image by image. Classes without a true box count for nothing."""
    overlaps = (0.3, *_COCO_OVERLAPS)
    table = average_precisions(truth, found, classes=len(classes), overlaps=overlaps)
    present = table[0] >= 0
    means = table[:, present].mean(1) if present.any() else np.zeros(len(overlaps))
    at50 = overlaps.index(0.5)
    return DetectionMetrics(
        map30=float(means[0]),
        map50=float(means[at50]),
        map75=float(means[at50 + 5]),
        average_precision=float(means[1:].mean()),
        per_class50={name: float(table[at50, label]) for label, name in enumerate(classes) if present[label]},
    )


def evaluate_classifier(
    labels: Sequence[int], probabilities: Sequence[Sequence[float]], classes: Sequence[str]
) -> ClassifierMetrics:
    """Compare probabilities with the true labels, picture by picture. Without a picture nothing is right."""
    if not labels:
        return ClassifierMetrics(
            accuracy_top1=0.0, accuracy_top5=0.0, average_precision=0.0, calibration_ece=0.0, per_class={}
        )
    truth = np.asarray(labels, dtype=np.int64)
    chances = np.asarray(probabilities, dtype=np.float64).reshape(len(truth), len(classes))
    order = np.argsort(-chances, axis=1, kind="stable")
    right = order[:, 0] == truth
    in_five = (order[:, :5] == truth[:, None]).any(1)
    present = [label for label in range(len(classes)) if (truth == label).any()]
    precisions = [average_precision(chances[:, label], truth == label) for label in present]
    return ClassifierMetrics(
        accuracy_top1=float(right.mean()),
        accuracy_top5=float(in_five.mean()),
        average_precision=float(np.mean(precisions)),
        calibration_ece=calibration_error(chances.max(1).tolist(), right.tolist(), bins=_BINS),
        per_class={classes[label]: float(right[truth == label].mean()) for label in present},
    )


def average_precision(
    scores: np.ndarray[Any, np.dtype[np.float64]], right: np.ndarray[Any, np.dtype[np.bool_]]
) -> float:
    """The area under precision over recall, in steps; equal scores count as one step."""
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], np.cumsum(right[order])
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    found, seen = found[last_of_equals], np.flatnonzero(last_of_equals) + 1
    gained = np.diff(found, prepend=0) / max(1, int(right.sum()))
    return float((gained * found / seen).sum())
