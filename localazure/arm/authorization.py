"""Who may do what: role assignments at a scope and above, with the roles' actions and data actions.

Owns: the evaluation, for a principal and the groups it is in, and the propagation delay; nothing is allowed by default.
Leaves: reading assignments to `grants.py`, writing them to the table.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from localazure.arm.grants import ASSIGNMENTS, DEFINITIONS, Grant, Grants, Permission, permission_of
from localazure.arm.ids import key
from localazure.arm.resources import Resources
from localazure.arm.roles import BuiltInRole
from localazure.clock import Clock
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["ASSIGNMENTS", "DEFINITIONS", "Authorization", "Permission", "View", "built_in_document"]


@dataclass(frozen=True, slots=True)
class View:
    """What one principal may do at this moment: for asking about many scopes."""

    grants: tuple[Grant, ...]

    def allows(self, scope: str, action: str, *, data: bool) -> bool:
        at = key(scope) + "/"
        return any(grant.reaches(at) and grant.covers(action, data=data) for grant in self.grants)


class Authorization:
    """Answers `allowed`; satisfies the Authorizer that other services ask for."""

    def __init__(
        self,
        resources: Resources,
        clock: Clock,
        *,
        delay_s: float,
        groups_of: Callable[[str], Collection[str]] = lambda _: (),
    ) -> None:
        """`groups_of` names the groups that a principal is in, directly or through other groups."""
        self.grants = Grants(resources)
        self._delay_s = delay_s
        self._slow: tuple[datetime, float] | None = None
        self._clock = clock
        self._groups_of = groups_of

    def allowed(self, object_id: str, scope: str, action: str, *, data: bool) -> bool:
        """Whether an assignment at the scope or above it, old enough to have spread, covers the action."""
        return self.view(object_id).allows(scope, action, data=data)

    def delay_of(self, grant: Grant) -> timedelta:
        """How long an assignment takes to spread."""
        if self._slow is not None and grant.created >= self._slow[0]:
            return timedelta(seconds=self._slow[1])
        return timedelta(seconds=self._delay_s)

    def slow_down(self, seconds: float | None) -> None:
        """From now on new assignments take this long to spread; None: as long as ever, those under way too."""
        self._slow = None if seconds is None else (self._clock.now(), seconds)

    @property
    def slow_s(self) -> float | None:
        """How long new assignments take while they are slowed down."""
        return None if self._slow is None else self._slow[1]

    def view(self, object_id: str) -> View:
        """The principal's own grants and those of its groups, as far as they have spread."""
        now = self._clock.now()
        known = self.grants.by_principal()
        names = [object_id.lower(), *(group.lower() for group in self._groups_of(object_id))]
        return View(
            tuple(
                grant for name in names for grant in known.get(name, ()) if grant.created + self.delay_of(grant) <= now
            )
        )

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
            "permissions": [dict(permission_of(role))],
        },
    }
