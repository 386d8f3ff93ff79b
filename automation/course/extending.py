"""A later last day for seats: on every group and resource by its tag, and in the course's file.

Owns: which day each seat gets, and the tags. Leaves: writing the file to the caller, stacks to the next `course up`,
which takes the day out of the file.

The tag comes first: a sweep reads tags, so a kill between the two leaves a seat that lives longer than its file says,
and never one that is swept although its file says that it lives.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta

from automation.azure import Arm
from automation.course.seats_in_azure import SeatInAzure, Tagged
from automation.course.stack_settings import shared_settings
from automation.course.types import SHARED, Course, Seat, SeatState
from automation.errors import ConfigError, LabError
from automation.lab_tags import EXPIRES_TAG, SWEEP_TAG, tag_of
from automation.progress import Progress, silent

__all__ = ["LONGEST_DAYS", "Extension", "NewDay", "TagOutcome", "plan_extension", "tag_seats", "with_days"]

TAGS_API = "2021-04-01"
LONGEST_DAYS = 3660
THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDay:
    """The last day of one seat, as it was and as it is to be."""

    seat: str
    old: date
    new: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What is to be done.

    Attributes:
        days: The seats whose day changes.
        kept: Seats that stay as they are, and why.
    """

    days: tuple[NewDay, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagOutcome:
    """What became of one seat's tags; `tagged` counts groups and resources."""

    seat: str
    tagged: int
    failure: str | None = None


def plan_extension(
    seats: Sequence[Seat], *, today: date, until: date | None = None, days: int | None = None
) -> Extension:
    """Decide each seat's new day; nothing is ever made shorter.

    Args:
        seats: Which.
        today: In UTC.
        until: The day for all of them; or
        days: So many more, from the seat's own day on, or from today where that has passed.

    Raises:
        ConfigError: The day has passed, or is too far away.
    """
    if (until is None) == (days is None):
        raise ConfigError("one of a day and a number of days is needed", hint="say --until DATE or --days N")
    if until is not None and not today <= until <= today + timedelta(days=LONGEST_DAYS):
        far = "has passed" if until < today else f"is more than {LONGEST_DAYS} days away"
        raise ConfigError(f"{until} {far}", hint=f"today is {today} (UTC)")
    changed: list[NewDay] = []
    kept: list[tuple[str, str]] = []
    for seat in seats:
        old = seat.expires
        if old is None:
            kept.append((seat.id, "it never expires"))
            continue
        new = until if until is not None else max(old, today) + timedelta(days=days or 0)
        if new > old:
            changed.append(NewDay(seat=seat.id, old=old, new=new))
        else:
            kept.append((seat.id, f"it lives until {old} already"))
    return Extension(days=tuple(changed), kept=tuple(kept))


def with_days(course: Course, days: Sequence[NewDay]) -> Course:
    """The course with new days; one that all its seats now outlive, lives as long as they."""
    new = {change.seat: change.new for change in days}
    seats = tuple(replace(seat, expires=new.get(seat.id, seat.expires)) for seat in course.seats)
    there = [seat.expires for seat in seats if seat.is_there]
    least = min((day for day in there if day), default=None)
    own = course.expires
    return replace(course, seats=seats, expires=max(own, least) if own and least else own)


def tag_seats(
    arm: Arm,
    course: Course,
    found: Mapping[str, SeatInAzure],
    days: Sequence[NewDay],
    *,
    progress: Progress = silent,
) -> list[TagOutcome]:
    """Write the new days on everything that Azure has of the seats, and of what they share.

    Args:
        arm: Azure.
        course: As it is to be: the shared parts live as long as the last seat.
        found: What Azure has, by seat.
        days: What changes.
        progress: Counts groups and resources.

    Returns:
        One for each seat in the order of `days`, and the shared parts last. What fails is in the outcome.
    """
    wanted: list[tuple[str, str | None]] = [(change.seat, change.new.isoformat()) for change in days]
    shared = str(shared_settings(course).get("expires") or "") or None
    wanted.append((SHARED, shared))
    waiting = {seat.id for seat in course.seats if seat.state is SeatState.PLANNED}  # nothing of them is there to tag
    total = float(sum(len(_things(found.get(seat))) for seat, day in wanted if day))
    done = 0.0
    outcomes: list[TagOutcome] = []

    def mark(thing: Tagged, day: str) -> None:
        _set_day(arm, thing, day)

    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="tags") as pool:
        try:
            for seat, day in wanted:
                things = _things(found.get(seat)) if day else []
                futures = [pool.submit(mark, thing, day or "") for thing in things]
                tagged, failures = 0, list[str]()
                for thing, future in zip(things, futures, strict=True):
                    failure = _failure(future.result)
                    tagged += failure is None
                    failures += [] if failure is None else [f"{thing.name}: {failure}"]
                    done += 1
                    progress(done, total, seat)
                if day and not things and seat not in waiting:
                    failures.append("Azure has nothing of it")
                outcomes.append(TagOutcome(seat=seat, tagged=tagged, failure=_words(failures)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return outcomes


def _things(seat: SeatInAzure | None) -> list[Tagged]:
    return [] if seat is None else [*seat.groups, *seat.resources]


def _failure(result: Callable[[], object]) -> str | None:
    try:
        result()
    except LabError as exc:
        return exc.message
    return None


def _words(failures: Sequence[str]) -> str | None:
    if not failures:
        return None
    return failures[0] + (f" (and {len(failures) - 1} more)" if len(failures) > 1 else "")


def _set_day(arm: Arm, thing: Tagged, day: str) -> None:
    """The day on one thing, and no mark of a sweep any more."""
    place = f"{thing.id}/providers/Microsoft.Resources/tags/default"
    if thing.expires != day:
        body = {"operation": "Merge", "properties": {"tags": {EXPIRES_TAG: day}}}
        arm.patch(place, body, api_version=TAGS_API)
    if (mark := tag_of(thing.tags, SWEEP_TAG)) is not None:
        body = {"operation": "Delete", "properties": {"tags": {SWEEP_TAG: mark}}}
        arm.patch(place, body, api_version=TAGS_API)
