"""`visionlab cleanup plan`: the dry run, on the terminal and on paper."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.cleanup_place import (
    DAYS,
    blocklist_options,
    open_cleanup,
    place_options,
    read_blocklist,
    read_target,
    target_options,
)
from automation.cli.console import Console
from automation.cli.options import example, json_option
from automation.errors import ConfigError
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cleanup.targets import Target
    from automation.cleanup.types import CleanupPlan, Item, Kept
    from automation.workflow.workbench import Workbench

__all__ = ["plan", "show_plan"]


@click.command(
    "plan",
    epilog=example(
        "visionlab cleanup plan",
        "visionlab cleanup plan --course botany --seat ana-k3x7qa",
        "visionlab cleanup plan --group rg-fruit-azure --stack azure --out friday.json",
        "visionlab cleanup plan --expired --stack azure --blocklist 'rg-production*' --json",
    ),
)
@target_options
@place_options
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("plan.json"),
    show_default=True,
    help="Where the plan is written.",
)
@click.option("--include-foreign", is_flag=True, help="Take what visionlab did not make, in groups that are meant.")
@click.option("--grace", type=DAYS, default=0, metavar="DAYS", help="For --expired: days to wait after the last day.")
@click.option(
    "--valid-for", type=DAYS, default=7, show_default=True, metavar="DAYS", help="For how long it may be run."
)
@blocklist_options
@json_option
def plan(
    *,
    file: Path,
    stack: str | None,
    subscription: str | None,
    out: Path,
    include_foreign: bool,
    grace: int,
    valid_for: int,
    blocklist: tuple[str, ...],
    blocklist_file: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show what a clean-up would delete, and write it down; deletes nothing.

    Without a target it is the lab of the lab file. The plan says of each resource why it goes, or which rule keeps it:
    the blocklist, a lock, what manages it, the tags visionlab:protect and DoNotDelete, whose it is, its last day. It
    says what is purged too, and what each costs a month; a price that nobody knows is unknown.

    `visionlab cleanup run plan.json` deletes what stands in it, and only what is still there and still may go by then.
    """
    from automation.cleanup.plan import demand_blocklist, make_cleanup_plan
    from automation.cleanup.plan_file import plan_document, write_plan
    from automation.cleanup.types import Rules

    console = Console.of(as_json)
    target = read_target(file, stack=stack, **asked)
    rules = Rules(
        include_foreign=include_foreign, blocklist=read_blocklist(blocklist, blocklist_file), grace_days=grace
    )
    demand_blocklist(target, rules)
    _demand_place(out)
    with (
        open_cleanup(console, file=file, stack=stack, subscription=subscription) as bench,
        console.progress("cleanup plan") as progress,
    ):
        made = make_cleanup_plan(
            bench.arm,
            target,
            cloud=bench.cloud,
            clock=bench.clock,
            rules=rules,
            valid_days=valid_for,
            known=_known(bench, target),
            progress=progress,
        )
    write_plan(out, made)
    console.result(plan_document(made) | {"file": str(out)}, lambda: _show(console, made, out))


def show_plan(console: Console, made: "CleanupPlan") -> None:
    """What goes, in order, and what stays and why."""
    from automation.cost import total

    if not made.items:
        console.line(f"nothing to delete: {made.target} on {made.cloud}")
    else:
        console.line(f"to be deleted, in this order: {made.target} on {made.cloud}")
        console.table(("what", "name", "group", "how", "a month", "why"), [_row(item) for item in made.items])
        costs = total([item.monthly for item in made.items if item.has_price], per="month")
        console.line(f"that costs {costs} while nobody uses it")
    if made.kept:
        console.line("stays:")
        console.table(("name", "group", "why"), _kept_rows(made.kept))
    for fate in made.groups:
        if not fate.whole and any(item.group.lower() == fate.name.lower() for item in made.items):
            console.line(f"the group {printable(fate.name)} stays: {printable(fate.words)}")


def _show(console: Console, made: "CleanupPlan", out: Path) -> None:
    show_plan(console, made)
    console.line(f"nothing was deleted; the plan is in {out}, valid until {made.valid_until:%Y-%m-%d %H:%M} UTC")
    if made.items:
        console.line(f"to do it: visionlab cleanup run {out}   (it asks for the name {printable(made.confirm)})")


def _known(bench: "Workbench", target: "Target") -> "list[Item]":
    """What this machine knows of the lab and no list of Azure shows, where the state is at hand."""
    from automation.cleanup.targets import TargetKind
    from automation.cli.teardown import known_workspaces

    if target.kind is not TargetKind.LAB or target.name != bench.lab.name or bench.local is None:
        return []
    return known_workspaces(bench.lab, bench.resources())


def _row(item: "Item") -> tuple[str, ...]:
    from automation.cleanup.kinds import row_of

    kind = row_of(item.type)
    how = "purge" if item.is_deleted else "with its group" if item.with_group else "delete"
    if not item.is_deleted and item.soft_deletable:
        how = "delete and purge" if item.purge else "delete; it stays soft-deleted"
    monthly = "" if not item.has_price else "unknown" if item.monthly is None else str(item.monthly)
    what = kind.label if kind else item.type
    return tuple(map(printable, (what, item.name, item.group, how, monthly.removesuffix(" a month"), item.why)))


def _kept_rows(kept: "tuple[Kept, ...]") -> list[tuple[str, ...]]:
    """One row for each reason in a group; many things with one reason are counted."""
    rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in kept:
        rows[one.group, f"{one.reason.value}: {one.words}"].append(one.name)
    return [
        (
            printable(names[0]) if len(names) == 1 else f"{printable(names[0])} and {len(names) - 1} more",
            *map(printable, why),
        )
        for why, names in rows.items()
    ]


def _demand_place(out: Path) -> None:
    """Refuse to write over what is no plan."""
    if not out.exists():
        return
    try:
        with out.open("rb") as file:
            is_plan = b'"format":"visionlab-cleanup-plan"' in file.read(64 * 1024)
    except OSError as exc:
        raise ConfigError(f"{out} cannot be read: {exc.strerror}", hint="give another path to --out") from exc
    if not is_plan:
        raise ConfigError(f"{out} is there and is no clean-up plan", hint="give another path to --out")
