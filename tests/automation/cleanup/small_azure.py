"""A subscription in a dict, with what matters to the running of a clean-up: work that ends later and by itself, soft
delete and purge, locks that go on counting for a while, deletions that collide, and a client that is killed.
"""

import re
import threading
from typing import Any

import httpx

from automation.azure import Arm
from automation.cleanup.select import select
from automation.cleanup.survey import survey
from automation.cleanup.targets import Target
from automation.cleanup.types import CleanupPlan, Rules
from tests.automation.azure.fakes import ORIGIN, FakeClock, a_cloud, an_arm
from tests.automation.cleanup.plans import a_cleanup_plan

SUBSCRIPTION = a_cloud().subscription_id
S = f"/subscriptions/{SUBSCRIPTION}"
ACCOUNT = "Microsoft.CognitiveServices/accounts"
VAULT = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"
ML = "Microsoft.MachineLearningServices/workspaces"
STORAGE = "Microsoft.Storage/storageAccounts"
ROLES = "providers/Microsoft.Authorization/roleAssignments"
SOFT = {ACCOUNT: "deletedAccounts", VAULT: "deletedVaults", LOGS: "deletedWorkspaces"}
NO_RULES = Rules()


class KilledError(BaseException):
    """The client is gone in the middle of a request."""


def error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "No."}})


class SmallAzure:
    """Call it as a transport's handler.

    Attributes:
        slowness: How many more requests of any kind pass until accepted work has ended.
        kill_at: The request with this number, from 1, kills the client: an even one after it was done, an odd one
            before.
        unreadable: Parts of paths whose GET is refused.
        refuse: Codes with which a DELETE or POST of a path that contains the key is answered.
        stuck: Ids of workspaces whose deletion answers 404 though they are there.
    """

    def __init__(self, *, slowness: int = 3) -> None:
        self.slowness = slowness
        self.kill_at = 0
        self.groups: dict[str, dict[str, Any]] = {}
        self.live: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.locks: dict[str, dict[str, Any]] = {}
        self.roles: dict[str, dict[str, Any]] = {}
        self.refuse: dict[str, str] = {}
        self.unreadable: set[str] = set()
        self.stuck: set[str] = set()
        self.lock_echo = 0
        self.writes: list[str] = []
        self.requests = 0
        self._work: dict[str, tuple[int, list[Any]]] = {}
        self._mutex = threading.Lock()

    def arm(self, clock: FakeClock | None = None) -> Arm:
        return an_arm(self, clock or FakeClock())

    def group(self, name: str, **tags: str) -> str:
        at = f"{S}/resourceGroups/{name}"
        kind = "Microsoft.Resources/resourceGroups"
        self.groups[at] = {"id": at, "name": name, "type": kind, "location": "eastus", "tags": _tags(tags)}
        return at

    def add(self, group: str, kind: str, name: str, **tags: str) -> str:
        at = f"{group}/providers/{kind}/{name}"
        self.live[at] = {
            "id": at, "type": kind, "name": name, "location": "eastus", "tags": _tags(tags), "properties": {},
        }  # fmt: skip
        return at

    def lock(self, group: str, notes: str = "Made by visionlab: keep") -> str:
        at = f"{group}/providers/Microsoft.Authorization/locks/keep"
        self.locks[at] = {"id": at, "name": "keep", "properties": {"level": "CanNotDelete", "notes": notes}}
        return at

    def role(self, scope: str, name: str, description: str = "") -> str:
        at = f"{scope}/{ROLES}/{name}"
        said = {"scope": scope, "principalId": "p", "roleDefinitionId": "r", "description": description}
        self.roles[at] = {"id": at, "name": name, "properties": said}
        return at

    def a_lab(self, name: str, *, locked: bool = False) -> str:
        """A whole lab as infra makes it, in a group of its own."""
        tags = {"lab": name, "stack": "local"}
        group = self.group(f"rg-{name}", **tags)
        for kind, short in ((ML, "mlw"), (ACCOUNT, "cv"), (VAULT, "kv"), (LOGS, "log"), (STORAGE, "st")):
            self.add(group, kind, f"{short}-{name}", **tags)
        if locked:
            self.lock(group)
        return group

    def plan(self, target: Target, *, rules: Rules = NO_RULES) -> CleanupPlan:
        """A plan of what is there now."""
        arm, clock = self.arm(), FakeClock()
        chosen = select(survey(arm, target, subscription=SUBSCRIPTION, rules=rules), target, rules, clock.now().date())
        return a_cleanup_plan(
            target=target, rules=rules, groups=chosen.groups, items=chosen.items, kept=chosen.kept, confirm="x"
        )

    def settle(self) -> None:
        """All accepted work ends."""
        for operation in list(self._work):
            self._end(operation)

    def state(self) -> dict[str, Any]:
        """All that is there, for comparisons."""
        return {"groups": {*self.groups}, "live": {*self.live}, "deleted": {*self.deleted}, "roles": {*self.roles}}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._mutex:
            self.requests += 1
            dies = self.requests == self.kill_at
            if dies and self.kill_at % 2:
                raise KilledError
            for operation, (due, _) in list(self._work.items()):
                if due <= self.requests:
                    self._end(operation)
            answer = self._answer(request)
            if dies:
                raise KilledError
            return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/operations/"):
            going = path.rpartition("/")[2] in self._work
            return self._accepted(path.rpartition("/")[2]) if going else httpx.Response(200)
        if request.method == "GET":
            refused = any(part in path for part in self.unreadable)
            return error(403, "AuthorizationFailed") if refused else self._read(path)
        self.writes.append(f"{request.method} {path.removeprefix(S)}")
        for part, code in self.refuse.items():
            if part in path:
                return error(403 if code == "AuthorizationFailed" else 409, code)
        if request.method == "PUT":
            return self._bring_back(path)
        if request.method == "POST":
            return self._purge(self._original(VAULT, path.split("/")[-2]))
        return self._delete(path, "true" in {request.url.params.get("forceToPurge"), request.url.params.get("force")})

    def _read(self, path: str) -> httpx.Response:
        tail = path.removeprefix(S)
        lists: dict[str, Any] = {
            "/resources": [{k: v for k, v in r.items() if k != "properties"} for r in self.live.values()],
            "/resourceGroups": self.groups.values(),
            "/providers/Microsoft.Authorization/locks": self.locks.values(),
            f"/{ROLES}": self.roles.values(),
            "/providers/Microsoft.Resources/deployments": [],
        }
        lists |= {f"/providers/{kind.partition('/')[0]}/{soft}": self._gone(kind) for kind, soft in SOFT.items()}
        if tail in lists:
            return httpx.Response(200, json={"value": list(lists[tail])})
        if re.fullmatch(r"/providers/[^/]+", tail):
            kinds = [{"resourceType": "storageAccounts", "apiVersions": ["2023-05-01"]}]
            return httpx.Response(200, json={"registrationState": "NotRegistered", "resourceTypes": kinds})
        found = self.groups.get(path) or self.live.get(path)
        return httpx.Response(200, json=found) if found else error(404, "ResourceNotFound")

    def _gone(self, kind: str) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        for at, entry in self.deleted.items():
            if entry["type"] != kind:
                continue
            group, name = at.split("/")[4], entry["name"]
            place = f"{S}/providers/Microsoft.CognitiveServices/locations/eastus/resourceGroups/{group}"
            if kind == ACCOUNT:
                shown.append(entry | {"id": f"{place}/deletedAccounts/{name}"})
            elif kind == VAULT:
                kept = {"vaultId": at, "location": "eastus", "tags": entry["tags"]}
                kept |= {"purgeProtectionEnabled": True} if entry["properties"] else {}
                shown.append({"id": "/x", "name": name, "properties": kept})
            else:
                shown.append(entry)
        return shown

    def _delete(self, path: str, for_good: bool) -> httpx.Response:
        if match := re.fullmatch(r".*/resourceGroups/([^/]+)/deletedAccounts/([^/]+)", path):
            return self._purge(f"{S}/resourceGroups/{match[1]}/providers/{ACCOUNT}/{match[2]}")
        if self.locks.pop(path, None) or self.roles.pop(path, None):
            return httpx.Response(200)
        if self._is_locked(path):
            return error(409, "ScopeLocked")
        if path in self.groups:
            return self._begin("group", path)
        if path in self.live:
            return self._delete_live(path, for_good)
        return httpx.Response(204)  # a soft-deleted log workspace stays too: it has to be brought back first

    def _is_locked(self, path: str) -> bool:
        scopes = [lock.partition("/providers/Microsoft.Authorization")[0] for lock in self.locks]
        echoes = self.lock_echo > 0
        self.lock_echo = max(0, self.lock_echo - 1)
        return echoes or any((path + "/").startswith(scope + "/") for scope in scopes)

    def _delete_live(self, path: str, for_good: bool) -> httpx.Response:
        if path in self.stuck:
            return error(404, "ResourceNotFound")
        if self.live[path]["properties"].get("provisioningState") == "Deleting":
            return error(409, "AccountProvisioningStateInvalid")
        self.live[path]["properties"]["provisioningState"] = "Deleting"
        return self._begin("delete", path, for_good)

    def _bring_back(self, path: str) -> httpx.Response:
        self.live[path] = self.deleted.pop(path)
        return httpx.Response(200, json=self.live[path])

    def _purge(self, original: str) -> httpx.Response:
        return self._begin("purge", original) if original in self.deleted else error(404, "ResourceNotFound")

    def _original(self, kind: str, name: str) -> str:
        return next((at for at, r in self.deleted.items() if (r["type"], r["name"]) == (kind, name)), "")

    def _begin(self, *work: Any) -> httpx.Response:
        operation = str(len(self.writes))
        self._work[operation] = (self.requests + self.slowness, list(work))
        return self._accepted(operation)

    @staticmethod
    def _accepted(operation: str) -> httpx.Response:
        return httpx.Response(202, headers={"location": f"{ORIGIN}/operations/{operation}", "retry-after": "1"})

    def _end(self, operation: str) -> None:
        what, path, *more = self._work.pop(operation)[1]
        if what == "purge":
            self.deleted.pop(path, None)
        elif what == "group":
            self.groups.pop(path, None)
            for at in [at for at in self.live if at.startswith(path + "/")]:
                self._remove(at, for_good=False)
        else:
            self._remove(path, for_good=more[0])

    def _remove(self, at: str, *, for_good: bool) -> None:
        entry = self.live.pop(at, None)
        if entry is not None and not for_good and entry["type"] in {*SOFT, ML}:
            protected = {"enablePurgeProtection": True} if entry["properties"].get("enablePurgeProtection") else {}
            self.deleted[at] = entry | {"properties": protected}


def _tags(given: dict[str, str]) -> dict[str, str]:
    return {f"visionlab:{name}": value for name, value in given.items()}
