"""What a training experiment does: collect what people labelled, train, keep the model and its honest figures.

Owns: one training from start to end, and how many pictures its budget pays for.
Leaves: what is enough to `lessons.py`, the model's work to `inferences.py`.

The figures are cross-validated: each picture is judged by a model that has not seen it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from localazure.labeling.assist.bench import Bench, ExperimentFailed
from localazure.labeling.assist.experiments import Experiment
from localazure.labeling.assist.lessons import NOT_ENOUGH, Lesson, Plan, lesson_of, plan
from localazure.labeling.assist.material import Sample, box_of
from localazure.labeling.project_settings import AssistSettings
from localazure.labeling.types import Project
from localazure.lane import Stop
from localazure.training.classifier_rungs import choose_classifier_rung, choose_several_rung
from localazure.training.errors import NotEnoughBudget
from localazure.training.rungs import choose_rung

__all__ = ["train"]

_SEED = 0
_STAGED = 0.05
"""The share of the whole that copying the pictures is shown as."""
_CHECKED = 4
"""A classifier is trained once for use, and three times to judge it."""
_LEAST = 2


def train(
    bench: Bench, project: Project, experiment: Experiment, settings: AssistSettings, stop: Stop
) -> Mapping[str, Any]:
    """What is to be remembered of the training. Raises ExperimentFailed, Interrupted, BlobError, OSError."""
    lesson = lesson_of(project.spec)
    pictures, shown = bench.material.shown(project.number)
    what = plan(lesson, dict(project.spec.class_names()), shown, pictures)
    bench.experiments.note(project.number, experiment.number, leftOut=dict(what.left_out))
    if what.missing is not None:
        raise ExperimentFailed(NOT_ENOUGH, what.missing)
    budget_s = settings.budget_minutes * 60
    most = _affordable(lesson, pictures, len(what.classes), budget_s)
    samples = _useful(lesson, what, bench.material.labeled(project.number, most=most, seed=_SEED))
    with bench.folders.job() as folder:

        def staging(done: int, count: int) -> None:
            bench.board.put(experiment, _STAGED * done / count, "reading pictures")

        def training(fraction: float, stage: str) -> None:
            bench.board.put(experiment, _STAGED + (1 - _STAGED) * fraction, stage)

        staged = bench.material.stage(project, samples, folder, stop=stop, progress=staging)
        if len(staged) < _LEAST:
            raise ExperimentFailed("PicturesMissing", "The labeled pictures cannot be read any more.")
        index = {key: place for place, key in enumerate(what.classes)}
        job = {
            "work": "train",
            "kind": lesson.value,
            "classes": list(what.classes),
            "images": [_row(lesson, sample, index) for sample in staged],
            "budget_s": budget_s,
            "seed": _SEED,
        }
        limit_s = budget_s + bench.work.grace_s
        result = bench.run_job(experiment, folder, job, staged, stop=stop, limit_s=limit_s, progress=training)
        unusable = _unusable(folder)
        models = [bench.folders.keep_model(path) for path in _made(lesson, folder, len(what.classes))]
    return {
        "classes": list(what.classes),
        "pictures": len(staged) - unusable,
        "unreadable": len(samples) - len(staged) + unusable,
        "metrics": result.get("metrics", {}),
        "metricsFrom": result.get("metrics_from"),
        "seconds": result.get("seconds"),
        "models": models,
        "message": _message(what, dict(project.spec.class_names())),
    }


def _affordable(lesson: Lesson, pictures: int, classes: int, budget_s: float) -> int:
    """How many pictures the budget pays for. Raises ExperimentFailed."""
    most = pictures
    while True:
        try:
            if lesson is Lesson.BOXES:
                choose_rung(most, budget_s)
            elif lesson is Lesson.ONE:
                choose_classifier_rung(most, classes, budget_s / _CHECKED)
            else:
                choose_several_rung(most, classes, budget_s)
        except NotEnoughBudget as error:
            if most <= max(_LEAST, classes):
                raise ExperimentFailed("NotEnoughBudget", f"{error}.") from error
            most = max(most * 9 // 10, 1)
        else:
            return most


def _useful(lesson: Lesson, what: Plan, samples: Sequence[Sample]) -> list[Sample]:
    """For one answer per picture only pictures with one that is taught; for the others an empty picture teaches too."""
    if lesson is not Lesson.ONE:
        return list(samples)
    return [one for one in samples if len(one.labels) == 1 and one.labels[0].class_key in what.classes]


def _row(lesson: Lesson, sample: Sample, index: Mapping[str, int]) -> dict[str, Any]:
    taught = [label for label in sample.labels if label.class_key in index]
    if lesson is not Lesson.BOXES:
        return {"path": sample.file, "labels": sorted({index[label.class_key] for label in taught})}
    placed = [(index[label.class_key], box) for label in taught if (box := box_of(label)) is not None]
    return {"path": sample.file, "labels": [label for label, _ in placed], "boxes": [box for _, box in placed]}


def _made(lesson: Lesson, folder: Path, classes: int) -> list[Path]:
    """The model files that the worker left; it says it succeeded only after writing them."""
    if lesson is Lesson.SEVERAL:
        return [folder / f"model-{number}.vlm" for number in range(classes)]
    return [folder / "model.vlm"]


def _unusable(folder: Path) -> int:
    try:
        return len(msgspec.json.decode((folder / "unusable.json").read_bytes(), type=list[str]))
    except (OSError, msgspec.DecodeError):
        return 0


def _message(what: Plan, names: Mapping[str, str]) -> str:
    if not what.left_out:
        return ""
    few = ", ".join(f"{names[key]} ({count})" for key, count in list(what.left_out.items())[:8])
    return f"Left out, because too few pictures are labeled with it: {few}."
