"""`visionlab cleanup run`: what a plan says, deleted, looked for, and on a receipt."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.cleanup_place import open_cleanup, place_options
from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.errors import Refused
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cleanup import CleanupPlan, Entry, Receipt
    from automation.workflow.workbench import Workbench

__all__ = ["demand_name", "receipt_result", "run", "run_plan", "show_receipt", "stack_of_plan"]

MOST_SHOWN = 20


@click.command(
    "run",
    epilog=example(
        "visionlab cleanup run plan.json",
        "visionlab cleanup run friday.json --confirm rg-fruit-azure --json",
        "visionlab cleanup run plan.json --no-wait",
    ),
)
@click.argument("plan_file", metavar="PLAN", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--confirm", metavar="NAME", help="The name that the plan asks for, in the place of typing it.")
@click.option("--no-wait", is_flag=True, help="Begin to delete the groups, and leave; `cleanup verify` looks later.")
@place_options
@json_option
def run(
    *,
    plan_file: Path,
    confirm: str | None,
    no_wait: bool,
    file: Path,
    stack: str | None,
    subscription: str | None,
    as_json: bool,
) -> None:
    """Delete what stands in a plan, prove that it is gone, and write a receipt.

    It looks at everything anew: only what is in the plan, still there and still may go is deleted. What was protected
    or locked since, or changed hands, stays and is named; a group that holds anything else stays too. It asks for a
    name; --confirm NAME gives it, and nothing else does.

    What fails is named, and the rest goes on. The same command goes on where it was stopped or failed.
    """
    from automation.cleanup import read_plan

    console = Console.of(as_json)
    where = stack_of_plan(plan_file, stack)
    with open_cleanup(console, file=file, stack=where, subscription=subscription) as bench:
        plan = read_plan(plan_file, cloud=bench.cloud, clock=bench.clock)
        _show_plan(plan, console)
        demand_name(console, plan, given=confirm)
        receipt, paths = run_plan(plan, bench, console, wait=not no_wait)
    result = receipt_result(receipt, paths)
    console.result(result, lambda: _show(console, receipt, paths[1], waited=not no_wait, plan_file=plan_file))
    _exit(receipt, waited=not no_wait)


def stack_of_plan(path: Path, stack: str | None) -> str:
    """The stack that leads to the plan's cloud, unless one was named; whether it is the right one is checked later."""
    if stack is not None:
        return stack
    from automation.cleanup.plan_file import read_json

    document = read_json(path)
    inner: object = document.get("plan")
    cloud: object = inner.get("cloud") if isinstance(inner, dict) else document.get("cloud")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] JSON
    return "azure" if cloud == "azure" else "local"


def receipt_result(receipt: "Receipt", paths: Sequence[Path]) -> dict[str, Any]:
    """A receipt as a command's result."""
    from automation.cleanup import DONE, Outcome

    proof = receipt.proof
    return {
        "plan": receipt.plan.id,
        "gone": [entry.item.id for entry in receipt.with_outcome(*DONE)],
        "purged": [entry.item.id for entry in receipt.with_outcome(Outcome.PURGED)],
        "kept": [_said(entry) for entry in receipt.with_outcome(Outcome.KEPT)],
        "failed": [_said(entry) for entry in receipt.failed],
        "open": [_said(entry) for entry in receipt.open],
        "monthly": str(receipt.saved),
        "checked": list(proof.checked) if proof else [],
        "left_behind": list(proof.left_behind) if proof else [],
        "proved": receipt.is_proved,
        "seal": receipt.seal,
        **dict(zip(("receipt", "receipt_page"), map(str, paths), strict=False)),
    }


def show_receipt(console: Console, receipt: "Receipt", page: Path | None) -> None:
    """What a receipt says, in lines."""
    from automation.cleanup import DONE, ML, Outcome

    proof = receipt.proof
    for checked in proof.checked if proof else ():
        console.line(f"checked: {printable(checked)}")
    for entry in receipt.with_outcome(Outcome.KEPT)[:MOST_SHOWN]:
        console.line(f"stays: {_words(entry)}")
    for entry in [entry for entry in receipt.with_outcome(Outcome.GONE) if entry.item.type == ML][:MOST_SHOWN]:
        console.line(f"not seen: {_words(entry)}")
    for entry in (*receipt.failed, *receipt.open)[:MOST_SHOWN]:
        console.line(f"{entry.outcome.value.upper()}: {_words(entry)}")
    for left in (proof.left_behind if proof else ())[:MOST_SHOWN]:
        console.line(f"LEFT BEHIND: {printable(left)}")
    gone = len(receipt.with_outcome(*DONE))
    console.line(f"{gone} of {len(receipt.plan.items)} gone; they cost {receipt.saved} a month")
    if page is not None:
        console.line(f"receipt: {page}")
        console.line(f"its last hash, to keep elsewhere: {receipt.seal}")


def _show_plan(plan: "CleanupPlan", console: Console) -> None:
    from automation.cleanup import item_words

    whole = [fate.name for fate in plan.groups if fate.whole]
    console.say(f"{plan.target}, planned {plan.made:%Y-%m-%d %H:%M} UTC: {len(plan.items)} things to be deleted")
    for name in whole[:MOST_SHOWN]:
        console.say(f"  the resource group {printable(name)} with everything in it")
    alone = [item for item in plan.items if item.group.lower() not in {name.lower() for name in whole}]
    for item in alone[:MOST_SHOWN]:
        console.say(f"  {printable(item_words(item))}{f' in {printable(item.group)}' if item.group else ''}")
    more = max(0, len(whole) - MOST_SHOWN) + max(0, len(alone) - MOST_SHOWN)
    if more:
        console.say(f"  and {more} more")


def demand_name(console: Console, plan: "CleanupPlan", *, given: str | None) -> None:
    """Have the plan's name typed, or given by --confirm; where nobody can type, the answer is no."""
    name = plan.confirm
    if given == name:
        return
    shown = printable(name)
    if given is not None:
        raise Refused(f"--confirm says {given!r}, and the plan asks for {shown!r}", hint="nothing was deleted")
    if console.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        hint = f"nothing was deleted; add --confirm {shown} when you mean it"
        raise Refused("nobody is here to type the name that the plan asks for", hint=hint)
    question = f"This deletes and purges them for good. Type {shown} to go on"
    typed: object = click.prompt(question, default="", show_default=False, err=True)
    if str(typed).strip() != name:
        raise Refused("not done: that was not the name", hint=f"nothing was deleted; type {shown} in full")


def run_plan(
    plan: "CleanupPlan", bench: "Workbench", console: Console, *, wait: bool
) -> "tuple[Receipt, tuple[Path, Path]]":
    """Run a plan, look, and write the receipt; nobody else may use this folder's lab meanwhile."""
    from automation.cleanup import run_cleanup, verify_cleanup, with_local, with_proof, write_receipt
    from automation.cli.cleanup_state import forget_stacks, state_left
    from automation.workflow.lock import lab_lock

    folder = bench.home / "cleanup"
    command = " ".join(["visionlab", *sys.argv[1:]])
    held = partial(lab_lock, command=command, clock=bench.clock)
    with held(folder / f"{plan.id}.lock", what=f"the plan {plan.id}"), held(bench.home / "lock"):
        with console.progress("cleanup") as progress:
            receipt = run_cleanup(
                plan,
                bench.arm,
                journal=folder / f"{plan.id}.jsonl",
                progress=progress,
                clock=bench.clock,
                wait=wait,
            )
            write_receipt(receipt, folder)
            if wait:
                progress(0, None, "looking whether anything is left")
                proof = verify_cleanup(plan, bench.arm, clock=bench.clock)
                if not proof.left_behind:
                    forget_stacks(bench, plan)
                receipt = with_proof(receipt, with_local(proof, state_left(bench.home, plan)), clock=bench.clock)
        return receipt, write_receipt(receipt, folder)


def _show(console: Console, receipt: "Receipt", page: Path, *, waited: bool, plan_file: Path) -> None:
    show_receipt(console, receipt, page)
    if not waited and not receipt.failed:
        console.line(f"the groups are being deleted; look later: visionlab cleanup verify {plan_file}")
    elif receipt.failed or receipt.open:
        console.line(f"to go on: visionlab cleanup run {plan_file}")


def _exit(receipt: "Receipt", *, waited: bool) -> None:
    """1 for what failed or is left, 3 for what is still under way, 0 when it is proved or was not to be waited for."""
    if receipt.failed or (receipt.proof and receipt.proof.left_behind and not receipt.open):
        click.get_current_context().exit(1)
    if waited and receipt.open:
        click.get_current_context().exit(3)


def _said(entry: "Entry") -> dict[str, str]:
    return {"id": entry.item.id, "outcome": entry.outcome.value, "words": entry.words}


def _words(entry: "Entry") -> str:
    from automation.cleanup import item_words

    return printable(item_words(entry.item) + (f": {entry.words}" if entry.words else ""))
