"""`visionlab model`: training and what came out of it."""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.model_estimate import estimate
from automation.cli.options import example, file_option, json_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.training import Model
    from automation.workflow.lab_types import Lab, ModelPlan

__all__ = ["model"]


@click.group("model")
def model() -> None:
    """Models: estimate, train, watch, evaluate."""


model.add_command(estimate)


@model.command("train", epilog=example("visionlab model train fruitdetector", "visionlab model train m --no-wait"))
@click.argument("name")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait for the end of the training.")
@click.option("--replace", is_flag=True, help="Delete a model of this name first.")
@file_option
@json_option
def train(*, name: str, wait: bool, replace: bool, file: Path, as_json: bool) -> None:
    """Train a model of lab.yaml; picks up a training that runs already. Ctrl-C asks the service to stop it."""
    from automation.workflow.learning import model_spec, wait_for_model

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        plan = _plan(lab, name)
        if replace:
            bench.vision.models.delete(name, missing_ok=True)
        found = bench.vision.models.ensure(model_spec(plan), recreate_failed=True)
        if wait:
            with console.progress(f"train {name}") as progress:
                found = wait_for_model(bench, plan, progress, console.say)
    _show(console, found)


@model.command("list", epilog=example("visionlab model list"))
@file_option
@json_option
def list_all(*, file: Path, as_json: bool) -> None:
    """List the models of the vision service."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench):
        found = [facts(entry) for entry in bench.vision.models.list()]
    rows = [(entry["name"], entry["kind"], entry["status"], entry["headline"]) for entry in found]
    console.result(found, lambda: console.table(("model", "kind", "status", "figure"), rows))


@model.command("show", epilog=example("visionlab model show fruitdetector", "visionlab model show m --json"))
@click.argument("name")
@file_option
@json_option
def show(*, name: str, file: Path, as_json: bool) -> None:
    """Show one model: how its training went, and its figures in the service's own words."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench):
        found = bench.vision.models.get(name)
    _show(console, found)


@model.command("wait", epilog=example("visionlab model wait fruitdetector --timeout 600"))
@click.argument("name")
@click.option("--timeout", type=click.FloatRange(0), default=7200.0, show_default=True, help="Seconds to wait.")
@file_option
@json_option
def wait(*, name: str, timeout: float, file: Path, as_json: bool) -> None:
    """Wait for the end of a training. Ctrl-C stops the waiting, not the training."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench), console.progress(f"train {name}") as progress:
        found = bench.vision.models.wait_for(name, timeout_s=timeout, progress=progress)
    _show(console, found)


@model.command("cancel", epilog=example("visionlab model cancel fruitdetector"))
@click.argument("name")
@file_option
@json_option
def cancel(*, name: str, file: Path, as_json: bool) -> None:
    """Ask the service to stop a training."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench):
        bench.vision.models.cancel(name)
        found = bench.vision.models.get(name)
    _show(console, found)


@model.command(
    "evaluate",
    epilog=example(
        "visionlab model evaluate fruitdetector --dataset evaluation_images",
        "visionlab model evaluate fruitdetector --out evaluation",
    ),
)
@click.argument("name")
@click.option("--dataset", help="What to measure with; by default what lab.yaml says.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Ask the model about each picture too, and write a report, charts and a model card to this folder.",
)
@file_option
@json_option
def evaluate(*, name: str, dataset: str | None, out: Path | None, file: Path, as_json: bool) -> None:
    """Measure a model on a dataset; with --out also as `visionlab evaluate` does, picture by picture."""
    from automation.workflow.learning import evaluate_model, headline

    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        chosen = dataset or _plan(lab, name).evaluate
        if chosen is None:
            raise ConfigError(f"nothing says what to measure {name} with", hint="give --dataset")
        with console.progress(f"evaluate {name}") as progress:
            figures = evaluate_model(bench, name, chosen, uuid.uuid4().hex, progress)
        judged = None
        if out is not None:
            from automation.workflow.judging import judge_model

            with console.progress(f"look at {chosen}") as progress:
                found = bench.vision.models.get(name)
                judged = judge_model(lab, bench, found, dataset=chosen, out=out, progress=progress)
    result: dict[str, Any] = {"model": name, "dataset": chosen, "modelPerformance": figures}
    if judged is not None:
        from automation.coco.evaluation import record

        result |= {"evaluation": record(judged), "bundle": str(out)}

    def show() -> None:
        console.line(f"{name} on {chosen}: {headline(figures)}")
        if out is not None:
            console.line(f"report: {out / 'report.html'}")

    console.result(result, show)


@model.command("delete", epilog=example("visionlab model delete fruitdetector"))
@click.argument("name")
@file_option
@json_option
def delete(*, name: str, file: Path, as_json: bool) -> None:
    """Delete a model; the service refuses while it trains."""
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (_, bench):
        bench.vision.models.delete(name)
        bench.journal.forget("train", "evaluate", "predict")
    console.result({"deleted": name}, lambda: console.line(f"deleted {name}"))


def facts(found: "Model") -> dict[str, Any]:
    """A model as JSON; `modelPerformance` has the service's field names."""
    from automation.workflow.learning import headline

    return {
        "name": found.name,
        "kind": found.spec.kind.value,
        "dataset": found.spec.dataset_name,
        "evaluation_dataset": found.spec.evaluation_dataset,
        "budget_hours": found.spec.budget_hours,
        "status": found.status_text,
        "fraction": found.fraction,
        "created": found.created.isoformat() if found.created else None,
        "updated": found.updated.isoformat() if found.updated else None,
        "cost_minutes": found.cost_minutes,
        "error": {"code": found.error.code, "message": found.error.message} if found.error else None,
        "modelPerformance": dict(found.performance) if found.performance else None,
        "headline": headline(found.performance) if found.performance else None,
    }


def _show(console: Console, found: "Model") -> None:
    known = facts(found)
    figures: dict[str, Any] = known["modelPerformance"] or {}

    def show() -> None:
        shown: dict[str, object] = {k: v for k, v in known.items() if k not in ("modelPerformance", "headline")}
        for name, value in figures.items():
            if name == "tagPerformance":
                tags: dict[str, dict[str, float]] = value
                shown |= {f"  {tag}": _in_words(of_tag) for tag, of_tag in tags.items()}
            else:
                shown[name] = f"{value:.3f}" if isinstance(value, float) else value
        console.facts(shown)

    console.result(known, show)


def _in_words(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())


def _plan(lab: "Lab", name: str) -> "ModelPlan":
    from automation.nearest import hint_for

    for plan in lab.models:
        if plan.name == name:
            return plan
    hint = hint_for(name, [plan.name for plan in lab.models], otherwise="add it to `models:`")
    raise ConfigError(f"there is no model {name!r} in {lab.path.name}", hint=hint)
