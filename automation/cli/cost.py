"""`visionlab cost`: what a lab or a course will cost, and what was spent."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.cost_actual import actual
from automation.cli.options import example, json_option, stack_option
from automation.clock import SystemClock
from automation.errors import ConfigError
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cost import Estimate, Line, Money, Total

__all__ = ["cost", "money_json", "money_text", "total_json"]


@click.group("cost")
def cost() -> None:
    """What a lab or a course costs: estimated, and spent."""


cost.add_command(actual)


@cost.command(
    "estimate",
    short_help="Say what a lab or a course would cost.",
    epilog=example(
        "visionlab cost estimate",
        "visionlab cost estimate lab.yaml --stack azure",
        "visionlab cost estimate botany.csv --exercise lab.yaml",
    ),
)
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path), default=Path("lab.yaml"), metavar="[FILE]")
@stack_option
@click.option(
    "--exercise",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="LAB",
    help="Of a roster: the lab.yaml that people work on; by default that of the course, if it is there already.",
)
@click.option("--registry", is_flag=True, help="Of a roster: with a container registry that the seats share.")
@json_option
def estimate(*, source: Path, stack: str | None, exercise: Path | None, registry: bool, as_json: bool) -> None:
    """Say what the resources of lab.yaml cost in a month in which nobody uses them, and what a run costs.

    FILE may be a roster (.csv): then it is the shared parts once, and each size of seat as often as there are seats.
    The prices stand in a table that comes with visionlab, each with its source and date. What is not in it is unknown,
    and never nothing. On the local Azure nothing costs anything: it shows what the same costs on Azure.
    """
    from automation.cost import caveats

    console = Console.of(as_json)
    kind = source.suffix.lower()
    if kind == ".csv":
        name, on, found = _course(source, stack, exercise, registry=registry)
    elif kind in (".yaml", ".yml"):
        if exercise is not None or registry:
            raise ConfigError(f"{source} is no roster", hint="--exercise and --registry go with a .csv file")
        name, on, found = _lab(source, stack)
    else:
        raise ConfigError(f"{source} is no lab file", hint="name a lab.yaml, or a roster: a .csv file")
    said = caveats(found, today=SystemClock().now().date())
    if on == "local":
        said.insert(0, "the stack is local and costs nothing: this is what the same costs on Azure")
    if not found.idle:
        said.append("the resources are somebody else's: only the run is counted")
    if kind == ".csv" and not found.run:
        said.append("no exercise is known: name its lab.yaml with --exercise, and its pictures and models are counted")
    title = f"{name} on {on}, {found.region}"
    console.result(_estimate_json(name, on, found, said), lambda: _show(console, title, found, said))


@cost.command(
    "prices",
    short_help="Show the prices, with source and day.",
    epilog=example("visionlab cost prices", "visionlab cost prices --json"),
)
@json_option
def prices(*, as_json: bool) -> None:
    """Show the price table: what is known of each meter, from which source and of which day."""
    from automation.cost import old_prices
    from automation.cost import prices as rows_of

    console = Console.of(as_json)
    rows = rows_of()
    old = old_prices(SystemClock().now().date())

    def show() -> None:
        console.table(
            ("meter", "of", "region", "price", "per", "dated"),
            [
                (
                    row.meter,
                    row.sku,
                    row.region,
                    "unknown" if row.amount is None else f"{row.currency} {row.amount:f}",
                    row.unit,
                    "" if row.dated is None else f"{row.dated}{' old' if row in old else ''}",
                )
                for row in rows
            ],
        )
        console.say("the sources stand in --json; what is marked as old is older than eighteen months")

    document = [
        {
            "meter": row.meter,
            "sku": row.sku,
            "region": row.region or None,
            "amount": None if row.amount is None else str(row.amount),
            "currency": row.currency or None,
            "unit": row.unit,
            "source": row.source or None,
            "dated": None if row.dated is None else row.dated.isoformat(),
            "old": row in old,
            "note": row.note or None,
        }
        for row in rows
    ]
    console.result(document, show)


def _lab(source: Path, stack: str | None) -> "tuple[str, str, Estimate]":
    from automation.workflow.costing import lab_estimate
    from automation.workflow.lab_file import read_lab

    lab = read_lab(source)
    lab = replace(lab, stack=stack or lab.stack)
    return lab.name, lab.stack, lab_estimate(lab)


def _course(source: Path, stack: str | None, exercise: Path | None, *, registry: bool) -> "tuple[str, str, Estimate]":
    """The course of a roster: what is known of it already, with the roster's people."""
    from automation.cli.course_asking import course_at
    from automation.course import Course, Exercise, Person, Seat, course_folder, list_courses, read_course
    from automation.course.costing import course_estimate
    from automation.course.roster import read_roster

    if stack == "azure":
        raise ConfigError("a course is on the stack local or course", hint="say --stack course")
    home, name = course_at(source, None)
    if name in list_courses(home):
        course = read_course(home, name)
        course = replace(course, stack=stack or course.stack)
    else:
        course = Course(name=name, folder=course_folder(home, name), stack=stack or "course")
    people = read_roster(source).people
    seats = tuple(
        Seat(id=f"seat{number}", person=Person(email=person.email), size=person.size or "standard")
        for number, person in enumerate(people)
    )
    course = replace(course, seats=seats)
    if exercise is not None:
        course = replace(course, exercise=Exercise(lab_file=exercise))
    if registry:
        course = replace(course, settings={**course.settings, "containerRegistry": True})
    return name, course.stack, course_estimate(course)


def _show(console: Console, title: str, found: "Estimate", said: Sequence[str]) -> None:
    console.line(printable(title))
    console.line("")
    console.table(("resource", "what", "a month"), [_row(line) for line in found.idle])
    console.line("")
    if found.run:
        console.table(("step", "what", "a run"), [_row(line) for line in found.run])
        console.line("")
    if len(found.shares) > 1:
        shares = [(share.name, share.times, share.idle, share.run) for share in found.shares]
        console.table(("each", "number", "a month idle", "a run"), shares)
        console.line("")
    console.facts({"a month idle": str(found.idle_total), "a run": str(found.run_total)})
    for line in said:
        console.say(line)


def _row(line: "Line") -> tuple[str, str, str]:
    what = line.what if line.times == 1 else f"{line.times} times {line.what}"
    return printable(line.of), printable(what), money_text(line.money)


def money_text(money: "Money | None") -> str:
    """A cell of a table: an amount, "none" only where a source says that it costs nothing, or "unknown"."""
    from automation.cost import spelled

    if money is None:
        return "unknown"
    return f"{money.currency} {spelled(money.amount)}" if money.amount else "none"


def money_json(money: "Money | None") -> dict[str, Any] | None:
    """Amounts as text, so that nothing is lost; null where a price is unknown."""
    if money is None:
        return None
    return {
        "amount": f"{money.amount.normalize():f}",
        "currency": money.currency,
        "dated": money.dated.isoformat(),
        "priceOfRegion": money.region or None,
    }


def total_json(found: "Total") -> dict[str, Any]:
    """A sum: one amount for each currency, and how many parts of it are unknown."""
    return {"amounts": [money_json(money) for money in found.amounts], "unknown": found.unknown}


def _estimate_json(name: str, stack: str, found: "Estimate", said: Sequence[str]) -> dict[str, Any]:
    def lines(rows: "Sequence[Line]", key: str) -> list[dict[str, Any]]:
        return [{key: row.of, "what": row.what, "times": row.times, "money": money_json(row.money)} for row in rows]

    return {
        "name": name,
        "stack": stack,
        "region": found.region,
        "idle": {"lines": lines(found.idle, "resource"), "total": total_json(found.idle_total)},
        "run": {"lines": lines(found.run, "step"), "total": total_json(found.run_total)},
        "shares": [
            {"name": share.name, "number": share.times, "idle": total_json(share.idle), "run": total_json(share.run)}
            for share in found.shares
            if share.name
        ],
        "notes": list(said),
    }
