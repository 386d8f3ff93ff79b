"""What a labeling job keeps for its clients and gives back as it came: names, tags, notifications, secrets by name.

Owns: their types, and since which api-version each is spoken. Pure. Leaves: the rest of a job's JSON to `wire.py`.

A client of an older version neither sees nor loses what that version has no word for.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from localazure.labeling.errors import user_error

__all__ = ["carried", "parse_kept", "shown", "silent_on"]

_Check = Callable[[object, str], None]
_EMAIL_ON = ("JobCompleted", "JobFailed", "JobCancelled")
_SINCE = (
    ("description", "2021-03-01-preview"),
    *(
        (name, "2022-06-01-preview")
        for name in ("componentId", "computeId", "displayName", "experimentName", "identity", "isArchived", "services")
    ),
    ("notificationSetting", "2023-02-01-preview"),
    ("notificationSetting.webhooks", "2023-04-01-preview"),
    ("secretsConfiguration", "2023-04-01-preview"),
)


def parse_kept(properties: Mapping[str, Any], api_version: str) -> dict[str, Any]:
    """What is kept of a job's properties. AzureError 400 for a wrong type or word."""
    kept: dict[str, Any] = {}
    for name, check in _FIELDS.items():
        value: object = properties.get(name)
        if value is not None:
            check(value, f"properties.{name}")
            kept[name] = value
    return shown(kept, api_version)


def silent_on(api_version: str) -> tuple[str, ...]:
    """Dotted names that this api-version has no word for."""
    return tuple(path for path, since in _SINCE if api_version < since)


def shown(kept: Mapping[str, Any], api_version: str) -> dict[str, Any]:
    """What a client of this api-version may see."""
    seen = dict(kept)
    for path in silent_on(api_version):
        above, _, leaf = path.rpartition(".")
        if above in seen:
            seen[above] = {name: value for name, value in seen[above].items() if name != leaf}
        elif not above:
            seen.pop(leaf, None)
    return seen


def carried(old: Mapping[str, Any], new: Mapping[str, Any], silent: tuple[str, ...]) -> dict[str, Any]:
    """What is kept from now on: the new, and of the old what the client had no word for."""
    kept = dict(new)
    for path in silent:
        above, _, leaf = path.rpartition(".")
        if not above:
            kept |= {leaf: old[leaf]} if leaf in old else {}
        elif above in kept and leaf in old.get(above, {}):
            kept[above] = {**kept[above], leaf: old[above][leaf]}
    return kept


def _text(value: object, path: str) -> None:
    if not isinstance(value, str):
        raise user_error(f"{path} must be a text.", target=path)


def _flag(value: object, path: str) -> None:
    if not isinstance(value, bool):
        raise user_error(f"{path} must be true or false.", target=path)


def _object(value: object, path: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise user_error(f"{path} must be an object.", target=path)
    return cast("dict[str, object]", value)


def _texts_by_name(value: object, path: str) -> None:
    for name, text in _object(value, path).items():
        if text is not None:
            _text(text, f"{path}.{name}")


def _objects_by_name(value: object, path: str) -> None:
    for name, inner in _object(value, path).items():
        _object(inner, f"{path}.{name}")


def _one_of(value: object, path: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise user_error(f"{path} must be one of {', '.join(words)}.", target=path)


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise user_error(f"{path} must be a list.", target=path)
    return cast("list[object]", value)


def _identity(value: object, path: str) -> None:
    _one_of(_object(value, path).get("identityType"), f"{path}.identityType", ("AMLToken", "Managed", "UserIdentity"))


def _notifications(value: object, path: str) -> None:
    said = _object(value, path)
    for place, word in enumerate(_list(said.get("emailOn") or [], f"{path}.emailOn")):
        _one_of(word, f"{path}.emailOn[{place}]", _EMAIL_ON)
    for place, address in enumerate(_list(said.get("emails") or [], f"{path}.emails")):
        _text(address, f"{path}.emails[{place}]")
    webhooks = _object(said.get("webhooks") or {}, f"{path}.webhooks")
    for name, webhook in webhooks.items():
        where = f"{path}.webhooks.{name}"
        _one_of(_object(webhook, where).get("webhookType"), f"{where}.webhookType", ("AzureDevOps",))


def _secrets(value: object, path: str) -> None:
    """Names of secrets, never the secrets themselves."""
    for name, secret in _object(value, path).items():
        where = f"{path}.{name}"
        fields = _object(secret, where)
        _texts_by_name(secret, where)
        unknown = sorted(set(fields) - {"uri", "workspaceSecretName"})
        if unknown:
            raise user_error(f"{where} has a uri and a workspaceSecretName, no {unknown[0][:50]}.", target=where)


_FIELDS: Mapping[str, _Check] = {
    "componentId": _text,
    "computeId": _text,
    "description": _text,
    "displayName": _text,
    "experimentName": _text,
    "identity": _identity,
    "isArchived": _flag,
    "notificationSetting": _notifications,
    "properties": _texts_by_name,
    "secretsConfiguration": _secrets,
    "services": _objects_by_name,
    "tags": _texts_by_name,
}
