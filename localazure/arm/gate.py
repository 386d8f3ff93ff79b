"""The gate of ARM: who asks, with which api-version, and may they. Everything below /subscriptions passes here.

Owns: the order of these checks and which RBAC action a request needs.
Leaves: tokens to `entra`, roles to `authorization.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from localazure.arm.authorization import Authorization
from localazure.arm.ids import Target, parse
from localazure.arm.throttle import Throttle, kind_of
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["Admitted", "Gate", "action_of"]

_API_VERSION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(-preview|-privatepreview|-alpha|-beta)?")
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request that may go on. `remaining` is the header that tells what the throttle has left."""

    target: Target
    caller: Caller
    api_version: str
    remaining: tuple[str, str]


def action_of(method: str, target: Target) -> tuple[str, str]:
    """The RBAC action of a request and the scope over which it is asked."""
    if target.type is None:
        kind = "resourceGroups/" if target.group else ""
        return f"Microsoft.Resources/subscriptions/{kind}{_VERBS.get(method, 'write')}", target.id
    if method == "POST":
        return f"{target.type}/action", target.id.rsplit("/", 1)[0]
    return f"{target.type}/{_VERBS[method]}", target.id if target.name else target.parent


def _is_version(text: str) -> bool:
    found = _API_VERSION.fullmatch(text)
    if found is None:
        return False
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return False
    return True


class Gate:
    """Lets requests in, one check after the other."""

    def __init__(
        self,
        *,
        subscription_id: str,
        verify: Callable[[str | None], Caller],
        authorization: Authorization,
        throttle: Throttle,
    ) -> None:
        self._subscription_id = subscription_id
        self._verify = verify
        self._authorization = authorization
        self._throttle = throttle

    def admit(self, method: str, path: str, api_version: str | None, authorization: str | None) -> Admitted:
        """Token, throttle, api-version, subscription: AzureError 401, 429, 400 or 404."""
        caller = self._verify(authorization)
        target = parse(path)
        kind = kind_of(method)
        left = self._throttle.take(target.subscription or "tenant", caller.object_id, kind)
        if not api_version:
            raise AzureError(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        if not _is_version(api_version):
            raise AzureError(
                400,
                "InvalidApiVersionParameter",
                f"The api-version '{api_version[:50]}' is invalid. It is a date, YYYY-MM-DD, optionally with -preview.",
            )
        if target.subscription is not None and target.subscription.lower() != self._subscription_id.lower():
            raise AzureError(
                404, "SubscriptionNotFound", f"The subscription '{target.subscription}' could not be found."
            )
        level = "tenant" if target.subscription is None else "subscription"
        return Admitted(
            target=target,
            caller=caller,
            api_version=api_version,
            remaining=(f"x-ms-ratelimit-remaining-{level}-{kind}", str(left)),
        )

    def require(self, method: str, admitted: Admitted) -> None:
        """AzureError 403 unless the caller's roles cover what the request does."""
        if method == "GET" and "/locations/" in (admitted.target.type or "") + "/":
            return  # polling one's own operation: knowing its id is enough
        action, scope = action_of(method, admitted.target)
        self._authorization.require(admitted.caller, scope, action)
