"""Looks at everything a teardown must know. Whatever cannot be listed is an error: not seeing is not "nothing there".

Owns: the requests and reading their answers. Leaves: every decision to `plan.py`.
"""

from collections.abc import Mapping
from typing import Any, cast

from automation.azure import Arm
from automation.cleanup.kinds import KINDS
from automation.cleanup.types import DeletedResource, GroupSurvey, Lock, Resource
from automation.errors import ServiceError

__all__ = [
    "RESOURCES_API",
    "deleted_of",
    "in_group",
    "read_resource",
    "resources_of",
    "subscription_of",
    "survey_group",
]

RESOURCES_API = "2021-04-01"
LOCKS_API = "2020-05-01"

_ML = "microsoft.machinelearningservices/workspaces"
_VAULTS = "microsoft.keyvault/vaults"


def survey_group(arm: Arm, group_id: str) -> GroupSurvey:
    """The group, what is in it, its locks, and what was deleted from it and is still kept."""
    group = arm.find(group_id, api_version=RESOURCES_API)
    return GroupSurvey(
        group=None if group is None else read_resource(group),
        managed_by="" if group is None else str(group.get("managedBy") or ""),
        resources=() if group is None else tuple(_detailed(arm, found) for found in resources_of(arm, group_id)),
        locks=() if group is None else _locks(arm, group_id),
        deleted=deleted_of(arm, group_id),
    )


def resources_of(arm: Arm, group_id: str) -> list[Resource]:
    return [read_resource(entry) for entry in arm.list(f"{group_id}/resources", api_version=RESOURCES_API)]


def deleted_of(arm: Arm, group_id: str) -> tuple[DeletedResource, ...]:
    """What was deleted from this group, of every kind that can be listed."""
    subscription = f"/subscriptions/{subscription_of(group_id)}"
    found: list[DeletedResource] = []
    for kind in KINDS:
        if kind.deleted_path is None or kind.read_deleted is None:
            continue
        for entry in arm.list(subscription + kind.deleted_path, api_version=kind.api_version):
            try:
                found.append(kind.read_deleted(entry))
            except (KeyError, IndexError, TypeError) as exc:
                operation = f"list deleted {kind.label}s"
                raise ServiceError(f"an entry cannot be read ({exc})", operation=operation, status=200) from exc
    return tuple(resource for resource in found if in_group(resource.original_id, group_id))


def in_group(resource_id: str, group_id: str) -> bool:
    """Whether an id is the group's or below it; ids compare without case."""
    return (resource_id.strip("/").lower() + "/").startswith(group_id.strip("/").lower() + "/")


def subscription_of(resource_id: str) -> str:
    return resource_id.strip("/").split("/")[1]


def read_resource(entry: Mapping[str, Any]) -> Resource:
    return Resource(
        id=str(entry["id"]),
        type=str(entry.get("type") or ""),
        name=str(entry.get("name") or ""),
        location=str(entry.get("location") or ""),
        tags=cast("dict[str, str]", entry.get("tags") or {}),
    )


def _detailed(arm: Arm, resource: Resource) -> Resource:
    """The resource with what only its own service says of it."""
    kind = next((kind for kind in KINDS if kind.type.lower() == resource.type.lower()), None)
    if kind is None or resource.type.lower() not in {_ML, _VAULTS}:
        return resource
    properties = _properties(arm.find(resource.id, api_version=kind.api_version) or {})
    registry = properties.get("containerRegistry")
    return Resource(
        id=resource.id,
        type=resource.type,
        name=resource.name,
        location=resource.location,
        tags=resource.tags,
        linked=(str(registry),) if registry else (),
        purge_protected=bool(properties.get("enablePurgeProtection")),
    )


def _properties(entry: Mapping[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", entry.get("properties") or {})


def _locks(arm: Arm, group_id: str) -> tuple[Lock, ...]:
    path = f"{group_id}/providers/Microsoft.Authorization/locks"
    return tuple(
        Lock(id=str(entry["id"]), notes=str(_properties(entry).get("notes") or ""))
        for entry in arm.list(path, api_version=LOCKS_API)
    )
