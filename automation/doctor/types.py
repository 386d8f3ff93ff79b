"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Health", "fine", "note", "problem"]


class Health(StrEnum):
    OK = "ok"
    NOTE = "note"
    """It may stand in the way one day, or of something that this lab does not do."""
    PROBLEM = "problem"
    """The lab's stack does not work like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found.

    Attributes:
        said: What is there, in one line. No secret is ever in it.
        fix: What to do about it.
    """

    health: Health
    said: str
    fix: str | None = None


def fine(said: str) -> Finding:
    return Finding(health=Health.OK, said=said)


def note(said: str, fix: str | None = None) -> Finding:
    return Finding(health=Health.NOTE, said=said, fix=fix)


def problem(said: str, fix: str) -> Finding:
    return Finding(health=Health.PROBLEM, said=said, fix=fix)
