"""What-if: how the resources would change, without touching them.

Owns: the comparison. What the template does not state is left alone, except tags, which a PUT replaces.
Leaves: the plan to `preflight.py`. Secrets are shown as asterisks.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localazure.arm.deployments.acting import superfluous
from localazure.arm.deployments.arguments import find_key, same
from localazure.arm.deployments.evaluate import resolve
from localazure.arm.deployments.failures import ExpressionError, NeedsRuntime
from localazure.arm.deployments.live import Send, request_to
from localazure.arm.deployments.nested import is_nested
from localazure.arm.deployments.parameters import names_secret
from localazure.arm.deployments.plan import Draft
from localazure.arm.deployments.preflight import Preflight
from localazure.arm.deployments.prepare import Prepared
from localazure.arm.deployments.values import is_array, is_object
from localazure.arm.ids import parse
from localazure.arm.types import World
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["WhatIf"]

_HIDDEN = "*******"
_COMPUTED = ("systemData", "etag")

Json = dict[str, Any]


class _Unknown(str):
    """An expression whose value only a run can tell: shown as it is written, never compared."""

    __slots__ = ()


class WhatIf:
    """Predicts."""

    def __init__(self, world: World, preflight: Preflight, send: Send) -> None:
        self._world = world
        self._preflight = preflight
        self._send = send

    def changes(self, prepared: Prepared, caller: Caller, *, ids_only: bool) -> list[Json]:
        """The `changes` of the answer, by id."""
        found: list[Json] = []
        kept: set[str] = set()
        for draft, owner, _ in self._preflight.resources(prepared):
            kept.add(draft.key)
            if not draft.existing and not is_nested(draft):
                found.append(self._change(draft, owner, caller, ids_only=ids_only))
        if prepared.place.group:
            for resource in superfluous(self._world, prepared.place.id, kept):
                kind = "Delete" if prepared.order.complete else "Ignore"
                change: Json = {"resourceId": resource["id"], "changeType": kind}
                found.append(change if ids_only else {**change, "before": _shown(resource), "after": None})
        return sorted(found, key=lambda change: change["resourceId"].lower())

    def _change(self, draft: Draft, owner: Prepared, caller: Caller, *, ids_only: bool) -> Json:
        before = self._now(draft, caller)
        after: Json = {
            "id": draft.id,
            "name": draft.name.rsplit("/", 1)[-1],
            "type": parse(draft.id).type or draft.type,
            "apiVersion": draft.api_version,
        }
        if parse(draft.id).group:
            after["resourceGroup"] = parse(draft.id).group
        body = _masked(dict(draft.body), draft, owner, draft.path)
        after |= body
        change: Json = {"resourceId": draft.id, "changeType": "Create"}
        if draft.symbol is not None:
            change["symbolicName"] = draft.symbol
        after = _written(after)
        if before is None:
            return change if ids_only else {**change, "before": None, "after": after}
        delta = list(_delta(_located(body), before, ""))
        change["changeType"] = "Modify" if delta else "NoChange"
        if ids_only:
            return change
        return {**change, "before": _shown(before), "after": after, "delta": _written(delta)}

    def _now(self, draft: Draft, caller: Caller) -> Json | None:
        try:
            answer = self._send(request_to("GET", draft.id, caller, version=draft.api_version))
        except AzureError as error:
            if error.status == 404:
                return None
            raise
        return None if answer.body is None else dict(answer.body)


def _shown(resource: Mapping[str, Any]) -> Json:
    return {name: value for name, value in resource.items() if name not in _COMPUTED}


def _located(body: Json) -> Json:
    """Regions are compared by their short name."""
    place = body.get("location")
    return {**body, "location": place.replace(" ", "").lower()} if isinstance(place, str) else body


def _written(value: Any) -> Any:
    """Plain values, the unknown ones as the texts they are."""
    if is_object(value):
        return {name: _written(inner) for name, inner in value.items()}
    if is_array(value):
        return [_written(inner) for inner in value]
    return str(value) if isinstance(value, _Unknown) else value


def _masked(value: Any, draft: Draft, owner: Prepared, path: str) -> Any:
    """The body with what can be told now; expressions that need a run stay as they are written."""
    if is_object(value) and "copy" not in value:
        masked: Json = {}
        for name, inner in value.items():
            masked[_text(name, draft, owner, path)] = _masked(inner, draft, owner, f"{path}.{name}")
        return masked
    if is_array(value):
        return [_masked(inner, draft, owner, path) for inner in value]
    if names_secret(value, draft.scope.secret):
        return _HIDDEN
    try:
        return resolve(value, draft.scope, path)
    except (NeedsRuntime, ExpressionError):
        return _Unknown(value) if isinstance(value, str) else value


def _text(name: str, draft: Draft, owner: Prepared, path: str) -> str:
    return str(_masked(name, draft, owner, path))


def _delta(after: Mapping[str, Any], before: Mapping[str, Any], path: str) -> Iterator[Json]:
    for name, value in after.items():
        where = f"{path}.{name}".lstrip(".")
        key = find_key(before, name)
        old = None if key is None else before[key]
        if isinstance(value, _Unknown) or value == _HIDDEN or (value is None and old is None):
            continue
        if is_object(value) and is_object(old):
            yield from _delta(value, old, where)
            if where == "tags":
                yield from (_property(f"tags.{tag}", "Delete", old[tag], None) for tag in old if tag not in value)
        elif key is None:
            yield _property(where, "Create", None, value)
        elif not same(value, old):
            yield _property(where, "Modify", old, value)


def _property(path: str, kind: str, before: Any, after: Any) -> Json:
    return {"path": path, "propertyChangeType": kind, "before": before, "after": after, "children": None}
