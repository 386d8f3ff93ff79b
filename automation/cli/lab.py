"""`visionlab lab`: the lab's resources, provisioned, looked at and torn down."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.engine import engine_option, stack_of
from automation.cli.options import example, file_option, json_option, stack_option, yes_option
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.provision import Summary

__all__ = ["lab"]

PLANNED = {"create": "to create", "update": "to update", "replace": "to replace", "delete": "to delete"}


@click.group("lab")
def lab() -> None:
    """The lab's resources: provision, look, tear down."""


@lab.command("up", epilog=example("visionlab lab up", "visionlab lab up --json", "visionlab lab up --engine pulumi"))
@file_option
@stack_option
@engine_option
@json_option
def up(*, file: Path, stack: str | None, engine: str | None, as_json: bool) -> None:
    """Bring the resources to what the Pulumi program says; a second time changes nothing."""
    from automation.cli.resource_view import watch_resources
    from automation.workflow.costing import cost_sentence

    console = Console.of(as_json)
    with open_lab(file, console, lock=True, stack=stack) as (found, bench):
        if (costs := cost_sentence(found)) is not None:
            console.say(f"cost: {costs}")
        with watch_resources(console, "up: running the Pulumi program") as seen:
            summary = stack_of(bench, engine).up(seen)
        bench.forget_outputs()
        outputs = bench.outputs()
    result = {"stack": found.stack, **_counted(summary), "resources": seen.rows(), "outputs": asdict(outputs)}
    console.result(result, lambda: _show(console, summary))


@lab.command("preview", epilog=example("visionlab lab preview", "visionlab lab preview --stack azure"))
@file_option
@stack_option
@engine_option
@json_option
def preview(*, file: Path, stack: str | None, engine: str | None, as_json: bool) -> None:
    """Show what `lab up` would do; changes nothing."""
    from automation.cli.resource_view import watch_resources

    console = Console.of(as_json)
    with (
        open_lab(file, console, stack=stack) as (found, bench),
        watch_resources(console, "preview: running the Pulumi program") as seen,
    ):
        summary = stack_of(bench, engine).preview(seen)
    result = {"stack": found.stack, **_counted(summary), "resources": seen.rows()}
    console.result(result, lambda: _show(console, summary, words=PLANNED))


@lab.command("refresh", epilog=example("visionlab lab refresh"))
@file_option
@stack_option
@engine_option
@json_option
def refresh(*, file: Path, stack: str | None, engine: str | None, as_json: bool) -> None:
    """Look at every resource and record what is really there."""
    from automation.cli.resource_view import watch_resources

    console = Console.of(as_json)
    with open_lab(file, console, lock=True, stack=stack) as (found, bench):
        with watch_resources(console, "refresh: looking at every resource") as seen:
            summary = stack_of(bench, engine).refresh(seen)
        bench.forget_outputs()
    console.result(
        {"stack": found.stack, **_counted(summary), "resources": seen.rows()}, lambda: _show(console, summary)
    )


@lab.command("outputs", epilog=example("visionlab lab outputs", "visionlab lab outputs --json"))
@file_option
@stack_option
@json_option
def outputs(*, file: Path, stack: str | None, as_json: bool) -> None:
    """Print what the lab consists of: names, ids, endpoints."""
    console = Console.of(as_json)
    with open_lab(file, console, stack=stack) as (_, bench):
        values = asdict(bench.outputs())
    console.result(values, lambda: console.facts(values))


@lab.command("status", epilog=example("visionlab lab status"))
@file_option
@stack_option
@json_option
def status(*, file: Path, stack: str | None, as_json: bool) -> None:
    """Show the lab's resources, and which steps of its run are done."""
    from automation.workflow.steps import STEPS

    console = Console.of(as_json)
    with open_lab(file, console, stack=stack) as (found, bench):
        there = bench.resources() if found.provisioned is None else []
        steps = {
            step.name: "done" if (record := bench.journal.steps.get(step.name)) and record.done else "open"
            for step in STEPS
            if step.wanted(found)
        }
    result = {
        "lab": found.name,
        "stack": found.stack,
        "provisioned": bool(there) or found.provisioned is not None,
        "provisioned_by": None if found.provisioned is None else found.provisioned.whose,
        "resources": [{"name": r.name, "type": r.type, "id": r.id} for r in there],
        "steps": steps,
    }

    def show() -> None:
        if found.provisioned is not None:
            console.line(f"{found.name} on {found.stack}: provisioned by {found.provisioned.whose}")
        elif there:
            console.line(f"{found.name} on {found.stack}: {len(there)} resources")
            console.table(("resource", "type"), [(r.name, r.type) for r in there])
        else:
            console.line(f"{found.name} on {found.stack}: not provisioned, no resources")
        done, undone = ([name for name, state in steps.items() if state == wanted] for wanted in ("done", "open"))
        console.facts({"steps done": done, "steps open": undone})

    console.result(result, show)


@lab.command(
    "export",
    epilog=example("visionlab lab export --out state.json", "visionlab lab export --stack azure > azure.json"),
)
@file_option
@stack_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Into this file; by default to stdout.")
@json_option
def export(*, file: Path, stack: str | None, out: Path | None, as_json: bool) -> None:
    """Print the stack's state as Pulumi's deployment JSON, for a copy or for `pulumi stack import`.

    Secrets in it are encrypted, and open with the lab's passphrase only.
    """
    console = Console.of(as_json)
    with open_lab(file, console, stack=stack) as (found, bench):
        document = bench.stack.export()
    if out is None:
        console.line(json.dumps(document, indent=4, ensure_ascii=False))
        return
    _write(out, json.dumps(document, indent=4, ensure_ascii=False) + "\n")
    count = len(document["deployment"].get("resources") or ())
    result = {"stack": found.stack, "file": out, "resources": count}
    console.result(result, lambda: console.line(f"{count} resources of {found.stack} are in {out}"))


@lab.command("import", epilog=example("visionlab lab import state.json", "visionlab lab import state.json --yes"))
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@file_option
@stack_option
@yes_option
@json_option
def import_(*, source: Path, file: Path, stack: str | None, yes: bool, as_json: bool) -> None:
    """Put a deployment JSON in the place of the stack's state. Nothing in Azure changes.

    It is what `lab export` or `pulumi stack export` wrote. The state that was there is kept as a copy.
    """
    console = Console.of(as_json)
    document = _read_document(source)
    with open_lab(file, console, lock=True, stack=stack) as (found, bench):
        if bench.stack.exists():
            console.confirm(f"The stack {found.stack} has a state already, which {source} takes the place of.", yes=yes)
        bench.stack.import_(document)
        bench.forget_outputs()
        there = len(bench.resources())
    result = {"stack": found.stack, "resources": there}
    console.result(result, lambda: console.line(f"the state of {found.stack} now has {there} resources"))


@lab.command("down", epilog=example("visionlab lab down", "visionlab lab down --yes --json"))
@file_option
@stack_option
@yes_option
@json_option
def down(*, file: Path, stack: str | None, yes: bool, as_json: bool) -> None:
    """Delete and purge all the lab's resources, and prove that they are gone.

    Shows what it will delete, and asks. It refuses when the resource group holds something that is not this lab's.
    """
    from automation.cli.teardown import show_proof, tear_down

    console = Console.of(as_json)
    with open_lab(file, console, lock=True, stack=stack) as (found, bench):
        torn = tear_down(found, bench, console, yes=yes)

    def show() -> None:
        show_proof(console, torn.checked, torn.left_behind)
        if not torn.left_behind:
            console.line("nothing is left" if torn.resource_group else "there was nothing to delete")
        if torn.receipt:
            console.line(f"receipt: {torn.receipt}")

    console.result(asdict(torn), show)
    if torn.left_behind:
        click.get_current_context().exit(1)


def _write(path: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}", hint="give another path to --out") from exc


def _read_document(source: Path) -> dict[str, Any]:
    try:
        found: object = json.loads(source.read_bytes())
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{source} cannot be read as JSON: {exc}", hint="give what `lab export` wrote") from exc
    if not isinstance(found, dict):
        raise ConfigError(f"{source} is no deployment JSON", hint="give what `lab export` wrote")
    return cast("dict[str, Any]", found)


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
