"""`visionlab course up`: a roster turned into seats."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.course_asking import (
    Asked,
    asked_options,
    asked_plan,
    course_at,
    pictures_lab,
    roster_argument,
)
from automation.cli.course_down import archive_option, confirm_option, demand_name, end, ended_document, show_ended
from automation.cli.course_place import course_lock
from automation.cli.course_plan import plan_document, show_plan
from automation.cli.options import example, yes_option
from automation.errors import Cancelled, Refused
from automation.printable import printable

if TYPE_CHECKING:
    from automation.course import Course
    from automation.course.down import DownReport
    from automation.course.plan import CoursePlan
    from automation.course.up import UpReport

__all__ = ["up"]

PARALLEL = 4


@click.command(
    "up",
    epilog=example(
        "visionlab course up botany.csv --create-people",
        "visionlab course up botany.csv --expires 2027-02-28 --owner teacher@example.org --stack course",
        "visionlab course up botany.csv --confirm botany --archive",
    ),
)
@roster_argument
@asked_options
@click.option("--parallel", type=click.IntRange(1, 64), default=PARALLEL, show_default=True, help="Seats at once.")
@click.option("--small", is_flag=True, help="Fewer pictures in the fruit lab that is drawn: quicker, and less exact.")
@archive_option
@confirm_option
@yes_option
def up(
    *,
    roster: Path,
    parallel: int,
    small: bool,
    archive: bool,
    confirm: str | None,
    yes: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Give everybody on a roster a seat.

    First the parts that all share, then the seats, several at once: each with a resource group of its own, the
    teaching pictures, and rights for its person alone. Run it again after the roster has changed, or after something
    failed: what is there already is left as it is. Seats of people who are no longer on the roster end when the
    course's name is typed, or given by --confirm; otherwise they stay.
    """
    from automation.course import Course, course_folder
    from automation.course.up import bring_up

    console = Console.of(as_json)
    asked = Asked(**given)
    home, name = course_at(roster, asked.name)
    with course_lock(Course(name=name, folder=course_folder(home, name))):

        def prepare(course: "Course") -> "Course":
            return _with_exercise(course, console, pictures=asked.pictures, small=small)

        with asked_plan(roster, asked, console, prepare=prepare) as (found, bench):
            if not as_json:
                show_plan(found, console.say)
            _ask(found, console, yes=yes)
            leaving = _leaving(found, console, confirm)
            with console.progress(f"course {name}") as progress:
                report = bring_up(found, bench, parallel=parallel, progress=progress)
            ended = None
            if leaving and not report.stopped:
                ended = end(report.course, leaving, bench, console, confirm=name, archive=archive)
    result = plan_document(found) | _document(report) | {"ended": ended and ended_document(ended)}
    console.result(result, lambda: _show(report, found, ended, console))
    if report.stopped:
        console.say("course up was stopped; repeat the command to go on")
        click.get_current_context().exit(Cancelled.exit_code)
    if report.failed or (ended and (ended.stayed or ended.proof.left_behind)):
        click.get_current_context().exit(1)


def _with_exercise(course: "Course", console: Console, *, pictures: Path | None, small: bool) -> "Course":
    """The course with something to work on: its own, pictures alone, or the fruit lab, drawn into its folder once."""
    from automation.cli.init import make_lab
    from automation.course import Exercise
    from automation.whole_file import write_whole

    if pictures is not None:
        lab_file = course.folder / "pictures" / "lab.yaml"
        write_whole(lab_file, pictures_lab(pictures).encode(), mode=0o644)
        return replace(course, exercise=Exercise(lab_file=lab_file))
    if course.exercise is not None:
        return course
    folder = course.folder / "exercise"
    make_lab(folder, "fruit", console, small=small)
    return replace(course, exercise=Exercise(lab_file=folder / "lab.yaml"))


def _ask(found: "CoursePlan", console: Console, *, yes: bool) -> None:
    if losing := [change.seat.id for change in found.changes if change.loses]:
        raise Refused(
            f"{len(losing)} seats would become small and lose their ML workspace: {', '.join(losing[:5])}",
            hint="leave their size, or end these seats first and set them up anew",
        )
    if found.course.stack != "local" and (found.to_run or found.shared.value != "keep"):
        from automation.course.costing import course_sentence

        console.say(f"cost: {course_sentence(found.course)}")
        console.confirm(f"This sets up {_seats(len(found.to_run))} on Azure, which costs money.", yes=yes)


def _leaving(found: "CoursePlan", console: Console, confirm: str | None) -> list[str]:
    """The seats to end: those that the roster has lost, when somebody gives or types the course's name."""
    from automation.course.plan import Act

    leaving, name = [change.seat.id for change in found.of(Act.REMOVE)], found.course.name
    what = f"No longer on the roster: {_seats(len(leaving))}."
    if not leaving:
        return []
    if confirm is not None:
        demand_name(console, name, given=confirm, what=what)
        return leaving
    if console.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return []
    question = f"{what} Type {name} to end them, or nothing to leave them"
    typed: object = click.prompt(question, default="", show_default=False, err=True)
    return leaving if str(typed).strip() == name else []


def _seats(count: int) -> str:
    return f"{count} seat{'s' * (count != 1)}"


def _document(report: "UpReport") -> dict[str, Any]:
    return {
        "pictures": report.pictures,
        "stopped": report.stopped,
        "ran": [
            {
                "seat": outcome.seat.id,
                "email": outcome.seat.person.email,
                "state": outcome.seat.state.value,
                "seconds": round(outcome.seconds, 3),
                "failure": outcome.failure,
            }
            for outcome in report.outcomes
        ],
        "failed": [outcome.seat.id for outcome in report.failed],
        "edited": list(report.edited),
    }


def _show(report: "UpReport", found: "CoursePlan", ended: "DownReport | None", console: Console) -> None:
    from automation.course import SeatState
    from automation.course.plan import Act

    course = report.course
    leaving = found.of(Act.REMOVE)
    wanted = len(found.changes) - len(leaving)
    there = sum(seat.state is SeatState.UP for seat in course.seats) - sum(
        change.seat.state is SeatState.UP for change in leaving
    )
    console.line(f"{course.name} on {course.stack}: {there} of {wanted} seats are up")
    if report.failed:
        rows = [(o.seat.id, o.seat.person.email, printable(o.failure or "")) for o in report.failed]
        console.table(("seat", "person", "why it failed"), rows)
        console.line("run the same command again: what is up stays, the rest is repaired")
    for seat in report.edited:
        console.line(f"{seat}: lab.yaml was changed by hand and stays as it is")
    if ended is not None:
        show_ended(ended, console)
    elif leaving:
        names = ", ".join(change.seat.id for change in leaving[:5]) + (" ..." if len(leaving) > 5 else "")
        console.line(f"no longer on the roster: {_seats(len(leaving))}, which stay: {names}")
        console.line(f"to end them, repeat the command with --confirm {course.name}")
