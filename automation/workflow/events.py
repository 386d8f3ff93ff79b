"""What a run tells while it goes: the CLI draws it, tests collect it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automation.provision import ResourceEvent

__all__ = ["EventKind", "Listener", "RunEvent", "StepTime"]


class EventKind(StrEnum):
    STARTED = "started"
    PROGRESS = "progress"
    RESOURCE = "resource"
    NOTE = "note"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """One thing that happened in a step.

    Attributes:
        message: A few words, as one reads them after the step's name.
        done: With `total`, how far the step is (PROGRESS).
        resource: What the provisioning engine does (RESOURCE).
    """

    kind: EventKind
    step: str
    message: str = ""
    done: float = 0.0
    total: float | None = None
    seconds: float = 0.0
    resource: "ResourceEvent | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """How long a step took; a skipped one took nothing now."""

    name: str
    seconds: float
    skipped: bool = False


Listener = Callable[[RunEvent], None]
