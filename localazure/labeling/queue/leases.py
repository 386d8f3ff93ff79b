"""Leases: who is at which task until when, so that no two people label the same picture.

Owns: the table `lease`, and what leases take from `task.wanted` and give back. Leaves: labels to `answers.py`, when all
this happens to `queue.py`.

For a task in the queue, wanted = overlap - answers of this round - living leases. A task that is finished wants
nothing; a gold picture is finished, and leased beside the queue. Functions run inside `Tables.write`.
"""

import json
import math
import secrets
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from localazure.labeling.times import stamp

__all__ = ["Lease", "free_tasks", "give_back", "held", "hold", "prolong", "remaining", "renew", "take_over", "time_out"]


_BEGINNING = (-math.inf, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """`token` proves that it is whoever took it; `until` is UTC in ISO form."""

    task: int
    token: str
    until: str


def time_out(db: sqlite3.Connection, project: int, now: datetime) -> None:
    """Leases that are over give their tasks back. Their holders may still answer until somebody else does."""
    rows = db.execute(
        "UPDATE lease INDEXED BY lease_until SET living=0 WHERE project=? AND living=1 AND until<=? RETURNING task",
        (project, stamp(now)),
    ).fetchall()
    for (task,) in rows:
        _want(db, project, task, 1)


def held(db: sqlite3.Connection, project: int, person: str) -> list[int]:
    """The tasks that a person is at, in the order of the queue."""
    rows = db.execute(
        "SELECT l.task FROM lease l INDEXED BY lease_person JOIN task t ON t.project=l.project AND t.number=l.task"
        " WHERE l.project=? AND l.person=? AND l.living=1 ORDER BY t.rank, t.number",
        (project, person),
    )
    return [task for (task,) in rows]


def free_tasks(
    db: sqlite3.Connection,
    project: int,
    person: str,
    *,
    count: int,
    without: Collection[int] = (),
    overlap: int = 1,
) -> list[int]:
    """The next tasks for a person: those kept for them, then those for anybody; none that they have answered.

    With an overlap a person may have answered thousands that wait for others: where they end is kept in `front`.
    """
    found: list[int] = []
    for own, whose in ((1, "assigned=?2"), (0, "assigned IS NULL")):
        if len(found) == count:
            break
        start = _front(db, project, person, own) if overlap > 1 else _BEGINNING
        rows = db.execute(
            f"SELECT number, rank FROM task INDEXED BY task_waiting WHERE project=?1 AND {whose}"  # noqa: S608 literals of this function
            " AND wanted>0 AND fault<>'missing' AND (rank, number)>=(?5, ?6)"
            " AND NOT EXISTS (SELECT 1 FROM lease l"
            " WHERE l.project=?1 AND l.task=number AND l.person=?2 AND l.living=1)"
            " AND NOT EXISTS (SELECT 1 FROM answer a"
            " WHERE a.project=?1 AND a.task=number AND a.person=?2 AND a.round=task.round)"
            " AND number NOT IN (SELECT value FROM json_each(?3)) ORDER BY rank, number LIMIT ?4",
            (project, person, json.dumps(list(without)), count - len(found), *start),
        ).fetchall()
        if overlap > 1 and rows and set(without) <= set(held(db, project, person)):
            number, rank = rows[0]
            db.execute("INSERT OR REPLACE INTO front VALUES (?, ?, ?, ?, ?)", (project, person, own, rank, number))
        found += [number for number, _ in rows]
    return found


def _front(db: sqlite3.Connection, project: int, person: str, own: int) -> tuple[float, int]:
    row = db.execute(
        "SELECT rank, number FROM front WHERE project=? AND person=? AND own=?", (project, person, own)
    ).fetchone()
    return _BEGINNING if row is None else (float(row[0]), int(row[1]))


def hold(db: sqlite3.Connection, project: int, person: str, tasks: Sequence[int], until: datetime) -> list[Lease]:
    """Lease tasks that `free_tasks` found, or gold ones. Whoever held one before gets the same token again."""
    leases: list[Lease] = []
    for task in tasks:
        (token,) = db.execute(
            "INSERT INTO lease VALUES (?, ?, ?, ?, ?, 1)"
            " ON CONFLICT DO UPDATE SET until=excluded.until, living=1 RETURNING token",
            (project, task, person, secrets.token_urlsafe(12), stamp(until)),
        ).fetchone()
        _want(db, project, task, -1)
        leases.append(Lease(task=task, token=token, until=stamp(until)))
    return leases


def prolong(db: sqlite3.Connection, project: int, person: str, tasks: Sequence[int], until: datetime) -> list[Lease]:
    """Living leases of this person live longer; tasks without one are left out."""
    leases: list[Lease] = []
    for task in tasks:
        row = db.execute(
            "UPDATE lease SET until=? WHERE project=? AND task=? AND person=? AND living=1 RETURNING token",
            (stamp(until), project, task, person),
        ).fetchone()
        if row is not None:
            leases.append(Lease(task=task, token=row[0], until=stamp(until)))
    return leases


def renew(db: sqlite3.Connection, project: int, person: str, task: int, *, token: str, until: datetime) -> Lease | None:
    """One that is over lives again when nobody else has taken the task; None when it cannot."""
    row = db.execute(
        "SELECT living FROM lease WHERE project=? AND task=? AND person=? AND token=?", (project, task, person, token)
    ).fetchone()
    if row is None or (not row[0] and not _want(db, project, task, -1)):
        return None
    db.execute(
        "UPDATE lease SET until=?, living=1 WHERE project=? AND task=? AND person=?",
        (stamp(until), project, task, person),
    )
    return Lease(task=task, token=token, until=stamp(until))


def take_over(
    db: sqlite3.Connection, project: int, person: str, task: int, *, token: str, gold: bool = False
) -> bool | None:
    """The lease ends with an answer. True: it is this person's, and the answer counts in its place. False: it is over,
    and somebody else is at the task. None: this person never had it, or gave it back.
    """
    row = db.execute(
        "SELECT token, living FROM lease WHERE project=? AND task=? AND person=?", (project, task, person)
    ).fetchone()
    if row is None or not secrets.compare_digest(row[0].encode(), token.encode()):
        return None
    if not row[1] and not gold and not _want(db, project, task, -1):
        return False
    db.execute("DELETE FROM lease WHERE project=? AND task=? AND person=?", (project, task, person))
    return True


def give_back(db: sqlite3.Connection, project: int, person: str, task: int, token: str) -> bool:
    """Before its end, by whoever holds it. False when there is nothing to give back."""
    row = db.execute(
        "DELETE FROM lease WHERE project=? AND task=? AND person=? AND token=? RETURNING living",
        (project, task, person, token),
    ).fetchone()
    if row is None:
        return False
    if row[0]:
        _want(db, project, task, 1)
    return True


def remaining(db: sqlite3.Connection, project: int, person: str) -> int:
    """How many tasks this person can still answer, those that they hold included.

    With an overlap it may be too low by the tasks that they have answered and somebody else is at.
    """
    (waiting,) = db.execute(
        "SELECT coalesce(sum(count), 0) FROM waiting WHERE project=? AND assigned IN ('', ?)", (project, person)
    ).fetchone()
    (pending,) = db.execute(
        "SELECT coalesce(sum(count), 0) FROM pending WHERE project=? AND person=?", (project, person)
    ).fetchone()
    mine, twice = db.execute(
        "SELECT count(*), coalesce(sum(t.wanted>0 AND t.fault<>'missing' AND coalesce(t.assigned, ?2)=?2), 0)"
        " FROM lease l INDEXED BY lease_person JOIN task t ON t.project=l.project AND t.number=l.task"
        " WHERE l.project=?1 AND l.person=?2 AND l.living=1",
        (project, person),
    ).fetchone()
    return int(mine) + max(0, int(waiting) - int(pending) - int(twice))


def _want(db: sqlite3.Connection, project: int, task: int, change: int) -> bool:
    """False, and nothing changed, for a task that is not in the queue, or has no answer left to take."""
    cursor = db.execute(
        "UPDATE task SET wanted=wanted+?3 WHERE project=?1 AND number=?2 AND state IN ('open', 'prelabeled')"
        " AND wanted+?3>=0",
        (project, task, change),
    )
    return cursor.rowcount > 0
