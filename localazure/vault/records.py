"""How secrets lie in the store: one document per secret, one per version.

Owns: kinds and keys of these documents. Leaves: every rule to `service.py`.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

from localazure.store import Store
from localazure.vault.types import Secret, Version

__all__ = ["Records"]

_SECRET, _VERSION = "vault.secret", "vault.version"


class Records:
    """Secrets by vault id and name, without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.transaction = store.transaction

    def find(self, vault_id: str, name: str) -> Secret | None:
        document = self._store.get(_SECRET, _key(vault_id, name))
        return None if document is None else Secret(**document)

    def put(self, vault_id: str, secret: Secret) -> None:
        self._store.put(_SECRET, _key(vault_id, secret.name), dataclasses.asdict(secret))

    def version(self, vault_id: str, name: str, version_id: str) -> Version | None:
        document = self._store.get(_VERSION, _key(vault_id, name, version_id))
        return None if document is None else Version(**document)

    def put_version(self, vault_id: str, name: str, version: Version) -> None:
        self._store.put(_VERSION, _key(vault_id, name, version.id), dataclasses.asdict(version))

    def all(self, vault_id: str) -> Iterator[Secret]:
        """Every secret of a vault, deleted ones too, sorted by name without regard to case."""
        return (Secret(**document) for _, document in self._store.list(_SECRET, _key(vault_id, "")))

    def versions(self, vault_id: str, name: str) -> list[Version]:
        """Every version of a secret, the oldest first."""
        found = self._store.list(_VERSION, _key(vault_id, name, ""))
        return sorted((Version(**document) for _, document in found), key=lambda version: version.number)

    def drop(self, vault_id: str, name: str) -> None:
        with self._store.transaction():
            self._store.delete(_SECRET, _key(vault_id, name))
            for version in self.versions(vault_id, name):
                self._store.delete(_VERSION, _key(vault_id, name, version.id))

    def drop_vault(self, vault_id: str) -> None:
        with self._store.transaction():
            for kind in (_SECRET, _VERSION):
                documents: list[tuple[str, dict[str, Any]]] = self._store.list(kind, _key(vault_id, ""))
                for key, _ in documents:
                    self._store.delete(kind, key)


def _key(vault_id: str, *parts: str) -> str:
    return "/".join([vault_id.lower(), *parts]).lower()
