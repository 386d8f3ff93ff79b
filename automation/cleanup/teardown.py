"""Plans the teardown of one group: looks, then decides. Pure, but for `plan_teardown`, which looks.

Owns: what is this lab's, what is foreign, and the steps in their order.
Leaves: looking to `survey.py`, doing to `run.py`; whatever is more than one lab's group to `plan.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from automation.azure import Arm
from automation.cleanup.kinds import LONG_S, Kind, kind_of
from automation.cleanup.survey import RESOURCES_API, in_group, subscription_of, survey_group
from automation.cleanup.tag_names import LAB_TAG, STACK_TAG
from automation.cleanup.types import (
    Call,
    DeletedResource,
    GroupSurvey,
    Lock,
    Resource,
    Stage,
    TeardownPlan,
    TeardownStep,
)
from automation.errors import Refused

__all__ = ["is_ours", "make_plan", "ours_of", "plan_teardown"]

LOCK_NOTES = "Made by visionlab"  # infra writes this into the lock it makes
LOCKS_API = "2020-05-01"
GROUP_S = 3600.0

# Azure makes these by itself beside Application Insights, without tags.
_BY_ITSELF = {
    "microsoft.alertsmanagement/smartdetectoralertrules": "failure anomalies - ",
    "microsoft.insights/actiongroups": "application insights smart detection",
}


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
        survey_group(arm, resource_group_id),
        resource_group_id=resource_group_id,
        lab=lab,
        stack=stack,
        include_foreign=include_foreign,
        known_workspaces=known_workspaces,
    )


def make_plan(
    found: GroupSurvey,
    *,
    resource_group_id: str,
    lab: str,
    stack: str,
    include_foreign: bool = False,
    known_workspaces: Sequence[str] = (),
) -> TeardownPlan:
    """The steps that make the lab go.

    Args:
        found: What is there.
        resource_group_id: The lab's group.
        lab: The lab, as its tags say.
        stack: The stack, as its tags say.
        include_foreign: Delete what is not this lab's too.
        known_workspaces: Ids of ML workspaces that the lab had. One that is no longer there may be soft-deleted, and
            Azure has no list of those: it is purged by name.

    Raises:
        Refused: The group is managed by another resource or locked by somebody else (always), or holds resources that
            are not this lab's (unless `include_foreign`); the message lists them all.
    """
    group_name = resource_group_id.rstrip("/").rpartition("/")[2]
    if found.managed_by:
        raise Refused(f"resource group {group_name} is managed by {found.managed_by}", hint="delete that one instead")
    _demand_no_foreign_locks(found.locks, resource_group_id, group_name)
    foreign = tuple(_foreign(found, lab=lab, stack=stack))
    if foreign and not include_foreign:
        raise Refused(
            f"{group_name} holds what is not lab {lab}'s: {', '.join(foreign)}",
            hint="move or delete them, then run the command again; nothing was deleted",
        )
    deleted = ours_of(found.deleted, lab=lab, stack=stack)
    steps = [
        *(_unlock(lock) for lock in found.locks),
        *(_delete(resource, kind) for resource in found.resources if (kind := kind_of(resource.type))),
        *(_purge(entry, kind) for entry in deleted if not entry.purge_protected and (kind := kind_of(entry.type))),
    ]
    live = {resource.id.lower() for resource in found.resources}
    steps += [_purge_workspace(at) for at in known_workspaces if at.lower() not in live]
    if found.group is not None:
        steps.append(_delete_group(found.group))
    protected = [entry for entry in (*found.resources, *deleted) if entry.purge_protected]
    return TeardownPlan(
        resource_group_id=resource_group_id,
        lab=lab,
        stack=stack,
        steps=tuple(sorted(steps, key=lambda step: step.stage)),
        foreign=foreign,
        kept=tuple(f"{_what(entry)}: purge protection keeps it until its retention ends" for entry in protected),
    )


def is_ours(tags: Mapping[str, str], *, lab: str, stack: str) -> bool:
    """Whether tags say that a resource is this lab's, and not another stack's of the same lab."""
    lower = {key.lower(): value for key, value in tags.items()}
    return lower.get(LAB_TAG) == lab and lower.get(STACK_TAG, stack) == stack


def ours_of(deleted: Iterable[DeletedResource], *, lab: str, stack: str) -> list[DeletedResource]:
    """Those that this lab left behind: what another lab had in a group of the same name is not ours to purge."""
    return [entry for entry in deleted if not entry.tags or is_ours(entry.tags, lab=lab, stack=stack)]


def _foreign(found: GroupSurvey, *, lab: str, stack: str) -> Iterator[str]:
    if found.group is not None and not is_ours(found.group.tags, lab=lab, stack=stack):
        yield f"the resource group itself (its tag {LAB_TAG} is {found.group.tags.get(LAB_TAG) or 'not set'})"
    ours = {r.id.lower(): r for r in found.resources if is_ours(r.tags, lab=lab, stack=stack)}
    linked = {link.lower() for resource in ours.values() for link in resource.linked}
    for resource in found.resources:
        at = resource.id.lower()
        below_ours = any(at.startswith(parent + "/") for parent in ours)
        if at not in ours and at not in linked and not below_ours and not _made_by_azure(resource):
            yield f"{resource.type}/{resource.name}"


def _made_by_azure(resource: Resource) -> bool:
    prefix = _BY_ITSELF.get(resource.type.lower())
    return prefix is not None and not resource.tags and resource.name.lower().startswith(prefix)


def _demand_no_foreign_locks(locks: tuple[Lock, ...], group_id: str, group_name: str) -> None:
    foreign = [lock for lock in locks if not (lock.notes.startswith(LOCK_NOTES) and in_group(lock.id, group_id))]
    if foreign:
        names = ", ".join(lock.id.rpartition("/")[2] for lock in foreign)
        raise Refused(
            f"resource group {group_name} is locked by {names}, which visionlab did not make",
            hint="if the lock may go, remove it yourself: az lock delete --ids ...; nothing was deleted",
        )


def _unlock(lock: Lock) -> TeardownStep:
    call = Call(method="DELETE", path=lock.id, api_version=LOCKS_API)
    return TeardownStep(stage=Stage.UNLOCK, title=f"remove lock {lock.id.rpartition('/')[2]}", calls=(call,))


def _delete(resource: Resource, kind: Kind) -> TeardownStep:
    calls = [
        Call(
            method="DELETE",
            path=resource.id,
            api_version=kind.api_version,
            params=kind.delete_params,
            deadline_s=LONG_S,
        )
    ]
    for_good = bool(kind.delete_params)
    if kind.purge is not None and not kind.delete_params and not resource.purge_protected:
        calls.append(_purge_call(kind, resource.id, resource.location, resource.name))
        for_good = True
    title = f"delete {'and purge ' if for_good else ''}{_what(resource)}"
    return TeardownStep(stage=kind.stage, title=title, calls=tuple(calls))


def _purge(entry: DeletedResource, kind: Kind) -> TeardownStep:
    call = _purge_call(kind, entry.original_id, entry.location, entry.name)
    return TeardownStep(stage=kind.stage, title=f"purge deleted {_what(entry)}", calls=(call,))


def _purge_workspace(workspace_id: str) -> TeardownStep:
    kind = kind_of("Microsoft.MachineLearningServices/workspaces")
    if kind is None:
        raise ValueError("the table of kinds has no row for ML workspaces")
    call = Call(
        method="DELETE",
        path=workspace_id,
        api_version=kind.api_version,
        params=kind.delete_params,
        is_purge=True,
        deadline_s=LONG_S,
    )
    title = f"purge {kind.label} {workspace_id.rpartition('/')[2]}, should it be soft-deleted"
    return TeardownStep(stage=kind.stage, title=title, calls=(call,))


def _purge_call(kind: Kind, resource_id: str, location: str, name: str) -> Call:
    if kind.purge is None:
        raise ValueError(f"{kind.label} cannot be purged")
    group = resource_id.strip("/").split("/")[3]
    return kind.purge(subscription_of(resource_id), location.replace(" ", "").lower(), group, name)


def _delete_group(group: Resource) -> TeardownStep:
    call = Call(method="DELETE", path=group.id, api_version=RESOURCES_API, deadline_s=GROUP_S)
    return TeardownStep(
        stage=Stage.GROUP, title=f"delete resource group {group.name} with everything in it", calls=(call,)
    )


def _what(resource: Resource | DeletedResource) -> str:
    kind = kind_of(resource.type)
    return f"{kind.label if kind else resource.type} {resource.name}"
