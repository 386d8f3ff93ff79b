"""A small Azure Resource Manager in memory, strict about api-versions, parents and field names."""

import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from automation.errors import InvalidRequest, NotFound

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
CLAIMS = {"appid": "client-1", "oid": "object-1", "tid": "tenant-1"}

# Written from the REST specifications, not from the product's table.
API_VERSIONS = {
    "microsoft.resources/resourcegroups": "2024-03-01",
    "microsoft.storage/storageaccounts": "2024-01-01",
    "microsoft.storage/storageaccounts/blobservices": "2024-01-01",
    "microsoft.storage/storageaccounts/blobservices/containers": "2024-01-01",
    "microsoft.cognitiveservices/accounts": "2025-06-01",
    "microsoft.machinelearningservices/workspaces": "2025-12-01",
    "microsoft.machinelearningservices/workspaces/computes": "2025-12-01",
    "microsoft.machinelearningservices/workspaces/datastores": "2025-12-01",
    "microsoft.machinelearningservices/workspaces/data": "2025-12-01",
    "microsoft.machinelearningservices/workspaces/data/versions": "2025-12-01",
    "microsoft.machinelearningservices/workspaces/labelingjobs": "2024-01-01-preview",
    "microsoft.keyvault/vaults": "2024-11-01",
    "microsoft.insights/components": "2020-02-02",
    "microsoft.operationalinsights/workspaces": "2023-09-01",
    "microsoft.authorization/roleassignments": "2022-04-01",
    "microsoft.authorization/roledefinitions": "2022-05-01-preview",
    "microsoft.authorization/locks": "2020-05-01",
    "microsoft.consumption/budgets": "2024-08-01",
    "microsoft.containerregistry/registries": "2023-01-01-preview",
    "microsoft.managedidentity/userassignedidentities": "2023-01-31",
}
ENVELOPE = {"location", "tags", "sku", "kind", "identity", "managedBy", "properties", "eTag", "extendedLocation"}


class Killed(BaseException):
    """The process ends here, as far as a test is concerned."""


class FakeArm:
    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.log: list[tuple[str, str]] = []
        self.reads: list[str] = []
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self.versions: dict[str, str] = {}
        self.deadlines: list[tuple[str, str, float]] = []
        self.before: list[Callable[[str, str], None]] = []
        self.after: list[Callable[[str, str], None]] = []
        self.lock = threading.RLock()

    def find(self, resource_id: str, *, api_version: str) -> dict[str, Any] | None:
        self._check(resource_id, api_version)
        with self.lock:
            self.reads.append(resource_id.rpartition("/")[2])
            found = self.resources.get(resource_id.lower())
            return None if found is None else _copy(found)

    def put(
        self, resource_id: str, body: Mapping[str, Any], *, api_version: str, deadline_s: float = 900.0
    ) -> dict[str, Any]:
        kind = self._check(resource_id, api_version)
        self._hear(self.before, "PUT", resource_id)
        odd = set(body) - ENVELOPE
        assert not odd, f"{sorted(odd)} do not stand at the top level of {kind}"
        snake = sorted(key for key in _keys({key: item for key, item in body.items() if key != "tags"}) if "_" in key)
        known = {"Application_Type", "Flow_Type", "Request_Source"}
        assert not set(snake) - known, f"snake case on the wire: {snake}"
        with self.lock:
            self._parent_exists(resource_id)
            self.log.append(("PUT", resource_id))
            self.deadlines.append(("PUT", resource_id.rpartition("/")[2], deadline_s))
            self.bodies.append((resource_id, _copy(body)))
            self.versions[resource_id] = api_version
            old = self.resources.get(resource_id.lower(), {})
            self.resources[resource_id.lower()] = _made(resource_id, kind, body, old)
        self._hear(self.after, "PUT", resource_id)
        return _copy(self.resources[resource_id.lower()])

    def delete(
        self,
        resource_id: str,
        *,
        api_version: str,
        params: Mapping[str, str] | None = None,
        deadline_s: float = 900.0,
    ) -> None:
        self._check(resource_id, api_version)
        self._hear(self.before, "DELETE", resource_id)
        with self.lock:
            self.log.append(("DELETE", resource_id))
            self.deadlines.append(("DELETE", resource_id.rpartition("/")[2], deadline_s))
            key = resource_id.lower()
            for name in [name for name in self.resources if name == key or name.startswith(f"{key}/")]:
                del self.resources[name]
        self._hear(self.after, "DELETE", resource_id)

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, api_version: str, deadline_s: float = 900.0
    ) -> dict[str, Any]:
        self._check(path.rpartition("/")[0], api_version)
        if path.rpartition("/")[0].lower() not in self.resources:
            raise NotFound("no such resource", operation="post", status=404, code="ResourceNotFound")
        return {"keys": [{"keyName": "key1", "value": "c3VwZXJzZWNyZXQ="}], "key1": "supersecret"}

    def written(self) -> list[str]:
        """The last names of what was put or deleted, in order: "+name" and "-name"."""
        return [("+" if method == "PUT" else "-") + path.rpartition("/")[2] for method, path in self.log]

    def last_body(self, end: str) -> dict[str, Any]:
        return next(body for path, body in reversed(self.bodies) if path.endswith(end))

    def _check(self, resource_id: str, api_version: str) -> str:
        kind = type_of(resource_id)
        assert kind in API_VERSIONS, f"unknown type {kind} in {resource_id}"
        assert api_version == API_VERSIONS[kind], f"{kind} was called with {api_version}"
        assert resource_id.startswith(f"/subscriptions/{SUBSCRIPTION}"), resource_id
        return kind

    def _parent_exists(self, resource_id: str) -> None:
        group = re.match(r"(/subscriptions/[^/]+/resourceGroups/[^/]+)/", resource_id, re.IGNORECASE)
        if group and group[1].lower() not in self.resources:
            raise NotFound("the resource group is not there", operation="put", status=404, code="ResourceGroupNotFound")
        parent = resource_id.rpartition("/")[0].rpartition("/")[0].lower().replace("/blobservices/default", "")
        if resource_id.count("/providers/") == 1 and resource_id.split("/providers/")[1].count("/") > 2:
            parent_known = parent in self.resources
            if not parent_known:
                raise NotFound("the parent is not there", operation="put", status=404, code="ParentResourceNotFound")

    def _hear(self, listeners: list[Callable[[str, str], None]], method: str, resource_id: str) -> None:
        for listener in list(listeners):
            listener(method, resource_id)


def type_of(resource_id: str) -> str:
    if "/providers/" not in resource_id:
        return "microsoft.resources/resourcegroups"
    parts = resource_id.rpartition("/providers/")[2].split("/")
    return "/".join([parts[0], *parts[1::2]]).lower()


def fails(end: str, *, code: str = "Boom", message: str = "the service says no") -> Callable[[str, str], None]:
    """A listener that refuses requests for ids that end so."""

    def listener(method: str, resource_id: str) -> None:
        if resource_id.endswith(end):
            raise InvalidRequest(message, operation=f"{method} {end}", status=400, code=code)

    return listener


def _made(resource_id: str, kind: str, body: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    made = _copy(body) | {"id": resource_id, "name": resource_id.rpartition("/")[2], "type": kind}
    properties = made.setdefault("properties", {})
    if kind not in ("microsoft.authorization/roleassignments", "microsoft.authorization/locks"):
        properties["provisioningState"] = "Succeeded"
    if "identity" in made and "SystemAssigned" in made["identity"].get("type", ""):
        principal = old.get("identity", {}).get("principalId") or str(uuid.uuid5(uuid.NAMESPACE_URL, resource_id))
        made["identity"] |= {"principalId": principal, "tenantId": "tenant-1"}
    name = made["name"]
    match kind:
        case "microsoft.storage/storageaccounts":
            properties["primaryEndpoints"] = {"blob": f"https://127.0.0.1:10000/{name}/"}
        case "microsoft.cognitiveservices/accounts":
            properties["endpoint"] = f"https://localhost:8443/cognitiveservices/{name}/"
        case "microsoft.authorization/roleassignments":
            properties["scope"] = resource_id.partition("/providers/Microsoft.Authorization")[0]
        case "microsoft.insights/components":
            properties |= {"InstrumentationKey": "key", "ConnectionString": "InstrumentationKey=key"}
        case _:
            pass
    return made


def _keys(value: Any) -> list[str]:
    match value:
        case dict():
            items = cast("dict[str, Any]", value).items()
            return [
                key
                for name, item in items
                for key in ([name] if name in ("tags", "metadata") else [name, *_keys(item)])
            ]
        case list():
            return [key for item in cast("list[Any]", value) for key in _keys(item)]
        case _:
            return []


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))
