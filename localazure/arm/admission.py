"""Admission: everything that is checked before a resource may be written, apart from its own content.

Owns: type, group, provider, parent, name and soft-deleted namesakes.
Leaves: content to `drafting.py` and the table's hooks.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import bad_request
from localazure.arm.ids import Target, key, parse
from localazure.arm.providers import registered
from localazure.arm.resources import Resource
from localazure.arm.table import ABSENT, TABLE
from localazure.arm.table_monitor import NO_DATA
from localazure.arm.table_vaults import VAULT
from localazure.arm.types import ResourceType, World
from localazure.errors import AzureError

__all__ = ["check_group", "check_name_free", "check_place", "not_found", "type_row"]


def type_row(target: Target, api_version: str) -> ResourceType:
    """The row of a target's type; AzureError 501 for types that it lacks, 404 for those that nobody has."""
    row = TABLE.get((target.type or "").lower())
    if (target.type or "").lower() in NO_DATA:
        raise AzureError(
            501,
            "NotImplementedByLocalAzure",
            f"The local Azure keeps no logs, so there is no {target.type}: the workspace exists as a resource only.",
        )
    if row is None:
        _refuse_absent(target.type or "")
        leaf = (target.type or "/").split("/", 1)[1]
        raise AzureError(
            404,
            "InvalidResourceType",
            f"The resource type '{leaf}' could not be found in the namespace '{target.namespace}' for api version "
            f"'{api_version}'. The local Azure does not have it: docs/reference/local-azure-coverage.md.",
        )
    return row


def _refuse_absent(type_name: str) -> None:
    """Types below an absent one are as absent as it is."""
    for name, words in ABSENT.items():
        if f"{type_name}/".lower().startswith(f"{name}/".lower()):
            raise AzureError(501, "NotImplementedByLocalAzure", f"{words} are not implemented by the local Azure.")


def not_found(target: Target) -> AzureError:
    where = f" under resource group '{target.group}'" if target.group else ""
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{target.type}/{target.name}'{where} was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


def check_group(world: World, target: Target) -> None:
    """AzureError 404 or 409 when the target's group is missing or going away."""
    if target.group_id is None:
        return
    group = world.resources.get(target.group_id)
    if group is None:
        raise AzureError(404, "ResourceGroupNotFound", f"Resource group '{target.group}' could not be found.")


def check_place(world: World, target: Target, row: ResourceType) -> None:
    check_group(world, target)
    group = world.resources.get(target.group_id) if target.group_id else None
    if group is not None and group["properties"]["provisioningState"] == "Deleting":
        raise AzureError(
            409,
            "ResourceGroupBeingDeleted",
            f"The resource group '{target.group}' is in deprovisioning state and cannot perform this operation.",
        )
    if not row.extension and target.group is None:
        raise bad_request("InvalidResourceGroup", f"A {row.name} lives in a resource group.")
    if target.namespace and not registered(world.store, target.namespace):
        raise AzureError(
            409,
            "MissingSubscriptionRegistration",
            f"The subscription is not registered to use namespace '{target.namespace}'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions.",
        )
    parent = target.parent
    if row.extension:
        if "/providers/" in parent and not _is_there(world, parent):
            raise AzureError(404, "ResourceNotFound", f"The Resource '{parent}' was not found.")
    elif row.name.count("/") > 1 and not row.parent_optional and world.resources.get(parent) is None:
        raise _no_parent(row, parent)
    elif row.parent_optional and world.resources.get(parent.rsplit("/", 2)[0]) is None:
        raise _no_parent(row, parent.rsplit("/", 2)[0])


def _is_there(world: World, scope: str) -> bool:
    """Whether a scope exists. Containers and secrets live in their services: their account or vault counts."""
    if "/blobServices/" in scope:
        return True
    vault, found, _ = scope.partition("/secrets/")
    if found and (parse(vault).type or "").lower() == VAULT.lower():
        return world.resources.get(vault) is not None
    return world.resources.get(scope) is not None


def check_name_free(world: World, row: ResourceType, target: Target, body: Mapping[str, Any]) -> Resource | None:
    """AzureError when the name is taken or soft-deleted; the resource to restore when the body asks for it."""
    soft = row.soft
    if row.unique is not None and any(
        r["name"].lower() == (target.name or "").lower() for r in world.resources.of_type(row.name)
    ):
        raise AzureError(409, row.unique[0], row.unique[1].replace("{name}", target.name or ""))
    if soft is None:
        return None
    if world.faults.soft_deleted(target.id):
        raise AzureError(soft.status, soft.code, soft.message.replace("{id}", target.id))
    entries = world.deleted.list(row.name)
    name = (target.name or "").lower()
    entry = next(
        (
            e
            for e in entries
            if key(e["resource"]["id"]) == target.key or (soft.everywhere and e["resource"]["name"].lower() == name)
        ),
        None,
    )
    if entry is None:
        return None
    if not soft.restores(body):
        raise AzureError(soft.status, soft.code, soft.message.replace("{id}", entry["resource"]["id"]))
    world.deleted.drop(row.name, entry["resource"]["id"])
    for below in entry.get("below", ()):
        world.resources.put(below["resource"])
        if below["secrets"] is not None:
            world.store.put("secrets", key(below["resource"]["id"]), below["secrets"])
    return entry["resource"]


def _no_parent(row: ResourceType, parent: str) -> AzureError:
    return AzureError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform 'write' on resource(s) of type '{row.leaf}', because the parent resource "
        f"'{parent}' could not be found.",
    )
