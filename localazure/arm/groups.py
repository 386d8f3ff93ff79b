"""Resource groups: put, patch, delete with everything inside.

Owns: the life of a group. Leaves: deleting each resource inside to `service.py`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localazure.arm import locks
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.checks import bad_request, check_tags
from localazure.arm.locations import location_name
from localazure.arm.resources import GROUP_TYPE, Resource
from localazure.arm.service import ResourceService
from localazure.arm.types import World
from localazure.errors import AzureError
from localazure.operations import Operations

__all__ = ["Groups"]

_KIND = "arm.group-deleted"
_DELETE_S = 0.4
_NAME = re.compile(r"[-\w._()]{0,89}[-\w_()]")


class Groups:
    """Acts on resource groups."""

    def __init__(self, world: World, operations: Operations, service: ResourceService) -> None:
        self._world = world
        self._operations = operations
        self._service = service
        self._gone: Callable[[str], None] = lambda _group_id: None
        operations.on(_KIND, self._finish_delete)

    def on_gone(self, forget: Callable[[str], None]) -> None:
        """Register what forgets a group that is deleted, by its id."""
        self._gone = forget

    def list(self) -> list[Resource]:
        return self._world.resources.of_type(GROUP_TYPE)

    def get(self, request: ArmRequest) -> Answer:
        return Answer(body=self._existing(request))

    def head(self, request: ArmRequest) -> Answer:
        return Answer(status=204 if self._world.resources.get(request.target.id) else 404)

    def put(self, request: ArmRequest) -> Answer:
        name, body = request.target.group or "", request.body
        if not _NAME.fullmatch(name):
            raise bad_request(
                "InvalidResourceGroupName",
                f"The provided resource group name '{name}' has these invalid characters or length: 1 to 90 letters, "
                "digits, '.', '-', '_', '(' and ')', not ending in '.'.",
            )
        check_tags(body.get("tags"))
        if not body.get("location"):
            raise bad_request("LocationRequired", "The location property is required for this definition.")
        location = location_name(str(body["location"]))
        if location is None:
            raise bad_request(
                "LocationNotAvailableForResourceGroup",
                f"The provided location '{body['location']}' is not available for resource group.",
            )
        with self._world.store.transaction():
            old = self._world.resources.get(request.target.id)
            locks.check_write(self._world.resources, request.target.id)
            if old is not None:
                self._check_alive(old)
            if old is not None and old["location"] != location:
                raise AzureError(
                    409,
                    "InvalidResourceGroupLocation",
                    f"Invalid resource group location '{location}'. The Resource group already exists in location "
                    f"'{old['location']}'.",
                )
            resource = {
                "id": request.target.id if old is None else old["id"],
                "name": name if old is None else old["name"],
                "type": GROUP_TYPE,
                "location": location,
                "tags": dict(body.get("tags") or {}),
                **({"managedBy": body["managedBy"]} if body.get("managedBy") else {}),
                "properties": {"provisioningState": "Succeeded"},
            }
            self._world.resources.put(resource)
        return Answer(status=200 if old else 201, body=resource)

    def patch(self, request: ArmRequest) -> Answer:
        with self._world.store.transaction():
            group = self._existing(request)
            self._check_alive(group)
            locks.check_write(self._world.resources, request.target.id)
            check_tags(request.body.get("tags"))
            group |= {name: request.body[name] for name in ("tags", "managedBy") if name in request.body}
            self._world.resources.put(group)
        return Answer(body=group)

    def delete(self, request: ArmRequest) -> Answer:
        with self._world.store.transaction():
            group = self._existing(request)
            locks.check_delete(self._world.resources, group["id"])
            if group["properties"]["provisioningState"] != "Deleting":
                group["properties"]["provisioningState"] = "Deleting"
                self._world.resources.put(group)
            stuck_s = self._world.faults.stuck_s(group["id"])
            payload = {"id": group["id"], "stuck": stuck_s > 0}
            operation = self._operations.start(_KIND, payload, seconds=_DELETE_S + stuck_s)
        subscription = f"{self._world.origin}/subscriptions/{request.target.subscription}"
        headers = {
            "Location": f"{subscription}/operationresults/{operation}?api-version=2021-04-01",
            "Retry-After": "1",
            "x-ms-retry-after-ms": "150",
        }
        return Answer(status=202, headers=headers)

    def _existing(self, request: ArmRequest) -> Resource:
        group = self._world.resources.get(request.target.group_id or "")
        if group is None:
            raise AzureError(
                404, "ResourceGroupNotFound", f"Resource group '{request.target.group}' could not be found."
            )
        return group

    def _check_alive(self, group: Mapping[str, Any]) -> None:
        if group["properties"]["provisioningState"] == "Deleting":
            raise AzureError(
                409,
                "ResourceGroupBeingDeleted",
                f"The resource group '{group['name']}' is in deprovisioning state and cannot perform this operation.",
            )

    def _finish_delete(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Children before parents would lose soft deletion of parents, so top-level resources go first, whole."""
        group_id = payload["id"]
        for resource in sorted(self._world.resources.under(group_id), key=lambda r: str(r["type"]).count("/")):
            self._service.remove(resource["id"])
        self._world.resources.delete(group_id)
        self._gone(group_id)
        return None
