"""Nested deployments: from a step of the plan above to a deployment of its own.

Owns: what a nested deployment inherits: the scope it computes in, the secrets it is handed. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localazure.arm.deployments.evaluate import resolve
from localazure.arm.deployments.parameters import names_secret
from localazure.arm.deployments.plan import DEPLOYMENTS, Draft
from localazure.arm.deployments.prepare import Order, parse_order
from localazure.arm.deployments.scope import Place, Scope
from localazure.arm.deployments.template import section
from localazure.arm.deployments.values import is_object

__all__ = ["Nested", "is_nested", "nested_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """`outer` is None when the template computes by itself; `hidden` are parameters that were handed secrets."""

    order: Order
    place: Place
    outer: Scope | None
    hidden: frozenset[str]
    location: str | None
    tags: Mapping[str, Any]


def is_nested(draft: Draft) -> bool:
    return draft.type.lower() == DEPLOYMENTS.lower()


def nested_of(draft: Draft, scope: Scope) -> Nested:
    """Compute what is handed down, not the template itself. Raises ExpressionError, NeedsRuntime, AzureError."""
    properties = section(draft.body, "properties")
    raw: dict[str, Any] = dict(properties) if is_object(properties) else {}
    template: Any = section(raw, "template")
    parameters: Any = section(raw, "parameters") or {}
    path = f"{draft.path}.properties"
    rest = {name: value for name, value in raw.items() if name.lower() not in {"template", "parameters"}}
    body = {
        **resolve(rest, scope, path),
        "template": resolve(template, scope, f"{path}.template") if isinstance(template, str) else template,
        "parameters": resolve(parameters, scope, f"{path}.parameters"),
    }
    order = parse_order({"properties": body}, in_group=draft.place.group is not None, nested=True)
    secret = {name for name, value in parameters.items() if names_secret(value, scope.secret)} if is_object(
        parameters
    ) else set[str]()  # fmt: skip
    location = resolve(section(draft.body, "location"), scope, f"{draft.path}.location")
    tags = resolve(section(draft.body, "tags"), scope, f"{draft.path}.tags")
    return Nested(
        order=order,
        place=draft.place,
        outer=None if order.inner else scope,
        hidden=frozenset(secret),
        location=location if isinstance(location, str) else None,
        tags=tags if is_object(tags) else {},
    )
