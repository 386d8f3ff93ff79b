"""A template document: its sections, checked for shape and size.

Owns: the structure and the limits. Leaves: values to `parameters.py`, resources to `plan.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localazure.arm.deployments.arguments import find_key
from localazure.arm.deployments.failures import invalid_template, missing_here
from localazure.arm.deployments.values import is_array, is_object
from localazure.errors import AzureError

__all__ = ["Template", "parse_template", "section"]

_LARGEST = 4 * 1024 * 1024
_MOST = {"parameters": 256, "variables": 512, "outputs": 64}
_MOST_RESOURCES = 800
_SECTIONS = {
    "$schema", "contentversion", "languageversion", "metadata", "apiprofile", "parameters", "variables", "functions",
    "resources", "outputs", "definitions", "imports", "extensions", "asserts", "rules",
}  # fmt: skip
_NOT_HERE = ("definitions", "imports", "extensions", "asserts")
_SUBSCRIPTION = "subscriptiondeploymenttemplate.json"
_GROUP = "deploymenttemplate.json"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template as it was sent. `symbols` names each resource when they are an object of symbolic names."""

    document: Mapping[str, Any]
    parameters: Mapping[str, Json]
    variables: Mapping[str, Any]
    functions: Mapping[str, Json]
    resources: tuple[Json, ...]
    symbols: tuple[str, ...] | None
    outputs: Mapping[str, Json]


def parse_template(document: object, *, in_group: bool, nested: bool = False) -> Template:
    """Check the sections; AzureError 400 InvalidTemplate, 501 for sections that the local Azure lacks."""
    template = _object(document, "template")
    size = len(json.dumps(template, separators=(",", ":")))
    if size > _LARGEST:
        raise AzureError(
            400, "RequestContentTooLarge", f"The template has {size} bytes; the limit is {_LARGEST} bytes."
        )
    for name in template:
        if name.lower() not in _SECTIONS:
            raise invalid_template(
                f"Could not find member '{name}' on object of type 'Template'. Path '{name}'", path=name
            )
    for name in _NOT_HERE:
        if section(template, name):
            raise missing_here(f"The section '{name}' of a template")
    _check_head(template, in_group=in_group, nested=nested)
    parts = {name: _entries(template, name) for name in ("parameters", "outputs")}
    variables = _object(section(template, "variables") or {}, "variables")
    for name, most in _MOST.items():
        count = len(variables if name == "variables" else parts[name])
        if count > most:
            raise invalid_template(f"The number of template {name} limit exceeded. Limit: {most} and actual: {count}")
    resources, symbols = _resources(section(template, "resources"))
    return Template(
        document=template,
        parameters=parts["parameters"],
        variables=variables,
        functions=_functions(section(template, "functions")),
        resources=resources,
        symbols=symbols,
        outputs=parts["outputs"],
    )


def section(document: Mapping[str, Any], name: str) -> Any:
    """The value under a name, whatever its case; None when there is none."""
    key = find_key(document, name)
    return None if key is None else document[key]


def _check_head(template: Mapping[str, Any], *, in_group: bool, nested: bool) -> None:
    schema = section(template, "$schema")
    if not isinstance(schema, str):
        raise invalid_template("Required property '$schema' not found in JSON. Path ''")
    kind = schema.rstrip("#").rsplit("/", 1)[-1].lower()
    if kind not in {_GROUP, _SUBSCRIPTION}:
        raise invalid_template(f"The template schema '{schema}' is not supported at this scope")
    if not nested and (kind == _GROUP) != in_group:
        where = "resource group" if in_group else "subscription"
        raise invalid_template(
            f"The template schema '{schema}' is not valid for a deployment at {where} scope. Please see "
            "https://aka.ms/arm-deployment-scopes for usage details"
        )
    if not isinstance(section(template, "contentVersion"), str):
        raise invalid_template("Required property 'contentVersion' not found in JSON. Path ''")


def _resources(value: Any) -> tuple[tuple[Json, ...], tuple[str, ...] | None]:
    if value is None:
        return (), None
    listed: list[Any] = list(value.values()) if is_object(value) else value
    if not is_array(listed):
        raise invalid_template("The section 'resources' must be an array or an object", path="resources")
    if len(listed) > _MOST_RESOURCES:
        raise invalid_template(
            f"The number of template resources limit exceeded. Limit: {_MOST_RESOURCES} and actual: {len(listed)}"
        )
    symbols = tuple(value) if is_object(value) else None
    return tuple(_object(item, f"resources[{at}]") for at, item in enumerate(listed)), symbols


def _functions(value: Any) -> Mapping[str, Json]:
    found: dict[str, Json] = {}
    entries: list[Any] = value if is_array(value) else []
    for at, entry in enumerate(entries):
        group = _object(entry, f"functions[{at}]")
        members = _object(section(group, "members") or {}, f"functions[{at}].members")
        for name, member in members.items():
            full = f"{section(group, 'namespace')}.{name}".lower()
            found[full] = _object(member, f"functions[{at}].members.{name}")
    return found


def _entries(template: Mapping[str, Any], name: str) -> dict[str, Json]:
    entries = _object(section(template, name) or {}, name)
    return {key: _object(value, f"{name}.{key}") for key, value in entries.items()}


def _object(value: object, path: str) -> Json:
    if not is_object(value):
        raise invalid_template(f"The template section '{path}' must be an object", path=path)
    return value
