"""Keeping tasks for a person: named ones, a number of them, or a share of all.

Owns: `task.assigned`. Leaves: handing them out to `leases.py`, what becomes of them when the person leaves to
`shares.py`.

Whoever is at a task goes on with it; what is kept for a person counts from the next time that it is handed out. What a
person has answered is not kept for them, or nobody could give the other answers that it waits for.
"""

import sqlite3
from collections.abc import Sequence

from localazure.labeling.errors import user_error
from localazure.labeling.history import History
from localazure.labeling.tables import Tables

__all__ = ["Assigning"]

_UNFINISHED = "state IN ('open', 'prelabeled') AND wanted>0 AND fault<>'missing'"
_UNANSWERED = (
    "NOT EXISTS (SELECT 1 FROM answer a WHERE a.project=?1 AND a.task=number AND a.person=?2 AND a.round=task.round)"
)


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
            "UPDATE task SET assigned=?2 WHERE project=?1 AND number=?3 AND state IN ('open', 'prelabeled')"  # noqa: S608 literals of this module
            f" AND assigned IS NOT ?2 AND {_UNANSWERED}",
            (project, person, task),
        )
        changed += cursor.rowcount
    return changed


def _next(db: sqlite3.Connection, project: int, person: str | None, count: int) -> int:
    whose = "assigned IS NOT NULL" if person is None else "assigned IS NULL"
    cursor = db.execute(
        f"UPDATE task SET assigned=?2 WHERE project=?1 AND number IN (SELECT number FROM task WHERE project=?1"  # noqa: S608 literals of this module
        f" AND {whose} AND {_UNFINISHED} AND {_UNANSWERED} ORDER BY rank, number LIMIT ?3)",
        (project, person, count),
    )
    return cursor.rowcount
