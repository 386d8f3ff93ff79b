"""`visionlab model estimate`: what a training needs and costs, and what it took."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.cost import money_text
from automation.cli.options import example, file_option, json_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.workflow.estimating import BackEndEstimate, TrainingEstimate

__all__ = ["estimate"]

KINDS = ("object-detection", "image-classification")  # a test compares


@click.command(
    "estimate",
    epilog=example(
        "visionlab model estimate",
        "visionlab model estimate fruitdetector",
        "visionlab model estimate labels.json --budget-hours 3",
    ),
)
@click.argument("name", metavar="[NAME|FILE]", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="Of a FILE: what to train; a detector where it has boxes.")
@click.option(
    "--budget-hours", type=click.IntRange(1, 1344), default=1, show_default=True, help="Of a FILE: the budget."
)
@file_option
@json_option
def estimate(*, name: str | None, kind: str | None, budget_hours: int, file: Path, as_json: bool) -> None:
    """Say what a training needs on each back end, before it is started; after it, what it took.

    Without a name: all models of lab.yaml. A COCO FILE needs no lab. What is not known is said to be unknown.
    """
    from automation.training import ModelKind
    from automation.workflow.estimating import estimate_model, estimate_training, material_of

    console = Console.of(as_json)
    path = Path(name) if name is not None else None
    if path is not None and path.is_file():
        with console.progress(path.name) as progress:
            material = material_of(path, ModelKind(kind) if kind else None, progress=progress)
        found = [estimate_training(path.name, material, budget_hours)]
    else:
        with open_lab(file, console) as (lab, bench):
            plans = [plan for plan in lab.models if name in (None, plan.name)]
            if not plans:
                raise ConfigError(
                    f"there is no model or file {name!r}", hint="name a model of lab.yaml, or a COCO file"
                )
            with console.progress("estimate") as progress:
                found = [estimate_model(bench, plan, progress=progress) for plan in plans]

    def show() -> None:
        for one in found:
            _show(console, one)

    console.result([asdict(one) for one in found], show)


def _show(console: Console, found: "TrainingEstimate") -> None:
    material, need = found.material, found.need
    console.line(f"{found.name}: {material.kind.value}, {material.pictures:,} pictures, {material.classes} classes")
    advised = f"{need.advised_hours:.2f} to {need.generous_hours:.2f} advised"
    console.facts(
        {
            "budget": f"{found.budget_hours} h; at least {need.least_budget} h, advised {need.advised_budget} h",
            "compute hours": f"{need.minimum_hours:.2f} at least, {advised}",
        }
    )
    console.table(("back end", "target", "time", "money", ""), [_row(one) for one in found.back_ends])
    if found.actual is not None:
        took = "not over yet" if found.actual.seconds is None else _time(found.actual.seconds)
        billed = "" if found.actual.billed_minutes is None else f", {found.actual.billed_minutes} minutes billed"
        money = "" if found.actual.money is None else f", {money_text(found.actual.money)} by Azure's price list"
        console.line(f"actual: {found.actual.status}, {took}{billed}{money}")


def _row(one: "BackEndEstimate") -> tuple[str, ...]:
    time = "not possible" if not one.possible else "unknown" if one.seconds is None else _time(one.seconds)
    money = money_text(one.money) if one.costs else "none"
    return one.back_end, one.target, time, money if one.possible else "", one.note


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
