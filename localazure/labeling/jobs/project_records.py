"""Projects as documents in the store: reading, writing, their numbers, and which names were ever used.

Owns: the kinds of documents and their keys. Leaves: every rule to `projects.py`.
"""

import dataclasses
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from localazure.clock import Clock
from localazure.labeling.types import Project
from localazure.store import Store

__all__ = ["ProjectRecords"]

_KIND = "labeling.job"
_USED_NAMES = "labeling.used_name"
_COUNTER = "labeling.counter"


class ProjectRecords:
    """Safe to share between threads. Workspace ids and names compare without case."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; other threads wait. Tables may be written inside of it, never the other way round."""
        return self._store.transaction()

    def find(self, workspace_id: str, name: str) -> Project | None:
        document = self._store.get(_KIND, _key(workspace_id, name))
        return None if document is None else _read(document)

    def by_number(self, number: int) -> Project | None:
        return next((project for project in self.all() if project.number == number), None)

    def all(self) -> list[Project]:
        """Of every workspace."""
        return [_read(document) for _, document in self._store.list(_KIND, "")]

    def list(self, workspace_id: str) -> list[Project]:
        """Sorted by name."""
        return [_read(document) for _, document in self._store.list(_KIND, workspace_id.lower() + "|")]

    def write(self, project: Project, **changes: Any) -> Project:
        """The project with these changes, kept."""
        new = dataclasses.replace(project, modified=self._clock.now(), **changes)
        self._store.put(_KIND, _key(new.workspace_id, new.name), msgspec.to_builtins(new))
        return new

    def delete(self, project: Project) -> None:
        self._store.delete(_KIND, _key(project.workspace_id, project.name))

    def next_number(self) -> int:
        """A number that no project ever had."""
        number = int((self._store.get(_COUNTER, "next") or {"number": 1})["number"])
        self._store.put(_COUNTER, "next", {"number": number + 1})
        return number

    def use_name(self, workspace_id: str, name: str, generation: str) -> None:
        """From now on the name is taken, also when the project is deleted."""
        self._store.put(_USED_NAMES, _key(workspace_id, name), {"generation": generation})

    def is_used(self, workspace_id: str, name: str) -> bool:
        return self._store.get(_USED_NAMES, _key(workspace_id, name)) is not None

    def generations(self, workspace_id: str) -> set[str]:
        """Those of the workspace that names were used in; more than the present one: it was made anew."""
        names = self._store.list(_USED_NAMES, workspace_id.lower() + "|")
        return {str(document["generation"]) for _, document in names}

    def forget_names(self, workspace_id: str) -> None:
        for key, _ in self._store.list(_USED_NAMES, workspace_id.lower() + "|"):
            self._store.delete(_USED_NAMES, key)


def _key(workspace_id: str, name: str) -> str:
    return f"{workspace_id.lower()}|{name.lower()}"


def _read(document: Mapping[str, Any]) -> Project:
    return msgspec.convert(document, Project)
