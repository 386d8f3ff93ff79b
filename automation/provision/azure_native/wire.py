"""Inputs of a program to ARM requests, ARM answers to outputs: the only place that spells both sides' names.

Owns: ids, bodies, outputs, and what an answer changes about the inputs (`drifted`).
Leaves: which names and paths to `types.py`, sending to `provider.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from automation.provision.azure_native.types import Kind

__all__ = ["Request", "drifted", "outputs_of", "request_for", "resource_id"]

# What ARM keeps beside `properties`, for every type (the envelope of a resource).
ENVELOPE = frozenset(
    {
        "location",
        "tags",
        "sku",
        "kind",
        "identity",
        "extendedLocation",
        "zones",
        "plan",
        "managedBy",
        "eTag",
        "properties",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A PUT: where and what."""

    resource_id: str
    body: dict[str, Any] = field(repr=False)


def resource_id(kind: Kind, inputs: Mapping[str, Any], subscription_id: str) -> str:
    """The id that a resource with these inputs has, or will have."""
    path = kind.path.replace("{subscriptionId}", subscription_id)
    for name in kind.parameters:
        path = path.replace(f"{{{name}}}", str(inputs[name]).strip("/"))
    return path


def request_for(kind: Kind, inputs: Mapping[str, Any], subscription_id: str) -> Request:
    """The PUT that makes the resource what the inputs say."""
    body: dict[str, Any] = {}
    elsewhere = {*kind.parameters, *kind.unsent, "azureApiVersion"}
    for name, value in inputs.items():
        if name in elsewhere or name.startswith("__") or value is None:
            continue
        wire_name = kind.renames.get(name, name)
        if name in kind.lifted or (name in ENVELOPE and name not in kind.inner):
            body[wire_name] = value
        else:
            body.setdefault("properties", {})[wire_name] = value
    return Request(resource_id=resource_id(kind, inputs, subscription_id), body=body)


def outputs_of(kind: Kind, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the program sees of an answer: the names of the SDK, flat or nested as its type is."""
    sdk_names = {wire: name for name, wire in kind.renames.items()}
    outputs: dict[str, Any] = {"azureApiVersion": kind.api_version}
    for wire_name, value in answer.items():
        if wire_name == "id":
            continue
        if wire_name != "properties" or kind.nested:
            outputs[wire_name] = value
    properties = answer.get("properties")
    if kind.lifted:
        outputs.update(dict.fromkeys(kind.lifted, properties))
    elif not kind.nested and isinstance(properties, dict):
        for wire_name, value in cast("dict[str, Any]", properties).items():
            outputs.setdefault(sdk_names.get(wire_name, wire_name), value)
    return outputs


def drifted(inputs: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as they would have to read for what the service has now.

    Compares what the service said before with what it says now, never inputs with answers: services add defaults
    and normalise. Inputs that the service does not show stay as they are.
    """
    result: dict[str, Any] = {}
    for name, value in inputs.items():
        was, is_now = before.get(name), now.get(name)
        if was == is_now:
            result[name] = value
        elif isinstance(value, dict) and isinstance(was, dict) and isinstance(is_now, dict):
            old, new = cast("dict[str, Any]", was), cast("dict[str, Any]", is_now)
            given = cast("dict[str, Any]", value)
            added = {key: item for key, item in new.items() if key not in old and key not in given}
            result[name] = drifted(given, old, new) | (added if name == "tags" else {})
        elif is_now is not None:
            result[name] = is_now
    return result
