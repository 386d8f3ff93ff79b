"""What of a project's work is kept for whom, and what becomes of it when somebody leaves.

Owns: those questions. Leaves: handing out and keeping tasks for people to the queue.
"""

import sqlite3

from localazure.labeling.tables import Tables

__all__ = ["Shares", "let_go"]


class Shares:
    """Safe to share between threads; costs the same for one task and for half a million."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def waiting(self, project: int) -> dict[str, int]:
        """By e-mail: how many tasks in the queue are kept for this person."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT assigned, count FROM waiting WHERE project=? AND assigned<>'' AND count>0", (project,)
            ).fetchall()
        return dict(rows)

    def labeled(self, project: int) -> dict[str, int]:
        """By e-mail: how many tasks this person has labelled, skipped ones not counted."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT person, sum(count) FROM answer_tally WHERE project=? AND state='labeled' GROUP BY person",
                (project,),
            ).fetchall()
        return dict(rows)


def let_go(db: sqlite3.Connection, project: int, email: str) -> None:
    """The person has left: what was kept for this one is anybody's, what this one was at returns to the queue.

    Answers stay. Gold pictures were never in the queue, and return nowhere.
    """
    db.execute(
        "UPDATE task SET wanted=wanted+1 WHERE project=?1 AND gold=0 AND state IN ('open', 'prelabeled')"
        " AND number IN (SELECT task FROM lease WHERE project=?1 AND person=?2 AND living=1)",
        (project, email),
    )
    db.execute("DELETE FROM lease WHERE project=? AND person=?", (project, email))
    db.execute(
        "UPDATE task SET assigned=NULL WHERE project=? AND assigned=? AND wanted>0 AND fault<>'missing'",
        (project, email),
    )
    db.execute(
        "UPDATE task SET assigned=NULL WHERE project=? AND assigned=? AND state IN ('open', 'prelabeled')",
        (project, email),
    )
