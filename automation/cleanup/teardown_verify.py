"""Proves that a lab is gone: looks for everything again, live and soft-deleted.

Owns: what is looked for, and the sentences of the proof. Whatever cannot be listed is an error, and no proof.
"""

from automation.azure import Arm
from automation.cleanup.kinds import SOFT_KINDS, kind_of
from automation.cleanup.survey import (
    RESOURCES_API,
    deleted_of,
    in_group,
    read_resource,
    resources_of,
    subscription_of,
)
from automation.cleanup.tag_names import LAB_TAG
from automation.cleanup.teardown import is_ours, ours_of
from automation.cleanup.types import Proof, TeardownPlan

__all__ = ["verify_gone"]

ROLES_API = "2022-04-01"


def verify_gone(arm: Arm, plan: TeardownPlan) -> Proof:
    """Look for the lab's group, resources, soft-deleted resources and role assignments.

    Raises:
        ServiceError: Something could not be listed; then nothing is proved.
    """
    group_id = plan.resource_group_id
    group_name = group_id.rstrip("/").rpartition("/")[2]
    subscription = f"/subscriptions/{subscription_of(group_id)}"
    checked: list[str] = []
    left: list[str] = []

    if arm.find(group_id, api_version=RESOURCES_API) is None:
        checked.append(f"resource group {group_name} is gone, and everything in it")
    else:
        left.append(f"resource group {group_name}")
        left += [f"{resource.type}/{resource.name}" for resource in resources_of(arm, group_id)]

    tagged = f"tagName eq '{LAB_TAG}' and tagValue eq '{plan.lab}'"
    elsewhere = [
        resource
        for entry in arm.list(f"{subscription}/resources", api_version=RESOURCES_API, params={"$filter": tagged})
        if is_ours((resource := read_resource(entry)).tags, lab=plan.lab, stack=plan.stack)
        and not in_group(resource.id, group_id)
    ]
    left += [f"{resource.type}/{resource.name} (in another group: {resource.id})" for resource in elsewhere]
    if not elsewhere:
        checked.append(f"no resource of the subscription is tagged {LAB_TAG} = {plan.lab} in stack {plan.stack}")

    deleted = ours_of(deleted_of(arm, group_id), lab=plan.lab, stack=plan.stack)
    left += [f"{_label(entry.type)} {entry.name} (soft-deleted in {entry.location})" for entry in deleted]
    for kind in SOFT_KINDS:
        if kind.only_where_registered:
            continue
        if kind.deleted_path is None:
            checked.append(f"every {kind.label} was deleted with its purge; Azure lists none that are soft-deleted")
        elif not any(entry.type == kind.type for entry in deleted):
            checked.append(f"no soft-deleted {kind.label} of {group_name}")

    path = f"{subscription}/providers/Microsoft.Authorization/roleAssignments"
    roles = [
        str(entry["id"]) for entry in arm.list(path, api_version=ROLES_API) if in_group(str(entry["id"]), group_id)
    ]
    left += [f"role assignment {role}" for role in roles]
    if not roles:
        checked.append(f"no role assignment at {group_name} or below")
    return Proof(checked=tuple(checked), left_behind=tuple(left))


def _label(resource_type: str) -> str:
    kind = kind_of(resource_type)
    return kind.label if kind else resource_type
