"""Collections: what lies at a scope, filtered, paged, and cut down to what the caller may read.

Owns: every list of ARM. Leaves: the filter language and paging to `listing.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from localazure.arm.admission import check_group, not_found, type_row
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.authorization import DEFINITIONS, Authorization, built_in_document
from localazure.arm.checks import child
from localazure.arm.containers import ContainerService
from localazure.arm.gate import action_of
from localazure.arm.ids import key, parse
from localazure.arm.listing import matcher, page, page_by_skip, shown
from localazure.arm.resources import Resource
from localazure.arm.roles import BUILT_IN
from localazure.arm.table import BLOB_SERVICES, CONTAINERS, TABLE
from localazure.arm.types import World
from localazure.errors import AzureError

__all__ = ["Lists"]


# What the generic list has: top-level types, neither groups nor extensions.
_TRACKED = tuple(row.name for row in TABLE.values() if row.name.count("/") == 1 and not row.extension)


class Lists:
    """Answers GET on collections."""

    def __init__(self, world: World, authorization: Authorization, containers: ContainerService) -> None:
        self._world = world
        self._authorization = authorization
        self._containers = containers

    def collection(self, request: ArmRequest) -> Answer:
        target = request.target
        type_name = target.type or ""
        if type_name.lower() == CONTAINERS.lower():
            self._authorization.require(request.caller, *reversed(action_of("GET", target)))
            return self.page(request, self._containers.list(request))
        if type_name.lower() == BLOB_SERVICES.lower():
            only = replace(request, target=parse(f"{target.id}/default"))
            self._authorization.require(request.caller, *reversed(action_of("GET", only.target)))
            return self.page(request, [self._containers.service_get(only).body or {}])
        row = type_row(target, request.api_version)
        if row.extension:
            return self.visible(request, self._at_scope(request, row.name))
        check_group(self._world, target)
        above = target.parent.rsplit("/", 2)[0] if row.parent_optional else target.parent
        if row.name.count("/") > 1 and self._world.resources.get(above) is None:
            raise AzureError(404, "ParentResourceNotFound", f"The parent resource '{above}' could not be found.")
        under = key(target.id) if row.name.count("/") > 1 else key(target.scope)
        if row.parent_optional and "hash" in request.query:
            under = key(above)  # who asks by content wants what has it, whatever it is called
        found: Sequence[Resource] = self._world.resources.stretch(row.name, under + "/")
        if row.arranged is not None:
            found = row.arranged(list(found), request.query)
        return self.visible(request, found, size=row.page_size)

    def _at_scope(self, request: ArmRequest, type_name: str) -> list[Resource]:
        """Extension resources at the scope, above it, and (unless atScope() is asked) below it."""
        at = key(request.target.scope).rstrip("/") + "/"
        below = "atscope()" not in request.query.get("filter", "").lower()
        found: list[Resource] = []
        for resource in self._world.resources.of_type(type_name):
            scope = key(resource["id"]).rsplit("/providers/", 1)[0] + "/"
            if at.startswith(scope) or (below and scope.startswith(at)):
                found.append(resource)
        return found

    def everything(self, request: ArmRequest) -> Answer:
        check_group(self._world, request.target)
        base = request.target.id.rsplit("/", 1)[0]
        expand = request.query.get("expand", "").lower()
        body = self.visible(request, self._world.resources.outlines(base, _TRACKED)).body or {}
        return Answer(body={**body, "value": [_expanded(resource, expand) for resource in body["value"]]})

    def roles(self, request: ArmRequest) -> Answer:
        custom = self._world.resources.of_type(DEFINITIONS)
        built_in = [built_in_document(role, self._world.subscription_id) for role in BUILT_IN]
        wanted = matcher(request.query.get("filter"))
        return self.page(request, [role for role in [*built_in, *custom] if wanted(role)])

    def permissions(self, request: ArmRequest) -> Answer:
        """What the caller's roles allow at a scope, role by role."""
        at = key(request.target.scope) + "/"
        names = ("actions", "notActions", "dataActions", "notDataActions")
        view = self._authorization.view(request.caller.object_id)
        granted = [permission for grant in view.grants if grant.reaches(at) for permission in grant.permissions]
        return self.page(request, [{name: list(each.get(name) or ()) for name in names} for each in granted])

    def role(self, request: ArmRequest, name: str) -> Answer:
        for role in BUILT_IN:
            if role.id == name.lower():
                return Answer(body=built_in_document(role, self._world.subscription_id))
        custom = self._world.resources.get(request.target.id)
        if custom is None:
            raise not_found(request.target)
        return Answer(body=custom)

    def visible(self, request: ArmRequest, items: Sequence[Resource], *, size: int | None = None) -> Answer:
        """A page of those that the caller may read: nobody learns of other people's resources by listing."""
        text = request.query.get("filter")
        view = self._authorization.view(request.caller.object_id)
        action, scope = action_of("GET", request.target)
        sees_all = view.allows(scope, action, data=False)
        if text:
            wanted = matcher(text)
            items = [item for item in items if wanted(item)]
        if not sees_all:
            items = [item for item in items if view.allows(item["id"], _read_action(item), data=False)]
        return self.page(request, items, size=size)

    def page(self, request: ArmRequest, items: Sequence[Mapping[str, Any]], *, size: int | None = None) -> Answer:
        url = f"{self._world.origin}{request.target.id}"
        most = self._world.page_size
        if size is None:
            return Answer(body=page(items, request.query, url, most))
        return Answer(body=page_by_skip(items, request.query, url, min(size, most)))


def _read_action(item: Resource) -> str:
    kind = item["type"]
    return (
        "Microsoft.Resources/subscriptions/resourceGroups/read" if kind.endswith("/resourceGroups") else f"{kind}/read"
    )


def _expanded(resource: Resource, expand: str) -> dict[str, Any]:
    row = shown(resource)
    system = child(resource, "systemData")
    if "createdtime" in expand:
        row["createdTime"] = system.get("createdAt")
    if "changedtime" in expand:
        row["changedTime"] = system.get("lastModifiedAt")
    if "provisioningstate" in expand:
        row["provisioningState"] = resource["properties"].get("provisioningState", "Succeeded")
    return row
