"""Keeping tasks for a person: named ones, a number of them, or a share of all.

Owns: `task.assigned`. Leaves: handing them out to `leases.py`, what becomes of them when the person leaves to
`shares.py`.

Whoever is at a task goes on with it; what is kept for a person counts from the next time that it is handed out.
"""

import sqlite3
from collections.abc import Sequence

from localazure.labeling.errors import user_error
from localazure.labeling.history import History
from localazure.labeling.tables import Tables

__all__ = ["Assigning"]

_UNFINISHED = "state IN ('open', 'prelabeled') AND wanted>0 AND fault<>'missing'"


class Assigning:
    """Safe to share between threads."""

    def __init__(self, tables: Tables, history: History) -> None:
        self._tables = tables
        self._history = history

    def run(
        self,
        project: int,
        person: str | None,
        *,
        who: str,
        tasks: Sequence[int] | None = None,
        count: int | None = None,
        share: float | None = None,
    ) -> int:
        """Exactly one of `tasks`, `count` and `share` (of all pictures, 0..1). Returns how many tasks changed.

        A number is taken from the front of what is kept for nobody. `person` None gives tasks back to everybody: named
        ones, or as many as asked of all that are kept for somebody.
        """
        if sum(one is not None for one in (tasks, count, share)) != 1:
            raise user_error("Say which tasks: exactly one of tasks, count and share.", target="tasks")
        with self._tables.write() as db:
            if tasks is not None:
                changed = _named(db, project, person, tasks)
            else:
                changed = _next(db, project, person, _number(db, project, count, share))
            if changed:
                self._history.add(db, project, who, "assigned", detail={"email": person, "tasks": changed})
        return changed


def _number(db: sqlite3.Connection, project: int, count: int | None, share: float | None) -> int:
    if count is not None:
        return count
    (total,) = db.execute("SELECT count(*) FROM task WHERE project=?", (project,)).fetchone()
    return round((share or 0.0) * int(total))


def _named(db: sqlite3.Connection, project: int, person: str | None, tasks: Sequence[int]) -> int:
    """Finished ones are left alone, and those that are this person's already."""
    changed = 0
    for task in tasks:
        cursor = db.execute(
            "UPDATE task SET assigned=?3 WHERE project=?1 AND number=?2 AND state IN ('open', 'prelabeled')"
            " AND assigned IS NOT ?3",
            (project, task, person),
        )
        changed += cursor.rowcount
    return changed


def _next(db: sqlite3.Connection, project: int, person: str | None, count: int) -> int:
    whose = "assigned IS NOT NULL" if person is None else "assigned IS NULL"
    cursor = db.execute(
        f"UPDATE task SET assigned=?2 WHERE project=?1 AND number IN (SELECT number FROM task WHERE project=?1"  # noqa: S608 literals of this module
        f" AND {whose} AND {_UNFINISHED} ORDER BY rank, number LIMIT ?3)",
        (project, person, count),
    )
    return cursor.rowcount
