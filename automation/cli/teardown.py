"""Tearing a lab down: shown, asked for, done in the order that purges, and proved.

Owns: the conversation. Leaves: what is deleted and in which order to `automation.cleanup`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automation.cli.console import Console
from automation.errors import Refused
from automation.workflow.lab_types import Lab
from automation.workflow.workbench import Workbench

if TYPE_CHECKING:
    from automation.cleanup import TeardownPlan

__all__ = ["Torn", "tear_down"]

GROUP_TYPE = "azure-native:resources:ResourceGroup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """What a teardown did and proved."""

    resource_group: str
    steps: tuple[str, ...]
    checked: tuple[str, ...]
    left_behind: tuple[str, ...]


def tear_down(lab: Lab, bench: Workbench, console: Console, *, yes: bool) -> Torn:
    """Delete the lab's resources and prove it. Raises Refused when it holds foreign ones, or nobody says yes."""
    from automation.cleanup import plan_teardown, run_teardown, verify_gone

    group = _group(bench)
    if group is None:
        console.say(f"the lab {lab.name!r} has no resources")
        return Torn(resource_group="", steps=(), checked=(), left_behind=())
    with console.progress("teardown") as progress:
        progress(0, None, "looking at what is there")
        plan = plan_teardown(bench.arm, resource_group_id=group, lab=lab.name, stack=lab.stack)
    _show(plan, console)
    if plan.foreign:
        raise Refused(
            f"{len(plan.foreign)} resources in {group} are not this lab's: {', '.join(plan.foreign)}",
            hint="move or delete them, then run the command again; nothing was deleted",
        )
    console.confirm(f"This deletes and purges everything in {group}.", yes=yes)
    with console.progress("teardown") as progress:
        run_teardown(plan, bench.arm, progress=progress)
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
    )


def _group(bench: Workbench) -> str | None:
    """The resource group's id, from the stack's state: a half-made lab has no outputs yet."""
    if not bench.stack.exists():
        return None
    return next((resource.id for resource in bench.stack.resources() if resource.type == GROUP_TYPE), None)


def _show(plan: "TeardownPlan", console: Console) -> None:
    console.say("to be deleted, in this order:")
    for step in plan.steps:
        console.say(f"  {step}")
