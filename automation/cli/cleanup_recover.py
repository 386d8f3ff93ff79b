"""`visionlab cleanup recover`: what was deleted and can still be brought back, and bringing it back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.cleanup_place import open_cleanup, place_options
from automation.cli.cleanup_run import stack_of_plan
from automation.cli.console import Console
from automation.cli.options import example, json_option, yes_option
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cleanup import CleanupPlan
    from automation.cleanup.recovery import Recovered, SoftDeleted
    from automation.workflow.workbench import Workbench

__all__ = ["recover"]

FOR_DAYS = "14 days after its deletion"


@click.command(
    "recover",
    epilog=example(
        "visionlab cleanup recover",
        "visionlab cleanup recover plan.json",
        "visionlab cleanup recover --group rg-fruit-azure --stack azure --yes",
    ),
)
@click.argument("source", metavar="[PLAN|RECEIPT]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--group", "groups", metavar="NAME", multiple=True, help="All of this resource group; repeatable.")
@click.option("--resource", "ids", metavar="ID", multiple=True, help="This resource, by its id; repeatable.")
@click.option("--location", metavar="REGION", help="Where an ML workspace of --resource was.")
@place_options
@yes_option
@json_option
def recover(
    *,
    source: Path | None,
    groups: tuple[str, ...],
    ids: tuple[str, ...],
    location: str | None,
    file: Path,
    stack: str | None,
    subscription: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring back what was deleted, as long as Azure keeps it; without saying what, list what it keeps.

    AI accounts are kept 48 hours, key vaults 7 to 90 days, Log Analytics and ML workspaces 14 days. What was purged is
    gone for good, and `cleanup run` purges. Resource groups that are gone are made again; storage accounts and what was
    in them do not come back, and an ML workspace comes back only when its storage account is there.

    Azure has no list of soft-deleted ML workspaces: name them by a plan, a receipt, or --resource.
    """
    console = Console.of(as_json)
    chosen = source is not None or bool(groups) or bool(ids)
    where = stack_of_plan(source, stack) if source is not None else stack
    with open_cleanup(console, file=file, stack=where, subscription=subscription) as bench:
        plan = None if source is None else _plan(source, bench)
        found = _find(bench, plan, groups, ids, location)
        if not chosen or not found:
            console.result({"soft_deleted": [_row(one) for one in found]}, lambda: _list(console, found, chosen))
            return
        console.say("to be brought back:")
        for one in found:
            console.say(f"  {_words(one)}")
        console.confirm(f"This brings back {len(found)}; what costs money costs it again.", yes=yes)
        done = _recover(bench, found, console)
    failed = [one for one in done if one.failure is not None]
    console.result({"recovered": [_row(one.what, one) for one in done]}, lambda: _show(console, done))
    if failed:
        click.get_current_context().exit(1)


def _plan(source: Path, bench: "Workbench") -> "CleanupPlan":
    from automation.cleanup.plan_file import demand_here
    from automation.cleanup.receipt_file import read_plan_or_receipt

    plan = read_plan_or_receipt(source).plan
    demand_here(plan, bench.cloud, source.name)
    return plan


def _find(
    bench: "Workbench", plan: "CleanupPlan | None", groups: Sequence[str], ids: Sequence[str], location: str | None
) -> "list[SoftDeleted]":
    """What was asked for among what is kept; everything when nothing was."""
    from automation.cleanup.kinds import ML
    from automation.cleanup.recovery import list_recoverable, unlisted_workspace

    cloud = bench.cloud
    kept = list_recoverable(bench.arm, cloud.subscription_id, tenant=cloud.tenant_id or "")
    if plan is None and not groups and not ids:
        return list(kept)
    planned = {item.id.lower(): item for item in plan.items} if plan is not None else {}
    names, named = {name.lower() for name in groups}, {at.lower() for at in ids}
    found = [one for one in kept if one.id.lower() in {*planned, *named} or one.group.lower() in names]
    found += [
        unlisted_workspace(item.id, location=item.location, tags=item.tags)
        for item in planned.values()
        if item.type.lower() == ML.lower()
    ]
    for at in ids:
        if f"/{ML}/".lower() in f"{at}/".lower() and at.lower() not in planned:
            if location is None:
                raise click.UsageError("--location REGION says where the ML workspace was")
            found.append(unlisted_workspace(at, location=location))
    return found


def _recover(bench: "Workbench", found: "Sequence[SoftDeleted]", console: Console) -> "tuple[Recovered, ...]":
    from automation.cleanup.recovery import recover as bring_back

    with console.progress("cleanup recover") as progress:
        return bring_back(bench.arm, found, clock=bench.clock, progress=progress)


def _list(console: Console, found: "Sequence[SoftDeleted]", chosen: bool) -> None:
    from automation.cleanup import label_of

    if not found:
        console.line("none of it is kept" if chosen else "nothing is soft-deleted, as far as Azure lists it")
        return
    columns = ("what", "name", "group", "until")
    rows = [(label_of(one.type), printable(one.name), printable(one.group), _until(one)) for one in found]
    console.table(columns, rows)
    console.line("to bring back: visionlab cleanup recover --group NAME, --resource ID, or a plan's file")


def _show(console: Console, done: "Sequence[Recovered]") -> None:
    for one in done:
        if one.failure is None:
            console.line(f"back: {_words(one.what)}")
        else:
            console.line(f"NOT BACK: {_words(one.what)}: {printable(one.failure.message)}")


def _row(one: "SoftDeleted", done: "Recovered | None" = None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": one.id,
        "type": one.type,
        "location": one.location,
        "deleted": None if one.deleted is None else one.deleted.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "why_not": one.why_not,
    }
    if done is not None:
        row |= {"back": done.failure is None, "words": "" if done.failure is None else done.failure.message}
    return row


def _words(one: "SoftDeleted") -> str:
    from automation.cleanup import label_of

    seen = "" if one.is_listed else ", should it be soft-deleted"
    return printable(f"{label_of(one.type)} {one.name} in {one.group}{seen} (until {_until(one)})")


def _until(one: "SoftDeleted") -> str:
    if one.why_not:
        return one.why_not
    return FOR_DAYS if one.until is None else f"{one.until:%Y-%m-%d %H:%M} UTC"
