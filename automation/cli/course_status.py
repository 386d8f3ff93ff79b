"""`visionlab course status`: every seat in a line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.course_place import course_options, find_course, open_course
from automation.cli.options import example, json_option
from automation.errors import ServiceError, TransportError
from automation.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automation.cost import Money
    from automation.course.seat_progress import SeatProgress
    from automation.course.status import CourseStatus, SeatStatus
    from automation.workflow.workbench import Workbench

__all__ = ["status"]

COLUMNS = ("seat", "person", "team", "state", "progress", "last activity", "cost so far", "expires")
MOST_NAME = 32
LONGEST_QUESTION = timedelta(days=364)
COSTS_DEADLINE_S = 15.0


@click.command("status", epilog=example("visionlab course status", "visionlab course status --name botany --json"))
@course_options
@click.option("--gone", is_flag=True, help="Also the seats that are gone.")
@json_option
def status(*, name: str | None, home: Path | None, gone: bool, as_json: bool) -> None:
    """Show each seat: its state, how far its owner is, what it costs, its last day.

    Azure is asked with two listings for all seats together. Where it has something else than the course's file, that
    is said below the table: seats that are missing there, and seats that the file does not know.
    """
    from automation.course.seat_progress import exercise_steps, journal_file, read_progress
    from automation.course.seats_in_azure import list_seats
    from automation.course.status import course_status

    console = Console.of(as_json)
    course = find_course(name, home)
    steps = exercise_steps(course)
    with open_course(course, console) as bench:
        found = list_seats(bench.arm, subscription_id=bench.cloud.subscription_id, course=course.name)
        now = bench.clock.now()
        costs = _costs(course.name, bench, console)
    shown = course_status(
        course,
        found,
        progress_of=lambda seat: read_progress(journal_file(course, seat), steps),
        costs=costs,
        with_gone=gone,
    )
    console.result(_document(shown), lambda: _show(console, shown, now))


def _costs(course: str, bench: "Workbench", console: Console) -> "Mapping[str, Money]":
    """What each seat has cost in the last year; what cannot be asked for is unknown, and never nothing."""
    from automation.workflow.spending import seat_costs

    today = bench.clock.now().astimezone(UTC).date()
    scope = f"/subscriptions/{bench.cloud.subscription_id}"
    try:
        return seat_costs(
            bench.arm, scope, course, start=today - LONGEST_QUESTION, end=today, deadline_s=COSTS_DEADLINE_S
        )
    except (ServiceError, TransportError) as exc:
        console.say(f"costs are not known: {exc.message}")
        return {}


def _show(console: Console, shown: "CourseStatus", now: datetime) -> None:
    seats = shown.seats
    up = sum(seat.state == "up" for seat in seats)
    console.line(f"{shown.course} on {shown.stack}: {up} of {len(seats)} seats up, shared parts {shown.shared}")
    console.table(COLUMNS, [_row(seat, now) for seat in seats])
    for seat in seats:
        for said in (seat.failure, *seat.drift):
            if said:
                console.line(f"{seat.seat}: {printable(said)}")
    for said in shown.drift:
        console.line(printable(said))


def _row(seat: "SeatStatus", now: datetime) -> tuple[str, ...]:
    return (
        seat.seat,
        printable(_cut(seat.name or seat.email)),
        printable(_cut(seat.team or "")),
        seat.state,
        progress_words(seat.progress),
        _ago(seat.progress.last, now),
        "unknown" if seat.cost is None else cost_words(seat.cost),
        seat.expires.isoformat() if seat.expires else "never",
    )


def progress_words(progress: "SeatProgress") -> str:
    """How far somebody is, in a few words."""
    if not progress.steps:
        return "no exercise"
    count = f"{len(progress.done)}/{len(progress.steps)}"
    if progress.failed:
        return f"{count} stopped at {progress.failed}"
    return f"{count} next {progress.next}" if progress.next and progress.done else count


def cost_words(cost: "Money") -> str:
    """An amount without what it is for."""
    return f"{cost.currency} {cost.amount:.2f}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_NAME else text[: MOST_NAME - 1] + "\u2026"


def _ago(when: datetime | None, now: datetime) -> str:
    if when is None:
        return "none"
    gone = now - when
    if gone < timedelta(minutes=1):
        return "just now"
    if gone < timedelta(hours=1):
        return f"{gone // timedelta(minutes=1)} min ago"
    if gone < timedelta(days=1):
        return f"{gone // timedelta(hours=1)} h ago"
    return when.astimezone(UTC).date().isoformat()


def _document(shown: "CourseStatus") -> dict[str, Any]:
    return {
        "course": shown.course,
        "stack": shown.stack,
        "shared": shown.shared,
        "drift": list(shown.drift),
        "seats": [
            {
                "seat": seat.seat,
                "email": seat.email,
                "name": seat.name,
                "team": seat.team,
                "size": seat.size,
                "state": seat.state,
                "failure": seat.failure,
                "steps": list(seat.progress.steps),
                "done": list(seat.progress.done),
                "stopped_at": seat.progress.failed,
                "stopped_why": seat.progress.failure or None,
                "last_activity": seat.progress.last.isoformat() if seat.progress.last else None,
                "cost": None
                if seat.cost is None
                else {"amount": str(seat.cost.amount), "currency": seat.cost.currency},
                "expires": seat.expires.isoformat() if seat.expires else None,
                "drift": list(seat.drift),
            }
            for seat in shown.seats
        ],
    }
