"""Secrets as Resource Manager shows and takes them: vaults/{vault}/secrets, where templates and Pulumi put them.

Owns: that shape, in which a value never comes back. Leaves: paths, tokens and roles to `arm`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localazure.errors import AzureError
from localazure.vault import wire
from localazure.vault.seams import Vault
from localazure.vault.service import Secrets
from localazure.vault.types import Change, Shown

__all__ = ["SecretsByArm"]

_PAGE = 25


class SecretsByArm:
    """Satisfies what ARM asks of vaults."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def put(self, vault: Vault, name: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """The document, and whether the secret is new."""
        shown = self._secrets.set(vault, wire.check_name(name), _tagged(wire.parse_set(_properties(body)), body))
        return _document(vault, shown), shown.version.number == 1

    def patch(self, vault: Vault, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """With a value a new version, without one the current version changed."""
        properties = _properties(body)
        self._secrets.look(vault, name)
        if properties.get("value") is not None:
            return self.put(vault, name, body)[0]
        change = _tagged(wire.parse_change(properties), body)
        return _document(vault, self._secrets.update(vault, name, None, change))

    def get(self, vault: Vault, name: str) -> dict[str, Any]:
        return _document(vault, self._secrets.look(vault, name))

    def list(self, vault: Vault) -> list[dict[str, Any]]:
        """All that are not deleted, by name."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            page = self._secrets.page(vault, deleted=False, after=after, size=_PAGE)
            found += [_document(vault, row) for row in page.rows]
            after = page.after
            if after is None:
                return found


def _properties(body: Mapping[str, Any]) -> dict[str, Any]:
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        raise AzureError(400, "InvalidRequestContent", "The required property 'properties' is missing.")
    return {name: value for name, value in properties.items() if name != "tags"}  # pyright: ignore[reportUnknownVariableType] JSON


def _tagged(change: Change, body: Mapping[str, Any]) -> Change:
    """Tags stand beside the properties here."""
    return replace(change, tags=wire.parse_change({"tags": body.get("tags")}).tags)


def _document(vault: Vault, shown: Shown) -> dict[str, Any]:
    data = wire.dump_bundle(vault, Shown(secret=shown.secret, version=shown.version))
    known = ("enabled", "nbf", "exp", "created", "updated")
    return {
        "id": f"{vault.id}/secrets/{shown.secret.name}",
        "name": shown.secret.name,
        "type": "Microsoft.KeyVault/vaults/secrets",
        "location": vault.location,
        "tags": data["tags"],
        "properties": {
            "attributes": {name: data["attributes"][name] for name in known if name in data["attributes"]},
            **({"contentType": data["contentType"]} if "contentType" in data else {}),
            "secretUri": f"{vault.uri}secrets/{shown.secret.name}",
            "secretUriWithVersion": data["id"],
        },
    }
