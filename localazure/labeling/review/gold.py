"""Gold pictures: their answer is known, and people get one now and then as if it were open.

Owns: the tables `gold` and `gold_answer`, who gets which gold picture when, and the score of an answer.
Leaves: handing tasks out to `queue.py`, how alike two answers are to `overlap.py`.

An answer to a gold picture never changes its labels. A labeler does not learn which pictures are gold: the place among
other tasks differs from person to person, and what is sent of it looks like an open task.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from localazure.labeling.labels import Label, dump, parse
from localazure.labeling.queue.overlap import f1
from localazure.labeling.times import stamp

__all__ = ["answer", "due", "forget", "know", "known"]


def know(db: sqlite3.Connection, project: int, task: int, labels: Sequence[Label]) -> None:
    """From now on this is the known answer. The task must be labeled: its picture is out of the queue."""
    db.execute(
        "INSERT INTO gold VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET labels=excluded.labels",
        (project, task, dump(labels)),
    )
    db.execute("UPDATE task SET gold=1 WHERE project=? AND number=?", (project, task))


def forget(db: sqlite3.Connection, project: int, task: int) -> bool:
    """It is a picture like others again; scores that people have stay. False when it was none."""
    db.execute("DELETE FROM gold WHERE project=? AND task=?", (project, task))
    cursor = db.execute("UPDATE task SET gold=0 WHERE project=? AND number=? AND gold=1", (project, task))
    if cursor.rowcount:
        db.execute("DELETE FROM lease WHERE project=? AND task=?", (project, task))
    return cursor.rowcount > 0


def known(db: sqlite3.Connection, project: int, task: int) -> tuple[Label, ...] | None:
    """The known answer; None when it is no gold picture."""
    row = db.execute("SELECT labels FROM gold WHERE project=? AND task=?", (project, task)).fetchone()
    return None if row is None else parse(row[0])


def due(db: sqlite3.Connection, project: int, person: str, *, every: int, first: int, count: int) -> dict[int, int]:
    """Which places among the next `count` tasks of this person are gold ones: place (0 is the next) to task.

    `every`: one among that many, 0 is none. `first`: how many tasks this person has had so far, gold ones included.
    A person gets each gold picture once.
    """
    if every < 1 or count < 1:
        return {}
    places = [place for place in range(count) if _is_turn(project, person, first + place, every)]
    if not places:
        return {}
    rows = db.execute(
        "SELECT number FROM task INDEXED BY task_gold WHERE project=?1 AND gold=1 AND fault=''"
        " AND NOT EXISTS (SELECT 1 FROM gold_answer WHERE project=?1 AND person=?2 AND gold_answer.task=number)"
        " AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.project=?1 AND lease.task=number AND lease.person=?2)"
        " AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.project=?1 AND answer.task=number AND answer.person=?2)",
        (project, person),
    )
    tasks = sorted((number for (number,) in rows), key=lambda number: _hash(project, person, "task", number))
    return dict(zip(places, tasks, strict=False))


def answer(
    db: sqlite3.Connection,
    project: int,
    task: int,
    person: str,
    *,
    state: str,
    labels: Sequence[Label],
    iou: float,
    at: datetime,
) -> float:
    """Score an answer to a gold picture and keep the score: 0 all wrong (or skipped), 1 all right.

    Classes are right or not; boxes and polygons count when their class is right and they overlap by `iou` or more.
    """
    right = known(db, project, task) or ()
    value = f1(right, labels, least=iou) if state == "labeled" else 0.0
    db.execute(
        "INSERT INTO gold_answer VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at=excluded.at, score=excluded.score",
        (project, person, task, stamp(at), value),
    )
    return value


def _is_turn(project: int, person: str, place: int, every: int) -> bool:
    """One place of each row of `every`, another one in each row and for each person."""
    row, column = divmod(place, every)
    return _hash(project, person, "row", row) % every == column


def _hash(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big")
