"""What a project's model can learn, whether there is enough to learn from, and when it is time. Pure.

Owns: the kind of model for a kind of project, the least examples of a class, the moments for a training.
Leaves: counting to `material.py`, training to `trainings.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from localazure.labeling.assist.experiments import Experiment, State
from localazure.labeling.project_settings import AssistSettings
from localazure.labeling.types import AnnotationType, ProjectSpec

__all__ = ["LEAST_PICTURES", "NOT_ENOUGH", "Lesson", "Plan", "is_time", "lesson_of", "next_at", "plan"]

LEAST_PICTURES = 2
"""So many pictures must show a class, or it is left out."""
NOT_ENOUGH = "NotEnoughLabels"
_SHOWN = 8


class Lesson(StrEnum):
    """BOXES: a detector. ONE: a classifier. SEVERAL: a yes-or-no classifier for each class."""

    BOXES = "detector"
    ONE = "classifier"
    SEVERAL = "classifiers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`classes` (keys) are taught; `missing` says what keeps the training from starting, None when nothing does."""

    classes: tuple[str, ...]
    left_out: Mapping[str, int]
    missing: str | None


def lesson_of(spec: ProjectSpec) -> Lesson:
    """Several questions about a picture are taught like several answers: each class by itself."""
    if spec.annotation_type is not AnnotationType.CLASSIFICATION:
        return Lesson.BOXES
    return Lesson.SEVERAL if spec.multi_label or len(spec.categories) > 1 else Lesson.ONE


def plan(lesson: Lesson, names: Mapping[str, str], shown: Mapping[str, int], pictures: int) -> Plan:
    """`names` are all classes with what people call them, `shown` the labeled pictures that show each."""
    enough = tuple(key for key in names if shown.get(key, 0) >= LEAST_PICTURES)
    if lesson is Lesson.SEVERAL:  # a class that every picture shows cannot be told from anything
        enough = tuple(key for key in enough if pictures - shown[key] >= LEAST_PICTURES)
    left_out = {key: shown.get(key, 0) for key in names if key not in enough}
    wanted = 2 if lesson is Lesson.ONE else 1
    missing = None if len(enough) >= wanted else _missing(lesson, names, left_out, wanted, pictures)
    return Plan(classes=enough, left_out=left_out, missing=missing)


def next_at(settings: AssistSettings, labeled: int, last: Experiment | None) -> int:
    """How many labeled pictures the next training waits for: first `after`, then `retrain_every` more each time.

    It begins from `after` again when most labels of the last training are gone, as after starting over.
    """
    before = 0 if last is None else int(last.detail.get("labeled", 0))
    if last is None or 2 * labeled < before:
        return settings.after
    if last.state is State.FAILED and last.detail.get("code") == NOT_ENOUGH:
        return max(settings.after, before + 1)
    return max(settings.after, before + settings.retrain_every)


def is_time(settings: AssistSettings, labeled: int, last: Experiment | None) -> bool:
    """Whether a training may begin by itself. Where one failed for want of examples, each new label may bring them."""
    if not settings.enabled or (last is not None and not last.state.ended):
        return False
    return labeled >= next_at(settings, labeled, last)


def _missing(lesson: Lesson, names: Mapping[str, str], counts: Mapping[str, int], wanted: int, pictures: int) -> str:
    if not pictures:
        return "No picture is labeled yet."
    classes = "one class" if wanted == 1 else f"{wanted} classes"
    if lesson is Lesson.SEVERAL:
        each = f"at least {LEAST_PICTURES} labeled pictures that show it and {LEAST_PICTURES} that do not"
    else:
        each = f"at least {LEAST_PICTURES} labeled pictures of each"
    return f"A model needs {classes} with {each}. So far: {_counted(names, counts)}."


def _counted(names: Mapping[str, str], counts: Mapping[str, int]) -> str:
    most_first: Sequence[str] = sorted(counts, key=lambda key: -counts[key])
    said = [f"{names[key]} {counts[key]}" for key in most_first[:_SHOWN]]
    more = len(most_first) - len(said)
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")
