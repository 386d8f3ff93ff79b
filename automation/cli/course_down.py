"""`visionlab course down`: seats, or the whole course, deleted, looked for, and forgotten."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.course_archiving import archive_seats, end_shared_labeling
from automation.cli.course_asking import course_at, roster_argument
from automation.cli.course_place import choose_seats, complete_seats, course_lock, open_course
from automation.cli.options import example, json_option
from automation.errors import Refused
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cleanup import CleanupPlan
    from automation.course import Course
    from automation.course.down import DownReport
    from automation.workflow.workbench import Workbench

__all__ = ["archive_option", "confirm_option", "demand_name", "down", "end", "ended_document", "show_ended"]

confirm_option = click.option(
    "--confirm", metavar="NAME", help="The course's name, in the place of typing it when asked: for scripts."
)
archive_option = click.option(
    "--archive", is_flag=True, help="First put the seats' blobs and labels into the course storage."
)
MOST_SHOWN = 20


@click.command(
    "down",
    epilog=example(
        "visionlab course down botany.csv",
        "visionlab course down botany.csv --confirm botany",
        "visionlab course down botany.csv --seat ann-lee-k3x7qa --confirm botany",
    ),
)
@roster_argument
@click.option("--name", metavar="NAME", help="The course's name; by default that of the roster's file.")
@click.option(
    "--seat",
    "seats",
    multiple=True,
    metavar="SEAT",
    shell_complete=complete_seats,
    help="Only this seat, by id or address; repeatable.",
)
@confirm_option
@archive_option
@click.option("--include-foreign", is_flag=True, help="Also what others have made in the seats' resource groups.")
@json_option
def down(
    *,
    roster: Path,
    name: str | None,
    seats: tuple[str, ...],
    confirm: str | None,
    archive: bool,
    include_foreign: bool,
    as_json: bool,
) -> None:
    """End seats, or the whole course, and prove that nothing is left.

    Shows what goes, asks for the course's name, deletes and purges, then looks for everything again. Only what is
    proved to be gone is forgotten; the rest is named, and the same command goes on with it. A receipt says what was
    done. Files of the seats on this machine stay: reports, predictions, lab.yaml.
    """
    from automation.course import read_course

    console = Console.of(as_json)
    if archive and not seats:
        raise click.UsageError(
            "--archive needs --seat: the archive is in the course storage, which goes with the course"
        )
    home, called = course_at(roster, name)
    course = read_course(home, called)
    with course_lock(course):
        course = read_course(home, called)
        chosen = None if not seats else [seat.id for seat in choose_seats(course, seats)]
        with open_course(course, console) as bench:
            report = end(
                course, chosen, bench, console, confirm=confirm, include_foreign=include_foreign, archive=archive
            )
    console.result(ended_document(report), lambda: show_ended(report, console))
    if report.stayed or report.proof.left_behind:
        click.get_current_context().exit(1)


def end(
    course: "Course",
    seats: Sequence[str] | None,
    bench: "Workbench",
    console: Console,
    *,
    confirm: str | None,
    include_foreign: bool = False,
    archive: bool = False,
) -> "DownReport":
    """Show what goes for these seats to end, ask for the course's name, and do it.

    With `archive` a seat whose work cannot be kept does not end.

    Raises:
        Refused: Nobody has typed the name; or nobody's work could be kept.
    """
    from automation.course.down import EndClients, end_seats, plan_end

    clients = EndClients(arm=bench.arm, cloud=bench.cloud, clock=bench.clock, open_stack=bench.open_stack)
    with console.progress("course down") as progress:
        progress(0, None, "looking at what is there")
        plan = plan_end(course, seats, clients, include_foreign=include_foreign, progress=progress)
    _show_plan(plan, console)
    what = "the whole course" if seats is None else f"{len(seats)} seat{'s' * (len(seats) != 1)}"
    demand_name(console, course.name, given=confirm, what=f"This deletes and purges {what} for good.")
    unkept: dict[str, str] = {}
    if archive and seats is not None:
        course, unkept = archive_seats(course, seats, bench, console)
        if unkept:
            seats = [seat for seat in seats if seat not in unkept]
            if not seats:
                why = next(iter(unkept.values()))
                raise Refused(f"no seat's work could be archived: {why}", hint="nothing was deleted")
            plan = plan_end(course, seats, clients, include_foreign=include_foreign)
    if seats is not None and (left := end_shared_labeling(course, seats, console)):
        unkept |= left
        seats = [seat for seat in seats if seat not in left]
        if not seats:
            raise Refused(
                f"no seat can end: {next(iter(left.values()))}", hint="repeat the command when that is mended"
            )
        plan = plan_end(course, seats, clients, include_foreign=include_foreign)
    with console.progress("course down") as progress:
        report = end_seats(plan, course, seats, clients, progress=progress)
    return replace(report, stayed={**report.stayed, **unkept})


def demand_name(console: Console, name: str, *, given: str | None, what: str) -> None:
    """Have the course's name typed, or given by --confirm. Raises Refused."""
    if given == name:
        return
    if given is not None:
        raise Refused(f"--confirm says {given!r}, and the course is {name!r}", hint="nothing was deleted")
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or console.as_json:
        raise Refused(f"{what} Nobody is here to type its name", hint=f"add --confirm {name} when you mean it")
    typed: object = click.prompt(f"{what} Type {name} to go on", default="", show_default=False, err=True)
    if str(typed).strip() != name:
        raise Refused("not done: that was not the course's name", hint=f"type {name}, or add --confirm {name}")


def ended_document(report: "DownReport") -> dict[str, Any]:
    """What was ended, as JSON."""
    return {
        "course": report.course.name,
        "gone": list(report.gone),
        "stayed": dict(report.stayed),
        "deleted": dict(Counter(entry.outcome.value for entry in report.receipt.entries)),
        "kept": [
            {"id": kept.id, "reason": kept.reason.value, "words": kept.words} for kept in report.receipt.plan.kept
        ],
        "checked": list(report.proof.checked),
        "left_behind": list(report.proof.left_behind),
        "receipt": str(report.receipts[0]),
        "receipt_page": str(report.receipts[1]),
    }


def show_ended(report: "DownReport", console: Console) -> None:
    """What was ended, in lines."""
    for checked in report.proof.checked:
        console.line(f"checked: {printable(checked)}")
    for left in report.proof.left_behind[:MOST_SHOWN]:
        console.line(f"LEFT BEHIND: {printable(left)}")
    if report.stayed:
        console.table(("seat", "why it stays"), [(seat, printable(why)) for seat, why in report.stayed.items()])
    console.line(f"{report.course.name}: {_counted(report.gone)} gone")
    console.line(f"receipt: {report.receipts[1]}")


def _counted(gone: Sequence[str]) -> str:
    seats = len([seat for seat in gone if seat != "shared"])
    shared = " and the shared parts are" if "shared" in gone else " is" if seats == 1 else " are"
    return f"{seats} seat{'s' * (seats != 1)}{shared}"


def _show_plan(plan: "CleanupPlan", console: Console) -> None:
    groups = [fate for fate in plan.groups if fate.whole]
    console.say(f"to be deleted: {len(groups)} resource groups with all in them, {len(plan.items)} things in all")
    for fate in groups[:MOST_SHOWN]:
        console.say(f"  {fate.name}")
    if len(groups) > MOST_SHOWN:
        console.say(f"  and {len(groups) - MOST_SHOWN} more")
    for kept in plan.kept[:MOST_SHOWN]:
        console.say(f"  stays: {kept.name}: {printable(kept.words)}")
