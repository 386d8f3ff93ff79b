"""Role assignments ready to be asked: by principal, with their scopes, their times and what their roles cover.

Owns: reading assignments and definitions from the store once, and again after each change; the pattern language.
Leaves: writing assignments to the table, deciding to `authorization.py`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from localazure.arm.ids import key
from localazure.arm.resources import Resources
from localazure.arm.roles import BUILT_IN, BuiltInRole

__all__ = ["ASSIGNMENTS", "DEFINITIONS", "Grant", "Grants", "Permission", "permission_of"]

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"

Permission = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One assignment: what it covers, at a scope (lower case, ending in a slash) and below."""

    scope: str
    created: datetime
    permissions: tuple[Permission, ...]

    def reaches(self, at: str) -> bool:
        """Whether a scope, written as ours, is ours or lies below it."""
        return at.startswith(self.scope)

    def covers(self, action: str, *, data: bool) -> bool:
        granted, withheld = ("dataActions", "notDataActions") if data else ("actions", "notActions")
        return any(_matches(p.get(granted), action) and not _matches(p.get(withheld), action) for p in self.permissions)


class Grants:
    """Grants by principal, always those of the last commit."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._changes = 0
        self._read: tuple[int, dict[str, list[Grant]]] = (-1, {})
        resources.watch(ASSIGNMENTS, self._changed)
        resources.watch(DEFINITIONS, self._changed)

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener` when grants have changed, before the change is acknowledged."""
        self._resources.watch(ASSIGNMENTS, listener)
        self._resources.watch(DEFINITIONS, listener)

    def of(self, principal: str) -> list[Grant]:
        return self.by_principal().get(principal.lower(), [])

    def by_principal(self) -> Mapping[str, list[Grant]]:
        changes = self._changes
        if self._read[0] != changes:
            # The number was taken before reading: a change made meanwhile makes the next caller read again.
            self._read = (changes, self._load())
        return self._read[1]

    def _changed(self) -> None:
        self._changes += 1

    def _load(self) -> dict[str, list[Grant]]:
        roles: dict[str, tuple[Permission, ...]] = {role.id: (permission_of(role),) for role in BUILT_IN}
        for definition in self._resources.of_type(DEFINITIONS):
            roles[definition["name"].lower()] = tuple(definition["properties"].get("permissions") or ())
        found: dict[str, list[Grant]] = {}
        for assignment in self._resources.of_type(ASSIGNMENTS):
            properties = assignment["properties"]
            role = properties["roleDefinitionId"].rstrip("/").rsplit("/", 1)[-1].lower()
            grant = Grant(
                scope=key(properties["scope"]).rstrip("/") + "/",
                created=datetime.fromisoformat(properties["createdOn"]),
                permissions=roles.get(role, ()),
            )
            found.setdefault(properties["principalId"].lower(), []).append(grant)
        return found


def permission_of(role: BuiltInRole) -> Permission:
    """A built-in role's only permission, as ARM shows it."""
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": list(role.not_data_actions),
    }


def _matches(patterns: Iterable[str] | None, action: str) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns or ())


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """Between two slashes a star may stand for nothing: AzureML Data Scientist reads the workspace by
    `workspaces/*/read` alone, and is kept from making computes by `workspaces/computes/*/write`.
    """
    escaped = re.escape(text).replace(r"/\*/", "/(?:.*/)?").replace(r"\*", ".*")
    return re.compile(escaped, re.IGNORECASE)
