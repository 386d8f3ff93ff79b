"""`visionlab cost`: what a lab or a course will cost, and what was spent."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
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


@cost.command(
    "estimate",
    epilog=example(
        "visionlab cost estimate",
        "visionlab cost estimate lab.yaml --stack azure",
        "visionlab cost estimate lab.yaml --json",
    ),
)
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path), default=Path("lab.yaml"), metavar="[FILE]")
@stack_option
@json_option
def estimate(*, source: Path, stack: str | None, as_json: bool) -> None:
    """Say what the resources of lab.yaml cost in a month in which nobody uses them, and what a run costs.

    The prices stand in a table that comes with visionlab, each with its source and date. What is not in it is unknown,
    and never nothing. On the local Azure nothing costs anything: it shows what the same costs on Azure.
    """
    from automation.cost import caveats
    from automation.workflow.costing import lab_estimate
    from automation.workflow.lab_file import read_lab

    console = Console.of(as_json)
    if source.suffix.lower() not in (".yaml", ".yml"):
        raise ConfigError(f"{source} is no lab file", hint="name a lab.yaml")
    lab = read_lab(source)
    lab = replace(lab, stack=stack or lab.stack)
    found = lab_estimate(lab)
    said = caveats(found, today=SystemClock().now().date())
    if lab.stack == "local":
        said.insert(0, "the stack is local and costs nothing: this is what the same costs on Azure")
    title = f"{lab.name} on {lab.stack}, {found.region}"
    console.result(_estimate_json(lab.name, lab.stack, found, said), lambda: _show(console, title, found, said))


def _show(console: Console, title: str, found: "Estimate", said: Sequence[str]) -> None:
    console.line(printable(title))
    console.line("")
    console.table(("resource", "what", "a month"), [_row(line) for line in found.idle])
    console.line("")
    if found.run:
        console.table(("step", "what", "a run"), [_row(line) for line in found.run])
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
        "notes": list(said),
    }
