"""The plan of a template: which resources it means, by id, loops and conditions worked out.

Owns: names, ids, loops, conditions, nested children, limits. Leaves: the order to `order.py`, acting to `run.py`. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from localazure.arm.deployments.arguments import type_of
from localazure.arm.deployments.evaluate import loop_count, resolve
from localazure.arm.deployments.failures import ExpressionError, NeedsRuntime, invalid_template, unprocessable
from localazure.arm.deployments.functions_place import type_id
from localazure.arm.deployments.scope import Place, Scope
from localazure.arm.deployments.template import Template, section
from localazure.arm.deployments.values import is_array, is_object
from localazure.arm.ids import canonical, key

__all__ = ["DEPLOYMENTS", "Draft", "drafts_of"]

DEPLOYMENTS = "Microsoft.Resources/deployments"
_MOST_RESOURCES = 800
_META = {"type", "apiversion", "name", "dependson", "condition", "scope", "copy", "comments", "metadata", "resources",
         "existing", "subscriptionid", "resourcegroup", "asserts", "options"}  # fmt: skip

Json = Mapping[str, Any]
_Marks = tuple[str | None, tuple[str, int, int | None] | None]  # the symbolic name, the loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One resource that a template means. `loop` is (name, index, batch size); `wanted` is false by its condition."""

    id: str
    place: Place
    type: str
    name: str
    api_version: str
    body: Json
    depends_on: tuple[str, ...]
    scope: Scope
    path: str
    symbol: str | None = None
    loop: tuple[str, int, int | None] | None = None
    existing: bool = False
    wanted: bool = True

    @property
    def key(self) -> str:
        return key(self.id)

    def content(self, scope: Scope | None = None) -> dict[str, Any]:
        """The body of the PUT. `scope` takes the place of the planning one, to reach the running resources."""
        return resolve(dict(self.body), scope or self.scope, self.path)


@dataclass(frozen=True, slots=True)
class _Above:
    """What stands above a resource in the template, and where its list is."""

    place: Place
    prefix: str
    type: str = ""
    name: str = ""


def drafts_of(template: Template, scope: Scope, place: Place) -> list[Draft]:
    """All resources in the template's order, those that their conditions leave out as well.

    AzureError 400 InvalidTemplate, with where the mistake is.
    """
    found = list(_expand(template.resources, template.symbols, scope, _Above(place, "resources")))
    wanted = [draft for draft in found if draft.wanted]
    if len(wanted) > _MOST_RESOURCES:
        raise invalid_template(
            f"The number of template resources limit exceeded. Limit: {_MOST_RESOURCES} and actual: {len(wanted)}"
        )
    seen: set[str] = set()
    for draft in wanted:
        if draft.key in seen:
            raise invalid_template(
                f"The resource '{draft.id}' is defined multiple times in a template. Please see "
                "https://aka.ms/arm-syntax-resources for usage details",
                path=draft.path,
            )
        seen.add(draft.key)
    return found


def _expand(resources: Sequence[object], symbols: Sequence[str] | None, scope: Scope, above: _Above) -> Iterator[Draft]:
    for at, resource in enumerate(resources):
        path = f"{above.prefix}[{at}]" if symbols is None else f"{above.prefix}.{symbols[at]}"
        symbol = None if symbols is None else symbols[at]
        if not is_object(resource):
            raise invalid_template(f"The template resource at '{path}' must be an object", path=path)
        try:
            yield from _loops(resource, symbol, scope, above, path)
        except ExpressionError as error:
            raise unprocessable(f"the template resource '{section(resource, 'name')}'", error) from None
        except NeedsRuntime as error:
            raise invalid_template(
                f"The template resource '{section(resource, 'name')}' at '{path}' is not valid: The template function "
                f"'{error.function}' is not expected at this location. Please see https://aka.ms/arm-functions for "
                "usage details",
                path=path,
            ) from None


def _loops(resource: Json, symbol: str | None, scope: Scope, above: _Above, path: str) -> Iterator[Draft]:
    copy = section(resource, "copy")
    if copy is None:
        yield from _one(resource, (symbol, None), scope, above, path)
        return
    if not is_object(copy) or not isinstance(copy.get("name"), str):
        raise invalid_template("The copy of a resource needs 'name' and 'count'", path=f"{path}.copy")
    loop: dict[str, Any] = copy
    serial = str(loop.get("mode", "")).lower() == "serial"
    batch = resolve(loop.get("batchSize", 1), scope, f"{path}.copy.batchSize") if serial else None
    if batch is not None and (not isinstance(batch, int) or batch < 1):
        raise ExpressionError("The template copy expects a batchSize above 0.", path=f"{path}.copy.batchSize")
    name = str(resolve(loop["name"], scope, f"{path}.copy.name"))
    count = loop_count(loop, scope, f"{path}.copy")
    if count == 0:
        yield _nothing((symbol, (name, 0, batch)), scope, above, path)
    for index in range(count):
        turn = scope.within(name, index, own=True)
        yield from _one(resource, (symbol, (name, index, batch)), turn, above, path)


def _one(resource: Json, marks: _Marks, scope: Scope, above: _Above, path: str) -> Iterator[Draft]:
    wanted = _condition(resource, scope, path)
    try:
        draft = _draft(resource, scope, above, path)
    except ExpressionError:
        if wanted:
            raise
        yield _nothing(marks, scope, above, path)
        return
    symbol, loop = marks
    yield replace(draft, symbol=symbol, loop=loop, wanted=wanted)
    children = section(resource, "resources")
    named = tuple(children) if is_object(children) else None
    listed = list(children.values()) if is_object(children) else children
    if is_array(listed):
        inside = _Above(draft.place, f"{path}.resources", draft.type, draft.name)
        yield from _expand(listed, named, scope, inside)


def _nothing(marks: _Marks, scope: Scope, above: _Above, path: str) -> Draft:
    """What a loop without turns leaves, or a condition: names that others may wait for."""
    symbol, loop = marks
    blank = Draft(
        id=f"/{path}",
        place=above.place,
        type="",
        name="",
        api_version="",
        body={},
        depends_on=(),
        scope=scope,
        path=path,
    )
    return replace(blank, symbol=symbol, loop=loop, wanted=False)


def _condition(resource: Json, scope: Scope, path: str) -> bool:
    value = resolve(section(resource, "condition"), scope, f"{path}.condition")
    if value is None or isinstance(value, bool):
        return value is not False
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ExpressionError(
        f"The template resource condition must be a Boolean; it is of type '{type_of(value)}'.",
        path=f"{path}.condition",
    )


def _draft(resource: Json, scope: Scope, above: _Above, path: str) -> Draft:
    kind, name = _words(resource, scope, above, path)
    version = resolve(section(resource, "apiVersion"), scope, f"{path}.apiVersion")
    if not isinstance(version, str) or not version:
        raise invalid_template(f"The template resource '{name}' at '{path}' lacks 'apiVersion'", path=path)
    place = _place(resource, kind, scope, above.place, path)
    outside = resolve(section(resource, "scope"), scope, f"{path}.scope")
    base = place.id
    if isinstance(outside, str) and outside:
        base = outside.rstrip("/") if outside.startswith("/") else f"{place.id}/providers/{outside}"
    waits: object = resolve(section(resource, "dependsOn"), scope, f"{path}.dependsOn") or []
    if not is_array(waits) or not all(isinstance(item, str) for item in waits):
        raise ExpressionError("'dependsOn' must be an array of texts.", path=f"{path}.dependsOn")
    return Draft(
        id=canonical(type_id(base, kind, name.split("/"))),
        place=place,
        type=kind,
        name=name,
        api_version=version,
        body={field: value for field, value in resource.items() if field.lower() not in _META},
        depends_on=(*waits, *([type_id(above.place.id, above.type, above.name.split("/"))] if above.type else [])),
        scope=scope,
        path=path,
        existing=section(resource, "existing") is True,
    )


def _words(resource: Json, scope: Scope, above: _Above, path: str) -> tuple[str, str]:
    """Type and name, those of a nested child put behind its parent's."""
    words: list[str] = []
    for field in ("type", "name"):
        value = resolve(section(resource, field), scope, f"{path}.{field}")
        if not isinstance(value, str) or not value.strip("/"):
            raise invalid_template(f"The template resource at '{path}' lacks '{field}'", path=f"{path}.{field}")
        words.append(value.strip("/"))
    kind, name = words
    if above.type and not kind.lower().startswith(f"{above.type}/".lower()):
        kind, name = f"{above.type}/{kind}", f"{above.name}/{name}"
    if kind.count("/") != name.count("/") + 1:
        raise invalid_template(
            f"The template resource '{name}' for type '{kind}' at '{path}' has incorrect segment lengths. A nested "
            "resource type must have identical number of segments as its resource name. A root resource type must "
            "have segment length one greater than its resource name. Please see https://aka.ms/arm-syntax-resources "
            "for usage details",
            path=path,
        )
    return kind, name


def _place(resource: Json, kind: str, scope: Scope, place: Place, path: str) -> Place:
    """Nested deployments may go elsewhere."""
    if kind.lower() != DEPLOYMENTS.lower():
        return place
    subscription = resolve(section(resource, "subscriptionId"), scope, f"{path}.subscriptionId")
    group = resolve(section(resource, "resourceGroup"), scope, f"{path}.resourceGroup")
    if not subscription and not group:
        return place
    return Place(subscription=str(subscription or place.subscription), group=str(group) if group else None)
