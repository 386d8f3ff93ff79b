"""Doing a training job: the model file first, then how good it is.

Owns: which pictures are trained on and which are judged with, for both kinds of model.
Leaves: the process around it to `worker.py`, the training to `detector.py` and `classifier.py`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from localazure.training import job as jobs
from localazure.training.detector import fit_detector
from localazure.training.job import Job, JobImage
from localazure.training.metrics import evaluate_classifier, evaluate_detector
from localazure.training.pictures import BoxedPicture, LabelledPicture, boxed_picture
from localazure.training.rungs import choose_rung
from localazure.training.truth import folds_by_image
from localazure.training.watch import Cancelled, Progress, Watch

if TYPE_CHECKING:
    from localazure.training.classifier import ClassifierModel

__all__ = ["MetricsFrom", "run_job"]

MetricsFrom = Literal["evaluation", "cross-validation"]
_FOLDS = 3
_TRAINED = 0.9
"""The fraction of the work that is done when only the evaluation is missing."""


def run_job(job: Job, folder: Path, *, progress: Progress, cancelled: Cancelled) -> tuple[dict[str, Any], MetricsFrom]:
    """Train, write the model file, and measure. Raises TrainingFailed, TrainingCancelled."""
    run = _detector if job.kind == "detector" else _classifier
    return run(job, folder, progress, cancelled)


def _detector(job: Job, folder: Path, progress: Progress, cancelled: Cancelled) -> tuple[dict[str, Any], MetricsFrom]:
    pictures = _boxed(folder, job.images)
    rung = choose_rung(len(pictures), job.budget_s)
    trained = fit_detector(
        pictures, job.classes, rung=rung, seed=job.seed, watch=Watch(_between(progress, 0, _TRAINED), cancelled)
    )
    trained.model.save(jobs.model_file(folder))
    if job.evaluation_images is None:
        truth = [picture.truth() for picture in pictures]
        return evaluate_detector(truth, trained.out_of_fold, job.classes).performance(), "cross-validation"
    known = _boxed(folder, job.evaluation_images)
    step = _evaluating(progress, cancelled, len(known))
    found = [step(trained.model.predict(picture.image(), min_score=0)) for picture in known]
    return evaluate_detector([picture.truth() for picture in known], found, job.classes).performance(), "evaluation"


def _classifier(job: Job, folder: Path, progress: Progress, cancelled: Cancelled) -> tuple[dict[str, Any], MetricsFrom]:
    pictures = _labelled(folder, job.images)
    folds = folds_by_image([np.array([picture.label]) for picture in pictures], _FOLDS, seed=job.seed)
    checks = 0 if job.evaluation_images is not None or len(pictures) == 1 else int(folds.max()) + 1

    def fit(some: Sequence[LabelledPicture], number: int) -> "ClassifierModel":
        """The model is fit 0; each of the others leaves a fold out."""
        from localazure.training.classifier import fit_classifier

        return fit_classifier(
            some,
            job.classes,
            budget_s=job.budget_s / (1 + checks),
            seed=job.seed,
            progress=_between(progress, _TRAINED * number / (1 + checks), _TRAINED * (number + 1) / (1 + checks)),
            cancelled=cancelled,
        )

    model = fit(pictures, 0)
    model.save(jobs.model_file(folder))
    if job.evaluation_images is not None:
        known = _labelled(folder, job.evaluation_images)
        step = _evaluating(progress, cancelled, len(known))
        chances = [step(model.classify(picture.image())) for picture in known]
        return _judged(known, chances, job.classes), "evaluation"
    judged: list[LabelledPicture] = []
    chances: list[list[float]] = []
    for fold in range(checks):
        others = fit([picture for picture, of in zip(pictures, folds, strict=True) if of != fold], fold + 1)
        held = [picture for picture, of in zip(pictures, folds, strict=True) if of == fold]
        judged += held
        chances += [others.classify(picture.image()) for picture in held]
    progress(1.0, "evaluating", "done")
    return _judged(judged, chances, job.classes), "cross-validation"


def _judged(
    pictures: Sequence[LabelledPicture], chances: Sequence[Sequence[float]], classes: Sequence[str]
) -> dict[str, Any]:
    return evaluate_classifier([picture.label for picture in pictures], chances, classes).performance()


def _boxed(folder: Path, images: Sequence[JobImage]) -> list[BoxedPicture]:
    return [boxed_picture(folder / image.path, boxes=image.boxes, labels=image.labels) for image in images]


def _labelled(folder: Path, images: Sequence[JobImage]) -> list[LabelledPicture]:
    return [LabelledPicture(path=folder / image.path, label=image.labels[0]) for image in images]


def _between(progress: Progress, start: float, end: float) -> Progress:
    """The same progress, as a part of a larger whole."""
    return lambda fraction, stage, detail: progress(start + (end - start) * fraction, stage, detail)


def _evaluating(progress: Progress, cancelled: Cancelled, pictures: int) -> Callable[[list[Any]], list[Any]]:
    """Passes on what was found in each picture, and counts."""
    step = Watch(_between(progress, _TRAINED, 1), cancelled).part("evaluating", until=1.0, steps=pictures)

    def passed(found: list[Any]) -> list[Any]:
        step()
        return found

    return passed
