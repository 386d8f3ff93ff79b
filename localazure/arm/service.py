"""PUT, PATCH, GET, DELETE, POST on one resource: the rules that all types share, in ARM's order.

Owns: the life of a resource.
Leaves: what distinguishes types to the table, groups to `groups.py`, lists to `listing.py`.
"""

import dataclasses
import re
from datetime import timedelta
from typing import Any

from localazure.arm import locks
from localazure.arm.admission import check_group, check_name_free, check_place, not_found, type_row
from localazure.arm.answers import Answer, ArmRequest, polling
from localazure.arm.checks import at_path, bad_request
from localazure.arm.drafting import READ_ONLY, draft, merged
from localazure.arm.ghosts import haunt
from localazure.arm.ids import Target, key, parse
from localazure.arm.links import check_links
from localazure.arm.resources import Resource
from localazure.arm.table import TABLE
from localazure.arm.types import CreateStyle, Making, ResourceType, World, deny_name
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import Operations

__all__ = ["ResourceService"]

_CREATED, _DELETED, _EXPIRED, _ACTED = "arm.created", "arm.deleted", "arm.expired", "arm.acted"
# For clients that poll the resource itself: without it, azure-core would wait 30 s between looks.
_AGAIN = {"Retry-After": "1", "x-ms-retry-after-ms": "150"}


class ResourceService:
    """Acts on single resources of the table's types."""

    def __init__(self, world: World, operations: Operations) -> None:
        self._world = world
        self._operations = operations
        operations.on(_CREATED, self._finish_create)
        operations.on(_DELETED, self._finish_delete)
        operations.on(_EXPIRED, self._finish_expiry)
        operations.on(_ACTED, self._finish_action)

    def get(self, request: ArmRequest) -> Answer:
        row = type_row(request.target, request.api_version)
        resource = self._existing(request.target)
        return Answer(body=resource, headers=_AGAIN if _settling(resource, row) else {})

    def head(self, request: ArmRequest) -> Answer:
        type_row(request.target, request.api_version)
        return Answer(status=204 if self._world.resources.get(request.target.id) else 404)

    def put(self, request: ArmRequest) -> Answer:
        haunt(self._world, request)
        with self._world.store.transaction():
            return self._put(request)

    def patch(self, request: ArmRequest) -> Answer:
        with self._world.store.transaction():
            old = self._existing(request.target)
            body = merged({k: v for k, v in old.items() if k not in READ_ONLY}, request.body)
            if "tags" in request.body:
                body["tags"] = request.body["tags"]
            return self._put(dataclasses.replace(request, method="PUT", body=body))

    def delete(self, request: ArmRequest) -> Answer:
        target = request.target
        row = type_row(target, request.api_version)
        with self._world.store.transaction():
            old = self._world.resources.get(target.id)
            if old is None:
                self._check_in_sight(target, row)
                return Answer(status=204)
            if row.name != locks.LOCKS:
                locks.check_delete(self._world.resources, target.id)
            if _settling(old, row) and row.busy:
                raise _busy(row, old)
            if row.deletable is not None:
                row.deletable(self._world, old, request.query)
            purge = row.soft is not None and request.query.get((row.soft.purge_query or "-").lower()) == "true"
            stuck_s = self._world.faults.stuck_s(target.id)
            payload = {"id": target.id, "purge": purge, "stuck": stuck_s > 0}
            if row.delete_s is None:
                self._finish_delete(payload)
                return Answer(status=200, body=old if row.extension else None)
            if row.has_state:
                old["properties"]["provisioningState"] = "Deleting"
                self._world.resources.put(old)
            operation = self._operations.start(_DELETED, payload, seconds=row.delete_s + stuck_s)
        headers = self._polling(target, old, operation, status=True, result=True)
        return Answer(status=202, headers=headers)

    def post(self, request: ArmRequest, action: str) -> Answer:
        """An action on a resource: `target` is the resource itself."""
        target = request.target
        row = type_row(target, request.api_version)
        if early := row.early_actions.get(action.lower()):
            check_place(self._world, target, row)
            return Answer(
                body=early(self._world, {"id": target.id, "name": target.name, "type": row.name}, request.body)
            )
        resource = self._existing(target)
        if action.lower() in row.long_actions:
            return self._begin_action(request, row, resource, action.lower())
        hook = row.actions.get(action.lower())
        if hook is None:
            has = ", ".join(sorted({*row.actions, *row.early_actions, *row.long_actions})) or "none"
            raise AzureError(
                501,
                "NotImplementedByLocalAzure",
                f"The action '{action}' of {row.name} is not implemented by the local Azure. It has: {has}.",
            )
        return Answer(body=hook(self._world, resource, request.body))

    def _begin_action(self, request: ArmRequest, row: ResourceType, resource: Resource, action: str) -> Answer:
        with self._world.store.transaction():
            row.long_actions[action].begin(self._world, resource, request.body)
            payload = {"id": request.target.id, "action": action}
            operation = self._operations.start(_ACTED, payload, seconds=row.long_actions[action].seconds)
        return Answer(status=202, headers=self._polling(request.target, resource, operation, status=True, result=True))

    def _finish_action(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        with self._world.store.transaction():
            resource = self._world.resources.get(payload["id"])
            if resource is None:
                raise AzureError(404, "ResourceNotFound", "The resource was deleted meanwhile.")
            return TABLE[resource["type"].lower()].long_actions[payload["action"]].finish(self._world, resource)

    def _check_in_sight(self, target: Target, row: ResourceType) -> None:
        """AzureError 404 when a fault rule made the service lose a soft-deleted resource, which still has its name."""
        if self._world.deleted.get(row.name, target.id) is not None and self._world.faults.unpurgeable(target.id):
            raise not_found(target)

    def _existing(self, target: Target) -> Resource:
        resource = self._world.resources.get(target.id)
        if resource is None:
            check_group(self._world, target)
            raise not_found(target)
        return resource

    def _put(self, request: ArmRequest) -> Answer:
        world, target = self._world, request.target
        row = type_row(target, request.api_version)
        check_place(world, target, row)
        check_links(request.body, world.subscription_id)
        locks.check_write(world.resources, target.id)
        old = world.resources.get(target.id)
        if old is not None and _settling(old, row) and row.busy:
            raise _busy(row, old)
        name = target.name or ""
        if row.name_rule and not re.fullmatch(row.name_rule, name):
            raise bad_request(*deny_name(name, row))
        restored = None if old is not None else check_name_free(world, row, target, request.body)
        before = old or restored
        resource = draft(world, request, row, before)
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
            if row.created is not None and (is_new or style is not CreateStyle.CREATED_LATER):
                row.created(making)
            created = {CreateStyle.CREATED, CreateStyle.CREATED_ASYNC, CreateStyle.CREATED_LATER}
            status = 201 if (is_new or row.updates_created) and style in created else 200
            return Answer(status=status, body=resource)
        operation = self._operations.start(_CREATED, {"id": resource["id"]}, seconds=row.create_s)
        status = {CreateStyle.BODY: 200, CreateStyle.CREATED_ASYNC: 201, CreateStyle.CREATED_LATER: 201}.get(style, 202)
        headers = self._polling(
            making.target,
            resource,
            operation,
            status=style in {CreateStyle.CREATED_ASYNC, CreateStyle.ACCEPTED_ASYNC},
            result=style in {CreateStyle.ACCEPTED_LOCATION, CreateStyle.ACCEPTED_ASYNC},
        )
        if style in {CreateStyle.BODY, CreateStyle.CREATED_LATER}:
            headers = _AGAIN
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
            target=parse(resource["id"]),
            body={},
            resource=resource,
            old=resource,
            now=arm_time(world.clock.now()),
        )
        if row.has_state:
            resource["properties"]["provisioningState"] = "Succeeded"
        try:
            if row.created is not None:
                row.created(making)
        except AzureError:
            if row.has_state:
                resource["properties"]["provisioningState"] = "Failed"
            world.resources.put(resource)
            raise
        world.resources.put(resource)
        return resource

    def _finish_delete(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        self.remove(payload["id"], purge=payload["purge"])
        return None

    def _finish_expiry(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Looking is enough: what is over its time goes when it is seen. It may have been restored meanwhile."""
        self._world.deleted.get(payload["type"], payload["id"])
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
            kept_below: list[dict[str, Any]] = []
            for child in world.resources.under(resource_id):
                if row.soft is not None and not purge and row.soft.keeps(child):
                    secrets = world.store.get("secrets", key(child["id"]))
                    kept_below.append({"resource": child, "secrets": secrets})
                world.resources.delete(child["id"])
                world.store.delete("secrets", key(child["id"]))
            world.resources.delete(resource_id)
            world.store.delete("secrets", key(resource_id))
            if row.soft is not None and not purge:
                if row.has_state:
                    resource["properties"]["provisioningState"] = "Succeeded"
                days = resource["properties"].get("softDeleteRetentionInDays") or row.soft.days
                kept = timedelta(days=days)
                world.deleted.put(resource, kept=kept, below=kept_below)
                place = {"type": row.name, "id": resource_id}
                self._operations.start(_EXPIRED, place, seconds=kept.total_seconds())
            else:
                world.purged(row.name, resource_id)
        if row.name == "Microsoft.Storage/storageAccounts":
            world.storage_changed()


def _settling(resource: Resource, row: ResourceType) -> bool:
    return row.has_state and resource["properties"].get("provisioningState") in {row.unsettled, "Deleting"}


def _busy(row: ResourceType, resource: Resource) -> AzureError:
    code, message = row.busy or ("Conflict", "Another operation is in progress.")
    return AzureError(409, code, message.replace("{type}", row.name).replace("{name}", resource["name"]))
