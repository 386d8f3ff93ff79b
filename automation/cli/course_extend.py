"""`visionlab course extend`: a later last day."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.course_place import (
    choose_seats,
    complete_seats,
    course_lock,
    course_options,
    find_course,
    open_course,
)
from automation.cli.options import example, json_option, yes_option
from automation.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automation.course.extending import Extension, TagOutcome

__all__ = ["extend"]


@click.command(
    "extend",
    epilog=example(
        "visionlab course extend --days 14",
        "visionlab course extend anna@example.org --until 2027-02-01",
    ),
)
@click.argument("seats", nargs=-1, metavar="[SEAT]...", shell_complete=complete_seats)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day.")
@click.option("--days", type=click.IntRange(1, 3660), help="So many days more than now.")
@course_options
@yes_option
@json_option
def extend(
    *,
    seats: tuple[str, ...],
    until: datetime | None,
    days: int | None,
    name: str | None,
    home: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Let seats live longer: all of them, or those that are named by id or address.

    The new day goes onto every group and resource of the seat as its tag, then into the course's file, where the next
    `course up` finds it. An expiry in the roster wins there: change that too. Nothing is made shorter.
    """
    from automation.course.course_file import write_course
    from automation.course.extending import plan_extension, tag_seats, with_days
    from automation.course.seats_in_azure import list_seats
    from automation.course.types import SHARED

    if (until is None) == (days is None):
        raise click.UsageError("say --until or --days")
    console = Console.of(as_json)
    course = find_course(name, home)
    with course_lock(course):
        course = find_course(course.name, course.home)  # as it is now that nobody else changes it
        chosen = choose_seats(course, seats, all_of_them=not seats)
        today = datetime.now(UTC).date()
        plan = plan_extension(chosen, today=today, until=until.date() if until else None, days=days)
        outcomes: list[TagOutcome] = []
        if plan.days:
            _tell(console, plan)
            console.confirm(f"This changes the last day of {len(plan.days)} seats.", yes=yes)
            later = with_days(course, plan.days)
            with open_course(course, console) as bench, console.progress(f"{course.name}: tags") as progress:
                found = list_seats(bench.arm, subscription_id=bench.cloud.subscription_id, course=course.name)
                outcomes = tag_seats(bench.arm, later, found, plan.days, progress=progress)
            good = {outcome.seat for outcome in outcomes if outcome.failure is None}
            write_course(with_days(course, [change for change in plan.days if change.seat in good]))
    failed = [outcome for outcome in outcomes if outcome.failure]
    result = {
        "extended": [
            {"seat": change.seat, "old": change.old.isoformat(), "new": change.new.isoformat()}
            for change in plan.days
            if all(outcome.seat != change.seat for outcome in failed)
        ],
        "kept": [{"seat": seat, "why": why} for seat, why in plan.kept],
        "failed": [{"seat": outcome.seat, "message": outcome.failure} for outcome in failed],
        "tagged": sum(outcome.tagged for outcome in outcomes),
    }
    console.result(result, lambda: _show(console, plan, outcomes, shared=SHARED))
    if failed:
        click.get_current_context().exit(1)


def _tell(console: Console, plan: "Extension") -> None:
    for change in plan.days:
        console.say(f"  {change.seat}  {change.old} -> {change.new}")


def _show(console: Console, plan: "Extension", outcomes: "Sequence[TagOutcome]", *, shared: str) -> None:
    good = [outcome for outcome in outcomes if outcome.failure is None]
    count = sum(outcome.seat != shared for outcome in good)
    console.line(f"{count} seats extended ({sum(outcome.tagged for outcome in good)} groups and resources tagged)")
    for seat, why in plan.kept:
        console.line(f"{seat}: left as it is, {why}")
    for outcome in outcomes:
        if outcome.failure:
            console.line(f"{outcome.seat}: not extended: {printable(outcome.failure)}")
