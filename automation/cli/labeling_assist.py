"""`visionlab labeling assist`: a model that learns from the first labels and proposes the next."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_place import own_project, project_argument
from automation.cli.options import example, file_option, json_option
from automation.errors import OperationFailed, WaitTimeout

if TYPE_CHECKING:
    from automation.workflow.workbench import Workbench

__all__ = ["assist"]

KINDS = ("training", "inference", "clustering")
WAITING = ("Queued", "Running")
LOOK_EVERY_S = 1.0
WAIT_S = 1800.0


@click.group("assist")
def assist() -> None:
    """Help by a model: train now, look at its experiments."""


@assist.command(
    "start", epilog=example("visionlab labeling assist start", "visionlab labeling assist start --kind clustering")
)
@project_argument
@click.option("--kind", type=click.Choice(KINDS), default="training", show_default=True, help="What is to be done.")
@click.option("--wait", is_flag=True, help="Wait until it and what follows it has ended, half an hour at most.")
@file_option
@json_option
def start(*, project: str | None, kind: str, wait: bool, file: Path, as_json: bool) -> None:
    """Train on what is labeled so far and propose labels for the rest, or find groups of like pictures.

    It goes on by itself; labeling goes on meanwhile.
    """
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        name = own_project(lab, project)
        number = bench.labeling_data.start_experiment(name, kind)
        ended = _ended(bench, name, number, console) if wait else None
    result = {"number": number, "kind": kind} | ({"experiment": ended} if ended else {})
    said = f"experiment {number}: {kind}" + (f", {ended['state']}" if ended else "")
    console.result(result, lambda: console.line(said))


def _ended(bench: "Workbench", name: str, number: int, console: Console) -> dict[str, Any]:
    """The experiment, when it and all others have ended. Raises OperationFailed when it went wrong."""
    end = bench.clock.monotonic() + WAIT_S
    with console.progress("assist") as progress:
        while True:
            found = bench.labeling_data.experiments(name)["value"]
            ours = next(e for e in found if e["number"] == number)
            waiting = [e for e in found if e["state"] in WAITING]
            if not waiting:
                break
            said: dict[str, Any] = waiting[-1].get("progress") or {}
            progress(float(said.get("fraction") or 0), 1.0, f"{waiting[-1]['kind']} {said.get('stage') or ''}".strip())
            if bench.clock.monotonic() > end:
                raise WaitTimeout(resource=f"experiment {number}", waited_s=WAIT_S, last_status=ours["state"])
            bench.clock.sleep(LOOK_EVERY_S)
    if ours["state"] != "Completed":
        raise OperationFailed(
            resource=f"experiment {number}", status=ours["state"], detail=_message(ours) or "no reason given"
        )
    return ours


@assist.command("cancel", epilog=example("visionlab labeling assist cancel 3"))
@click.argument("number", type=click.IntRange(1))
@project_argument
@file_option
@json_option
def cancel(*, number: int, project: str | None, file: Path, as_json: bool) -> None:
    """Stop an experiment; proposals that are there stay."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        bench.labeling_data.cancel_experiment(own_project(lab, project), number)
    console.result({"cancelled": number}, lambda: console.line(f"experiment {number} is stopped"))


@assist.command("status", epilog=example("visionlab labeling assist status"))
@project_argument
@file_option
@json_option
def status(*, project: str | None, file: Path, as_json: bool) -> None:
    """Show the experiments, the newest first, and when the next begins."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        found = bench.labeling_data.experiments(own_project(lab, project))
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
