"""Data sets, models, evaluations, predictions. What we ask for is a Spec; what the service reports has its own type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from automation.errors import ConfigError

__all__ = [
    "Authentication",
    "AuthenticationKind",
    "Dataset",
    "DatasetSpec",
    "Evaluation",
    "EvaluationSpec",
    "Failure",
    "Model",
    "ModelKind",
    "ModelSpec",
    "PredictedBox",
    "PredictedTag",
    "Prediction",
    "Status",
]

MOST_ANNOTATION_FILES = 10
MOST_PROPERTIES = 10

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}")


class ModelKind(StrEnum):
    """What a model finds, and what the labels of a data set are; the values stand in lab.yaml."""

    OBJECT_DETECTION = "object-detection"
    IMAGE_CLASSIFICATION = "image-classification"

    @property
    def most_budget_hours(self) -> int:
        return 1344 if self is ModelKind.OBJECT_DETECTION else 336


class AuthenticationKind(StrEnum):
    """How the service reads the blobs of a data set."""

    PUBLIC = "public"
    MANAGED_IDENTITY = "managed-identity"
    SAS = "sas"


class Status(StrEnum):
    """Where a training or evaluation is. UNKNOWN: the service said something that we do not know; it may go on."""

    NOT_STARTED = "notStarted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        return self in {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    kind: AuthenticationKind = AuthenticationKind.MANAGED_IDENTITY
    sas_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.kind is AuthenticationKind.SAS) != (self.sas_token is not None):
            raise ConfigError("a SAS token goes with authentication sas, and only with it")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """A data set as we ask for it: COCO files in blob storage, and how the service may read them."""

    name: str
    kind: ModelKind
    annotation_urls: tuple[str, ...]
    authentication: Authentication = Authentication()
    properties: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        _check_name("dataset", self.name)
        if not 1 <= len(self.annotation_urls) <= MOST_ANNOTATION_FILES:
            raise ConfigError(f"dataset {self.name} needs 1 to {MOST_ANNOTATION_FILES} annotation files")
        if len(self.properties) > MOST_PROPERTIES:
            raise ConfigError(f"dataset {self.name} has more than {MOST_PROPERTIES} properties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set as the service reports it; `raw` is its answer."""

    spec: DatasetSpec
    created: datetime | None
    updated: datetime | None
    etag: str | None
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.spec.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A training as we ask for it.

    Attributes:
        budget_hours: The most compute hours it may take, and cost; whole hours.
        evaluation_dataset: Measured on this data set; without one, on part of the training set.
    """

    name: str
    kind: ModelKind
    dataset_name: str
    budget_hours: int = 1
    evaluation_dataset: str | None = None

    def __post_init__(self) -> None:
        _check_name("model", self.name)
        if not 1 <= self.budget_hours <= self.kind.most_budget_hours:
            raise ConfigError(
                f"budget_hours of model {self.name} is {self.budget_hours}",
                hint=f"give whole hours, 1 to {self.kind.most_budget_hours}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a training or evaluation failed, in the service's words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A training, and the model when it succeeded, as the service reports it.

    Attributes:
        status_text: The service's own word, also when we do not know it.
        cost_minutes: What was billed; known once it has ended.
        performance: The service's modelPerformance, with its field names.
        fraction: How far the training is, 0 to 1, where the service says so (Azure does not).
    """

    spec: ModelSpec
    status: Status
    status_text: str
    created: datetime | None
    updated: datetime | None
    cost_minutes: int | None
    error: Failure | None
    performance: Mapping[str, Any] | None
    fraction: float | None = None
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.spec.name


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSpec:
    """A measurement of a model on a data set, as we ask for it."""

    name: str
    model_name: str
    dataset_name: str

    def __post_init__(self) -> None:
        _check_name("evaluation", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A measurement as the service reports it; its attributes are those of `Model`."""

    spec: EvaluationSpec
    status: Status
    status_text: str
    created: datetime | None
    updated: datetime | None
    error: Failure | None
    performance: Mapping[str, Any] | None
    fraction: float | None = None
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.spec.name


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedBox:
    """One object found: left, top, width and height in pixels of the picture as it is shown."""

    label: str
    score: float
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedTag:
    name: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a model sees in one picture; boxes and tags by falling confidence."""

    boxes: tuple[PredictedBox, ...]
    tags: tuple[PredictedTag, ...]
    width: int
    height: int


def _check_name(what: str, name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise ConfigError(
            f"{name!r} is no name for a {what}",
            hint='use up to 255 letters, digits, ".", "_" and "-"; the first a letter or digit',
        )
