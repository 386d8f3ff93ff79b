"""Every ARM path that is not simply a resource of the table, as one literal list; then the table's own paths.

Owns: which request goes to which service. Leaves: HTTP to `routes.py`, checks at the door to `gate.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.arm import providers as provider_documents
from localazure.arm.answers import Answer, ArmRequest, polling
from localazure.arm.authorization import DEFINITIONS, Authorization, built_in_document
from localazure.arm.checks import child
from localazure.arm.containers import ContainerService
from localazure.arm.gate import action_of
from localazure.arm.groups import Groups
from localazure.arm.ids import key, parse
from localazure.arm.listing import matcher, page, shown
from localazure.arm.names import check_domain, check_storage_name, check_vault_name, cognitive_skus
from localazure.arm.resources import Resource
from localazure.arm.roles import BUILT_IN
from localazure.arm.service import ResourceService, type_row
from localazure.arm.soft_deleted import SoftDeleted
from localazure.arm.table import BLOB_SERVICES, CONTAINERS, TABLE
from localazure.arm.tags import Tags
from localazure.arm.types import World
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import Operation, Operations

__all__ = ["Endpoint", "Endpoints"]

Parts = Mapping[str, str]
Handler = Callable[[ArmRequest, Parts], Answer]
_S = "/subscriptions/{subscription}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path with its method. `free` ones need a token but no role; all others need the action of the path."""

    method: str
    template: str
    handle: Handler
    free: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        text = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.template))
        text = re.sub(r"\\\{scope:path\\\}", r"(?P<scope>.*)", text)
        return re.compile(text, re.IGNORECASE)


class Endpoints:
    """Dispatches a request that the gate let in."""

    def __init__(
        self,
        *,
        world: World,
        operations: Operations,
        authorization: Authorization,
        service: ResourceService,
        groups: Groups,
        containers: ContainerService,
    ) -> None:
        self._world = world
        self._operations = operations
        self._authorization = authorization
        self._service = service
        self._groups = groups
        self._containers = containers
        self._deleted = SoftDeleted(world, operations)
        self._tags = Tags(world)
        self.table: Sequence[Endpoint] = self._literal()
        self._compiled = [(endpoint, endpoint.pattern) for endpoint in self.table]

    def dispatch(self, request: ArmRequest) -> Answer:
        for endpoint, pattern in self._compiled:
            found = pattern.fullmatch(request.target.id) if endpoint.method in {request.method, "*"} else None
            if found is not None:
                if not endpoint.free:
                    self._require(request)
                return endpoint.handle(request, found.groupdict())
        return self._resource(request)

    def _literal(self) -> list[Endpoint]:
        world, deleted, tags = self._world, self._deleted, self._tags
        subscription, tenant = world.subscription_id, world.tenant_id
        store = world.store
        group = f"{_S}/resourceGroups/{{group}}"
        cognitive = f"{_S}/providers/Microsoft.CognitiveServices"
        gone = f"{cognitive}/locations/{{location}}/resourceGroups/{{group}}/deletedAccounts/{{name}}"
        vaults = f"{_S}/providers/Microsoft.KeyVault"
        tag_path = "{scope:path}/providers/Microsoft.Resources/tags/default"

        def only(value: Callable[[], Any]) -> Handler:
            return lambda _request, _parts: Answer(body=value())

        def listed(value: Callable[[], Sequence[Mapping[str, Any]]]) -> Handler:
            return lambda request, _parts: self._page(request, value())

        return [
            Endpoint(method="GET", template="/tenants", free=True,
                     handle=listed(lambda: [provider_documents.tenant(tenant)])),
            Endpoint(method="GET", template="/subscriptions", free=True,
                     handle=listed(lambda: [provider_documents.subscription(subscription, tenant)])),
            Endpoint(method="GET", template=_S, free=True,
                     handle=only(lambda: provider_documents.subscription(subscription, tenant))),
            Endpoint(method="GET", template=f"{_S}/locations", free=True,
                     handle=listed(lambda: provider_documents.locations_document(subscription))),
            Endpoint(method="GET", template=f"{_S}/providers", free=True,
                     handle=listed(lambda: provider_documents.providers(store, subscription))),
            Endpoint(method="GET", template=f"{_S}/providers/{{namespace}}", free=True,
                     handle=lambda _r, p: Answer(
                         body=provider_documents.provider(store, p["namespace"], subscription))),
            Endpoint(method="POST", template=f"{_S}/providers/{{namespace}}/register",
                     handle=lambda _r, p: Answer(
                         body=provider_documents.register(store, p["namespace"], subscription, on=True))),
            Endpoint(method="POST", template=f"{_S}/providers/{{namespace}}/unregister",
                     handle=lambda _r, p: Answer(
                         body=provider_documents.register(store, p["namespace"], subscription, on=False))),
            Endpoint(method="GET", template=f"{_S}/resources", free=True, handle=self._list_everything),
            Endpoint(method="GET", template=f"{group}/resources", free=True, handle=self._list_everything),
            Endpoint(method="GET", template=f"{_S}/resourceGroups", free=True,
                     handle=lambda r, _p: self._visible(r, self._groups.list())),
            Endpoint(method="GET", template=group, handle=lambda r, _p: self._groups.get(r)),
            Endpoint(method="HEAD", template=group, handle=lambda r, _p: self._groups.head(r)),
            Endpoint(method="PUT", template=group, handle=lambda r, _p: self._groups.put(r)),
            Endpoint(method="PATCH", template=group, handle=lambda r, _p: self._groups.patch(r)),
            Endpoint(method="DELETE", template=group, handle=lambda r, _p: self._groups.delete(r)),
            Endpoint(method="GET", template=f"{_S}/operationresults/{{operation}}", free=True,
                     handle=self._group_result),
            Endpoint(method="GET", free=True, handle=self._operation_status,
                     template=f"{_S}/providers/{{namespace}}/locations/{{location}}/operationStatuses/{{operation}}"),
            Endpoint(method="GET", free=True, handle=self._operation_result,
                     template=f"{_S}/providers/{{namespace}}/locations/{{location}}/operationResults/{{operation}}"),
            Endpoint(method="POST", template=f"{_S}/providers/Microsoft.Storage/checkNameAvailability", free=True,
                     handle=lambda r, _p: Answer(body=check_storage_name(world, r.body))),
            Endpoint(method="POST", template=f"{vaults}/checkNameAvailability", free=True,
                     handle=lambda r, _p: Answer(body=check_vault_name(world, r.body))),
            Endpoint(method="POST", template=f"{cognitive}/checkDomainAvailability", free=True,
                     handle=lambda r, _p: Answer(body=check_domain(world, r.body))),
            Endpoint(method="GET", template=f"{cognitive}/skus", free=True, handle=listed(cognitive_skus)),
            Endpoint(method="GET", template=f"{cognitive}/deletedAccounts", handle=listed(deleted.accounts)),
            Endpoint(method="GET", template=gone,
                     handle=lambda _r, p: deleted.account(p["location"], p["group"], p["name"])),
            Endpoint(method="DELETE", template=gone,
                     handle=lambda _r, p: deleted.purge_account(p["location"], p["group"], p["name"])),
            Endpoint(method="GET", template=f"{vaults}/deletedVaults", handle=listed(deleted.vaults)),
            Endpoint(method="GET", template=f"{vaults}/locations/{{location}}/deletedVaults/{{name}}",
                     handle=lambda _r, p: deleted.vault(p["location"], p["name"])),
            Endpoint(method="POST", template=f"{vaults}/locations/{{location}}/deletedVaults/{{name}}/purge",
                     handle=lambda _r, p: deleted.purge_vault(p["location"], p["name"])),
            Endpoint(method="GET", template=f"{_S}/providers/Microsoft.OperationalInsights/deletedWorkspaces",
                     handle=listed(deleted.log_workspaces)),
            Endpoint(method="GET", template=tag_path, handle=lambda r, _p: tags.get(r)),
            Endpoint(method="PUT", template=tag_path, handle=lambda r, _p: tags.put(r)),
            Endpoint(method="PATCH", template=tag_path, handle=lambda r, _p: tags.patch(r)),
            Endpoint(method="DELETE", template=tag_path, handle=lambda r, _p: tags.delete(r)),
            Endpoint(method="GET", template=f"{{scope:path}}/providers/{DEFINITIONS}", handle=self._list_roles),
            Endpoint(method="GET", template=f"{{scope:path}}/providers/{DEFINITIONS}/{{name}}", handle=self._role),
        ]  # fmt: skip

    # --- resources of the table ---------------------------------------------------------------------------

    def _resource(self, request: ArmRequest) -> Answer:
        target = request.target
        if "/deployments" in target.key:
            raise AzureError(
                501,
                "NotImplementedByLocalAzure",
                "Template deployments are not implemented by the local Azure: create the resources one by one.",
            )
        if target.type is None:
            raise AzureError(404, "InvalidResourceNamespace", f"The path '{target.id}' leads to nothing in ARM.")
        if target.name is None and request.method == "GET":
            return self._collection(request)
        self._require(request)
        if target.name is None and request.method == "POST":
            action = target.id.rsplit("/", 1)[1]
            owner = parse(target.id.rsplit("/", 1)[0])
            return self._service.post(_retargeted(request, owner), action)
        handlers = self._handlers(target.type)
        handler = handlers.get(request.method) if target.name else None
        if handler is None:
            raise AzureError(
                405, "MethodNotAllowed", f"The request method '{request.method}' is not allowed on '{target.id}'."
            )
        return handler(request)

    def _handlers(self, type_name: str) -> Mapping[str, Callable[[ArmRequest], Answer]]:
        if type_name.lower() == BLOB_SERVICES.lower():
            return {"GET": self._containers.service_get, "PUT": self._containers.service_put}
        if type_name.lower() == CONTAINERS.lower():
            own = self._containers
            return {"GET": own.get, "PUT": own.put, "PATCH": own.patch, "DELETE": own.delete}
        own = self._service
        return {"GET": own.get, "HEAD": own.head, "PUT": own.put, "PATCH": own.patch, "DELETE": own.delete}

    def _collection(self, request: ArmRequest) -> Answer:
        target = request.target
        type_name = target.type or ""
        if type_name.lower() == CONTAINERS.lower():
            self._require(request)
            return self._page(request, self._containers.list(request))
        row = type_row(target, request.api_version)
        if row.extension:
            return self._visible(request, self._at_scope(request, row.name))
        self._service.check_group(target)
        if row.name.count("/") > 1 and self._world.resources.get(target.parent) is None:
            raise AzureError(
                404, "ParentResourceNotFound", f"The parent resource '{target.parent}' could not be found."
            )
        under = key(target.id) if row.name.count("/") > 1 else key(target.scope)
        found = self._world.resources.of_type(row.name, under + "/")
        if row.listed is not None:
            found = [resource for resource in found if row.listed(resource, request.query)]
        return self._visible(request, found)

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

    def _list_everything(self, request: ArmRequest, _parts: Parts) -> Answer:
        self._service.check_group(request.target)
        base = request.target.id.rsplit("/", 1)[0]
        top_level = [r for r in self._world.resources.under(base) if _is_tracked(r)]
        wanted = matcher(request.query.get("filter"))
        expand = request.query.get("expand", "").lower()
        return self._visible(request, [_expanded(r, expand) for r in top_level if wanted(r)], filtered=True)

    def _list_roles(self, request: ArmRequest, _parts: Parts) -> Answer:
        custom = self._world.resources.of_type(DEFINITIONS)
        built_in = [built_in_document(role, self._world.subscription_id) for role in BUILT_IN]
        wanted = matcher(request.query.get("filter"))
        return self._page(request, [role for role in [*built_in, *custom] if wanted(role)])

    def _role(self, request: ArmRequest, parts: Parts) -> Answer:
        for role in BUILT_IN:
            if role.id == parts["name"].lower():
                return Answer(body=built_in_document(role, self._world.subscription_id))
        return self._service.get(request)

    # --- what several of the above share -------------------------------------------------------------------

    def _require(self, request: ArmRequest) -> None:
        action, scope = action_of(request.method, request.target)
        self._authorization.require(request.caller, scope, action)

    def _visible(self, request: ArmRequest, items: Sequence[Resource], *, filtered: bool = False) -> Answer:
        """A page of those that the caller may read: nobody learns of other people's resources by listing."""
        wanted = matcher(None if filtered else request.query.get("filter"))
        caller, allowed = request.caller.object_id, self._authorization.allowed
        action, scope = action_of("GET", request.target)
        sees_all = allowed(caller, scope, action, data=False)
        seen = [
            item for item in items
            if wanted(item) and (sees_all or allowed(caller, item["id"], _read_action(item), data=False))
        ]  # fmt: skip
        return self._page(request, seen)

    def _page(self, request: ArmRequest, items: Sequence[Mapping[str, Any]]) -> Answer:
        return Answer(body=page(items, request.query, f"{self._world.origin}{request.target.id}"))

    def _operation_status(self, request: ArmRequest, parts: Parts) -> Answer:
        operation = self._operations.get(parts["operation"])
        body: dict[str, Any] = {
            "id": request.target.id,
            "name": operation.id,
            "status": operation.status,
            "startTime": arm_time(operation.started),
            "percentComplete": 50.0 if operation.ended is None else 100.0,
        }
        if operation.ended is not None:
            body["endTime"] = arm_time(operation.ended)
        if operation.error is not None:
            body["error"] = operation.error
        return Answer(body=body, headers={} if operation.ended else {"Retry-After": "1", "x-ms-retry-after-ms": "150"})

    def _operation_result(self, _request: ArmRequest, parts: Parts) -> Answer:
        operation = self._operations.get(parts["operation"])
        if operation.ended is None:
            headers = polling(
                self._world.origin, parts["subscription"], parts["namespace"], parts["location"], operation.id,
                status=False, result=True,
            )  # fmt: skip
            return Answer(status=202, headers=headers)
        _raise_failed(operation)
        return Answer(status=204) if operation.result is None else Answer(body=operation.result)

    def _group_result(self, request: ArmRequest, parts: Parts) -> Answer:
        operation = self._operations.get(parts["operation"])
        if operation.ended is None:
            location = f"{self._world.origin}{request.target.id}?api-version={request.api_version}"
            return Answer(status=202, headers={"Location": location, "Retry-After": "1", "x-ms-retry-after-ms": "150"})
        _raise_failed(operation)
        return Answer(status=200)


def _is_tracked(resource: Resource) -> bool:
    """Whether the generic list has it: top-level types, neither groups nor extensions."""
    row = TABLE.get(resource["type"].lower())
    return row is not None and row.name.count("/") == 1 and not row.extension


def _raise_failed(operation: Operation) -> None:
    if operation.error is not None:
        raise AzureError(409, str(operation.error["code"]), str(operation.error["message"]))


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


def _retargeted(request: ArmRequest, target: Any) -> ArmRequest:
    return ArmRequest(
        method=request.method,
        target=target,
        query=request.query,
        body=request.body,
        caller=request.caller,
        api_version=request.api_version,
    )
