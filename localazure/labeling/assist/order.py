"""The order of the queue: a rank for every task, small first; among equal ranks the smaller number comes first.

Owns: what each order means, `task.rank`, the table `ranked`, and passes over half a million rows in small transactions
that nobody who labels has to wait for. Leaves: taking tasks to `queue.py`, the chosen order to `project_settings.py`.

    manual      in the order of the listing; where a model helps, spread evenly over the listing. (The retired service
                shuffled always. A model learns from the first dozen: out of one corner of the listing they teach it
                little. Measured on photographs of fruit, a dozen labelled, with the first dozen of the listing and
                with one that is spread: 7 of 11 boxes right and 14 of 16; 8 of 18 classes right and 18 of 18.)
    clustered   group by group, neighbouring groups alike; tasks without a group last
    prelabeled  tasks with proposals first, the surest ahead
    uncertain   what the model is least sure of first; tasks that no model has looked at last
"""

import sqlite3
import threading
import time
from collections.abc import Callable

from localazure.labeling.project_settings import ProjectSettings, read_settings
from localazure.labeling.tables import Tables

__all__ = ["RANK", "Order", "rank_of"]

RANK = {
    "manual": "0.0",
    "spread": "number * 0.6180339887498949 - CAST(number * 0.6180339887498949 AS INTEGER)",
    "clustered": "coalesce(grp, 1e9)",
    "prelabeled": "CASE WHEN state='prelabeled' THEN coalesce(uncertainty, 0.5) ELSE 2.0 END",
    "uncertain": "coalesce(1 - uncertainty, 2.0)",
}
"""What a rank is worked out from, in SQL over the task's own columns. Spread goes by the golden ratio: however many
come first, they lie about evenly apart."""
_BATCH = 1_000
_PAUSE_S = 0.002
"""Between two transactions, so that whoever waits to write has a turn: a lock goes to whoever asks first again."""


class Order:
    """Safe to share between threads; passes of one project wait for each other."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._passing = threading.Lock()

    def is_current(self, project: int) -> bool:
        """Whether the ranks stand for the order that the settings name."""
        with self._tables.read() as db:
            return _ranked(db, project) == _name(read_settings(db, project))

    def apply(self, project: int, *, anew: bool = False, asked_to_stop: Callable[[], bool] = lambda: False) -> None:
        """Give every task the rank of the project's order, unless they have it. Stopped half-way it is not current.

        `anew` when there are new tasks, or new groups.
        """
        with self._passing:
            if not anew and self.is_current(project):
                return
            name, last = self._begin(project)
            while last is not None and not asked_to_stop():
                with self._tables.write() as db:
                    if _name(read_settings(db, project)) != name:  # chosen anew in the meantime
                        name, last = self._begin(project)
                        continue
                    last = _batch(db, project, name, last)
                    if last is None:
                        db.execute("INSERT OR REPLACE INTO ranked VALUES (?, ?)", (project, name))
                time.sleep(_PAUSE_S)

    def _begin(self, project: int) -> tuple[str, int | None]:
        with self._tables.write() as db:
            db.execute("DELETE FROM ranked WHERE project=?", (project,))
            return _name(read_settings(db, project)), 0


def rank_of(settings: ProjectSettings) -> str:
    """A task's rank as SQL over its own columns."""
    return RANK[_name(settings)]


def _name(settings: ProjectSettings) -> str:
    return "spread" if settings.order == "manual" and settings.assist.enabled else settings.order


def _batch(db: sqlite3.Connection, project: int, name: str, last: int) -> int | None:
    """Rank the next tasks after number `last`; the last of them, None when there are no more."""
    (upto,) = db.execute(
        "SELECT max(number) FROM (SELECT number FROM task WHERE project=? AND number>? ORDER BY number LIMIT ?)",
        (project, last, _BATCH),
    ).fetchone()
    if upto is None:
        return None
    db.execute(
        f"UPDATE task SET rank={RANK[name]} WHERE project=? AND number>? AND number<=? AND rank IS NOT {RANK[name]}",  # noqa: S608 literals of this module
        (project, last, upto),
    )
    return int(upto)


def _ranked(db: sqlite3.Connection, project: int) -> str:
    row = db.execute("SELECT name FROM ranked WHERE project=?", (project,)).fetchone()
    return "manual" if row is None else str(row[0])
