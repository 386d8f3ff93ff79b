"""What a check says, and what it is told of the lab.

Owns: the four words of a line. Leaves: looking to the checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from automation.errors import LabError

__all__ = ["Finding", "Health", "LabFacts", "NotAsked", "failure", "fine", "skipped", "warning"]


class Health(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It may stand in the way one day, or of something that this lab does not do."""
    FAILURE = "failure"
    """The lab's stack does not work like this."""
    SKIPPED = "skipped"
    """Nobody could look; that is not the same as finding nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found.

    Attributes:
        said: What is there, in one line. No secret is ever in it.
        fix: What to do about it.
        remedy: The name of a remedy that `--fix` may apply, or None.
    """

    health: Health
    said: str
    fix: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFacts:
    """A lab file as the checks need it.

    Attributes:
        said: The file in one line.
        settings: Settings of the Pulumi program, by their names without "visionlab:".
        elsewhere: Whether somebody else has provisioned its resources, so that the program makes nothing for it.
        uses: What of Azure the lab's steps call; words of `retired.py`.
    """

    said: str
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    uses: frozenset[str] = frozenset()
    elsewhere: bool = False


class NotAsked(LabError):
    """There is nobody to ask, or nothing to ask about; `remedy` may change that."""

    def __init__(self, message: str, *, hint: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.remedy = remedy


def fine(said: str) -> Finding:
    return Finding(health=Health.OK, said=said)


def warning(said: str, fix: str | None = None, *, remedy: str | None = None) -> Finding:
    return Finding(health=Health.WARNING, said=said, fix=fix, remedy=remedy)


def failure(said: str, fix: str, *, remedy: str | None = None) -> Finding:
    return Finding(health=Health.FAILURE, said=said, fix=fix, remedy=remedy)


def skipped(said: str, fix: str | None = None, *, remedy: str | None = None) -> Finding:
    return Finding(health=Health.SKIPPED, said=said, fix=fix, remedy=remedy)
