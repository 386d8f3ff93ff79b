"""A course, its people and their seats. Values only.

Owns: the words.
Leaves: where a course is written to `course_file.py`, what changes it to `plan.py`, `up.py` and `down.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

__all__ = ["SHARED", "SIZES", "Course", "Exercise", "Person", "Seat", "SeatState", "Shared", "shared_stack", "stack_of"]

SHARED = "shared"
"""What stands in the place of a seat's id for what the seats share."""
SIZES = ("standard", "small")
"""A standard seat has an ML workspace of its own; small seats share the course's."""


class SeatState(StrEnum):
    """How far a seat is."""

    PLANNED = "planned"
    UP = "up"
    FAILED = "failed"
    ARCHIVED = "archived"
    """Its blobs and labels are in the course storage; its resources are still to be deleted."""
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a seat is for.

    Attributes:
        email: In lower case; what tells people apart.
        object_id: The directory's id of the person, in lower case; None as long as nobody has looked it up.
        guest: Whether the directory has the person as a guest of another organisation.
    """

    email: str
    name: str | None = None
    team: str | None = None
    object_id: str | None = None
    guest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One person's place.

    Attributes:
        id: Stable: it comes from the course's name and the person's address alone.
        expires: The day after which it may be swept away, or None.
        size: One of SIZES.
        failure: Why the last attempt to set it up or to end it failed, or None.
        applied: What identifies the settings with which it was last set up; None before.
        changed: When its state changed last, ISO 8601 in UTC, or None.
        since: The day on which it was planned first; its budget begins with that month, for Azure takes no older one.
    """

    id: str
    person: Person
    state: SeatState = SeatState.PLANNED
    expires: date | None = None
    size: str = SIZES[0]
    failure: str | None = None
    applied: str | None = None
    changed: str | None = None
    since: date | None = None

    @property
    def is_there(self) -> bool:
        """Whether it may have resources."""
        return self.state is not SeatState.GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the seats share.

    Attributes:
        state: PLANNED, UP, FAILED or GONE.
        applied: As of a seat.
    """

    state: SeatState = SeatState.PLANNED
    failure: str | None = None
    applied: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """What the people of the course work on: a lab file, whose pictures are the teaching pictures.

    Attributes:
        lab_file: The lab.yaml that every seat's own is made of.
    """

    lab_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One course as its file has it.

    Attributes:
        folder: Where its file, its lock and the seats' files are.
        stack: "local" or "course".
        roster: The file it was last made from.
        settings: Settings of the Pulumi program for all seats, in its own spelling.
        exercise: What people work on; None before the first `course up`.
        seats: In the order of their ids; those that are gone stay, as a record.
    """

    name: str
    folder: Path
    stack: str = "local"
    roster: Path | None = None
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    owner: str | None = None
    expires: date | None = None
    exercise: Exercise | None = None
    shared: Shared = Shared()
    seats: tuple[Seat, ...] = ()

    @property
    def home(self) -> Path:
        """The state folder, `.visionlab`."""
        return self.folder.parents[1]

    def seat(self, seat_id: str) -> Seat | None:
        """The seat with this id, whatever its state."""
        return next((seat for seat in self.seats if seat.id == seat_id), None)

    def seat_folder(self, seat_id: str) -> Path:
        """Where a seat's lab.yaml and outputs.json are."""
        return self.folder / "seats" / seat_id


def stack_of(course: str, seat_id: str) -> str:
    """The name of a seat's stack."""
    return f"{course}.{seat_id}"


def shared_stack(course: str) -> str:
    """The name of the stack with the shared parts."""
    return stack_of(course, SHARED)
