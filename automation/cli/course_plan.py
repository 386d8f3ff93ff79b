"""`visionlab course plan`: what a roster would change."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.course_asking import Asked, asked_options, asked_plan, roster_argument
from automation.cli.options import example
from automation.printable import printable

if TYPE_CHECKING:
    from automation.course.plan import CoursePlan

__all__ = ["plan", "plan_document", "show_plan"]

MOST_SHOWN = 60


@click.command("plan", epilog=example("visionlab course plan botany.csv", "visionlab course plan botany.csv --json"))
@roster_argument
@asked_options
def plan(*, roster: Path, as_json: bool, **given: Any) -> None:
    """Show what `course up` would do with a roster; changes nothing.

    Who gets a seat, whose seat changes and how, who keeps one, and whose seat ends because the roster has lost them.
    """
    console = Console.of(as_json)
    with asked_plan(roster, Asked(**given), console) as (found, _):
        pass
    console.result(plan_document(found), lambda: show_plan(found, console.line))


def plan_document(found: "CoursePlan") -> dict[str, Any]:
    """A plan as JSON."""
    return {
        "course": found.course.name,
        "stack": found.course.stack,
        "shared": found.shared.value,
        "counts": _counts(found),
        "seats": [
            {
                "seat": change.seat.id,
                "email": change.seat.person.email,
                "act": change.act.value,
                "why": list(change.why),
                "runs": change.runs,
                "loses": change.loses,
                "size": change.seat.size,
                "expires": change.seat.expires,
            }
            for change in found.changes
        ],
    }


def show_plan(found: "CoursePlan", say: "Any") -> None:
    """A plan in lines: first the sum, then each seat with which something happens."""
    from automation.course.plan import Act

    counts = ", ".join(f"{count} to {act}" for act, count in _counts(found).items() if count)
    say(f"{found.course.name} on {found.course.stack}: {counts or 'nobody'}; shared parts: {found.shared}")
    shown = [change for change in found.changes if change.act is not Act.KEEP]
    for change in shown[:MOST_SHOWN]:
        why = f"  {printable('; '.join(change.why))}" if change.why else ""
        loss = "  (its ML workspace is deleted with all in it)" if change.loses else ""
        say(f"  {change.act:<7} {change.seat.id}  {change.seat.person.email}{why}{loss}")
    if len(shown) > MOST_SHOWN:
        say(f"  and {len(shown) - MOST_SHOWN} more; `visionlab course plan --json` has them all")


def _counts(found: "CoursePlan") -> dict[str, int]:
    from automation.course.plan import Act

    counted = Counter(change.act for change in found.changes)
    return {act.value: counted[act] for act in Act}
