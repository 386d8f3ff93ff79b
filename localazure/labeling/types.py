"""The values of a labeling project: what was asked for, and how it stands.

Owns: the frozen types and the words for states. Leaves: JSON to `wire.py`, tasks and labels to `tasks.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

__all__ = [
    "AnnotationType",
    "Category",
    "DataPlace",
    "ExportFormat",
    "JobStatus",
    "LabelClass",
    "MlAssist",
    "Project",
    "ProjectSpec",
    "ProvisioningState",
    "StatusMessage",
]


class AnnotationType(StrEnum):
    CLASSIFICATION = "Classification"
    BOUNDING_BOX = "BoundingBox"
    INSTANCE_SEGMENTATION = "InstanceSegmentation"


class JobStatus(StrEnum):
    PREPARING = "Preparing"
    RUNNING = "Running"
    PAUSED = "Paused"
    FAILED = "Failed"


class ProvisioningState(StrEnum):
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class ExportFormat(StrEnum):
    COCO = "Coco"
    CSV = "CSV"
    DATASET = "Dataset"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelClass:
    display_name: str
    subclasses: Mapping[str, "LabelClass"] = field(default_factory=dict[str, "LabelClass"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One question to the labeler. `multi_select` allows several answers."""

    display_name: str
    multi_select: bool = False
    classes: Mapping[str, LabelClass] = field(default_factory=dict[str, LabelClass])

    def class_keys(self) -> set[str]:
        """Of all its classes, subclasses too."""
        return {key for key, _ in _names(self.classes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MlAssist:
    """Assistance by a model. Both computes are named when it is enabled."""

    enabled: bool = False
    training_compute: str | None = None
    inferencing_compute: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSpec:
    """What a client asks for. `other` is kept and given back as it came: descriptions, tags and the like.

    `silent_on` names what of it the client's api-version has no word for.
    """

    data_id: str
    annotation_type: AnnotationType
    incremental_refresh: bool = False
    instructions_uri: str | None = None
    categories: Mapping[str, Category] = field(default_factory=dict[str, Category])
    ml_assist: MlAssist | None = None
    other: Mapping[str, Any] = field(default_factory=dict[str, Any])
    silent_on: tuple[str, ...] = ()

    def class_names(self) -> Iterator[tuple[str, str]]:
        """Key and shown name of every class, subclasses after their class, in the order in which they were given."""
        for category in self.categories.values():
            yield from _names(category.classes)

    @property
    def multi_label(self) -> bool:
        return any(category.multi_select for category in self.categories.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlace:
    """Where the pictures lie: a folder in a blob container. `base_url` ends with the account's '/'.

    `workspace` is whose datastore it is, and empty in projects that were stored before it was kept. `table`: not all
    pictures of the folder are meant, but those that the data asset, an MLTable, names.
    """

    datastore: str
    account: str
    container: str
    folder: str
    base_url: str
    workspace: str = ""
    table: bool = False

    def url(self, path: str) -> str:
        """The https address of a blob."""
        return f"{self.base_url}{self.container}/{quote(path)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMessage:
    """`level` is Error, Information or Warning."""

    code: str
    level: str
    message: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A labeling project as it stands. `number` is its key in the tables of tasks, `refresh_turn` how often
    incremental refresh was turned on.
    """

    id: str
    name: str
    workspace_id: str
    workspace_generation: str
    number: int
    project_id: str
    spec: ProjectSpec
    place: DataPlace
    status: JobStatus
    provisioning: ProvisioningState
    created: datetime
    created_by: str
    modified: datetime
    operation_id: str | None = None
    refreshed: datetime | None = None
    refresh_turn: int = 0
    messages: tuple[StatusMessage, ...] = ()


def _names(classes: Mapping[str, LabelClass]) -> Iterator[tuple[str, str]]:
    for key, label in classes.items():
        yield key, label.display_name
        yield from _names(label.subclasses)
