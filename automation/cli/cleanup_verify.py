"""`visionlab cleanup verify`: whether a clean-up is done, and whether its receipt is what was written."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.cleanup_place import open_cleanup, place_options
from automation.cli.cleanup_run import receipt_result, show_receipt, stack_of_plan
from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.errors import Refused

if TYPE_CHECKING:
    from automation.cleanup import CleanupPlan, Receipt
    from automation.workflow.workbench import Workbench

__all__ = ["verify"]


@click.command(
    "verify",
    epilog=example(
        "visionlab cleanup verify plan.json",
        "visionlab cleanup verify .visionlab/cleanup/0c62b91be27f4a18.receipt.json",
        "visionlab cleanup verify receipt.json --chain --seal 5f0c...",
    ),
)
@click.argument("source", metavar="PLAN|RECEIPT", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--chain", is_flag=True, help="Only whether the receipt is as it was written; asks no Azure.")
@click.option("--seal", metavar="HASH", help="A hash that was shown and kept: all up to it must be as it was.")
@place_options
@json_option
def verify(
    *,
    source: Path,
    chain: bool,
    seal: str | None,
    file: Path,
    stack: str | None,
    subscription: str | None,
    as_json: bool,
) -> None:
    """Look whether anything is left of what a plan was to delete.

    Looks for resources, soft-deleted ones, role assignments and deployments outside of the groups, the state of stacks
    and seats on this machine. What cannot be listed is an error, and no proof. A receipt must be the one that was
    written: each of its records holds the hash of the one before. What the look finds is added to the receipt.
    """
    from automation.cleanup.receipt_file import read_plan_or_receipt

    console = Console.of(as_json)
    receipt = read_plan_or_receipt(source)
    added = _added_since(receipt, seal, source.name)
    if chain:
        count = len(receipt.records)
        result = {"plan": receipt.plan.id, "records": count, "seal": receipt.seal, "unchanged": True, "added": added}
        more = f", {added} of them since the hash you kept" if added else ""
        console.result(result, lambda: console.line(f"unchanged: {count} records{more}, last {receipt.seal}"))
        return
    where = stack_of_plan(source, stack)
    with open_cleanup(console, file=file, stack=where, subscription=subscription) as bench:
        looked, paths = _look(receipt, source, bench, console)
    console.result(receipt_result(looked, paths), lambda: show_receipt(console, looked, paths[1] if paths else None))
    if looked.proof and looked.proof.left_behind:
        click.get_current_context().exit(1)


def _added_since(receipt: "Receipt", seal: str | None, name: str) -> int:
    """How many records came after the hash that was kept; all up to it are as they were. Raises Refused."""
    if seal is None:
        return 0
    hashes = [receipt.plan.hash, *(record.hash for record in receipt.records)]
    if seal not in hashes:
        raise Refused(f"no record of {name} has the hash {seal}", hint="it was rewritten, or it is another receipt")
    return len(hashes) - 1 - hashes.index(seal)


def _look(receipt: "Receipt", source: Path, bench: "Workbench", console: Console) -> "tuple[Receipt, tuple[Path, ...]]":
    from automation.cleanup import verify_cleanup, with_local, with_proof, write_receipt
    from automation.cleanup.plan_file import demand_here
    from automation.cli.cleanup_state import state_left

    plan = receipt.plan
    demand_here(plan, bench.cloud, source.name)
    folder = source.absolute().parent if receipt.records else bench.home / "cleanup"
    if not receipt.records:
        receipt = _of_journal(plan, bench)
    with console.progress("cleanup verify") as progress:
        proof = verify_cleanup(plan, bench.arm, progress=progress, clock=bench.clock)
    had_run = bool(receipt.records)
    receipt = with_proof(receipt, with_local(proof, state_left(bench.home, plan)), clock=bench.clock)
    return receipt, write_receipt(receipt, folder) if had_run else ()


def _of_journal(plan: "CleanupPlan", bench: "Workbench") -> "Receipt":
    """What the runs of a plan have done here, if there were any."""
    from automation.cleanup import Receipt
    from automation.cleanup.journal import CleanupJournal

    journal = CleanupJournal(bench.home / "cleanup" / f"{plan.id}.jsonl", first=plan.hash, clock=bench.clock)
    return Receipt(plan=plan, records=journal.records)
