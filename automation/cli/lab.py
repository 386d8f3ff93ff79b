"""`visionlab lab`: the lab's resources, provisioned, looked at and torn down."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.engine import engine_option, stack_of
from automation.cli.options import example, file_option, json_option, yes_option

if TYPE_CHECKING:
    from automation.provision import Summary

__all__ = ["lab"]

PLANNED = {"create": "to create", "update": "to update", "replace": "to replace", "delete": "to delete"}


@click.group("lab")
def lab() -> None:
    """The lab's resources: provision, look, tear down."""


@lab.command("up", epilog=example("visionlab lab up", "visionlab lab up --json", "visionlab lab up --engine pulumi"))
@file_option
@engine_option
@json_option
def up(*, file: Path, engine: str, as_json: bool) -> None:
    """Bring the resources to what the Pulumi program says; a second time changes nothing."""
    from automation.cli.resource_view import watch_resources

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (found, bench):
        with watch_resources(console, "up: running the Pulumi program") as seen:
            summary = stack_of(bench, engine).up(seen)
        bench.forget_outputs()
        outputs = bench.outputs()
    result = {"stack": found.stack, **_counted(summary), "resources": seen.rows(), "outputs": asdict(outputs)}
    console.result(result, lambda: _show(console, summary))


@lab.command("preview", epilog=example("visionlab lab preview"))
@file_option
@engine_option
@json_option
def preview(*, file: Path, engine: str, as_json: bool) -> None:
    """Show what `lab up` would do; changes nothing."""
    from automation.cli.resource_view import watch_resources

    console = Console.of(as_json)
    with (
        open_lab(file, console) as (found, bench),
        watch_resources(console, "preview: running the Pulumi program") as seen,
    ):
        summary = stack_of(bench, engine).preview(seen)
    result = {"stack": found.stack, **_counted(summary), "resources": seen.rows()}
    console.result(result, lambda: _show(console, summary, words=PLANNED))


@lab.command("refresh", epilog=example("visionlab lab refresh"))
@file_option
@engine_option
@json_option
def refresh(*, file: Path, engine: str, as_json: bool) -> None:
    """Look at every resource and record what is really there."""
    from automation.cli.resource_view import watch_resources

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (found, bench):
        with watch_resources(console, "refresh: looking at every resource") as seen:
            summary = stack_of(bench, engine).refresh(seen)
        bench.forget_outputs()
    console.result(
        {"stack": found.stack, **_counted(summary), "resources": seen.rows()}, lambda: _show(console, summary)
    )


@lab.command("outputs", epilog=example("visionlab lab outputs", "visionlab lab outputs --json"))
@file_option
@json_option
def outputs(*, file: Path, as_json: bool) -> None:
    """Print what the lab consists of: names, ids, endpoints."""
    console = Console.of(as_json)
    with open_lab(file, console) as (_, bench):
        values = asdict(bench.outputs())
    console.result(values, lambda: console.facts(values))


@lab.command("status", epilog=example("visionlab lab status"))
@file_option
@json_option
def status(*, file: Path, as_json: bool) -> None:
    """Show the lab's resources, and which steps of its run are done."""
    from automation.workflow.steps import STEPS

    console = Console.of(as_json)
    with open_lab(file, console) as (found, bench):
        there = bench.resources()
        steps = {
            step.name: "done" if (record := bench.journal.steps.get(step.name)) and record.done else "open"
            for step in STEPS
            if step.wanted(found)
        }
    result = {
        "lab": found.name,
        "stack": found.stack,
        "provisioned": bool(there),
        "resources": [{"name": r.name, "type": r.type, "id": r.id} for r in there],
        "steps": steps,
    }

    def show() -> None:
        if there:
            console.line(f"{found.name} on {found.stack}: {len(there)} resources")
            console.table(("resource", "type"), [(r.name, r.type) for r in there])
        else:
            console.line(f"{found.name} on {found.stack}: not provisioned, no resources")
        done, undone = ([name for name, state in steps.items() if state == wanted] for wanted in ("done", "open"))
        console.facts({"steps done": done, "steps open": undone})

    console.result(result, show)


@lab.command("down", epilog=example("visionlab lab down", "visionlab lab down --yes --json"))
@file_option
@yes_option
@json_option
def down(*, file: Path, yes: bool, as_json: bool) -> None:
    """Delete and purge all the lab's resources, and prove that they are gone.

    Shows what it will delete, and asks. It refuses when the resource group holds something that is not this lab's.
    """
    from automation.cli.teardown import show_proof, tear_down

    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (found, bench):
        torn = tear_down(found, bench, console, yes=yes)

    def show() -> None:
        show_proof(console, torn.checked, torn.left_behind)
        if not torn.left_behind:
            console.line("nothing is left" if torn.resource_group else "there was nothing to delete")

    console.result(asdict(torn), show)
    if torn.left_behind:
        click.get_current_context().exit(1)


def _counted(summary: "Summary") -> dict[str, object]:
    return {
        "changes": dict(summary.changes),
        "seconds": round(summary.seconds, 3),
        "diagnostics": list(summary.diagnostics),
    }


def _show(console: Console, summary: "Summary", *, words: Mapping[str, str] | None = None) -> None:
    """The counts; `words` stand for done work that is only planned."""
    from automation.provision import PAST

    told: Mapping[str, str] = {**PAST, **(words or {})}
    for line in summary.diagnostics:
        console.say(line)
    counts = ", ".join(f"{count} {told[op]}" for op, count in summary.changes.items() if count)
    console.line(f"{counts or 'no resources'} in {summary.seconds:.1f} s")
