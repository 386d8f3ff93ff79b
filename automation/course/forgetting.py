"""What is to be forgotten of courses when the local Azure that they are on is removed.

Owns: their stacks' state, their seats' journals, and their seats' states: all of them are only planned again.
Leaves: removing the local Azure to the caller.
"""

from dataclasses import replace
from pathlib import Path

from automation.clock import Clock
from automation.course.course_file import list_courses, read_course, write_course
from automation.course.seat_progress import close_journals
from automation.course.types import Course, Seat, SeatState, Shared, shared_stack, stack_of

__all__ = ["courses_on_local", "forget_local_courses"]


def courses_on_local(home: Path) -> list[Course]:
    """The courses of a state folder that are on its local Azure. Raises ConfigError for a file that cannot be read."""
    return [course for name in list_courses(home) if (course := read_course(home, name)).stack == "local"]


def forget_local_courses(home: Path, clock: Clock) -> list[Path]:
    """Bring them to where nothing is made yet; files of the seats stay. Which files of state were removed."""
    removed: list[Path] = []
    for course in courses_on_local(home):
        stacks = [shared_stack(course.name), *(stack_of(course.name, seat.id) for seat in course.seats)]
        for path in sorted((home / "stacks").glob(f"{course.name}.*")):
            if path.is_file() and any(path.name.startswith(f"{stack}.") for stack in stacks):
                path.unlink()
                removed.append(path)
        for seat in course.seats:
            close_journals(course, seat.id, clock)
        now = clock.now().isoformat(timespec="seconds")
        seats = tuple(_planned(seat, now) if seat.is_there else seat for seat in course.seats)
        write_course(replace(course, seats=seats, shared=Shared()))
    return removed


def _planned(seat: Seat, now: str) -> Seat:
    return replace(seat, state=SeatState.PLANNED, failure=None, applied=None, changed=now)
