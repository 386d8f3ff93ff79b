"""PUT, PATCH, GET, DELETE, POST on one resource: the rules that all types share, in ARM's order.

Owns: the life of a resource.
Leaves: what distinguishes types to the table, groups to `groups.py`, lists to `listing.py`.
"""

import copy
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from localazure.arm import locks
from localazure.arm.answers import Answer, ArmRequest, polling
from localazure.arm.checks import at_path, bad_request, child
from localazure.arm.ids import Target, key
from localazure.arm.locations import location_name
from localazure.arm.providers import registered
from localazure.arm.resources import Resource
from localazure.arm.table import TABLE
from localazure.arm.types import CreateStyle, Making, ResourceType, World, deny_name
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import Operations

__all__ = ["ResourceService", "not_found", "type_row"]

_CREATED, _DELETED = "arm.created", "arm.deleted"
_READ_ONLY = ("id", "name", "type", "systemData", "etag")


def type_row(target: Target, api_version: str) -> ResourceType:
    """The row of a target's type; AzureError 404 for types that the local Azure does not have."""
    row = TABLE.get((target.type or "").lower())
    if row is None:
        leaf = (target.type or "/").split("/", 1)[1]
        raise AzureError(
            404,
            "InvalidResourceType",
            f"The resource type '{leaf}' could not be found in the namespace '{target.namespace}' for api version "
            f"'{api_version}'. The local Azure does not have it: docs/reference/local-azure-coverage.md.",
        )
    return row


def not_found(target: Target) -> AzureError:
    where = f" under resource group '{target.group}'" if target.group else ""
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{target.type}/{target.name}'{where} was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


class ResourceService:
    """Acts on single resources of the table's types."""

    def __init__(self, world: World, operations: Operations) -> None:
        self._world = world
        self._operations = operations
        operations.on(_CREATED, self._finish_create)
        operations.on(_DELETED, self._finish_delete)

    def get(self, request: ArmRequest) -> Answer:
        type_row(request.target, request.api_version)
        return Answer(body=self._existing(request.target))

    def head(self, request: ArmRequest) -> Answer:
        type_row(request.target, request.api_version)
        return Answer(status=204 if self._world.resources.get(request.target.id) else 404)

    def put(self, request: ArmRequest) -> Answer:
        with self._world.store.transaction():
            return self._put(request)

    def patch(self, request: ArmRequest) -> Answer:
        with self._world.store.transaction():
            old = self._existing(request.target)
            body = _merged({k: v for k, v in old.items() if k not in _READ_ONLY}, request.body)
            if "tags" in request.body:
                body["tags"] = request.body["tags"]
            return self._put(
                ArmRequest(
                    method="PUT",
                    target=request.target,
                    query=request.query,
                    body=body,
                    caller=request.caller,
                    api_version=request.api_version,
                )
            )

    def delete(self, request: ArmRequest) -> Answer:
        target = request.target
        row = type_row(target, request.api_version)
        with self._world.store.transaction():
            old = self._world.resources.get(target.id)
            if old is None:
                return Answer(status=204)
            if row.name != locks.LOCKS:
                locks.check_delete(self._world.resources, target.id)
            if _settling(old, row) and row.busy:
                raise _busy(row, old)
            purge = row.soft is not None and request.query.get((row.soft.purge_query or "-").lower()) == "true"
            payload = {"id": target.id, "purge": purge}
            if row.delete_s is None:
                self._finish_delete(payload)
                return Answer(status=200, body=old if row.extension else None)
            if row.has_state:
                old["properties"]["provisioningState"] = "Deleting"
                self._world.resources.put(old)
            operation = self._operations.start(_DELETED, payload, seconds=row.delete_s)
        headers = self._polling(target, old, operation, status=True, result=True)
        return Answer(status=202, headers=headers)

    def post(self, request: ArmRequest, action: str) -> Answer:
        """An action on a resource: `target` is the resource itself."""
        row = type_row(request.target, request.api_version)
        resource = self._existing(request.target)
        hook = row.actions.get(action.lower())
        if hook is None:
            raise AzureError(
                501,
                "NotImplementedByLocalAzure",
                f"The action '{action}' of {row.name} is not implemented by the local Azure. "
                f"It has: {', '.join(sorted(row.actions)) or 'none'}.",
            )
        return Answer(body=hook(self._world, resource, request.body))

    def _existing(self, target: Target) -> Resource:
        resource = self._world.resources.get(target.id)
        if resource is None:
            self.check_group(target)
            raise not_found(target)
        return resource

    def check_group(self, target: Target) -> None:
        """AzureError 404 or 409 when the target's group is missing or going away."""
        if target.group_id is None:
            return
        group = self._world.resources.get(target.group_id)
        if group is None:
            raise AzureError(404, "ResourceGroupNotFound", f"Resource group '{target.group}' could not be found.")

    def _put(self, request: ArmRequest) -> Answer:
        world, target = self._world, request.target
        row = type_row(target, request.api_version)
        self._check_place(target, row)
        locks.check_write(world.resources, target.id)
        old = world.resources.get(target.id)
        if old is not None and _settling(old, row) and row.busy:
            raise _busy(row, old)
        name = target.name or ""
        if row.name_rule and not re.fullmatch(row.name_rule, name):
            raise bad_request(*deny_name(name, row))
        restored = None if old is not None else self._check_name_free(row, target, request.body)
        before = old or restored
        resource = self._draft(request, row, before)
        making = Making(
            world=world,
            target=target,
            body=request.body,
            resource=resource,
            old=before,
            now=resource["systemData"]["lastModifiedAt"],
        )
        self._keep_secrets(row, resource)
        if row.make is not None:
            row.make(making)
        return self._save(row, making, is_new=old is None)

    def _check_place(self, target: Target, row: ResourceType) -> None:
        world = self._world
        self.check_group(target)
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
            if "/providers/" in parent and world.resources.get(parent) is None and "/blobServices/" not in parent:
                raise AzureError(404, "ResourceNotFound", f"The Resource '{parent}' was not found.")
        elif row.name.count("/") > 1 and not row.parent_optional and world.resources.get(parent) is None:
            raise _no_parent(row, parent)
        elif row.parent_optional and world.resources.get(parent.rsplit("/", 2)[0]) is None:
            raise _no_parent(row, parent.rsplit("/", 2)[0])

    def _check_name_free(self, row: ResourceType, target: Target, body: Mapping[str, Any]) -> Resource | None:
        """AzureError when the name is taken or soft-deleted; the resource to restore when the body asks for it."""
        world, soft = self._world, row.soft
        if row.unique is not None and any(
            r["name"].lower() == (target.name or "").lower() for r in world.resources.of_type(row.name)
        ):
            raise AzureError(409, row.unique[0], row.unique[1].replace("{name}", target.name or ""))
        if soft is None:
            return None
        entries = world.deleted.list(row.name)
        name = (target.name or "").lower()
        entry = next(
            (
                e["resource"]
                for e in entries
                if key(e["resource"]["id"]) == target.key or (soft.everywhere and e["resource"]["name"].lower() == name)
            ),
            None,
        )
        if entry is None:
            return None
        if not soft.restores(body):
            raise AzureError(soft.status, soft.code, soft.message.replace("{id}", entry["id"]))
        world.deleted.drop(row.name, entry["id"])
        return entry

    def _draft(self, request: ArmRequest, row: ResourceType, before: Resource | None) -> Resource:
        """The resource as sent, with what ARM itself adds; required fields and the location are checked."""
        target, now = request.target, arm_time(self._world.clock.now())
        body = copy.deepcopy({k: v for k, v in request.body.items() if k not in _READ_ONLY and v is not None})
        if before is not None and row.soft is not None and row.soft.restores(request.body):
            body = _merged({k: v for k, v in before.items() if k not in _READ_ONLY}, body)
        properties = body.setdefault("properties", {})
        if not isinstance(properties, dict):
            raise bad_request("InvalidRequestContent", "'properties' must be an object.", target="properties")
        if row.located:
            body["location"] = _checked_location(body.get("location"), target, before)
        elif "location" in body:
            body["location"] = location_name(str(body["location"])) or body["location"]
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

    def _keep_secrets(self, row: ResourceType, resource: Resource) -> None:
        """What GET never shows goes aside; only the row's own action gives it out."""
        for path in row.secrets:
            above, leaf = path.rsplit(".", 1)
            holder = at_path(resource, above)
            if isinstance(holder, dict) and leaf in holder:
                secret: object = holder.pop(leaf)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] JSON
                self._world.store.put("secrets", key(resource["id"]), {path: secret})

    def _save(self, row: ResourceType, making: Making, *, is_new: bool) -> Answer:
        world, resource, style = self._world, making.resource, row.create
        waits = is_new and row.create_s > 0
        if row.has_state:
            resource["properties"]["provisioningState"] = row.unsettled if waits else "Succeeded"
        world.resources.put(resource)
        if not waits:
            if row.created is not None:
                row.created(making)
            status = 201 if is_new and style in {CreateStyle.CREATED, CreateStyle.CREATED_ASYNC} else 200
            return Answer(status=status, body=resource)
        operation = self._operations.start(_CREATED, {"id": resource["id"]}, seconds=row.create_s)
        status = {CreateStyle.BODY: 200, CreateStyle.CREATED_ASYNC: 201}.get(style, 202)
        headers = self._polling(
            making.target,
            resource,
            operation,
            status=style in {CreateStyle.CREATED_ASYNC, CreateStyle.ACCEPTED_ASYNC},
            result=style in {CreateStyle.ACCEPTED_LOCATION, CreateStyle.ACCEPTED_ASYNC},
        )
        if style is CreateStyle.BODY:
            headers = {}
        return Answer(status=status, body=None if style is CreateStyle.ACCEPTED_LOCATION else resource, headers=headers)

    def _polling(
        self, target: Target, resource: Resource, operation: str, *, status: bool, result: bool
    ) -> dict[str, str]:
        return polling(
            self._world.origin,
            target.subscription or self._world.subscription_id,
            target.namespace or "Microsoft.Resources",
            str(resource.get("location") or "global"),
            operation,
            status=status,
            result=result,
        )

    def _finish_create(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        world = self._world
        resource = world.resources.get(payload["id"])
        if resource is None:
            raise AzureError(404, "ResourceNotFound", "The resource was deleted while it was being created.")
        row = TABLE[resource["type"].lower()]
        making = Making(
            world=world,
            target=_target_of(resource),
            body={},
            resource=resource,
            old=resource,
            now=arm_time(world.clock.now()),
        )
        resource["properties"]["provisioningState"] = "Succeeded"
        try:
            if row.created is not None:
                row.created(making)
        except AzureError:
            resource["properties"]["provisioningState"] = "Failed"
            world.resources.put(resource)
            raise
        world.resources.put(resource)
        return resource

    def _finish_delete(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        self.remove(payload["id"], purge=payload["purge"])
        return None

    def remove(self, resource_id: str, *, purge: bool = False) -> None:
        """Take a resource and everything below it out of the live ones; soft-deletable ones are kept aside."""
        world = self._world
        resource = world.resources.get(resource_id)
        if resource is None:
            return
        row = TABLE[resource["type"].lower()]
        if row.deleting is not None:
            row.deleting(world, resource)
        with world.store.transaction():
            for child in world.resources.under(resource_id):
                world.resources.delete(child["id"])
            world.resources.delete(resource_id)
            world.store.delete("secrets", key(resource_id))
            if row.soft is not None and not purge:
                if row.has_state:
                    resource["properties"]["provisioningState"] = "Succeeded"
                days = resource["properties"].get("softDeleteRetentionInDays") or row.soft.days
                world.deleted.put(resource, kept=timedelta(days=days))
            else:
                world.purged(row.name, resource_id)
        if row.name == "Microsoft.Storage/storageAccounts":
            world.storage_changed()


def _target_of(resource: Resource) -> Target:
    from localazure.arm.ids import parse

    return parse(resource["id"])


def _settling(resource: Resource, row: ResourceType) -> bool:
    return row.has_state and resource["properties"].get("provisioningState") in {row.unsettled, "Deleting"}


def _busy(row: ResourceType, resource: Resource) -> AzureError:
    code, message = row.busy or ("Conflict", "Another operation is in progress.")
    return AzureError(409, code, message.replace("{type}", row.name).replace("{name}", resource["name"]))


def _no_parent(row: ResourceType, parent: str) -> AzureError:
    return AzureError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform 'write' on resource(s) of type '{row.leaf}', because the parent resource "
        f"'{parent}' could not be found.",
    )


def _checked_location(given: object, target: Target, before: Resource | None) -> str:
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


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """JSON merge patch (RFC 7396)."""
    result: dict[str, Any] = copy.deepcopy(dict(old))
    for name in new:
        if new[name] is None:
            result.pop(name, None)
        elif isinstance(new[name], Mapping) and isinstance(result.get(name), Mapping):
            result[name] = _merged(child(result, name), child(new, name))
        else:
            result[name] = copy.deepcopy(new[name])
    return result
