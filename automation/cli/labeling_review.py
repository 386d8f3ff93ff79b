"""`visionlab labeling review` and `stats`: looking at what people did, and saying yes or no to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.labeling_place import own_project
from automation.cli.options import example, file_option, json_option, yes_option

__all__ = ["review", "stats"]

STATES = ("open", "prelabeled", "labeled", "skipped", "review")
ORDERS = ("number", "newest", "disagreement", "uncertainty")

F = TypeVar("F", bound=Callable[..., Any])


def _project_option(command: F) -> F:
    return click.option("--project", help="Another project than that of lab.yaml.")(command)


def _filter_options(command: F) -> F:
    """The filters of the data page."""
    for option in reversed(
        (
            click.option("--state", type=click.Choice(STATES), help="Only pictures in this state."),
            click.option(
                "--decided", type=click.Choice(("approved", "skip-accepted", "none")), help="By the decision."
            ),
            click.option("--class", "class_", help="Only pictures with a label of this class."),
            click.option("--labeler", help="Only what this person labeled."),
            click.option("--from", "from_", metavar="DATE", help="Labeled on this day or later, as 2026-11-20."),
            click.option("--to", metavar="DATE", help="Labeled on this day or earlier."),
            click.option(
                "--max-agreement", type=click.FloatRange(0, 1), help="Only what people agree on less than so."
            ),
            click.option("--search", help="Only names with this in them."),
        )
    ):
        command = option(command)
    return command


def _filters(given: dict[str, Any]) -> dict[str, str]:
    names = {
        "state": "state",
        "decided": "review",
        "class_": "class",
        "labeler": "labeler",
        "from_": "from",
        "to": "to",
        "max_agreement": "maxAgreement",
        "search": "search",
    }
    return {name: str(given[key]) for key, name in names.items() if given[key] is not None}


@click.group("review")
def review() -> None:
    """What people labeled: look, approve, reject."""


@review.command(
    "list",
    epilog=example(
        "visionlab labeling review list --state review",
        "visionlab labeling review list --labeler ana@example.com --order newest",
    ),
)
@_project_option
@_filter_options
@click.option("--order", type=click.Choice(ORDERS), default="number", show_default=True, help="What comes first.")
@click.option("--top", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many at most.")
@file_option
@json_option
def list_tasks(*, project: str | None, order: str, top: int, file: Path, as_json: bool, **given: Any) -> None:
    """List pictures with what they have now."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        filters = _filters(given) | {"order": order}
        found = [*bench.labeling_data.tasks(own_project(lab, project), filters, most=top)]
    columns = ("task", "picture", "state", "labels", "by", "agreement", "review")
    rows = [
        (
            task["id"],
            task["path"],
            task["state"],
            _labels(task),
            task.get("labeledBy"),
            task.get("agreement"),
            task.get("review"),
        )
        for task in found
    ]
    console.result(found, lambda: console.table(columns, rows))


def _labels(task: dict[str, Any]) -> str:
    """Classes with how often each is there."""
    counts: dict[str, int] = {}
    for label in task.get("labels") or task.get("prelabels") or ():
        name = str(label.get("name") or label.get("class"))
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in counts.items())


def _decision(name: str, action: str, said: str, sentence: str) -> None:
    """One command of the group."""

    @review.command(
        name,
        help=sentence,
        epilog=example(
            f"visionlab labeling review {name} 3 4", f"visionlab labeling review {name} --search cam1/ --yes"
        ),
    )
    @click.argument("tasks", nargs=-1, type=click.IntRange(0), metavar="[TASK]...")
    @_project_option
    @_filter_options
    @file_option
    @yes_option
    @json_option
    def decide(
        *, tasks: tuple[int, ...], project: str | None, file: Path, yes: bool, as_json: bool, **given: Any
    ) -> None:
        filters = _filters(given)
        if bool(tasks) == bool(filters):
            raise click.UsageError("name tasks by their numbers, or say by filters which are meant")
        console = Console.of(as_json)
        with open_lab(file, console, lock=True) as (lab, bench):
            of_project = own_project(lab, project)
            if tasks:
                seen = {task: int(bench.labeling_data.task(of_project, task)["version"]) for task in tasks}
                outcome = bench.labeling_data.decide(of_project, action, tasks=seen)
            else:
                shown = ", ".join(f"{key} {value}" for key, value in filters.items())
                console.confirm(f"This means every picture of {of_project} with {shown}.", yes=yes)
                outcome = bench.labeling_data.decide(of_project, action, filters=filters)
        for task, why in outcome.refused:
            console.say(f"task {task}: {why}")
        refused = [{"task": task, "why": why} for task, why in outcome.refused]
        result = {"done": list(outcome.done), "refused": refused}
        console.result(result, lambda: console.line(f"{len(outcome.done)} {said}, {len(outcome.refused)} refused"))
        if outcome.refused and not outcome.done:
            click.get_current_context().exit(1)


_decision("approve", "approve", "approved", "Say yes to labels.")
_decision("unapprove", "unapprove", "taken back", "Take approvals back.")
_decision("reject", "reject", "rejected", "Say no: the labels go, and the picture goes back to the queue.")
_decision("reopen", "reopen", "back in the queue", "Give pictures back to the queue, their labels as proposals.")
_decision("accept-skip", "acceptSkip", "skips accepted", "Accept that pictures were skipped.")


@review.command("gold", epilog=example("visionlab labeling review gold 3 4", "visionlab labeling review gold 3 --off"))
@click.argument("tasks", nargs=-1, required=True, type=click.IntRange(0), metavar="TASK...")
@click.option("--off", is_flag=True, help="They are gold no more.")
@_project_option
@file_option
@json_option
def gold(*, tasks: tuple[int, ...], off: bool, project: str | None, file: Path, as_json: bool) -> None:
    """Make labeled pictures gold: mixed into everybody's queue, to see how well people label.

    How often is `gold_every:` of lab.yaml; `labeling stats` has the scores.
    """
    console = Console.of(as_json)
    with open_lab(file, console, lock=True) as (lab, bench):
        for task in tasks:
            bench.labeling_data.make_gold(own_project(lab, project), task, gold=not off)
    said = f"{len(tasks)} pictures are {'no more ' if off else ''}gold"
    console.result({"tasks": list(tasks), "gold": not off}, lambda: console.line(said))


@click.command(
    "stats",
    epilog=example(
        "visionlab labeling stats", "visionlab labeling stats --json", "visionlab labeling stats --agreement"
    ),
)
@click.argument("project", required=False)
@click.option("--agreement", is_flag=True, help="Instead, how far people agree, by class and by person.")
@file_option
@json_option
def stats(*, project: str | None, agreement: bool, file: Path, as_json: bool) -> None:
    """Show the numbers of the dashboard: classes, people, agreement, experiments."""
    console = Console.of(as_json)
    with open_lab(file, console) as (lab, bench):
        data, name = bench.labeling_data, own_project(lab, project)
        found = data.agreement(name) if agreement else data.statistics(name)
    console.result(found, lambda: (_show_agreement if agreement else _show)(console, found))


def _show_agreement(console: Console, found: dict[str, Any]) -> None:
    whole = found["project"]
    console.facts({"method": found["method"], "agreement": whole["agreement"], "pictures compared": whole["tasks"]})
    if found["classes"]:
        console.line("")
        console.table(("class", "agreement"), [(entry["name"], entry["agreement"]) for entry in found["classes"]])
    if found["people"]:
        console.line("")
        rows = [(entry["email"], entry["answers"], entry["agreement"]) for entry in found["people"]]
        console.table(("person", "answers", "agreement"), rows)


def _show(console: Console, found: dict[str, Any]) -> None:
    console.facts(
        {**found["progress"], "agreement": found.get("agreement"), "pictures an hour": found["eta"]["perHour"]}
    )
    console.line("")
    classes = [(entry["name"], entry["labels"], entry["tasks"], entry.get("agreement")) for entry in found["classes"]]
    console.table(("class", "labels", "pictures", "agreement"), classes)
    if found["people"]:
        console.line("")
        rows = [
            (
                p["email"],
                p["labeled"],
                p["skipped"],
                p["rejected"],
                p["medianSeconds"],
                p["perHour"],
                p["agreement"],
                _gold(p),
            )
            for p in found["people"]
        ]
        columns = ("person", "labeled", "skipped", "rejected", "seconds", "an hour", "agreement", "gold")
        console.table(columns, rows)


def _gold(person: dict[str, Any]) -> str | None:
    gold: dict[str, Any] = person.get("gold") or {}
    return f"{gold['right']} of {gold['answered']}" if gold.get("answered") else None
