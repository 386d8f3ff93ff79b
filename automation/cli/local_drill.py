"""`visionlab local drill`: trouble on purpose, for a class or a test."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from automation.cli.console import Console
from automation.cli.context import local_home_of
from automation.cli.options import example, file_option, json_option
from automation.errors import ConfigError
from automation.local import DrillState, LocalAzure, begin_drill, end_drill, end_drills, list_drills

__all__ = ["drill"]


@click.command(
    "drill",
    epilog=example(
        "visionlab local drill",
        "visionlab local drill throttled",
        "visionlab local drill stuck-deletion --seconds 30",
        "visionlab local drill cut-uploads --count 3 --match 'training-images/.*jpg'",
        "visionlab local drill foreign-lock --off",
        "visionlab local drill --off",
    ),
)
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="Show all drills; so does no NAME.")
@click.option("--off", is_flag=True, help="Switch NAME off, or all without a NAME, and let go of what it holds.")
@click.option("--count", type=click.IntRange(1), help="How often it strikes.")
@click.option("--seconds", type=click.FloatRange(0), help="How long what it delays takes.")
@click.option("--match", help="Whom it strikes: a regular expression for paths, ids or names.")
@file_option
@json_option
def drill(
    *,
    name: str | None,
    listed: bool,
    off: bool,
    count: int | None,
    seconds: float | None,
    match: str | None,
    file: Path,
    as_json: bool,
) -> None:
    """Switch trouble on in the local Azure: throttling, a stuck deletion, a lock, a failed training.

    Each drill is the same every time. It says what it does, what to try, what one should see, and how it ends. A
    restart of the local Azure ends all of them; locks stay until they are switched off. Starts the local Azure when it
    does not run.
    """
    console = Console.of(as_json)
    if (listed or off or name is None) and any(value is not None for value in (count, seconds, match)):
        raise ConfigError("--count, --seconds and --match go with a drill that is switched on")
    if listed and (off or name is not None):
        raise ConfigError("--list stands alone")
    with console.progress("local Azure") as progress:
        connection = LocalAzure(local_home_of(file) / "local").ensure_started(progress)
    if name is None:
        found = end_drills(connection) if off else list_drills(connection)
        console.result({"drills": [asdict(one) for one in found]}, lambda: _show_all(console, found))
        return
    one = (
        end_drill(connection, name) if off else begin_drill(connection, name, count=count, seconds=seconds, match=match)
    )
    console.result(asdict(one), lambda: _show(console, one))


def _show_all(console: Console, drills: Sequence[DrillState]) -> None:
    console.table(("drill", "state", "what it does"), [(one.name, _state(one), one.what) for one in drills])


def _show(console: Console, one: DrillState) -> None:
    console.line(f"{one.name} is {_state(one)}")
    if one.on:
        switch = f"`visionlab local drill {one.name} --off`"
        console.facts(
            {"what it does": one.what, "try": one.tries, "you see": one.see, "ends": f"{one.ends}; or {switch}"}
        )


def _state(one: DrillState) -> str:
    if not one.on:
        return "off"
    return "on" if one.left is None else f"on, {one.left} left"
