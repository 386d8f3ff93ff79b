"""`visionlab cleanup extend`: more time for a lab, a course, a seat or a group."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.cleanup_place import DAYS, open_cleanup, place_options
from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cleanup.extend import Extension

__all__ = ["extend_expiry"]


class Day(click.ParamType[date]):
    """A day, like 2026-12-24."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from automation.lab_tags import as_day

        found = value if isinstance(value, date) else as_day(str(value))
        if found is None:
            self.fail(f"{value!r} is no day: say it like 2026-12-24", param, ctx)
        return found


@click.command(
    "extend",
    epilog=example(
        "visionlab cleanup extend fruit --until 2026-12-24",
        "visionlab cleanup extend botany/ana-k3x7qa --days 2w --stack azure",
        "visionlab cleanup extend group:rg-fruit-azure --days 7d --json",
    ),
)
@click.argument("target")
@click.option("--until", type=Day(), metavar="DATE", help="The new last day, like 2026-12-24.")
@click.option("--days", type=DAYS, metavar="DAYS", help="So many days more, from its last day or from today: 7d, 2w.")
@place_options
@json_option
def extend_expiry(
    *,
    target: str,
    until: date | None,
    days: int | None,
    file: Path,
    stack: str | None,
    subscription: str | None,
    as_json: bool,
) -> None:
    """Give a lab, a course, a seat or a group a later last day, and take a sweep's mark off.

    TARGET is the name of a lab or a course, COURSE/SEAT, or a resource group; lab:NAME, course:NAME, seat:NAME and
    group:NAME where two are called alike. Nothing that visionlab did not make is touched, and no day is made earlier.
    """
    from automation.cleanup.extend import extend

    console = Console.of(as_json)
    with (
        open_cleanup(console, file=file, stack=stack, subscription=subscription) as bench,
        console.progress("extend") as progress,
    ):
        moves = extend(
            bench.arm,
            target,
            subscription=bench.cloud.subscription_id,
            clock=bench.clock,
            until=until,
            days=days or 0,
            progress=progress,
        )
    result = {"target": target, "moves": [_facts(move) for move in moves]}
    console.result(result, lambda: _show(console, moves))


def _show(console: Console, moves: "tuple[Extension, ...]") -> None:
    for move in moves:
        if move.until is None:
            words = printable(move.words) or f"expires on {move.before} already"
        else:
            words = f"expires on {move.until}, not {printable(move.before)}"
        mark = f"; the mark of {printable(move.mark)} is off" if move.mark and not move.words else ""
        console.line(f"{printable(move.name)}: {words}{mark}")
    if any(move.until for move in moves):
        console.line("set `expires` in lab.yaml or the course too: the next `up` writes the tag that stands there")


def _facts(move: "Extension") -> dict[str, str | None]:
    return {
        "id": move.id,
        "name": move.name,
        "owner": move.owner,
        "before": move.before,
        "until": move.until.isoformat() if move.until else None,
        "mark": move.mark,
        "words": move.words,
    }
