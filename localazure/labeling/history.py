"""Who did what, and when: a line for each thing that happened in a project.

Owns: the table `history`. Leaves: what is worth a line to whoever does it.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from localazure.clock import Clock
from localazure.labeling.tables import Tables
from localazure.labeling.times import stamp

__all__ = ["Event", "History"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line. `n` counts within the project; `at` is UTC in ISO form; `who` is an e-mail, an object id or a part."""

    n: int
    at: str
    who: str
    what: str
    task: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


class History:
    """Safe to share between threads."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def add(
        self,
        db: sqlite3.Connection,
        project: int,
        who: str,
        what: str,
        *,
        task: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Inside `Tables.write`; whoever watches the project is told after the commit."""
        text = msgspec.json.encode(detail).decode() if detail else None
        db.execute(
            "INSERT INTO history SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM history WHERE project=?1",
            (project, stamp(self._clock.now()), who, what, task, text),
        )
        self._tables.touch(project)

    def last(self, project: int, *, top: int = 50) -> list[Event]:
        """The newest first."""
        return self._select("project=?", (project,), top)

    def of_task(self, project: int, task: int, *, top: int = 200) -> list[Event]:
        """The newest first."""
        return self._select("project=? AND task=?", (project, task), top)

    def _select(self, condition: str, values: tuple[int, ...], top: int) -> list[Event]:
        query = f"SELECT n, at, who, what, task, detail FROM history WHERE {condition} ORDER BY n DESC LIMIT ?"  # noqa: S608 conditions are literals of this module
        with self._tables.read() as db:
            rows = db.execute(query, (*values, top)).fetchall()
        return [
            Event(n=n, at=at, who=who, what=what, task=task, detail=msgspec.json.decode(detail) if detail else {})
            for n, at, who, what, task, detail in rows
        ]
