"""What a roster changes in a course: decided from values alone, before anything is touched.

Owns: who gets a seat, who keeps one, whose changes, whose ends. Leaves: doing it to `up.py` and `down.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from automation.course.roster import Enrolled
from automation.course.seat_names import seat_ids
from automation.course.stack_settings import fingerprint, seat_settings, shared_settings
from automation.course.types import SIZES, Course, Person, Seat, SeatState

__all__ = ["Act", "CoursePlan", "SeatChange", "Wish", "plan_course"]


class Act(StrEnum):
    """What happens with a seat."""

    ADD = "add"
    CHANGE = "change"
    REPAIR = "repair"
    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What all seats get where the roster says nothing else.

    Attributes:
        size: None keeps what each seat has.
        expires: Likewise.
    """

    size: str | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatChange:
    """One seat of a plan.

    Attributes:
        seat: As it is to be; one that is removed, as it is.
        why: What differs, in words.
        runs: Whether the seat's stack has to run.
        loses: Whether something of its owner's goes with it, as a workspace does.
    """

    act: Act
    seat: Seat
    why: tuple[str, ...] = ()
    runs: bool = False
    loses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePlan:
    """What is to be done.

    Attributes:
        course: As it is to be; seats that are removed are in it as they are.
        changes: One for each seat that is or will be there, in the order of their ids.
        shared: What happens with the shared parts: ADD, CHANGE, REPAIR or KEEP.
        shared_fingerprint: What the shared parts are set up with.
    """

    course: Course
    changes: tuple[SeatChange, ...]
    shared: Act
    shared_fingerprint: str
    containers: tuple[str, ...]

    def of(self, *acts: Act) -> tuple[SeatChange, ...]:
        """The seats with which one of these happens."""
        return tuple(change for change in self.changes if change.act in acts)

    @property
    def to_run(self) -> tuple[SeatChange, ...]:
        """The seats whose stack has to run."""
        return tuple(change for change in self.changes if change.runs)


def plan_course(
    course: Course,
    people: Sequence[Enrolled],
    *,
    known: Mapping[str, Person] | None = None,
    wish: Wish | None = None,
    containers: Sequence[str] = (),
    repair: bool = False,
    today: date | None = None,
) -> CoursePlan:
    """What the roster makes of the course.

    Args:
        course: As it is, with the settings that it is to have.
        people: The roster.
        known: What the directory says of people, by their addresses.
        wish: What the roster leaves open.
        containers: The exercise's, where pictures are.
        repair: Whether seats run whose settings are those of the last time.
        today: From which day on new seats are; None for a look alone.
    """
    ids = seat_ids(
        course.name,
        [person.email for person in people],
        known={seat.person.email: seat.id for seat in course.seats},
    )
    old = {seat.id: seat for seat in course.seats}
    made = [
        _seat(
            person,
            ids[person.email],
            old.get(ids[person.email]),
            directory=(known or {}).get(person.email),
            wish=wish or Wish(),
            last_day=course.expires,
            today=today,
        )
        for person in people
    ]
    wanted = {seat.id for seat in made}
    seats = {**old, **{seat.id: seat for seat in made}}
    planned = replace(course, seats=tuple(seats[seat_id] for seat_id in sorted(seats)))
    changes = tuple(
        _change(planned, seat, old.get(seat.id), seat.id in wanted, containers, repair=repair)
        for seat in planned.seats
        if seat.id in wanted or seat.is_there
    )
    marks = fingerprint(shared_settings(planned))
    return CoursePlan(
        course=planned,
        changes=changes,
        shared=_shared(course, marks, repair=repair),
        shared_fingerprint=marks,
        containers=tuple(containers),
    )


def _seat(
    person: Enrolled,
    seat_id: str,
    old: Seat | None,
    *,
    directory: Person | None,
    wish: Wish,
    last_day: date | None,
    today: date | None,
) -> Seat:
    """The seat as it is to be; one that was gone begins anew."""
    there = old if old is not None and old.is_there else None
    before = old.person if old is not None else None
    looked_up = directory.object_id if directory else None
    return Seat(
        id=seat_id,
        person=Person(
            email=person.email,
            name=person.name or (directory.name if directory else None) or (before.name if before else None),
            team=person.team,
            object_id=person.object_id or looked_up or (before.object_id if before else None),
            guest=directory.guest if directory else bool(before and before.guest),
        ),
        state=there.state if there else SeatState.PLANNED,
        expires=person.expires or wish.expires or (there.expires if there else None) or last_day,
        size=person.size or wish.size or (there.size if there else SIZES[0]),
        failure=there.failure if there else None,
        applied=there.applied if there else None,
        changed=there.changed if there else None,
        since=(there.since if there and there.applied else None) or today,
    )


def _change(
    course: Course, seat: Seat, old: Seat | None, on_roster: bool, containers: Sequence[str], *, repair: bool
) -> SeatChange:
    if not on_roster:
        return SeatChange(act=Act.REMOVE, seat=seat, why=(_words_of(seat),))
    if old is None or not old.is_there:
        return SeatChange(act=Act.ADD, seat=seat, runs=True)
    why = _differences(old, seat)
    settled = seat.state is SeatState.UP
    same = seat.applied == fingerprint(seat_settings(course, seat, containers=containers))
    loses = old.size != seat.size and seat.size == "small" and old.applied is not None
    if not settled:
        words = f"was {old.state}" + (f": {old.failure}" if old.failure else "")
        act = Act.ADD if old.state is SeatState.PLANNED and old.applied is None else Act.REPAIR
        return SeatChange(act=act, seat=seat, why=(words, *why), runs=True, loses=loses)
    if not same:
        return SeatChange(act=Act.CHANGE, seat=seat, why=why or ("settings",), runs=True, loses=loses)
    if repair:
        return SeatChange(act=Act.REPAIR, seat=seat, why=("asked for",), runs=True)
    return SeatChange(act=Act.CHANGE if why else Act.KEEP, seat=seat, why=why)


def _differences(old: Seat, new: Seat) -> tuple[str, ...]:
    pairs = (
        ("expiry", old.expires, new.expires),
        ("size", old.size, new.size),
        ("name", old.person.name, new.person.name),
        ("team", old.person.team, new.person.team),
        ("object id", old.person.object_id, new.person.object_id),
    )
    return tuple(f"{what}: {before or 'none'} -> {after or 'none'}" for what, before, after in pairs if before != after)


def _words_of(seat: Seat) -> str:
    return f"not on the roster; it is {seat.state}"


def _shared(course: Course, marks: str, *, repair: bool) -> Act:
    match course.shared.state:
        case SeatState.UP if course.shared.applied != marks:
            return Act.CHANGE
        case SeatState.UP:
            return Act.REPAIR if repair else Act.KEEP
        case SeatState.FAILED:
            return Act.REPAIR
        case _:
            return Act.ADD
