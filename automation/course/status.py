"""How a course stands: each seat with its progress, cost and last day, and where the file and Azure differ.

Owns: the comparison. Pure. Leaves: looking to `seats_in_azure.py` and `seat_progress.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from automation.cost import Money
from automation.course.seat_progress import SeatProgress
from automation.course.seats_in_azure import SeatInAzure
from automation.course.types import SHARED, Course, Seat, SeatState

__all__ = ["CourseStatus", "SeatStatus", "course_status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatStatus:
    """One row.

    Attributes:
        state: As the course's file has it; "missing" where Azure no longer has a seat that is up.
        cost: So far; None where nobody knows.
        drift: What Azure has otherwise than the course's file, in words.
    """

    seat: str
    email: str
    name: str | None
    team: str | None
    size: str
    state: str
    progress: SeatProgress
    cost: Money | None
    expires: date | None
    failure: str | None
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseStatus:
    """The whole course.

    Attributes:
        shared: The state of the shared parts; "missing" as of a seat.
        drift: What Azure has that is no seat of this course's file, and what the shared parts lack.
    """

    course: str
    stack: str
    shared: str
    seats: tuple[SeatStatus, ...]
    drift: tuple[str, ...]

    @property
    def has_drift(self) -> bool:
        """Whether the file and Azure differ anywhere."""
        return bool(self.drift) or any(seat.drift for seat in self.seats)


def course_status(
    course: Course,
    found: Mapping[str, SeatInAzure],
    *,
    progress_of: Callable[[Seat], SeatProgress],
    costs: Mapping[str, Money] | None = None,
    with_gone: bool = False,
) -> CourseStatus:
    """Put together what the file, Azure and the journals say.

    Args:
        course: As its file has it.
        found: What Azure has, by seat.
        progress_of: Reads one seat's journal.
        costs: So far, by seat; what is not in it is unknown.
        with_gone: Whether seats that are gone are shown too.
    """
    seats = tuple(
        _seat(seat, found.get(seat.id), progress_of(seat), (costs or {}).get(seat.id))
        for seat in course.seats
        if seat.is_there or with_gone
    )
    shared = _shared_state(course, found)
    strangers = [
        f"{name}: Azure has {_counted(there)}, and the course's file {_file_words(course.seat(name))}"
        for name, there in found.items()
        if name != SHARED and ((known := course.seat(name)) is None or not known.is_there)
    ]
    lost = ["the shared parts are up by the course's file, and Azure has none of them"] if shared == "missing" else []
    return CourseStatus(course=course.name, stack=course.stack, shared=shared, seats=seats, drift=(*lost, *strangers))


def _seat(seat: Seat, there: SeatInAzure | None, progress: SeatProgress, cost: Money | None) -> SeatStatus:
    missing = there is None and seat.state is SeatState.UP
    return SeatStatus(
        seat=seat.id,
        email=seat.person.email,
        name=seat.person.name,
        team=seat.person.team,
        size=seat.size,
        state="missing" if missing else seat.state.value,
        progress=progress,
        cost=cost,
        expires=seat.expires,
        failure=seat.failure,
        drift=tuple(_drift(seat, there)),
    )


def _drift(seat: Seat, there: SeatInAzure | None) -> list[str]:
    if not seat.is_there:
        return []  # told with what is in Azure and no seat
    if there is None:
        return ["up by the course's file, and Azure has nothing of it"] if seat.state is SeatState.UP else []
    found: list[str] = []
    if not there.groups:
        found.append("its resource group is gone, or has lost its tags")
    elif not there.resources:
        found.append("its resource group is empty")
    written = seat.expires.isoformat() if seat.expires else None
    tagged = {group.expires for group in there.groups}
    if there.groups and seat.state is SeatState.UP and tagged != {written}:
        said = ", ".join(sorted(text or "no day" for text in tagged))
        found.append(f"expires {written or 'never'} by the course's file, {said} by its tag")
    if seat.state is SeatState.PLANNED:
        found.append(f"planned only by the course's file, and Azure has {_counted(there)}")
    return found


def _shared_state(course: Course, found: Mapping[str, SeatInAzure]) -> str:
    if course.shared.state is SeatState.UP and SHARED not in found:
        return "missing"
    return course.shared.state.value


def _file_words(seat: Seat | None) -> str:
    return "does not know it" if seat is None else "says that it is gone"


def _counted(there: SeatInAzure) -> str:
    groups, resources = len(there.groups), len(there.resources)
    return f"{groups} group{'s' * (groups != 1)} and {resources} resource{'s' * (resources != 1)} of it"
