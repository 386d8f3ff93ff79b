"""Labeling projects, whatever tool keeps them. What we ask for is a Spec; what the tool reports has its own type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from automation.errors import ConfigError, Finding

__all__ = ["Export", "ImportReport", "Project", "ProjectSpec", "Task", "different_fields", "hint_for_difference"]

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}")


class Task(StrEnum):
    """What people do with a picture; the values stand in lab.yaml."""

    OBJECT_DETECTION = "object-detection"
    IMAGE_CLASSIFICATION = "image-classification"
    IMAGE_CLASSIFICATION_MULTILABEL = "image-classification-multilabel"
    INSTANCE_SEGMENTATION = "instance-segmentation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSpec:
    """A project as we ask for it.

    Attributes:
        task: A value of `Task`.
        data_id: The pictures, as `ensure_data_asset` gives them.
        instructions_uri: A page that people see before they label.
        instructions: The same as Markdown, for tools that show it themselves.
    """

    name: str
    task: str
    classes: tuple[str, ...]
    data_id: str
    instructions_uri: str | None = None
    instructions: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ConfigError(
                f"{self.name!r} is no name for a labeling project",
                hint='use up to 255 letters, digits, "_" and "-"; the first a letter or digit',
            )
        if self.task not in set(Task):
            raise ConfigError(f"{self.task!r} is no labeling task", hint=f"use one of {', '.join(Task)}")
        if not self.classes or any(not name.strip() for name in self.classes):
            raise ConfigError(f"labeling project {self.name} needs classes, each with a name")
        if len(set(self.classes)) < len(self.classes):
            raise ConfigError(f"labeling project {self.name} has a class twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as the tool reports it; `raw` is its answer.

    Attributes:
        status: The tool's own word.
        total: Pictures in all; `completed` of them are labeled, `skipped` were passed over.
        messages: What the tool says about the project, worst first.
    """

    spec: ProjectSpec
    status: str
    total: int
    completed: int
    skipped: int
    created: datetime | None
    messages: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.spec.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did: pictures that got labels, labels that were left, and why."""

    labeled: int
    ignored: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Where an exported COCO file is, in the workspace's own blob store.

    Attributes:
        path: The blob, or the folder it is in.
        rows: Labeled pictures in it.
    """

    container: str
    path: str
    rows: int


def different_fields(found: ProjectSpec, asked: ProjectSpec) -> list[str]:
    """What of a project cannot be changed and is not as asked for; ids of Azure are the same in any case."""

    def plain(value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    return [
        name for name in ("task", "classes", "data_id") if plain(getattr(found, name)) != plain(getattr(asked, name))
    ]


def hint_for_difference(found: ProjectSpec, different: list[str]) -> str:
    """What to do about a project that is there and is another one."""
    if different != ["classes"]:
        return "choose another name for it in lab.yaml"
    there = ", ".join(found.classes)
    return f"the project has {there}; write these in lab.yaml, or add one by `visionlab labeling classes add`"
