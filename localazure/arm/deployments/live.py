"""The resources as a running deployment sees them: reference(), list*(), in the name of whoever deploys.

Owns: finding what an expression means, and asking for it. Leaves: the answers to ARM itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.deployments.failures import ExpressionError
from localazure.arm.deployments.order import Steps
from localazure.arm.deployments.plan import Draft
from localazure.arm.ids import parse
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["Live", "Send", "request_to"]

Send = Callable[[ArmRequest], Answer]
_VERSION = "2024-01-01"


def request_to(
    method: str, path: str, caller: Caller, *, version: str = _VERSION, body: Mapping[str, Any] | None = None
) -> ArmRequest:
    """A request of a deployment, as its caller would send it."""
    return ArmRequest(
        method=method, target=parse(path), query={}, body=dict(body or {}), caller=caller, api_version=version
    )


class Live:
    """The Runtime of a deployment under way."""

    def __init__(self, steps: Steps, caller: Caller, send: Send, *, above: "Live | None" = None) -> None:
        """`above` is asked for names that this template does not have, when it computes in the scope above."""
        self._steps = steps
        self._caller = caller
        self._send = send
        self._above = above

    def reference(self, resource: str, *, full: bool) -> Any:
        found = self._find(resource)
        return self._state(found.id if found else resource, found, full=full)

    def references(self, symbol: str, *, full: bool) -> list[Any]:
        drafts = [draft for draft in self._steps.find(symbol) if draft.wanted]
        return [self._state(draft.id, draft, full=full) for draft in drafts]

    def act(self, action: str, resource: str, body: Mapping[str, Any]) -> Any:
        found = self._find(resource)
        path = f"{found.id if found else resource}/{action}"
        return dict(self._send(request_to("POST", path, self._caller, body=body)).body or {})

    def _find(self, name: str) -> Draft | None:
        found = [draft for draft in self._steps.find(name) if draft.wanted] or self._steps.find(name)
        if name.startswith("/"):
            return found[0] if found and found[0].key == name.lower() else None
        if not found and self._above is not None:
            return self._above._find(name)  # noqa: SLF001 one of our own
        if len(found) != 1:
            why = "is not defined in the template" if not found else "is the name of several resources: use the id"
            raise ExpressionError(
                f"The resource '{name}' {why}. Please see https://aka.ms/arm-function-reference for usage details."
            )
        return found[0]

    def _state(self, path: str, draft: Draft | None, *, full: bool) -> Any:
        answer = self._send(request_to("GET", path, self._caller, version=draft.api_version if draft else _VERSION))
        if answer.body is None:
            raise AzureError(404, "ResourceNotFound", f"The Resource '{path}' was not found.")
        resource = dict(answer.body)
        if not full:
            return resource.get("properties") or {}
        target = parse(path)
        resource |= {"resourceId": path, "subscriptionId": target.subscription, "scope": ""}
        resource |= {"resourceGroupName": target.group} if target.group else {}
        return resource | {"apiVersion": draft.api_version if draft else _VERSION}
