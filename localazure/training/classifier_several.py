"""Training for pictures that show several things at once, or nothing: one yes-or-no classifier for each class.

Owns: the joint work. What the pictures look like (vocabulary, rows) is found once, for it knows no labels; heads and
temperature are fitted for each class by itself. How good it is comes from a cross-validation around both.
Leaves: the how of each step to `classifier.py` and `classifier_heads.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from localazure.training.arrays import F32, Bools
from localazure.training.channels import work_size
from localazure.training.classifier import measure, survey
from localazure.training.classifier_features import LONG_SIDE, see
from localazure.training.classifier_heads import HEADS, Rows, blended, choose, fit_heads
from localazure.training.classifier_logistic import STEPS, Logistic
from localazure.training.classifier_model import ClassifierModel, rows_of
from localazure.training.classifier_rungs import CHECK_FOLDS, CHECKS, choose_several_rung
from localazure.training.errors import DatasetCorrupt
from localazure.training.metrics import average_precision
from localazure.training.mlp import softmax
from localazure.training.pictures import LabelledPicture, pixels_of
from localazure.training.truth import folds_by_image
from localazure.training.watch import Cancelled, Progress, Step, Watch

__all__ = ["ANSWERS", "TaggedPicture", "chances_of", "fit_several"]

ANSWERS = ("no", "yes")
"""The two classes of each model."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TaggedPicture:
    """A picture and the indexes of the classes it shows; none is an answer too."""

    path: Path
    labels: frozenset[int]


def fit_several(
    pictures: Sequence[TaggedPicture],
    classes: Sequence[str],
    *,
    budget_s: float,
    seed: int,
    progress: Progress,
    cancelled: Cancelled,
) -> tuple[list[ClassifierModel], dict[str, Any]]:
    """One model per class, in their order, and the metrics. Same pictures, budget and seed, same models.

    Raises:
        NotEnoughBudget: The smallest training takes longer than `budget_s`.
        DatasetCorrupt: There are no pictures, or one of them cannot be read.
        TrainingCancelled: `cancelled` said so; it is asked after every picture and every step of fitting.
    """
    if not pictures:
        raise DatasetCorrupt("there are no pictures to train on")
    rung = choose_several_rung(len(pictures), len(classes), budget_s)
    watch = Watch(progress, cancelled)
    plain = [LabelledPicture(path=picture.path, label=0) for picture in pictures]
    vocabulary = survey(plain, rung, seed, watch)
    rows = measure(plain, vocabulary, rung, seed, watch)
    checks = min(CHECKS, len(pictures)) if len(pictures) > 1 else 0
    fits = rung.folds + 1 + checks * (CHECK_FOLDS + 1)
    step = watch.part("fitting", until=1.0, steps=len(classes) * fits * len(HEADS) * STEPS)
    models: list[ClassifierModel] = []
    scores: dict[str, dict[str, float]] = {}
    for label, name in enumerate(classes):
        shown = np.array([label in picture.labels for picture in pictures], np.bool_)
        heads, temperature = _fit(rows, shown, folds=rung.folds, seed=seed, step=step)
        models.append(ClassifierModel(classes=ANSWERS, vocabulary=vocabulary, heads=heads, temperature=temperature))
        scores[name] = _score(shown, _unseen(rows, shown, checks=checks, seed=seed, step=step))
    return models, _metrics(scores)


def chances_of(models: Sequence[ClassifierModel], image: Image.Image) -> list[float]:
    """How likely each class is shown, each for itself."""
    sight = see(work_size(pixels_of(image), LONG_SIDE))
    measured: dict[bytes, dict[str, F32]] = {}
    chances: list[float] = []
    for model in models:
        key = model.vocabulary.words.tobytes()
        if key not in measured:
            measured[key] = rows_of(sight, model.vocabulary)
        values = {head: row[None] for head, row in measured[key].items()}
        chances.append(float(_yes(model.heads, model.temperature, values)[0]))
    return chances


def _fit(
    rows: Rows, shown: Bools, *, folds: int, seed: int, step: Callable[[], None]
) -> tuple[dict[str, Logistic], float]:
    """The heads of one class and the temperature. `shown` has one answer per picture that `rows` numbers."""
    some, numbers = np.unique(rows.pictures, return_inverse=True)
    labels = shown[some].astype(np.int64)
    here = replace(rows, pictures=numbers.astype(np.int64), labels=labels[numbers])
    dealt = folds_by_image([labels[place : place + 1] for place in range(len(some))], folds, seed=seed)
    choice = choose(here, len(ANSWERS), dealt, each_step=step)
    return fit_heads(here, len(ANSWERS), choice.uses, each_step=step), choice.temperature


def _unseen(rows: Rows, shown: Bools, *, checks: int, seed: int, step: Step) -> F32 | None:
    """The chance of "yes" for each picture, by heads that never saw it."""
    if not checks:
        return None
    labels = shown.astype(np.int64)
    dealt = folds_by_image([labels[place : place + 1] for place in range(len(labels))], checks, seed=seed)
    first_views = np.flatnonzero(np.concatenate([[True], rows.pictures[1:] != rows.pictures[:-1]]))
    chances = np.zeros(len(labels), np.float32)
    for fold in range(int(dealt.max()) + 1):
        kept = dealt[rows.pictures] != fold
        others = Rows(
            values={head: values[kept] for head, values in rows.values.items()},
            pictures=rows.pictures[kept],
            labels=rows.labels[kept],
        )
        heads, temperature = _fit(others, shown, folds=CHECK_FOLDS, seed=seed, step=step)
        held = np.flatnonzero(dealt == fold)
        chances[held] = _yes(heads, temperature, {head: rows.values[head][first_views[held]] for head in HEADS})
    return chances


def _yes(heads: Mapping[str, Logistic], temperature: float, values: Mapping[str, F32]) -> F32:
    logits = blended([head.logits(values[name]) for name, head in heads.items()])
    return softmax(logits.astype(np.float64) / temperature)[:, 1].astype(np.float32)


def _score(shown: Bools, chances: F32 | None) -> dict[str, float]:
    if chances is None:
        return {"averagePrecision": 0.0, "accuracy": 0.0}
    return {
        "averagePrecision": average_precision(chances.astype(np.float64), shown),
        "accuracy": float(((chances >= 0.5) == shown).mean()),
    }


def _metrics(scores: Mapping[str, dict[str, float]]) -> dict[str, Any]:
    """The mean over the classes, and each of them."""
    means = {key: float(np.mean([score[key] for score in scores.values()])) for key in ("averagePrecision", "accuracy")}
    return means | {"tagPerformance": dict(scores)}
