"""What provisioning tells while it works and when it is done.

Owns: events of single resources, the summary of a run, and the error that carries every failed resource.
Leaves: drawing them to the CLI.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from automation.errors import LabError

__all__ = [
    "PAST",
    "OnEvent",
    "Op",
    "ProvisionFailed",
    "ResourceEvent",
    "ResourceFailure",
    "StackResource",
    "Summary",
    "quiet",
]

Op = Literal["create", "update", "replace", "delete", "same", "read", "refresh"]

# How a count of done work is told: "16 created".
PAST: Mapping[Op, str] = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "same": "unchanged",
    "read": "read",
    "refresh": "looked at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceEvent:
    """One resource began, ended or failed.

    Attributes:
        op: What is done to it. A refresh starts as "refresh" and ends as what it found: "same", "update", "delete".
        urn: Pulumi's name of the resource.
        type: Like "azure-native:storage:StorageAccount".
        name: The logical name, the last part of the URN.
        seconds: How long it took; 0 when it starts.
        error: Why it failed, in the service's words.
        changes: Property paths that differ, for updates, replacements and drift.
    """

    op: Op
    urn: str
    type: str
    name: str
    state: Literal["started", "done", "failed"]
    seconds: float = 0.0
    error: str | None = None
    changes: tuple[str, ...] = ()


OnEvent = Callable[[ResourceEvent], None]


def quiet(event: ResourceEvent) -> None:
    """An observer that looks away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A finished run: resources of Azure by what was done to them; components and providers do not count."""

    changes: Mapping[Op, int]
    seconds: float
    diagnostics: tuple[str, ...] = ()

    @property
    def changed(self) -> int:
        return sum(count for op, count in self.changes.items() if op not in ("same", "read"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFailure:
    urn: str
    message: str
    hint: str | None = None

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    """A resource as the state holds it."""

    urn: str
    type: str
    name: str
    id: str = ""
    parent: str = ""
    protect: bool = False


class ProvisionFailed(LabError):
    """Some resources failed; what they do not concern was done, and the next run continues."""

    def __init__(
        self, what: str, *, failures: Sequence[ResourceFailure], skipped: Sequence[str] = (), summary: Summary
    ) -> None:
        lines = [f"{failure.urn}: {failure.message}" for failure in failures]
        count = f"{len(lines)} resource{'s' if len(lines) != 1 else ''} failed"
        left = f", {len(skipped)} that need them were not tried" if skipped else ""
        super().__init__(
            f"{what}: {count}{left}\n" + "\n".join(lines),
            hint=next((failure.hint for failure in failures if failure.hint), "repeat the command to continue"),
        )
        self.failures = tuple(failures)
        self.skipped = tuple(skipped)
        self.summary = summary
