"""JSON of the labeling data plane to our types and back: the only file that spells its field names.

Owns: progress, people, links, settings. Leaves: statistics, tasks and experiments, which are shown as they come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from automation.azure import as_object, reading

__all__ = [
    "AssistSettings",
    "Invitation",
    "Outcome",
    "Person",
    "Progress",
    "ProjectSettings",
    "Refreshed",
    "dump_settings",
    "parse_invitation",
    "parse_outcome",
    "parse_people",
    "parse_progress",
    "parse_refreshed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a project is, in pictures. `approved` are among those that are labeled."""

    total: int
    labeled: int
    skipped: int
    review: int
    prelabeled: int
    open: int
    approved: int

    @property
    def remaining(self) -> int:
        return self.open + self.prelabeled

    @property
    def done(self) -> int:
        return self.total - self.remaining


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of a project. `invited` and `last_seen` are moments as the service says them, or None."""

    email: str
    name: str | None
    team: str | None
    role: str
    invited: str | None = None
    last_seen: str | None = None
    assigned: int = 0
    labeled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A personal link, which works once, and until when: a secret."""

    link: str = field(repr=False)
    expires: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """Pictures that are new in the container, and those that are gone from it."""

    added: int
    missing: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a decision was carried out on; `refused` says the task and why not."""

    done: tuple[int, ...]
    refused: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistSettings:
    """Help by a model. `classes` none stands for all."""

    enabled: bool
    after: int
    retrain_every: int
    threshold: float
    classes: tuple[str, ...]
    budget_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """As lab.yaml says them. `instructions` are Markdown; None leaves those that are there."""

    overlap: int
    order: str
    gold_every: int
    instructions: str | None
    assist: AssistSettings


def dump_settings(settings: ProjectSettings) -> dict[str, Any]:
    assist = settings.assist
    body: dict[str, Any] = {
        "overlap": settings.overlap,
        "order": settings.order,
        "gold": {"every": settings.gold_every},
        "assist": {
            "enabled": assist.enabled,
            "after": assist.after,
            "retrainEvery": assist.retrain_every,
            "threshold": assist.threshold,
            "classes": list(assist.classes),
            "budgetMinutes": assist.budget_minutes,
        },
    }
    return body if settings.instructions is None else {**body, "instructions": settings.instructions}


def parse_progress(body: Mapping[str, Any], operation: str) -> Progress:
    """From the project's document, or from its statistics."""
    with reading(operation):
        said = as_object(body["progress"])
        names = ("total", "labeled", "skipped", "review", "prelabeled", "open", "approved")
        return Progress(**{name: int(said.get(name) or 0) for name in names})


def parse_people(body: Mapping[str, Any], operation: str) -> list[Person]:
    with reading(operation):
        return [
            Person(
                email=str(said["email"]),
                name=said.get("name"),
                team=said.get("team"),
                role=str(said.get("role") or ""),
                invited=said.get("invited"),
                last_seen=said.get("lastSeen"),
                assigned=int(said.get("assigned") or 0),
                labeled=int(said.get("labeled") or 0),
            )
            for said in map(as_object, cast("list[object]", body["people"]))
        ]


def parse_invitation(body: Mapping[str, Any], operation: str) -> Invitation:
    with reading(operation):
        return Invitation(link=str(body["link"]), expires=str(body["expires"]))


def parse_refreshed(body: Mapping[str, Any], operation: str) -> Refreshed:
    with reading(operation):
        missing: object = body.get("missing") or 0
        gone = len(cast("list[object]", missing)) if isinstance(missing, list) else int(cast("int", missing))
        return Refreshed(added=int(body["added"]), missing=gone, total=int(body["total"]))


def parse_outcome(body: Mapping[str, Any], operation: str) -> Outcome:
    with reading(operation):
        refused = [as_object(said) for said in cast("list[object]", body.get("refused") or [])]
        return Outcome(
            done=tuple(int(task) for task in cast("list[int]", body["done"])),
            refused=tuple((int(said["id"]), str(said.get("message") or said.get("code"))) for said in refused),
        )
