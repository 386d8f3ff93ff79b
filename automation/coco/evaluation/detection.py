"""The figures of a detector: COCO's and the service's, and what comes out at a threshold.

Owns: putting them together, and the confusion matrix.
Leaves: matching to `matching.py`, thresholds to `scores.py`, COCO's numbers to `coco_numbers.py`.
"""

import numpy as np

from automation.coco.columns import Bools, Floats, Ints
from automation.coco.evaluation.coco_numbers import coco_numbers
from automation.coco.evaluation.matching import IN_CROWD, confused_with, match
from automation.coco.evaluation.scores import Ranking, calibration_error, ratio, reliability
from automation.coco.evaluation.thresholds import Wanted, chosen_threshold
from automation.coco.evaluation.types import ClassFigures, Evaluation, Figure, Found, Outcomes, Truth

__all__ = ["cells", "evaluate_detection", "hit_labels"]

_SIZES = (("small", 0.0, 32.0**2), ("medium", 32.0**2, 96.0**2), ("large", 96.0**2, float("inf")))


def evaluate_detection(
    truth: Truth, found: Found, *, iou: float, wanted: Wanted, split: str, notes: tuple[str, ...]
) -> Evaluation:
    """All figures of boxes against the truth."""
    numbers = coco_numbers(truth, found, split)
    partner = match(truth, found, iou)
    real = partner != IN_CROWD
    ranking = Ranking(scores=found.scores[real], hits=partner[real] >= 0, truths=int((~truth.crowd).sum()))
    threshold, chosen = chosen_threshold(ranking, wanted)
    counts = (found.scores >= threshold) & real
    confused = confused_with(truth, found, iou, partner, counts)
    outcomes = Outcomes(partner=partner, confused=confused, counts=counts)
    bins = reliability(ranking.scores, ranking.hits)
    at, best = ranking.at(threshold), ranking.best()
    overlap = f"{iou:g}"
    figures = [
        *numbers.figures,
        Figure(name="precision", value=at.precision, split=split, iou=overlap, threshold=threshold),
        Figure(name="recall", value=at.recall, split=split, iou=overlap, threshold=threshold),
        Figure(name="F1", value=at.f1, split=split, iou=overlap, threshold=threshold),
        *(_recalls(truth, outcomes, split, overlap, threshold) if truth.in_pixels else ()),
        Figure(name="ECE", value=calibration_error(bins), split=split, iou=overlap),
    ]
    if best is not None:
        figures.append(Figure(name="best-F1", value=best.f1, split=split, iou=overlap, threshold=best.threshold))
    return Evaluation(
        kind="object-detection",
        split=split,
        iou=iou,
        threshold=threshold,
        chosen=chosen,
        images=len(truth.image_ids),
        figures=tuple(figures),
        classes=tuple(
            _class(truth, found, outcomes, (row, own), numbers.by_class if iou == 0.5 else None)
            for row, own in enumerate(_ranked(truth, found, real))
        ),
        matrix=_matrix(truth, found, outcomes),
        points=ranking.points(),
        reliability=bins,
        notes=notes if bins or not len(found.scores) else (*notes, "scores are not between 0 and 1: no calibration"),
        truth=truth,
        found=found,
        outcomes=outcomes,
    )


def hit_labels(truth: Truth, outcomes: Outcomes) -> Bools:
    """Which labels, bool (t,), are found at the threshold."""
    hit = np.zeros(len(truth.image), np.bool_)
    hit[outcomes.partner[outcomes.counts & (outcomes.partner >= 0)]] = True
    return hit


def _recalls(truth: Truth, outcomes: Outcomes, split: str, iou: str, threshold: float) -> list[Figure]:
    """Recall by the size of what is to be found."""
    hit = hit_labels(truth, outcomes)
    return [
        Figure(
            name=f"recall-{name}",
            value=ratio(int(hit[inside].sum()), int(inside.sum())),
            split=split,
            iou=iou,
            threshold=threshold,
        )
        for name, low, high in _SIZES
        for inside in [~truth.crowd & (truth.areas >= low) & (truth.areas < high)]
    ]


def _ranked(truth: Truth, found: Found, real: Bools) -> list[Ints]:
    """Each class's predictions, best first; equal scores stand as COCO has them, by their image's id."""
    order = np.flatnonzero(real)
    order = order[np.argsort(truth.image_ids[found.image[order]], kind="stable")]
    order = order[np.argsort(-found.scores[order], kind="stable")]
    few = np.min_scalar_type(len(truth.classes))  # numpy counts small numbers instead of comparing them
    order = order[np.argsort(found.category[order].astype(few), kind="stable")]
    return np.split(order, np.searchsorted(found.category[order], np.arange(1, len(truth.classes))))


def _class(truth: Truth, found: Found, outcomes: Outcomes, rows: tuple[int, Ints], ap50: Floats | None) -> ClassFigures:
    row, own = rows
    truths = int(((truth.category == row) & ~truth.crowd).sum())
    ranking = Ranking(scores=found.scores[own], hits=outcomes.partner[own] >= 0, truths=truths)
    counted = int(outcomes.counts[own].sum())
    hits = int((ranking.hits & outcomes.counts[own]).sum())
    points = ranking.interpolated() if truths else ()
    best = ranking.best()
    average = sum(points) / len(points) if points else None
    if ap50 is not None and not np.isnan(ap50[row]):
        average = float(ap50[row])
    return ClassFigures(
        name=truth.classes[row],
        truths=truths,
        predictions=len(ranking.scores),
        hits=hits,
        misses=truths - hits,
        false_alarms=counted - hits,
        average_precision=average,
        precision=ratio(hits, counted),
        recall=ratio(hits, truths),
        f1=ratio(2 * hits, counted + truths),
        best_threshold=best.threshold if best else None,
        best_f1=best.f1 if best else None,
        precision_points=points,
    )


def _matrix(truth: Truth, found: Found, outcomes: Outcomes) -> tuple[tuple[int, ...], ...]:
    """Labels by class that they are and class that they were taken for; the last is background on both sides."""
    classes = len(truth.classes)
    table = np.zeros((classes + 1, classes + 1), np.int64)
    rows, columns = cells(truth, found, outcomes)
    np.add.at(table, (rows, columns), 1)
    taken = hit_labels(truth, outcomes)
    taken[outcomes.confused[outcomes.confused >= 0]] = True
    missed = ~taken & ~truth.crowd
    np.add.at(table, (truth.category[missed], np.full(int(missed.sum()), classes)), 1)
    return tuple(tuple(row) for row in table.tolist())


def cells(truth: Truth, found: Found, outcomes: Outcomes) -> tuple[Ints, Ints]:
    """Row and column of each prediction that counts, in their order."""
    counted = np.flatnonzero(outcomes.counts)
    met = np.where(outcomes.partner[counted] >= 0, outcomes.partner[counted], outcomes.confused[counted])
    known = np.append(truth.category, len(truth.classes))
    return known[met], found.category[counted]  # -1, nothing met, is the last: background
