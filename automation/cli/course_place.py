"""Which course a command is about, where its files are, and the clients of its Azure.

Owns: the options that say so. Leaves: the course's file to `automation.course`.
"""

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automation.cli.console import Console
from automation.cli.given import given
from automation.clock import SystemClock
from automation.errors import ConfigError, LabError
from automation.nearest import hint_for

if TYPE_CHECKING:
    from automation.course import Course, Seat
    from automation.workflow.workbench import Workbench

__all__ = ["choose_seats", "complete_seats", "course_lock", "course_options", "find_course", "open_course"]

F = TypeVar("F", bound=Callable[..., Any])


def course_options(command: F) -> F:
    """`--name` and `--home`: which course, and where."""
    named = click.option("--name", metavar="NAME", help="The course; needed only where there are several.")
    home = click.option(
        "--home",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The state folder with the course, instead of VISIONLAB_HOME or .visionlab here.",
    )
    return named(home(command))


def find_course(name: str | None, home: Path | None) -> "Course":
    """The course that was named, or the only one. Raises ConfigError."""
    from automation.course import list_courses, read_course

    named = os.environ.get("VISIONLAB_HOME")
    folder = (home or Path(named or ".visionlab")).expanduser().absolute()
    known = list_courses(folder)
    if name is None and len(known) == 1:
        return read_course(folder, known[0])
    if name is not None:
        return read_course(folder, name)
    if not known:
        raise ConfigError(f"there is no course in {folder}", hint="run `visionlab course up roster.csv` there first")
    raise ConfigError(f"there are {len(known)} courses in {folder}", hint=f"add --name: {', '.join(known)}")


def choose_seats(course: "Course", words: Sequence[str], *, all_of_them: bool = False) -> "list[Seat]":
    """Seats by id or e-mail address, each once, in the order of their ids. Raises ConfigError for one there is not."""
    there = [seat for seat in course.seats if seat.is_there]
    if all_of_them:
        return there
    by_name = {name: seat for seat in there for name in (seat.id, seat.person.email)}
    for word in words:
        if word.lower() not in by_name:
            more = "`visionlab course status` lists the seats"
            hint = hint_for(word.lower(), list(by_name), otherwise=more)
            raise ConfigError(f"the course {course.name} has no seat {word!r}", hint=hint)
    chosen = {by_name[word.lower()].id for word in words}
    return [seat for seat in there if seat.id in chosen]


def complete_seats(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 # click's signature
    """Ids and addresses of seats that begin so, for a shell's completion; none where nothing can be read."""
    from automation.course import list_courses, read_course

    name, roster = ctx.params.get("name"), ctx.params.get("roster")
    folder = ctx.params.get("home") or os.environ.get("VISIONLAB_HOME") or Path(roster or ".").parent / ".visionlab"
    try:
        home = Path(folder).expanduser().absolute()
        courses = [name] if name else [roster.stem] if roster else list_courses(home)
        seats = [seat for course in courses for seat in read_course(home, course).seats if seat.is_there]
    except (LabError, OSError):
        return []
    words = [word for seat in seats for word in (seat.id, seat.person.email)]
    return [word for word in words if word.startswith(incomplete.lower())]


@contextmanager
def open_course(course: "Course", console: Console) -> "Generator[Workbench]":
    """The clients of a course's Azure; no lab, and so no outputs. They are closed at the end."""
    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

    lab = Lab(path=course.folder / "lab.yaml", name=course.name, stack=course.stack, home=course.home)
    make = given().bench
    bench = (
        make(lab, course.home)
        if make
        else Workbench(lab, home=course.home, environment=os.environ, clock=SystemClock())
    )
    bench.watch_start(console.slow_line("local Azure"))
    try:
        yield bench
    finally:
        bench.close()


@contextmanager
def course_lock(course: "Course") -> Generator[None]:
    """Hold the course, for what changes its file. Raises LabBusy."""
    from automation.workflow.lock import lab_lock

    command = " ".join(["visionlab", *sys.argv[1:]])
    what = f"the course {course.name}"
    with lab_lock(course.folder / "lock", command=command, clock=SystemClock(), what=what):
        yield
