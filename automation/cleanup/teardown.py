"""Plans a teardown: looks, then decides."""

from collections.abc import Sequence

from automation.azure import Arm
from automation.cleanup.plan import make_plan
from automation.cleanup.survey import survey
from automation.cleanup.types import TeardownPlan

__all__ = ["plan_teardown"]


def plan_teardown(
    arm: Arm,
    *,
    resource_group_id: str,
    lab: str,
    stack: str,
    include_foreign: bool = False,
    known_workspaces: Sequence[str] = (),
) -> TeardownPlan:
    """What must be done to make the lab go; nothing is changed yet.

    A teardown that stopped half-way is planned again from what is still there, what is soft-deleted included. Only
    soft-deleted ML workspaces are listed nowhere: `known_workspaces` names those that the lab had, by id.

    Raises:
        Refused: The group holds foreign resources (unless `include_foreign`), is locked or managed by others.
        ServiceError: Something could not be listed.
    """
    return make_plan(
        survey(arm, resource_group_id),
        resource_group_id=resource_group_id,
        lab=lab,
        stack=stack,
        include_foreign=include_foreign,
        known_workspaces=known_workspaces,
    )
