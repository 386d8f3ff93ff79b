"""The figures of a classifier: accuracy of the first guesses, average precision, calibration, confusion.

Owns: them. Leaves: thresholds to `scores.py`.

A picture may have several labels; a guess is right when it is one of them. The label that the confusion matrix shows
is the guessed one where it is right, else the first of the file.
"""

import numpy as np

from automation.coco.columns import Bools, Ints
from automation.coco.evaluation.scores import Ranking, calibration_error, ratio, reliability
from automation.coco.evaluation.thresholds import Wanted, chosen_threshold
from automation.coco.evaluation.types import ClassFigures, Evaluation, Figure, Found, Outcomes, Truth

__all__ = ["evaluate_classification"]


def evaluate_classification(
    truth: Truth, found: Found, *, wanted: Wanted, split: str, notes: tuple[str, ...]
) -> Evaluation:
    """All figures of labels against the truth; pictures without a label are no part of it."""
    classes = len(truth.classes)
    first, labels = _labels(truth)
    measured = np.unique(truth.image)
    order, place = _by_image(found)
    known = np.isin(found.image, measured)
    key = found.image * classes + found.category
    right = np.isin(key, truth.image * classes + truth.category)
    guesses = order[(place == 0) & known[order]]  # the best of each picture that has one
    top1 = int(right[guesses].sum())
    top5 = len(np.unique(found.image[order[(place < 5) & right[order]]]))
    ranking = Ranking(scores=found.scores[guesses], hits=right[guesses], truths=len(measured))
    threshold, chosen = chosen_threshold(ranking, wanted)
    counts = np.zeros(len(found.image), np.bool_)
    counts[guesses] = found.scores[guesses] >= threshold
    partner = np.where(right, labels[key] if len(key) else key, -1)
    outcomes = Outcomes(partner=partner, confused=np.where(right, -1, first[found.image]), counts=counts)
    by_class = tuple(_class(truth, found, right & known, counts, row) for row in range(classes))
    values = [figures.average_precision for figures in by_class if figures.average_precision is not None]
    bins = reliability(ranking.scores, ranking.hits)
    at, best = ranking.at(threshold), ranking.best()
    figures = [
        Figure(name="accuracy", value=ratio(top1, len(measured)), split=split),
        Figure(name="accuracy-top5", value=ratio(top5, len(measured)), split=split),
        Figure(name="mAP", value=sum(values) / len(values) if values else None, split=split),
        Figure(name="precision", value=at.precision, split=split, threshold=threshold),
        Figure(name="recall", value=at.recall, split=split, threshold=threshold),
        Figure(name="F1", value=at.f1, split=split, threshold=threshold),
        Figure(name="ECE", value=calibration_error(bins), split=split),
    ]
    if best is not None:
        figures.append(Figure(name="best-F1", value=best.f1, split=split, threshold=best.threshold))
    unlabeled = len(truth.image_ids) - len(measured)
    return Evaluation(
        kind="image-classification",
        split=split,
        iou=None,
        threshold=threshold,
        chosen=chosen,
        images=len(measured),
        figures=tuple(figures),
        classes=by_class,
        matrix=_matrix(truth, found, outcomes, first),
        points=ranking.points(),
        reliability=bins,
        notes=(*notes, f"{unlabeled} pictures without a label are left out") if unlabeled else notes,
        truth=truth,
        found=found,
        outcomes=outcomes,
    )


def _labels(truth: Truth) -> tuple[Ints, Ints]:
    """The first label of each image, -1 for none; and the label of each image and class together."""
    first = np.full(len(truth.image_ids), -1)
    backwards = np.arange(len(truth.image))[::-1]
    first[truth.image[backwards]] = backwards
    labels = np.full(len(truth.image_ids) * len(truth.classes), -1)
    labels[truth.image[backwards] * len(truth.classes) + truth.category[backwards]] = backwards
    return first, labels


def _by_image(found: Found) -> tuple[Ints, Ints]:
    """Predictions image by image with the best first, and the place of each among those of its image."""
    order = np.lexsort((-found.scores, found.image))
    images = found.image[order]
    start = np.searchsorted(images, images, "left")
    return order, np.arange(len(order)) - start


def _class(truth: Truth, found: Found, right: Bools, counts: Bools, row: int) -> ClassFigures:
    own = (found.category == row) & np.isin(found.image, truth.image)
    truths = len(np.unique(truth.image[truth.category == row]))
    ranking = Ranking(scores=found.scores[own], hits=right[own], truths=truths)
    counted, hits = int(counts[own].sum()), int((counts & right)[own].sum())
    best = ranking.best()
    return ClassFigures(
        name=truth.classes[row],
        truths=truths,
        predictions=len(ranking.scores),
        hits=hits,
        misses=truths - hits,
        false_alarms=counted - hits,
        average_precision=ranking.average_precision(),
        precision=ratio(hits, counted),
        recall=ratio(hits, truths),
        f1=ratio(2 * hits, counted + truths),
        best_threshold=best.threshold if best else None,
        best_f1=best.f1 if best else None,
        precision_points=ranking.interpolated() if truths else (),
    )


def _matrix(truth: Truth, found: Found, outcomes: Outcomes, first: Ints) -> tuple[tuple[int, ...], ...]:
    classes = len(truth.classes)
    table = np.zeros((classes + 1, classes + 1), np.int64)
    counted = np.flatnonzero(outcomes.counts)
    met = np.where(outcomes.partner[counted] >= 0, outcomes.partner[counted], outcomes.confused[counted])
    np.add.at(table, (truth.category[met], found.category[counted]), 1)
    silent = first >= 0
    silent[found.image[counted]] = False
    np.add.at(table, (truth.category[first[silent]], np.full(int(silent.sum()), classes)), 1)
    return tuple(tuple(row) for row in table.tolist())
