"""The functions that look around: the deployment, its place, resource ids, and the resources themselves.

Owns: what they answer. Leaves: asking for resources to the Runtime, computing arguments to `evaluate.py`.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.arm.deployments.arguments import Arguments, Function
from localazure.arm.deployments.failures import ExpressionError, NeedsRuntime
from localazure.arm.deployments.functions_time import DEFAULT_FORMAT, formatted
from localazure.arm.deployments.scope import Scope

__all__ = ["PLACE_FUNCTIONS", "PlaceFunction", "list_function", "type_id"]

_GROUPS = "microsoft.resources/resourcegroups"


@dataclass(frozen=True, slots=True)
class PlaceFunction:
    """Like Function, with the scope as well."""

    least: int
    most: int | None
    act: Callable[[Scope, Arguments], Any]

    def __call__(self, scope: Scope, arguments: Arguments) -> Any:
        Function(self.least, self.most, lambda _a: None).check(arguments)
        return self.act(scope, arguments)


def type_id(scope_id: str, type_name: str, names: Sequence[str]) -> str:
    """The id of a resource below a scope: types and names in turn."""
    namespace, *types = type_name.split("/")
    pairs = "/".join(f"{kind}/{name}" for kind, name in zip(types, names, strict=True))
    if type_name.lower() == _GROUPS:
        return f"{scope_id}/resourceGroups/{names[0]}"
    return f"{scope_id}/providers/{namespace}/{pairs}"


def list_function(scope: Scope, arguments: Arguments) -> Any:
    """`listKeys` and its like: POST the action of that name on the resource."""
    Function(1, 3, lambda _a: None).check(arguments)
    if scope.runtime is None:
        raise NeedsRuntime(arguments.name)
    return scope.runtime.act(arguments.name, arguments.text(0), arguments.document(2, {}))


def _ids(a: Arguments, leading: int) -> tuple[list[str], str, list[str]]:
    """The values before the type, the type, the names; the type is the first one with a slash."""
    texts = [a.text(at) for at in range(len(a))]
    at = next((at for at, text in enumerate(texts) if "/" in text.strip("/")), None)
    if at is None or at > leading:
        raise a.wrong("expects a resource type with a namespace, such as 'Microsoft.Storage/storageAccounts'")
    type_name, names = texts[at].strip("/"), texts[at + 1 :]
    if len(names) == 1 and "/" in names[0]:
        names = names[0].split("/")
    if len(names) != type_name.count("/"):
        raise a.wrong(
            f"was given the resource type '{type_name}' with '{len(names)}' name(s); it needs '{type_name.count('/')}'"
        )
    return texts[:at], type_name, names


def _resource_id(scope: Scope, a: Arguments) -> str:
    before, type_name, names = _ids(a, 2)
    place = scope.setting.place
    two = len(before) == 2
    subscription = before[0] if two else place.subscription
    group = before[-1] if before else place.group
    if before and not two and place.group is None:
        subscription, group = before[0], None
    if type_name.lower() == _GROUPS:
        group = None
    above = f"/subscriptions/{subscription}" + (f"/resourceGroups/{group}" if group else "")
    return type_id(above, type_name, names)


def _subscription_resource_id(scope: Scope, a: Arguments) -> str:
    before, type_name, names = _ids(a, 1)
    return type_id(f"/subscriptions/{before[0] if before else scope.setting.place.subscription}", type_name, names)


def _tenant_resource_id(_scope: Scope, a: Arguments) -> str:
    return type_id("", *_ids(a, 0)[1:])


def _extension_resource_id(_scope: Scope, a: Arguments) -> str:
    rest = Arguments(a.name, a.values[1:])
    return type_id(a.text(0).rstrip("/"), *_ids(rest, 0)[1:])


def _group(scope: Scope, a: Arguments) -> Any:
    if scope.setting.group is None:
        raise a.wrong("is not expected at this location: the deployment has no resource group")
    return scope.setting.group


def _named(a: Arguments, look: Callable[[str], Any], kind: str) -> Any:
    name = a.text(0)
    try:
        return look(name)
    except KeyError:
        raise ExpressionError(
            f"The template {kind} '{name}' is not found. Please see https://aka.ms/arm-syntax for usage details."
        ) from None


def _copy_index(scope: Scope, a: Arguments) -> int:
    by_name = isinstance(a.any(0), str)
    name = a.text(0).lower() if by_name else scope.loop
    if name is None and len(scope.loops) == 1:
        name = next(iter(scope.loops))
    if name is None or name not in scope.loops:
        shown = f" named '{a.text(0)}'" if by_name else ""
        raise a.wrong(f"is not expected at this location: there is no copy loop{shown} around it")
    return scope.loops[name] + a.whole(1 if by_name else 0)


def _only_in_defaults(scope: Scope, a: Arguments) -> None:
    if not scope.in_defaults:
        raise a.wrong("is not expected at this location: it can only be used in the default value of a parameter")


def _new_guid(scope: Scope, a: Arguments) -> str:
    _only_in_defaults(scope, a)
    return str(uuid.uuid4())


def _utc_now(scope: Scope, a: Arguments) -> str:
    _only_in_defaults(scope, a)
    return formatted(scope.setting.now, a.text(0, DEFAULT_FORMAT))


def _reference(scope: Scope, a: Arguments) -> Any:
    if scope.runtime is None:
        raise NeedsRuntime(a.name)
    return scope.runtime.reference(a.text(0), full=_full(a))


def _references(scope: Scope, a: Arguments) -> Any:
    if scope.runtime is None:
        raise NeedsRuntime(a.name)
    return scope.runtime.references(a.text(0), full=_full(a))


def _full(a: Arguments) -> bool:
    last = a.any(len(a) - 1)
    if len(a) == 3 and str(last).lower() != "full":
        raise a.wrong(f"expects 'Full' as its third parameter; '{last}' was given")
    return len(a) > 1 and isinstance(last, str) and last.lower() == "full"


def _lambda_variable(scope: Scope, a: Arguments) -> Any:
    return _named(a, lambda name: scope.locals[name.lower()], "lambda variable")


PLACE_FUNCTIONS: Mapping[str, PlaceFunction] = {
    "copyindex": PlaceFunction(0, 2, _copy_index),
    "deployment": PlaceFunction(0, 0, lambda s, _a: s.setting.deployment),
    "environment": PlaceFunction(0, 0, lambda s, _a: s.setting.environment),
    "extensionresourceid": PlaceFunction(3, None, _extension_resource_id),
    "lambdavariables": PlaceFunction(1, 1, _lambda_variable),
    "newguid": PlaceFunction(0, 0, _new_guid),
    "parameters": PlaceFunction(1, 1, lambda s, a: _named(a, s.parameter, "parameter")),
    "reference": PlaceFunction(1, 3, _reference),
    "references": PlaceFunction(1, 2, _references),
    "resourcegroup": PlaceFunction(0, 0, _group),
    "resourceid": PlaceFunction(2, None, _resource_id),
    "subscription": PlaceFunction(0, 0, lambda s, _a: s.setting.subscription),
    "subscriptionresourceid": PlaceFunction(2, None, _subscription_resource_id),
    "tenant": PlaceFunction(0, 0, lambda s, _a: s.setting.tenant),
    "tenantresourceid": PlaceFunction(2, None, _tenant_resource_id),
    "utcnow": PlaceFunction(0, 1, _utc_now),
    "variables": PlaceFunction(1, 1, lambda s, a: _named(a, s.variable, "variable")),
}
