"""A strict stand-in for ARM with the rules that matter to a teardown: soft delete, purge, locks, cascades.

Every operation must be spelled as documented, api-version included; anything else fails the test.
"""

import re
import threading
from typing import Any

import httpx

from automation.azure import Arm
from tests.automation.azure.fakes import FakeClock, an_arm

S = "/subscriptions/s1"
G = f"{S}/resourceGroups/rg-fruit"
OURS = {"visionlab:lab": "fruit", "visionlab:stack": "local"}
ACCOUNT = "Microsoft.CognitiveServices/accounts"
VAULT = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"
ML = "Microsoft.MachineLearningServices/workspaces"
STORAGE = "Microsoft.Storage/storageAccounts"


def error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "No."}})


class FakeSubscription:
    def __init__(self) -> None:
        self.group: dict[str, Any] | None = {"id": G, "name": "rg-fruit", "location": "eastus", "tags": dict(OURS)}
        self.live: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.locks: dict[str, dict[str, Any]] = {}
        self.roles: list[str] = []
        self.writes: list[str] = []
        self.slow_lock = 0
        self.forbidden: set[str] = set()
        self.busy: set[str] = set()
        self._mutex = threading.Lock()

    def add(
        self, kind: str, name: str, *, group: str = G, tags: dict[str, str] | None = OURS, **properties: Any
    ) -> str:
        resource_id = f"{group}/providers/{kind}/{name}"
        entry: dict[str, Any] = {"id": resource_id, "type": kind, "name": name.rpartition("/")[2], "location": "eastus"}
        self.live[resource_id] = entry | ({"tags": dict(tags)} if tags else {}) | {"properties": properties}
        return resource_id

    def lock(self, name: str, notes: str) -> None:
        lock_id = f"{G}/providers/Microsoft.Authorization/locks/{name}"
        self.locks[lock_id] = {"id": lock_id, "name": name, "properties": {"level": "CanNotDelete", "notes": notes}}

    def arm(self, clock: FakeClock | None = None) -> Arm:
        return an_arm(self, clock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._mutex:
            query = dict(request.url.params)
            version = query.pop("api-version")
            path = request.url.path
            if request.method != "GET":
                self.writes.append(f"{request.method} {path.removeprefix(S)}" + (f" {query}" if query else ""))
            if any(part in path for part in self.forbidden):
                return error(403, "AuthorizationFailed")
            return (
                self._read(path, query, version)
                if request.method == "GET"
                else self._write(request.method, path, query)
            )

    def _read(self, path: str, query: dict[str, str], version: str) -> httpx.Response:
        lists: dict[str, tuple[str, list[Any]]] = {
            f"{G}/resources": ("2021-04-01", [r for r in self.live.values() if r["id"].startswith(G)]),
            f"{S}/resources": ("2021-04-01", [r for r in self.live.values() if self._tagged(r, query)]),
            f"{G}/providers/Microsoft.Authorization/locks": ("2020-05-01", list(self.locks.values())),
            f"{S}/providers/Microsoft.Authorization/roleAssignments": ("2022-04-01", [{"id": r} for r in self.roles]),
            f"{S}/providers/Microsoft.CognitiveServices/deletedAccounts": ("2024-10-01", self._deleted(ACCOUNT)),
            f"{S}/providers/Microsoft.KeyVault/deletedVaults": ("2023-07-01", self._deleted(VAULT)),
            f"{S}/providers/Microsoft.OperationalInsights/deletedWorkspaces": ("2023-09-01", self._deleted(LOGS)),
        }
        if path in lists:
            wanted, values = lists[path]
            assert version == wanted, (path, version)
            if path.startswith(f"{G}/") and self.group is None:
                return error(404, "ResourceGroupNotFound")
            whole = not path.endswith("/resources")  # the generic list leaves the properties out
            shown = [{k: v for k, v in value.items() if whole or k != "properties"} for value in values]
            return httpx.Response(200, json={"value": shown})
        if path.startswith(f"{S}/providers/") and path.count("/") == 4:
            return error(404, "InvalidResourceNamespace")
        if path == G:
            return httpx.Response(200, json=self.group) if self.group else error(404, "ResourceGroupNotFound")
        assert path in self.live, path
        return httpx.Response(200, json=self.live[path])

    @staticmethod
    def _tagged(resource: dict[str, Any], query: dict[str, str]) -> bool:
        match = re.fullmatch(r"tagName eq '(.*)' and tagValue eq '(.*)'", query.get("$filter", ""))
        return match is not None and resource.get("tags", {}).get(match[1]) == match[2]

    def _deleted(self, kind: str) -> list[Any]:
        entries: list[Any] = []
        for original, entry in self.deleted.items():
            if entry["type"] != kind:
                continue
            group = original.split("/")[4]
            if kind == ACCOUNT:
                place = f"locations/eastus/resourceGroups/{group}/deletedAccounts/{entry['name']}"
                entries.append(entry | {"id": f"{S}/providers/Microsoft.CognitiveServices/{place}"})
            elif kind == VAULT:
                protected = entry["properties"].get("enablePurgeProtection")
                more = {"purgeProtectionEnabled": True} if protected else {}
                kept = {"vaultId": original, "location": "eastus", "tags": entry.get("tags", {})} | more
                entries.append({"id": f"{S}/x", "name": entry["name"], "properties": kept})
            else:
                entries.append(entry)
        return entries

    def _write(self, method: str, path: str, query: dict[str, str]) -> httpx.Response:
        providers = f"{S}/providers"
        account = r"Microsoft\.CognitiveServices/locations/eastus/resourceGroups/([^/]+)/deletedAccounts/([^/]+)"
        if match := re.fullmatch(f"{providers}/{account}", path):
            assert method == "DELETE"
            return self._purge(f"{S}/resourceGroups/{match[1]}/providers/{ACCOUNT}/{match[2]}")
        vault = r"Microsoft\.KeyVault/locations/eastus/deletedVaults/([^/]+)/purge"
        if match := re.fullmatch(f"{providers}/{vault}", path):
            assert method == "POST"
            return self._purge(f"{G}/providers/{VAULT}/{match[1]}")
        assert method == "DELETE", (method, path)
        if self.locks.pop(path, None):
            return httpx.Response(200)
        if self.locks or self.slow_lock:
            self.slow_lock = max(0, self.slow_lock - 1)
            return error(409, "ScopeLocked")
        if any(path.endswith(part) for part in self.busy):
            return error(409, "VaultInUse")
        return self._delete_live(path, query)

    def _delete_live(self, path: str, query: dict[str, str]) -> httpx.Response:
        for_good = query in ({"force": "true"}, {"forceToPurge": "true"})
        if path == G:
            self.group = None
            for resource_id in [r for r in self.live if r.startswith(G)]:
                self._delete(resource_id, {})
        elif for_good and path in self.deleted:
            del self.deleted[path]
        elif path in self.live:
            self._delete(path, query)
        else:
            return error(404, "ResourceNotFound")
        return httpx.Response(200)

    def _delete(self, resource_id: str, query: dict[str, str]) -> None:
        entry = self.live.pop(resource_id)
        for child in [r for r in self.live if r.startswith(resource_id + "/")]:
            del self.live[child]
        if entry["type"] in {ACCOUNT, VAULT, LOGS, ML} and not query:
            self.deleted[resource_id] = entry

    def _purge(self, resource_id: str) -> httpx.Response:
        if self.deleted.pop(resource_id, None) is None:
            return error(404, "ResourceNotFound")
        return httpx.Response(200)


def a_lab() -> FakeSubscription:
    """A whole lab as infra makes it."""
    subscription = FakeSubscription()
    subscription.add(STORAGE, "fruitstore")
    subscription.add(ACCOUNT, "fruit-vision")
    subscription.add(VAULT, "fruit-kv")
    subscription.add(LOGS, "fruit-logs")
    subscription.add("Microsoft.Insights/components", "fruit-insights")
    subscription.add(ML, "fruit-ml")
    return subscription
