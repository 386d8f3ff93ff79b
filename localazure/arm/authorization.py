"""Who may do what: role assignments at a scope and above, with the roles' actions and data actions.

Owns: the evaluation and the propagation delay. Leaves: writing assignments to `roles_service.py`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from localazure.arm.ids import key
from localazure.arm.resources import Resources
from localazure.arm.roles import BUILT_IN, BuiltInRole
from localazure.clock import Clock
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["ASSIGNMENTS", "DEFINITIONS", "Authorization", "Permission", "built_in_document"]

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"

Permission = Mapping[str, Any]


class Authorization:
    """Answers `allowed`; satisfies the Authorizer that other services ask for."""

    def __init__(self, resources: Resources, clock: Clock, *, delay_s: float) -> None:
        self._resources = resources
        self._clock = clock
        self._delay = timedelta(seconds=delay_s)

    def allowed(self, object_id: str, scope: str, action: str, *, data: bool) -> bool:
        """Whether an assignment at the scope or above it, old enough to have spread, covers the action."""
        return any(_covers(permission, action, data=data) for permission in self._permissions(object_id, scope))

    def require(self, caller: Caller, scope: str, action: str) -> None:
        """AzureError 403 as ARM words it unless the caller may."""
        if not self.allowed(caller.object_id, scope, action, data=False):
            raise AzureError(
                403,
                "AuthorizationFailed",
                f"The client '{caller.app_id}' with object id '{caller.object_id}' does not have authorization to "
                f"perform action '{action}' over scope '{scope}' or the scope is invalid. "
                "If access was recently granted, please refresh your credentials.",
            )

    def permissions_of(self, definition_id: str) -> list[Permission] | None:
        """The permissions of a role definition, None when there is none."""
        name = definition_id.rstrip("/").rsplit("/", 1)[-1].lower()
        for role in BUILT_IN:
            if role.id == name:
                return [_permission(role)]
        custom = next((d for d in self._resources.of_type(DEFINITIONS) if d["name"].lower() == name), None)
        return None if custom is None else custom["properties"].get("permissions") or []

    def _permissions(self, object_id: str, scope: str) -> Iterable[Permission]:
        at = key(scope) + "/"
        latest = self._clock.now() - self._delay
        for assignment in self._resources.of_type(ASSIGNMENTS):
            properties = assignment["properties"]
            if properties["principalId"].lower() != object_id.lower():
                continue
            if not at.startswith(key(properties["scope"]).rstrip("/") + "/"):
                continue
            if datetime.fromisoformat(properties["createdOn"]) > latest:
                continue
            yield from self.permissions_of(properties["roleDefinitionId"]) or ()


def built_in_document(role: BuiltInRole, subscription_id: str) -> dict[str, object]:
    """A built-in role as ARM shows it."""
    return {
        "id": f"/subscriptions/{subscription_id}/providers/{DEFINITIONS}/{role.id}",
        "name": role.id,
        "type": DEFINITIONS,
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.description,
            "assignableScopes": ["/"],
            "permissions": [dict(_permission(role))],
        },
    }


def _permission(role: BuiltInRole) -> Permission:
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": list(role.not_data_actions),
    }


def _covers(permission: Permission, action: str, *, data: bool) -> bool:
    granted, withheld = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return _matches(permission.get(granted), action) and not _matches(permission.get(withheld), action)


def _matches(patterns: Iterable[str] | None, action: str) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns or ())


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.IGNORECASE)
