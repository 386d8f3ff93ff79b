"""What a report is about, as plain values.

Owns: the shape of what is shown.
Leaves: gathering it to the workflow, showing it to `page.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from automation.coco import Curves, Statistics

__all__ = [
    "DatasetSummary",
    "MadeResource",
    "ModelResult",
    "PictureBox",
    "PictureTag",
    "Report",
    "StepTime",
    "Teardown",
    "TriedPicture",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeResource:
    """A resource of the lab: what it is, its name, and its full id."""

    type: str
    name: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSummary:
    """A data set: its name, its container, and the figures of its labels."""

    name: str
    container: str
    statistics: Statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """A model and how good it is.

    Attributes:
        name: The model.
        kind: object-detection or image-classification.
        trained_on: Name of the data set.
        measured_on: What the figures were measured on, in words; "" where it is not known.
        performance: The service's modelPerformance, with its field names.
        curves: Precision over recall of each class.
        facts: Whatever else there is to say, like the training time.
    """

    name: str
    kind: str
    trained_on: str
    measured_on: str = ""
    performance: Mapping[str, object] = field(default_factory=dict[str, object])
    curves: Curves | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureBox:
    """Something found, in pixels of the picture as it is shown."""

    label: str
    score: float
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTag:
    """What the whole picture shows."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedPicture:
    """A picture that a model was tried on; `source` is its file or its bytes, undrawn."""

    name: str
    model: str
    source: Path | bytes
    boxes: tuple[PictureBox, ...] = ()
    tags: tuple[PictureTag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """A step of the run, what it did, and how long it took; None where it was done before."""

    name: str
    seconds: float | None
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teardown:
    """What was looked for after the lab was torn down, and what was still there."""

    checked: tuple[str, ...]
    left_behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run. `teardown` is None while the lab lives."""

    lab: str
    stack: str
    target: str
    created: datetime
    resources: tuple[MadeResource, ...] = ()
    datasets: tuple[DatasetSummary, ...] = ()
    models: tuple[ModelResult, ...] = ()
    pictures: tuple[TriedPicture, ...] = ()
    steps: tuple[StepTime, ...] = ()
    teardown: Teardown | None = None
