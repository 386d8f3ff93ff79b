"""`visionlab cost actual`: what was spent, as Cost Management tells it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.course_place import find_course, open_course
from automation.cli.options import example, file_option, json_option, stack_option
from automation.errors import ConfigError
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cost import Money, Spent, Total
    from automation.workflow.spending import Spending
    from automation.workflow.workbench import Workbench

__all__ = ["actual"]

LATE = "Azure shows what was used after 8 to 24 hours, before taxes and with your discounts"
NOTHING = "the local Azure costs nothing; the last column is what the same costs on Azure by the price table"
DAYS = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Where to look: a lab's resource group unless something else is named."""

    file: Path
    stack: str | None
    course: str | None
    home: Path | None
    group: str | None
    whole_subscription: bool

    def check(self) -> None:
        if sum((self.course is not None, self.group is not None, self.whole_subscription)) > 1:
            raise ConfigError(
                "--course, --group and --subscription exclude each other", hint="name one, or none for the lab's group"
            )


@click.command(
    "actual",
    short_help="Show what was spent, on what.",
    epilog=example(
        "visionlab cost actual",
        "visionlab cost actual --course botany --from 2026-11-01 --to 2026-11-30",
        "visionlab cost actual --subscription --json",
    ),
)
@file_option
@stack_option
@click.option("--course", metavar="NAME", help="Everything of a course, by its tag.")
@click.option("--home", type=click.Path(path_type=Path), metavar="DIR", help="The state folder with the course.")
@click.option("--group", metavar="NAME", help="A resource group, instead of the lab's.")
@click.option("--subscription", "whole_subscription", is_flag=True, help="The whole subscription.")
@click.option("--from", "start", type=DAYS, help="The first day; the first of this month unless said.")
@click.option("--to", "end", type=DAYS, help="The last day, included; today unless said.")
@json_option
def actual(*, start: datetime | None, end: datetime | None, as_json: bool, **given: Any) -> None:
    """Show what was spent on each resource: of a lab, a course, a resource group or the subscription.

    On Azure it is what Cost Management tells. The local Azure counts the same units, and costs nothing: beside them
    stands what they cost on Azure, where that is known.
    """
    from automation.workflow.spending import spending

    console = Console.of(as_json)
    asked = _Asked(**given)
    asked.check()
    with _opened(asked, console) as (name, scope, bench):
        first, last = _days(start, end, bench.clock.now().date())
        local = bench.cloud.is_local
        with console.progress("costs") as progress:
            progress(0, None, f"asking Cost Management about {name}")
            found = spending(bench.arm, scope, start=first, end=last, course=asked.course)
    console.result(_document(name, found, local=local), lambda: _show(console, name, found, local=local))


@contextmanager
def _opened(asked: _Asked, console: Console) -> "Generator[tuple[str, str, Workbench]]":
    """What is asked about, in words and as a scope, and the clients."""
    if asked.course is not None:
        course = find_course(asked.course, asked.home)
        with open_course(course, console) as bench:
            yield f"course {course.name}", f"/subscriptions/{bench.cloud.subscription_id}", bench
        return
    with open_lab(asked.file, console, stack=asked.stack) as (lab, bench):
        subscription = f"/subscriptions/{bench.cloud.subscription_id}"
        if asked.whole_subscription:
            yield f"subscription {bench.cloud.subscription_id}", subscription, bench
        elif asked.group is not None:
            yield f"resource group {asked.group}", f"{subscription}/resourceGroups/{asked.group}", bench
        else:
            yield f"{lab.name} on {lab.stack}", bench.outputs().resource_group_id, bench


def _days(start: datetime | None, end: datetime | None, today: date) -> tuple[date, date]:
    last = today if end is None else end.date()
    first = last.replace(day=1) if start is None else start.date()
    if first > last:
        raise ConfigError(f"--from {first} is after --to {last}", hint="exchange them")
    if (last - first).days > 365:
        raise ConfigError(f"{first} to {last} is more than a year", hint="Azure answers for a year at the most")
    return first, last


def _show(console: Console, name: str, found: "Spending", *, local: bool) -> None:
    console.line(f"{printable(name)}, {found.start} to {found.end}")
    console.line("")
    if found.rows:
        console.table(("resource", "group", "meter", "used", "cost"), [_row(row, local=local) for row in found.rows])
        console.line("")
    spent, listed = _totals(found)
    if local:
        console.facts({"spent": "nothing", "by list price": "nothing" if not found.rows else str(listed)})
        console.say(NOTHING)
    else:
        console.facts({"spent": str(spent)})
        console.say(LATE)


def _row(row: "Spent", *, local: bool) -> tuple[str, ...]:
    from automation.cli.cost import money_text
    from automation.cost import list_price

    parts = row.resource_id.strip("/").split("/")
    group = parts[3] if len(parts) > 3 else ""
    money = list_price(row) if local else row.cost
    used = f"{float(row.used):.4g} {row.unit}".strip()
    return printable("/".join(parts[-2:])), printable(group), printable(row.meter), used, money_text(money)


def _totals(found: "Spending") -> "tuple[Total, Total]":
    """What was spent, and what it costs by the price table."""
    from automation.cost import list_price, total

    return (
        total([row.cost for row in found.rows], per="period"),
        total([list_price(row) for row in found.rows], per="period"),
    )


def _document(name: str, found: "Spending", *, local: bool) -> dict[str, Any]:
    from automation.cli.cost import money_json, total_json
    from automation.cost import list_price

    def cost(money: "Money | None") -> dict[str, Any] | None:
        return None if money is None else {"amount": _plain(money.amount), "currency": money.currency}

    spent, listed = _totals(found)
    rows = [
        {
            "resource": row.resource_id,
            "meter": row.meter,
            "used": _plain(row.used),
            "unit": row.unit or None,
            "cost": cost(row.cost),
            "listPrice": money_json(list_price(row)) if local else None,
        }
        for row in found.rows
    ]
    return {
        "of": name,
        "scope": found.scope,
        "from": found.start.isoformat(),
        "to": found.end.isoformat(),
        "local": local,
        "rows": rows,
        "spent": [cost(money) for money in spent.amounts],
        "listPrice": total_json(listed) if local else None,
    }


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
