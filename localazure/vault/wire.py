"""JSON of the secrets API, versions 7.0 to 2026-04-01.

Owns: its field names and what a body may hold. Leaves: rules between requests to `service.py`.
"""

import re
from collections.abc import Mapping
from typing import Any

from localazure.vault.errors import bad_parameter
from localazure.vault.seams import Vault
from localazure.vault.types import Change, Shown

__all__ = ["check_name", "dump_bundle", "dump_item", "parse_backup", "parse_change", "parse_set"]

_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
_LONGEST_VALUE = 25_600
_LONGEST_TEXT = 255
_MOST_TAGS = 15
_LATEST = 253_402_300_799  # the year 9999, where the clients' calendars end


def check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise bad_parameter(f"The request URI contains an invalid name: {name[:150]}")
    return name


def parse_set(body: Mapping[str, Any]) -> Change:
    """The body of a PUT: a value is needed."""
    value = body.get("value")
    if not isinstance(value, str):
        raise bad_parameter("The property 'value' is missing or is no text.")
    if len(value.encode()) > _LONGEST_VALUE:
        raise bad_parameter(f"The value of a secret has at most {_LONGEST_VALUE} bytes.")
    return _change(body, value)


def parse_change(body: Mapping[str, Any]) -> Change:
    """The body of a PATCH. A value in it is refused: clients that send one mean something else."""
    if body.get("value") is not None:
        raise bad_parameter("A value cannot be updated; set a new version.")
    return _change(body, None)


def parse_backup(body: Mapping[str, Any]) -> str:
    text = body.get("value")
    if not isinstance(text, str) or not text:
        raise bad_parameter("The property 'value', a backup, is missing.")
    return text


def dump_bundle(vault: Vault, shown: Shown) -> dict[str, Any]:
    """A secret with its version in the id; a deleted one also says until when it can be recovered."""
    secret, version = shown.secret, shown.version
    bundle = _common(vault, shown, f"{vault.uri}secrets/{secret.name}/{version.id}")
    return bundle if shown.value is None else {"value": shown.value, **bundle}


def dump_item(vault: Vault, shown: Shown, *, with_version: bool) -> dict[str, Any]:
    """A row of a listing. Rows of secrets name no version, rows of versions do."""
    version = f"/{shown.version.id}" if with_version else ""
    return _common(vault, shown, f"{vault.uri}secrets/{shown.secret.name}{version}")


def _common(vault: Vault, shown: Shown, identifier: str) -> dict[str, Any]:
    secret, version = shown.secret, shown.version
    attributes = {
        "enabled": version.enabled,
        **({} if version.not_before is None else {"nbf": version.not_before}),
        **({} if version.expires is None else {"exp": version.expires}),
        "created": version.created,
        "updated": version.updated,
        "recoveryLevel": _recovery_level(vault),
        "recoverableDays": vault.retention_days,
    }
    common: dict[str, Any] = {"id": identifier, "attributes": attributes, "tags": version.tags}
    if version.content_type is not None:
        common["contentType"] = version.content_type
    if secret.deleted is not None:
        common["recoveryId"] = f"{vault.uri}deletedsecrets/{secret.name}"
        common |= {"deletedDate": secret.deleted, "scheduledPurgeDate": secret.purge}
    return common


def _recovery_level(vault: Vault) -> str:
    level = "Recoverable" if vault.retention_days == 90 else "CustomizedRecoverable"
    return level if vault.purge_protected else f"{level}+Purgeable"


def _change(body: Mapping[str, Any], value: str | None) -> Change:
    given = body.get("attributes")
    if given is not None and not isinstance(given, Mapping):
        raise bad_parameter("'attributes' must be an object.")
    attributes: Mapping[str, Any] = given or {}  # pyright: ignore[reportUnknownVariableType] JSON
    enabled, content_type = attributes.get("enabled"), body.get("contentType")
    if enabled is not None and not isinstance(enabled, bool):
        raise bad_parameter("'attributes.enabled' must be true or false.")
    if content_type is not None and (not isinstance(content_type, str) or len(content_type) > _LONGEST_TEXT):
        raise bad_parameter(f"'contentType' must be a text of at most {_LONGEST_TEXT} characters.")
    return Change(
        value=value,
        content_type=content_type,
        tags=_tags(body.get("tags")),
        enabled=enabled,
        not_before=_time(attributes, "nbf"),
        expires=_time(attributes, "exp"),
    )


def _tags(given: object) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping) or not all(isinstance(text, str) for text in given.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] JSON
        raise bad_parameter("'tags' must be an object of names with texts.")
    tags: dict[str, str] = dict(given)  # pyright: ignore[reportUnknownArgumentType] JSON
    if len(tags) > _MOST_TAGS or any(len(text) > _LONGEST_TEXT + 1 for pair in tags.items() for text in pair):
        raise bad_parameter(f"A secret has at most {_MOST_TAGS} tags of at most {_LONGEST_TEXT + 1} characters.")
    return tags


def _time(attributes: Mapping[str, Any], name: str) -> int | None:
    given = attributes.get(name)
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _LATEST:
        raise bad_parameter(f"'attributes.{name}' must be whole seconds since 1970.")
    return given
