"""The values of the vision service: what was asked for, and what became of it.

Owns: the frozen types and the words for kinds and states. Leaves: JSON to `wire.py`, rules to the services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = [
    "AnnotationKind",
    "Authentication",
    "AuthenticationKind",
    "Dataset",
    "DatasetSpec",
    "Evaluation",
    "EvaluationStatus",
    "Failure",
    "Model",
    "ModelKind",
    "ModelSpec",
    "ModelStatus",
]


class AnnotationKind(StrEnum):
    CLASSIFICATION = "imageClassification"
    DETECTION = "imageObjectDetection"


class AuthenticationKind(StrEnum):
    NONE = "none"
    MANAGED_IDENTITY = "managedIdentity"
    SAS = "sas"


class ModelKind(StrEnum):
    CLASSIFIER = "Generic-Classifier"
    DETECTOR = "Generic-Detector"
    PRODUCT_RECOGNIZER = "Product-Recognizer"

    @property
    def annotation_kind(self) -> AnnotationKind:
        """The kind of dataset that such a model learns from."""
        return AnnotationKind.CLASSIFICATION if self is ModelKind.CLASSIFIER else AnnotationKind.DETECTION


class ModelStatus(StrEnum):
    NOT_STARTED = "notStarted"
    TRAINING = "training"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (ModelStatus.SUCCEEDED, ModelStatus.FAILED, ModelStatus.CANCELLED)


class EvaluationStatus(StrEnum):
    NOT_STARTED = "notStarted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self in (EvaluationStatus.SUCCEEDED, EvaluationStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """In whose name the service reads the dataset's blobs."""

    kind: AuthenticationKind
    sas_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """What a client says about a dataset. Nothing is required when it is registered: content is read when training."""

    annotation_kind: AnnotationKind | None = None
    annotation_file_uris: tuple[str, ...] = ()
    custom_properties: Mapping[str, str] | None = None
    authentication: Authentication | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    name: str
    spec: DatasetSpec
    created: datetime
    updated: datetime
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a training or an evaluation failed, in the service's own codes."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What a client asks to be trained. A kind that is not given follows from the dataset."""

    dataset_name: str
    budget_hours: int
    kind: ModelKind | None = None
    test_dataset_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A training run. `file` names the model file of a succeeded one, `classes` what it tells apart.

    `metrics_from` says where the performance comes from: evaluation, or cross-validation when no test set was given.
    """

    name: str
    spec: ModelSpec
    kind: ModelKind
    status: ModelStatus
    created: datetime
    updated: datetime
    cost_minutes: int | None = None
    failure: Failure | None = None
    performance: Mapping[str, Any] | None = None
    metrics_from: str | None = None
    file: str | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    name: str
    model_name: str
    test_dataset_name: str | None
    status: EvaluationStatus
    created: datetime
    updated: datetime
    failure: Failure | None = None
    performance: Mapping[str, Any] | None = None
