"""`visionlab labeling assist`: a model that learns from the first labels and proposes the next."""

from pathlib import Path
from typing import Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_place import plan_of, project_argument
from automation.cli.options import example, file_option, json_option

__all__ = ["assist"]

KINDS = ("training", "clustering")


@click.group("assist")
def assist() -> None:
    """Help by a model: train now, look at its experiments."""


@assist.command(
    "start", epilog=example("visionlab labeling assist start", "visionlab labeling assist start --kind clustering")
)
@project_argument
@click.option("--kind", type=click.Choice(KINDS), default="training", show_default=True, help="What is to be done.")
@file_option
@json_option
def start(*, project: str | None, kind: str, file: Path, as_json: bool) -> None:
    """Train on what is labeled so far and propose labels for the rest, or find groups of like pictures.

    It goes on by itself; labeling goes on meanwhile.
    """
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        name = project or plan_of(lab).project
        number = bench.labeling_data.start_experiment(name, kind)
    console.result({"number": number, "kind": kind}, lambda: console.line(f"experiment {number}: {kind}"))


@assist.command("status", epilog=example("visionlab labeling assist status"))
@project_argument
@file_option
@json_option
def status(*, project: str | None, file: Path, as_json: bool) -> None:
    """Show the experiments, the newest first, and when the next begins."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        found = bench.labeling_data.experiments(project or plan_of(lab).project)
    rows = [(e["number"], e["kind"], e["state"], _progress(e), e["started"], _message(e)) for e in found["value"]]

    def show() -> None:
        console.table(("experiment", "kind", "state", "done", "started", "message"), rows)
        outlook: dict[str, Any] = found.get("assist") or {}
        if outlook.get("next") is not None:
            console.line(f"the next training begins at {outlook['next']} labels; there are {outlook['labeled']}")

    console.result(found, show)


def _progress(experiment: dict[str, Any]) -> str | None:
    said: dict[str, Any] = experiment.get("progress") or {}
    return f"{said['fraction']:.0%}" if isinstance(said.get("fraction"), int | float) else None


def _message(experiment: dict[str, Any]) -> str | None:
    detail: dict[str, Any] = experiment.get("detail") or {}
    return detail.get("message")
