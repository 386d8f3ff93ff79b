"""`visionlab cleanup sweep`: what has expired, marked first and deleted by a later sweep; meant for a schedule."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.cleanup_place import (
    DAYS,
    blocklist_options,
    open_cleanup,
    place_options,
    read_blocklist,
)
from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.errors import ConfigError
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cleanup import CleanupPlan
    from automation.cleanup.sweep import Mark, SweepWork
    from automation.workflow.workbench import Workbench

__all__ = ["sweep"]


@click.command(
    "sweep",
    epilog=example(
        "visionlab cleanup sweep --subscription ID --blocklist rg-production --dry-run",
        "visionlab cleanup sweep --subscription ID --confirm ID --stack azure --blocklist-file keep.txt --json",
    ),
)
@place_options
@click.option("--grace", type=DAYS, default=7, show_default=True, metavar="DAYS", help="From the mark to the deletion.")
@click.option("--confirm", metavar="ID", help="The subscription once more, in the place of typing it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be marked and deleted.")
@blocklist_options
@json_option
def sweep(
    *,
    file: Path,
    stack: str | None,
    subscription: str | None,
    grace: int,
    confirm: str | None,
    dry_run: bool,
    blocklist: tuple[str, ...],
    blocklist_file: Path | None,
    as_json: bool,
) -> None:
    """Delete what expired and was marked by an earlier sweep; mark what has expired since.

    The first sweep that finds a lab expired writes the tag visionlab:sweep with the day of its deletion, --grace days
    ahead, and names the owner. A sweep on or after that day deletes it, purges it and proves it. `visionlab cleanup
    extend` gives more time. Protection always wins: blocklist (which must not be empty), locks, managed groups,
    visionlab:protect, DoNotDelete, and whatever visionlab did not make. Days are days in UTC.

    For a scheduled job give --confirm; where nobody can type, the answer is no. Exit codes: 0 done, 1 something failed,
    2 wrong usage, 3 something is still being deleted.
    """
    from automation.cleanup.plan import demand_blocklist, look, plan_of
    from automation.cleanup.sweep import sweep_rules, sweep_work
    from automation.cleanup.targets import Target

    console = Console.of(as_json)
    if not subscription:
        raise ConfigError("a sweep has to be told its subscription", hint="add --subscription ID")
    rules = sweep_rules(read_blocklist(blocklist, blocklist_file), grace)
    demand_blocklist(Target.expired(), rules)
    with (
        open_cleanup(console, file=file, stack=stack, subscription=subscription) as bench,
        nullcontext() if dry_run else _alone(bench),
    ):
        with console.progress("sweep") as progress:
            found = look(bench.arm, Target.expired(), cloud=bench.cloud, rules=rules, progress=progress)
        plan = plan_of(found, Target.expired(), cloud=bench.cloud, clock=bench.clock, rules=rules)
        work = sweep_work(found, rules, plan.made.date())
        if not dry_run:
            result, code = _do(console, work, plan, bench, confirm=confirm)
        else:
            result, code = _result(work, plan, marked=work.to_mark, freed=work.to_free), 0
    console.result(result | {"dry_run": dry_run}, lambda: _show(console, result, dry_run=dry_run))
    if code:
        click.get_current_context().exit(code)


def _alone(bench: "Workbench") -> AbstractContextManager[None]:
    """One sweep at a time from this state folder: a schedule may start one while the last still waits for Azure."""
    from automation.workflow.lock import lab_lock

    command = " ".join(["visionlab", *sys.argv[1:]])
    return lab_lock(bench.home / "cleanup" / "sweep.lock", command=command, clock=bench.clock, what="the sweep")


def _do(
    console: Console, work: "SweepWork", plan: "CleanupPlan", bench: "Workbench", *, confirm: str | None
) -> tuple[dict[str, Any], int]:
    from automation.cleanup.sweep import put_marks
    from automation.cli.cleanup_plan import show_plan
    from automation.cli.cleanup_run import demand_name, receipt_result, run_plan

    if not (work.to_mark or work.to_free or plan.items):
        return _result(work, plan, marked=(), freed=()), 0
    if not console.as_json and plan.items:
        show_plan(console, plan)
    demand_name(console, plan, given=confirm)
    with console.progress("marking") as progress:
        marked, freed = put_marks(bench.arm, work, progress=progress)
    result = _result(work, plan, marked=marked, freed=freed)
    code = 1 if any(mark.failure for mark in (*marked, *freed)) else 0
    if plan.items:
        receipt, paths = run_plan(plan, bench, console, wait=True)
        result["receipt"] = receipt_result(receipt, paths)
        left = receipt.proof is not None and bool(receipt.proof.left_behind)
        if receipt.failed or (left and not receipt.open):
            code = 1
        elif receipt.open and not code:
            code = 3
    return result, code


def _result(
    work: "SweepWork", plan: "CleanupPlan", *, marked: "Sequence[Mark]", freed: "Sequence[Mark]"
) -> dict[str, Any]:
    return {
        "subscription": plan.subscription,
        "today": plan.made.date().isoformat(),
        "marked": [_mark(mark) for mark in marked],
        "freed": [_mark(mark) for mark in freed],
        "waiting": [_mark(mark) for mark in work.waiting],
        "kept": [{"id": one.id, "name": one.name, "reason": one.reason.value, "words": one.words} for one in work.kept],
        "due": [{"id": item.id, "name": item.name, "group": item.group, "why": item.why} for item in plan.items],
        "owners": sorted({mark.owner for mark in (*marked, *work.waiting) if mark.owner}),
        "receipt": None,
    }


def _mark(mark: "Mark") -> dict[str, str]:
    due = mark.due.isoformat() if mark.due else ""
    return {
        "id": mark.id,
        "name": mark.name,
        "owner": mark.owner,
        "expired": mark.expired,
        "due": due,
        "failure": mark.failure,
    }


def _show(console: Console, result: dict[str, Any], *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    for mark in result["marked"]:
        done = f"NOT MARKED, {mark['failure']}" if mark["failure"] else f"{would}marked to go on {mark['due']}"
        console.line(f"{_named(mark)}: {done}")
    for mark in result["freed"]:
        done = f"ITS MARK STAYS, {mark['failure']}" if mark["failure"] else f"its mark {would or 'was '}taken off"
        console.line(f"{_named(mark)}: extended; {done}")
    for mark in result["waiting"]:
        console.line(f"{_named(mark)}: goes on {mark['due']}")
    for one in result["kept"]:
        console.line(f"{printable(one['name'])}: stays, {printable(one['words'])}")
    for item in result["due"] if dry_run else ():
        console.line(f"{printable(item['name'])}: would be deleted, {printable(item['why'])}")
    _show_receipt(console, result)
    if not any(result[name] for name in ("marked", "freed", "waiting", "kept", "due")):
        console.line("nothing has expired")


def _show_receipt(console: Console, result: dict[str, Any]) -> None:
    receipt = result["receipt"]
    if receipt is not None:
        for left in (*receipt["failed"], *receipt["open"]):
            console.line(f"{left['outcome'].upper()}: {printable(left['id'])}: {printable(left['words'])}")
        for left in receipt["left_behind"]:
            console.line(f"LEFT BEHIND: {printable(left)}")
        console.line(f"{len(receipt['gone'])} of {len(result['due'])} gone; receipt: {receipt.get('receipt_page')}")


def _named(mark: dict[str, str]) -> str:
    owner = f" of {printable(mark['owner'])}" if mark["owner"] else ""
    return f"{printable(mark['name'])}{owner}, expired {printable(mark['expired'])}"
