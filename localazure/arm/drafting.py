"""Drafting: from the body of a PUT or PATCH to the resource that will be stored.

Owns: location, required fields, systemData, what a restored resource keeps, merging.
Leaves: computed properties to the table.
"""

import copy
from collections.abc import Mapping
from typing import Any

from localazure.arm.answers import ArmRequest
from localazure.arm.checks import at_path, bad_request, check_kinds, check_tags, child
from localazure.arm.ids import Target
from localazure.arm.locations import location_name
from localazure.arm.resources import Resource
from localazure.arm.types import ResourceType, World
from localazure.clock import arm_time
from localazure.errors import AzureError

__all__ = ["READ_ONLY", "draft", "merged"]

READ_ONLY = ("id", "name", "type", "systemData", "etag")


def draft(world: World, request: ArmRequest, row: ResourceType, before: Resource | None) -> Resource:
    """The resource as sent, with what ARM itself adds; required fields and the location are checked."""
    target, now = request.target, arm_time(world.clock.now())
    body = copy.deepcopy({k: v for k, v in request.body.items() if k not in READ_ONLY and v is not None})
    if before is not None and row.soft is not None and row.soft.restores(request.body):
        body = merged({k: v for k, v in before.items() if k not in READ_ONLY}, body)
    properties = body.setdefault("properties", {})
    if not isinstance(properties, dict):
        raise bad_request("InvalidRequestContent", "'properties' must be an object.", target="properties")
    if row.located:
        body["location"] = _location(body.get("location"), target, before)
    elif "location" in body:
        body["location"] = location_name(str(body["location"])) or body["location"]
    check_tags(body.get("tags"))
    check_kinds(
        body,
        {
            str: ("kind", "sku.name", "identity.type", "location", *row.texts),
            int: row.numbers,
            dict: ("sku", "identity", *row.objects),
        },
    )
    for path in row.required:
        if at_path(body, path) in (None, ""):
            raise bad_request(
                "InvalidRequestContent", f"The required property '{path}' is missing from the request.", target=path
            )
    made = child(before, "systemData")
    who = {"By": request.caller.object_id, "ByType": "Application"}
    system = {
        "createdBy": made.get("createdBy", who["By"]),
        "createdByType": "Application",
        "createdAt": made.get("createdAt", now),
        "lastModifiedBy": who["By"],
        "lastModifiedByType": "Application",
        "lastModifiedAt": now,
    }
    resource_id = (before or {}).get("id") or target.id
    return {
        "id": resource_id,
        "name": resource_id.rsplit("/", 1)[-1],
        "type": row.name,
        **({"tags": {}} if row.located else {}),
        **body,
        "systemData": system,
    }


def _location(given: object, target: Target, before: Resource | None) -> str:
    if not isinstance(given, str) or not given:
        if before is not None:
            return before["location"]
        raise bad_request(
            "LocationRequired", "The location property is required for this definition.", target="location"
        )
    name = location_name(given)
    if name is None:
        raise bad_request(
            "LocationNotAvailableForResourceType",
            f"The provided location '{given}' is not available for resource type '{target.type}'.",
        )
    if before is not None and before["location"] != name:
        raise AzureError(
            409,
            "InvalidResourceLocation",
            f"The resource '{target.name}' already exists in location '{before['location']}' in resource group "
            f"'{target.group}'. A resource with the same name cannot be created in location '{name}'. "
            "Please select a new resource name.",
        )
    return name


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """JSON merge patch (RFC 7396)."""
    result: dict[str, Any] = copy.deepcopy(dict(old))
    for name in new:
        if new[name] is None:
            result.pop(name, None)
        elif isinstance(new[name], Mapping) and isinstance(result.get(name), Mapping):
            result[name] = merged(child(result, name), child(new, name))
        else:
            result[name] = copy.deepcopy(new[name])
    return result
