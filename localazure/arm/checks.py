"""Small checks that many rows need: required fields, text, GUIDs. Pure."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from localazure.errors import AzureError

__all__ = [
    "at_path",
    "bad_request",
    "check_kinds",
    "check_tags",
    "child",
    "guid",
    "is_guid",
    "require_resource_id",
    "system_identity",
]

_MOST_TAGS = 50
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def at_path(document: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None when a part is missing."""
    value: Any = document
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] JSON
    return value  # pyright: ignore[reportUnknownVariableType] JSON


def child(document: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """The object under `name`; an empty one when there is none, or when something else stands there."""
    value = None if document is None else document.get(name)
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType] JSON


def bad_request(code: str, message: str, *, target: str | None = None) -> AzureError:
    return AzureError(400, code, message, target=target)


def check_kinds(document: Mapping[str, Any], kinds: Mapping[type, Sequence[str]]) -> None:
    """AzureError 400 when what stands at a path is of another JSON type; null and absent pass."""
    words = {str: "a string", int: "a number", dict: "an object"}
    for kind, paths in kinds.items():
        allowed = (int, float) if kind is int else (kind,)
        for path in paths:
            value = at_path(document, path)
            if value is not None and (not isinstance(value, allowed) or isinstance(value, bool)):
                raise bad_request("InvalidRequestContent", f"The property '{path}' must be {words[kind]}.", target=path)


def check_tags(tags: object) -> None:
    """AzureError 400 unless tags are an object of at most 50 texts."""
    if tags is None:
        return
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] JSON
        raise bad_request("InvalidTagsFormat", "Tags must be an object of names with texts.", target="tags")
    if len(tags) > _MOST_TAGS:  # pyright: ignore[reportUnknownArgumentType] JSON
        raise bad_request("TooManyTags", f"A resource may have at most {_MOST_TAGS} tags.", target="tags")


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


def guid(*parts: str) -> str:
    """A GUID that is always the same for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts)))


def require_resource_id(properties: Mapping[str, Any], name: str, type_name: str) -> str | None:
    """The resource id under `name`, checked for its type; None when it is not given."""
    value = properties.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or f"/providers/{type_name}/".lower() not in value.lower():
        raise bad_request("InvalidArgument", f"'{name}' is not the id of a {type_name}: '{value}'.", target=name)
    return value


def system_identity(resource: dict[str, Any], old: Mapping[str, Any] | None, tenant_id: str) -> None:
    """Fill `identity` with the principal that Azure would make; it stays the same over updates."""
    identity = resource.get("identity")
    if not isinstance(identity, dict):
        return
    kind = str(identity.get("type") or "None")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] JSON
    if "systemassigned" in kind.lower().replace(" ", ""):
        kept = child(old, "identity")
        identity["principalId"] = kept.get("principalId") or str(uuid.uuid4())
        identity["tenantId"] = tenant_id
    else:
        identity.pop("principalId", None)  # pyright: ignore[reportUnknownMemberType] JSON
        identity.pop("tenantId", None)  # pyright: ignore[reportUnknownMemberType] JSON
