"""Secrets of a vault: set, read, changed, deleted softly, recovered, purged.

Owns: these rules. Leaves: who may do it to the door, backups to `backups.py`, JSON to `wire.py`.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from localazure.clock import Clock
from localazure.operations import Operations
from localazure.vault import errors
from localazure.vault.records import Records
from localazure.vault.sealing import Sealing
from localazure.vault.seams import Vault
from localazure.vault.types import Change, Page, Secret, Shown, Version

__all__ = ["Secrets"]

_EXPIRED = "vault.expired"
T = TypeVar("T")


class Secrets:
    """Acts on secrets. Names are compared without case and shown as they were first written."""

    def __init__(self, records: Records, sealing: Sealing, clock: Clock, operations: Operations) -> None:
        self._records = records
        self._sealing = sealing
        self._clock = clock
        self._operations = operations
        operations.on(_EXPIRED, self._finish_expiry)

    def set(self, vault: Vault, name: str, change: Change) -> Shown:
        """A new version, of a new secret when there is none."""
        now = self._now()
        with self._records.transaction():
            secret = self._find(vault, name)
            if secret is not None and secret.deleted is not None:
                raise errors.being_deleted(secret.name)
            version = Version(
                id=uuid.uuid4().hex,
                number=1 if secret is None else secret.versions + 1,
                sealed=self._sealing.seal(change.value or ""),
                content_type=change.content_type,
                tags=dict(change.tags or {}),
                enabled=change.enabled is not False,
                not_before=change.not_before,
                expires=change.expires,
                created=now,
                updated=now,
            )
            secret = Secret(name=name if secret is None else secret.name, current=version.id, versions=version.number)
            self._records.put(vault.id, secret)
            self._records.put_version(vault.id, secret.name, version)
        return Shown(secret=secret, version=version, value=change.value)

    def get(self, vault: Vault, name: str, version_id: str | None) -> Shown:
        """One version with its value, the current one unless said otherwise."""
        secret, version = self._live(vault, name, version_id)
        if not version.enabled:
            raise errors.disabled("get")
        return Shown(secret=secret, version=version, value=self._sealing.must_open(version.sealed))

    def look(self, vault: Vault, name: str) -> Shown:
        """The current version without its value."""
        secret, version = self._live(vault, name, None)
        return Shown(secret=secret, version=version)

    def update(self, vault: Vault, name: str, version_id: str | None, change: Change) -> Shown:
        """Everything but the value, which only a new version changes."""
        with self._records.transaction():
            secret, old = self._live(vault, name, version_id)
            version = replace(
                old,
                content_type=old.content_type if change.content_type is None else change.content_type,
                tags=old.tags if change.tags is None else dict(change.tags),
                enabled=old.enabled if change.enabled is None else change.enabled,
                not_before=old.not_before if change.not_before is None else change.not_before,
                expires=old.expires if change.expires is None else change.expires,
                updated=self._now(),
            )
            self._records.put_version(vault.id, secret.name, version)
        return Shown(secret=secret, version=version)

    def page(self, vault: Vault, *, deleted: bool, after: str | None, size: int) -> Page:
        """Secrets by name, each with its current version."""
        rows = (
            secret
            for secret in self._records.all(vault.id)
            if (secret.deleted is not None) is deleted and not self._is_over(secret)
        )
        found, more = _page(((secret.name.lower(), secret) for secret in rows), after, size)
        shown = tuple(Shown(secret=secret, version=self._version(vault, secret)) for secret in found)
        return Page(rows=shown, after=more)

    def page_of_versions(self, vault: Vault, name: str, *, after: str | None, size: int) -> Page:
        """Versions from the oldest on; none for a secret that does not exist, as Key Vault has it."""
        secret = self._find(vault, name)
        if secret is None or secret.deleted is not None:
            return Page(rows=(), after=None)
        versions = self._records.versions(vault.id, secret.name)
        found, more = _page(((f"{version.number:09}", version) for version in versions), after, size)
        return Page(rows=tuple(Shown(secret=secret, version=version) for version in found), after=more)

    def delete(self, vault: Vault, name: str) -> Shown:
        """All versions, kept aside until they are purged or their time is over."""
        kept = timedelta(days=vault.retention_days)
        with self._records.transaction():
            secret, version = self._live(vault, name, None)
            now = self._now()
            place = {"vault": vault.id, "name": secret.name}
            expiry = self._operations.start(_EXPIRED, place, seconds=kept.total_seconds())
            secret = replace(secret, deleted=now, purge=now + int(kept.total_seconds()), expiry=expiry)
            self._records.put(vault.id, secret)
        return Shown(secret=secret, version=version)

    def get_deleted(self, vault: Vault, name: str) -> Shown:
        secret = self._deleted(vault, name)
        return Shown(secret=secret, version=self._version(vault, secret))

    def recover(self, vault: Vault, name: str) -> Shown:
        with self._records.transaction():
            secret = self._deleted(vault, name)
            self._stop_expiry(secret)
            secret = replace(secret, deleted=None, purge=None, expiry=None)
            self._records.put(vault.id, secret)
        return Shown(secret=secret, version=self._version(vault, secret))

    def purge(self, vault: Vault, name: str) -> None:
        secret = self._deleted(vault, name)
        if vault.purge_protected:
            raise errors.protected(vault.name, vault.location)
        with self._records.transaction():
            self._stop_expiry(secret)
            self._records.drop(vault.id, secret.name)

    def versions_of(self, vault: Vault, name: str) -> tuple[Secret, list[Version]]:
        """A live secret with all its versions, the oldest first: what a backup holds."""
        secret, _ = self._live(vault, name, None)
        return secret, self._records.versions(vault.id, secret.name)

    def put_back(self, vault: Vault, secret: Secret, versions: Iterable[Version]) -> Shown:
        """What a backup held, under its old name, which must be free."""
        with self._records.transaction():
            there = self._find(vault, secret.name)
            if there is not None:
                raise errors.name_taken(there.name) if there.deleted is None else errors.being_deleted(there.name)
            self._records.put(vault.id, secret)
            for version in versions:
                self._records.put_version(vault.id, secret.name, version)
        return Shown(secret=secret, version=self._version(vault, secret))

    def forget_vault(self, vault_id: str) -> None:
        """The vault is gone for good, and with it everything in it."""
        self._records.drop_vault(vault_id)

    def _live(self, vault: Vault, name: str, version_id: str | None) -> tuple[Secret, Version]:
        secret = self._find(vault, name)
        if secret is None or secret.deleted is not None:
            raise errors.not_found(name)
        version = self._records.version(vault.id, secret.name, version_id or secret.current)
        if version is None:
            raise errors.not_found(f"{name}/{version_id}")
        return secret, version

    def _deleted(self, vault: Vault, name: str) -> Secret:
        secret = self._find(vault, name)
        if secret is None or secret.deleted is None:
            raise errors.not_deleted(name)
        return secret

    def _version(self, vault: Vault, secret: Secret) -> Version:
        version = self._records.version(vault.id, secret.name, secret.current)
        if version is None:
            raise errors.not_found(secret.name)
        return version

    def _find(self, vault: Vault, name: str) -> Secret | None:
        """A deleted secret whose time is over is not there any more."""
        secret = self._records.find(vault.id, name)
        if secret is not None and self._is_over(secret):
            self._records.drop(vault.id, secret.name)
            return None
        return secret

    def _finish_expiry(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        """It may have been recovered, purged or deleted again meanwhile."""
        secret = self._records.find(payload["vault"], payload["name"])
        if secret is not None and self._is_over(secret):
            self._records.drop(payload["vault"], secret.name)
        return None

    def _stop_expiry(self, secret: Secret) -> None:
        if secret.expiry is not None:
            self._operations.cancel(secret.expiry)

    def _is_over(self, secret: Secret) -> bool:
        return secret.purge is not None and secret.purge <= self._now()

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _page(rows: Iterable[tuple[str, T]], after: str | None, size: int) -> tuple[list[T], str | None]:
    """The first `size` rows behind `after`, and the place of the last one when there are more. Rows are sorted."""
    found: list[tuple[str, T]] = []
    for place, row in rows:
        if after is not None and place <= after:
            continue
        if len(found) == size:
            return [item for _, item in found], found[-1][0]
        found.append((place, row))
    return [item for _, item in found], None
