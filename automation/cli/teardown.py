"""Tearing a lab down: shown, asked for, done in the order that purges, and proved.

Owns: the conversation. Leaves: what is deleted and in which order to `automation.cleanup`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automation.cli.console import Console
from automation.errors import Refused
from automation.printable import printable

if TYPE_CHECKING:
    from automation.cleanup import CleanupPlan, Item, Receipt
    from automation.provision import StackResource
    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

__all__ = ["Torn", "known_workspaces", "show_proof", "tear_down"]

GROUP_TYPE = "azure-native:resources:ResourceGroup"
WORKSPACE_TYPE = "azure-native:machinelearningservices:Workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """What a teardown did and proved; `kept` is what Azure will not purge before its time."""

    resource_group: str
    steps: tuple[str, ...]
    checked: tuple[str, ...]
    left_behind: tuple[str, ...]
    kept: tuple[str, ...]
    receipt: str = ""


def tear_down(lab: "Lab", bench: "Workbench", console: Console, *, yes: bool) -> Torn:
    """Delete the lab's resources and prove it. Raises Refused when it holds foreign ones, or nobody says yes."""
    resources = bench.resources()
    group = next((resource.id for resource in resources if resource.type == GROUP_TYPE), None)
    if not group:
        console.say(f"the lab {lab.name!r} has no resources")
        return Torn(resource_group="", steps=(), checked=(), left_behind=(), kept=())
    if protected := [resource.name for resource in resources if resource.protect]:
        raise Refused(
            f"these resources of {lab.name} are protected: {', '.join(protected)}",
            hint="set `protect: false` under `settings:`, run `visionlab lab up`, then tear it down",
        )
    with console.progress("teardown") as progress:
        progress(0, None, "looking at what is there")
        plan = _plan(lab, bench, resources)
    _demand_whole(plan)
    _show(plan, console)
    group_name = group.rpartition("/")[2]
    console.confirm(f"This deletes and purges everything in the resource group {group_name}.", yes=yes)
    receipt, page = _run(plan, bench, console)
    proof = receipt.proof
    if receipt.is_proved:
        bench.stack.forget()
        bench.forget_outputs()
        bench.journal.close("torn down")
    return Torn(
        resource_group=group,
        steps=_steps(plan),
        checked=proof.checked if proof else (),
        left_behind=(*(proof.left_behind if proof else ()), *_unfinished(receipt)),
        kept=_stays(plan),
        receipt=page,
    )


def show_proof(console: Console, checked: Sequence[str], left_behind: Sequence[str]) -> None:
    """What was looked for and is gone, and what is still there."""
    for proved in checked:
        console.line(f"checked: {printable(proved)}")
    for left in left_behind:
        console.line(f"LEFT BEHIND: {printable(left)}")


def _plan(lab: "Lab", bench: "Workbench", resources: "Sequence[StackResource]") -> "CleanupPlan":
    from automation.cleanup import Target, make_cleanup_plan

    known = known_workspaces(lab, resources)
    target = Target.lab(lab.name, stack=lab.stack)
    return make_cleanup_plan(bench.arm, target, cloud=bench.cloud, clock=bench.clock, known=known)


def known_workspaces(lab: "Lab", resources: "Sequence[StackResource]") -> "list[Item]":
    """The ML workspaces that the stack has: should one be soft-deleted, no list of Azure shows it."""
    return [_known(lab, resource) for resource in resources if resource.type == WORKSPACE_TYPE]


def _known(lab: "Lab", workspace: "StackResource") -> "Item":
    from automation.cleanup import LAB_TAG, ML, STACK_TAG, Item, Stage

    return Item(
        id=workspace.id,
        type=ML,
        name=workspace.id.rpartition("/")[2],
        location="",
        group=workspace.id.strip("/").split("/")[3],
        stage=Stage.ML_WORKSPACES,
        why="the stack has it",
        tags={LAB_TAG: lab.name, STACK_TAG: lab.stack},
    )


def _demand_whole(plan: "CleanupPlan") -> None:
    """A lab goes whole or not at all; its parts alone are `visionlab cleanup`'s."""
    from automation.cleanup import Reason, label_of

    stay = [kept for kept in plan.kept if kept.reason not in {Reason.PURGE_PROTECTED, Reason.HOLDS_KEPT}]
    partly = [fate.name for fate in plan.groups if not fate.whole]
    if not (stay and partly):
        return
    raise Refused(
        f"{', '.join(partly)} cannot go whole: "
        + "; ".join(f"{label_of(kept.type)} {kept.name} stays ({kept.words})" for kept in stay),
        hint="nothing was deleted. Move these or delete them yourself, then repeat; or let them stay, and delete the "
        f"rest: visionlab cleanup plan --lab {plan.target.name}",
    )


def _run(plan: "CleanupPlan", bench: "Workbench", console: Console) -> "tuple[Receipt, str]":
    from automation.cleanup import run_cleanup, verify_cleanup, with_proof, write_receipt

    folder = bench.home / "cleanup"
    with console.progress("teardown") as progress:
        receipt = run_cleanup(
            plan, bench.arm, journal=folder / f"{plan.id}.jsonl", progress=progress, clock=bench.clock
        )
        progress(0, None, "looking whether anything is left")
        proof = verify_cleanup(plan, bench.arm, clock=bench.clock)
    receipt = with_proof(receipt, proof, clock=bench.clock)
    _, page = write_receipt(receipt, folder)
    return receipt, str(page)


def _steps(plan: "CleanupPlan") -> tuple[str, ...]:
    from automation.cleanup import step_words

    return tuple(step_words(item) for item in plan.items if not item.with_group)


def _stays(plan: "CleanupPlan") -> tuple[str, ...]:
    from automation.cleanup import label_of

    return tuple(f"{label_of(kept.type)} {kept.name}: {kept.words}" for kept in plan.kept)


def _unfinished(receipt: "Receipt") -> tuple[str, ...]:
    from automation.cleanup import item_words

    return tuple(
        f"{item_words(entry.item)}: {entry.outcome.value}{': ' * bool(entry.words)}{entry.words}"
        for entry in (*receipt.failed, *receipt.open)
    )


def _show(plan: "CleanupPlan", console: Console) -> None:
    console.say("to be deleted, in this order:")
    for step in _steps(plan):
        console.say(f"  {printable(step)}")
    for kept in _stays(plan):
        console.say(f"  stays: {printable(kept)}")
