"""The state of one stack while a run works on it: every change is on disk before the run goes on.

Owns: the state file, its lock against a second run, and the changes that a run makes to it, thread by thread.
Leaves: the form of the file to `state.py`, what to change to `engine.py` and `removal.py`.
"""

import json
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from automation.clock import Clock
from automation.errors import ConfigError, LabBusy
from automation.provision.embedded import state
from automation.provision.embedded.crypter import Passphrase
from automation.provision.embedded.plan import in_order
from automation.provision.embedded.state import Resource, Snapshot

__all__ = ["Journal", "only_run", "read_document", "salt_of"]


class Journal:
    """Resources by identity. With `dry_run` nothing is written."""

    def __init__(
        self, path: Path, *, passphrase: str, clock: Clock, engine_version: str, dry_run: bool = False
    ) -> None:
        document = read_document(path)
        self.crypter = Passphrase(passphrase, salt_of(document) if document is not None else _salt_beside(path))
        self._path, self._clock, self._version, self._dry_run = path, clock, engine_version, dry_run
        snapshot = Snapshot() if document is None else state.parse(document, self.crypter, source=str(path))
        self._resources = list(snapshot.resources)
        self._pending = {item.urn: item for item in snapshot.pending}
        self._written = None if document is None else _content(document)
        self._renamed: dict[str, str] = {}  # what this run knows by a new URN, and others still by the old one
        self._lock = threading.RLock()

    def now(self) -> str:
        return state.timestamp(self._clock.now())

    def resources(self) -> list[Resource]:
        """Everything, dependencies first."""
        with self._lock:
            return in_order(self._resources)

    def pending(self) -> dict[str, Resource]:
        """Creations that were begun and whose end nobody recorded, by URN."""
        with self._lock:
            return dict(self._pending)

    def begin(self, resource: Resource) -> None:
        """Record that a creation begins, before it does."""
        with self._lock:
            self._pending[resource.urn] = resource
            self.save()

    def forget_pending(self, urn: str) -> None:
        """The creation left nothing behind."""
        with self._lock:
            if self._pending.pop(urn, None) is not None:
                self.save()

    def put(self, resource: Resource, *, instead_of: Resource | None = None, condemned: Resource | None = None) -> None:
        """Record a resource as it is now.

        Args:
            resource: What is there now; its pending creation has ended.
            instead_of: The record that it takes the place of.
            condemned: The record of what it replaces and what must be deleted later.
        """
        with self._lock:
            gone = {id(item) for item in (instead_of, condemned) if item is not None}
            self._resources = [item for item in self._resources if id(item) not in gone]
            if condemned is not None:
                self._resources.append(replace(condemned, delete=True))
            if instead_of is not None and instead_of.urn != resource.urn:
                self._renamed[instead_of.urn] = resource.urn
            self._resources.append(resource)
            self._pending.pop(resource.urn, None)
            self.save()

    def condemn(self, resource: Resource) -> None:
        """Record something that nobody wants and that must be deleted."""
        with self._lock:
            self._pending.pop(resource.urn, None)
            self._resources.append(replace(resource, delete=True))
            self.save()

    def drop(self, resource: Resource) -> None:
        """Record that a resource is gone."""
        with self._lock:
            self._resources = [item for item in self._resources if item is not resource]
            self.save()

    def adopt(self, document: dict[str, Any], *, source: str) -> None:
        """Record what a deployment JSON says in place of everything that was known."""
        with self._lock:
            snapshot = state.parse(document, self.crypter, source=source)
            self._resources = list(snapshot.resources)
            self._pending = {item.urn: item for item in snapshot.pending}
            self.save()

    def clear(self) -> None:
        with self._lock:
            self._resources, self._pending = [], {}
            self.save()

    def document(self) -> dict[str, Any]:
        """The deployment JSON as it would be written now."""
        with self._lock:
            known = [item.renamed(self._renamed) for item in self._resources] if self._renamed else self._resources
            snapshot = Snapshot(
                resources=in_order(known), pending=[self._pending[urn] for urn in sorted(self._pending)]
            )
            return state.dump(snapshot, self.crypter, now=self._clock.now(), version=self._version)

    def save(self) -> None:
        """Write the file, unless it says the same already."""
        if self._dry_run:
            return
        with self._lock:
            document = self.document()
            content = _content(document)
            if content != self._written:
                state.write_file(self._path, document)
                self._written = content


def read_document(path: Path) -> dict[str, Any] | None:
    """The state file's JSON; None when there is none. Raises ConfigError when it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise ConfigError(f"the state {path} cannot be read: {exc}", hint="restore it from a copy") from exc


@contextmanager
def only_run(path: Path) -> Generator[None]:
    """Hold the lab's state alone; the lock ends with the process, however it ends. Raises LabBusy."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+b") as file:
        try:
            _lock(file.fileno())
        except OSError as exc:
            file.seek(0)
            holder = file.read(40).decode(errors="replace").strip()
            raise LabBusy(
                f"another run works on this stack (process {holder or 'unknown'})",
                hint="wait until it ends, or stop it; then repeat the command",
            ) from exc
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        yield


def _lock(descriptor: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue] (Windows only)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def salt_of(document: dict[str, Any] | None) -> str | None:
    """The salt of its secrets, by which a passphrase becomes the key."""
    try:
        return document["deployment"]["secrets_providers"]["state"]["salt"] if document else None
    except (KeyError, TypeError):
        return None


def _salt_beside(path: Path) -> str | None:
    """For a new stack the salt of one that stands beside it: they have one passphrase, whose key takes a while."""
    for other in sorted(path.parent.glob("*.json")):
        try:
            salt = salt_of(read_document(other))
        except ConfigError:
            continue
        if salt is not None:
            return salt
    return None


def _content(document: dict[str, Any]) -> dict[str, Any]:
    """What counts of a document: all but when it was written and by which version."""
    deployment = {key: value for key, value in document["deployment"].items() if key != "manifest"}
    return {"deployment": deployment}
