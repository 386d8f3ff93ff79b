"""The only door through which a task gets labels, loses them, or is proposed some.

Owns: `task.state`, its labels, and what follows from them: version, round, and whether the queue wants it.
Leaves: whether it may happen to `queue.py` and the review; the line in the history to `history.py`.

Every function runs inside `Tables.write`, takes its connection, and writes no more than one task.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from localazure.labeling import labels as rows
from localazure.labeling.labels import Label
from localazure.labeling.project_settings import read_settings
from localazure.labeling.times import stamp

__all__ = ["FINISHED", "propose", "put", "reopen", "set_overlap"]

FINISHED = ("labeled", "skipped", "review")


def put(
    db: sqlite3.Connection,
    project: int,
    task: int,
    *,
    state: str,
    labels: Sequence[Label],
    source: str | None,
    who: str,
    at: datetime,
    review: str = "",
) -> None:
    """The task is finished with these labels (none when it is skipped), and leaves the queue; leases on it end.

    `state` is labeled, skipped or review. `source` None keeps what each label says.
    """
    _leave_round(db, project, task)
    _replace(db, project, task, labels, source)
    db.execute(
        "UPDATE task SET state=?3, version=version+1, changed=?4, review=?5, labeled_by=?6, labeled_at=?4, wanted=0"
        " WHERE project=?1 AND number=?2",
        (project, task, state, stamp(at), review, who),
    )


def reopen(db: sqlite3.Connection, project: int, task: int, *, at: datetime, keep_as_defaults: bool = False) -> None:
    """The task returns to the queue for a new round: as many answers are wanted as at first.

    Its labels go, or stay as pre-labels whose source is `default`. Earlier answers stay known, under their round.
    """
    kept = rows.of_tasks(db, project, [task]).get(task, ()) if keep_as_defaults else ()
    _leave_round(db, project, task)
    _replace(db, project, task, kept, "default")
    db.execute(
        "UPDATE task SET state=?3, version=version+1, round=round+1, changed=?4, review='', labeled_by=NULL,"
        " labeled_at=NULL, agreement=NULL, wanted=?5 WHERE project=?1 AND number=?2",
        (project, task, "prelabeled" if kept else "open", stamp(at), read_settings(db, project).overlap),
    )


def propose(db: sqlite3.Connection, project: int, task: int, labels: Sequence[Label], *, at: datetime) -> bool:
    """Pre-labels in place of earlier ones; none make it open again. False when the task is finished, or somebody is at
    it: nothing changes under the hands of a person. The version stays: pre-labels are nobody's work. Wherever they come
    from, their source is `prelabel`, or `default`: by that they are told from labels.
    """
    row = db.execute(
        "SELECT 1 FROM task WHERE project=?1 AND number=?2 AND state IN ('open', 'prelabeled')"
        " AND NOT EXISTS (SELECT 1 FROM lease WHERE project=?1 AND task=?2 AND living=1)",
        (project, task),
    ).fetchone()
    if row is None:
        return False
    marked = [one if one.source == "default" else replace(one, source="prelabel") for one in labels]
    _replace(db, project, task, marked, None)
    db.execute(
        "UPDATE task SET state=?, changed=? WHERE project=? AND number=?",
        ("prelabeled" if labels else "open", stamp(at), project, task),
    )
    return True


def set_overlap(db: sqlite3.Connection, project: int, overlap: int) -> bool:
    """The queue wants that many answers of each task. Leases end; a person who holds one can still answer.

    False, and nothing is changed, when there are answers already: then it can change no more.
    """
    if db.execute("SELECT 1 FROM answer WHERE project=? LIMIT 1", (project,)).fetchone() is not None:
        return False
    db.execute("UPDATE lease SET living=0 WHERE project=?", (project,))
    db.execute(
        "UPDATE task SET wanted=? WHERE project=? AND state IN ('open', 'prelabeled')",
        (overlap, project),
    )
    return True


def _replace(db: sqlite3.Connection, project: int, task: int, labels: Sequence[Label], source: str | None) -> None:
    db.execute("DELETE FROM label WHERE project=? AND task=?", (project, task))
    rows.insert(db, project, task, labels if source is None else [replace(one, source=source) for one in labels])


def _leave_round(db: sqlite3.Connection, project: int, task: int) -> None:
    """Nobody is at the task any more, and nobody's answer waits for others."""
    db.execute("DELETE FROM lease WHERE project=? AND task=?", (project, task))
    db.execute(
        "UPDATE pending SET count=count-1 WHERE project=?1 AND person IN (SELECT a.person FROM answer a JOIN task t"
        " ON t.project=a.project AND t.number=a.task AND t.round=a.round AND t.state IN ('open', 'prelabeled')"
        " WHERE a.project=?1 AND a.task=?2)",
        (project, task),
    )
