"""Reads what ARM lists: resources, groups, locks and role assignments. An entry that cannot be read is an error.

Owns: the field names of these answers. Leaves: asking to `survey.py`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from automation.cleanup.types import Lock, Resource, RoleAssignment
from automation.errors import ServiceError

__all__ = [
    "in_group",
    "read_datastore",
    "read_group",
    "read_lock",
    "read_resource",
    "read_role",
    "reading",
    "subscription_of",
]

T = TypeVar("T")


def reading(read: Callable[[dict[str, Any]], T], entry: dict[str, Any], operation: str) -> T:
    """What `read` makes of an entry. Raises ServiceError when it lacks what every such entry has."""
    try:
        return read(entry)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as exc:
        raise ServiceError(f"an entry cannot be read ({exc})", operation=operation, status=200) from exc


def read_resource(entry: Mapping[str, Any]) -> Resource:
    """A resource as lists show it."""
    identity = _object(entry.get("identity"))
    return Resource(
        id=_id(entry),
        type=str(entry.get("type") or ""),
        name=str(entry.get("name") or ""),
        location=str(entry.get("location") or ""),
        tags=_tags(entry),
        sku=str(_object(entry.get("sku")).get("name") or ""),
        managed_by=str(entry.get("managedBy") or ""),
        principals=tuple(str(own) for own in [identity.get("principalId")] if own),
        created=None
        if not (at := entry.get("createdTime"))
        else datetime.fromisoformat(str(at)).astimezone(UTC).date(),
    )


def read_datastore(entry: Mapping[str, Any]) -> Resource:
    """A datastore, whose tags stand among its properties."""
    return read_resource({**entry, "tags": _object(entry.get("properties")).get("tags")})


def read_group(entry: Mapping[str, Any]) -> tuple[Resource, str]:
    """A resource group, and the id of what manages it."""
    group = read_resource(entry)
    return group, group.managed_by


def read_lock(entry: Mapping[str, Any]) -> Lock:
    at = _id(entry)
    at.lower().rindex("/providers/microsoft.authorization/locks/")
    return Lock(id=at, notes=str(_object(entry.get("properties")).get("notes") or ""))


def read_role(entry: Mapping[str, Any]) -> RoleAssignment:
    properties = _object(entry.get("properties"))
    at = _id(entry)
    return RoleAssignment(
        id=at,
        name=str(entry.get("name") or at.rpartition("/")[2]),
        scope=str(properties.get("scope") or at.lower().rpartition("/providers/microsoft.authorization/")[0]),
        principal=str(properties.get("principalId") or ""),
        principal_type=str(properties.get("principalType") or ""),
        role=str(properties.get("roleDefinitionId") or "").rpartition("/")[2],
        description=str(properties.get("description") or ""),
    )


def in_group(resource_id: str, group_id: str) -> bool:
    """Whether an id is the group's or below it; ids compare without case."""
    return (resource_id.strip("/").lower() + "/").startswith(group_id.strip("/").lower() + "/")


def subscription_of(resource_id: str) -> str:
    return resource_id.strip("/").split("/")[1]


def _id(entry: Mapping[str, Any]) -> str:
    found: object = entry["id"]
    if not isinstance(found, str) or not found.startswith("/"):
        raise ValueError(f"its id is {found!r}")
    return found


def _tags(entry: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): "" if value is None else str(value) for name, value in _object(entry.get("tags")).items()}


def _object(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return cast("dict[str, Any]", value)
