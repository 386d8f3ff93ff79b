"""Tearing a lab down: shown, asked for, done in the order that purges, and proved.

Owns: the conversation. Leaves: what is deleted and in which order to `automation.cleanup`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automation.cli.console import Console
from automation.errors import Refused

if TYPE_CHECKING:
    from automation.cleanup import TeardownPlan
    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

__all__ = ["Torn", "show_proof", "tear_down"]

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


def tear_down(lab: "Lab", bench: "Workbench", console: Console, *, yes: bool) -> Torn:
    """Delete the lab's resources and prove it. Raises Refused when it holds foreign ones, or nobody says yes."""
    from automation.cleanup import plan_teardown, run_teardown, verify_gone

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
        workspaces = [resource.id for resource in resources if resource.type == WORKSPACE_TYPE]
        plan = plan_teardown(
            bench.arm, resource_group_id=group, lab=lab.name, stack=lab.stack, known_workspaces=workspaces
        )
    _show(plan, console)
    group_name = group.rpartition("/")[2]
    console.confirm(f"This deletes and purges everything in the resource group {group_name}.", yes=yes)
    with console.progress("teardown") as progress:
        run_teardown(plan, bench.arm, progress=progress, clock=bench.clock)
        progress(0, None, "looking whether anything is left")
        proof = verify_gone(bench.arm, plan)
    if not proof.left_behind:
        bench.stack.forget()
        bench.forget_outputs()
        bench.journal.close("torn down")
    return Torn(
        resource_group=group,
        steps=tuple(str(step) for step in plan.steps),
        checked=tuple(proof.checked),
        left_behind=tuple(proof.left_behind),
        kept=tuple(plan.kept),
    )


def show_proof(console: Console, checked: Sequence[str], left_behind: Sequence[str]) -> None:
    """What was looked for and is gone, and what is still there."""
    for proved in checked:
        console.line(f"checked: {proved}")
    for left in left_behind:
        console.line(f"LEFT BEHIND: {left}")


def _show(plan: "TeardownPlan", console: Console) -> None:
    console.say("to be deleted, in this order:")
    for step in plan.steps:
        console.say(f"  {step}")
    for kept in plan.kept:
        console.say(f"  stays: {kept}")
