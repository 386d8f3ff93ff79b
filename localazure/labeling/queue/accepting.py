"""What becomes of one answer: it is taken and finishes its task, waits for others, or is refused.

Owns: when an answer is too late, comes twice or contradicts; settling a task with its last answer. Leaves: leases to
`leases.py`, what several answers come to to `consensus.py`, labels to `answers.py`, transactions to `queue.py`.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from localazure.errors import AzureError
from localazure.labeling.labels import Label, dump, parse
from localazure.labeling.project_settings import ProjectSettings
from localazure.labeling.queue import answers, leases
from localazure.labeling.queue.consensus import Answer, agree
from localazure.labeling.review import gold
from localazure.labeling.times import stamp
from localazure.labeling.types import Project

__all__ = ["Done", "Given", "Refused", "accept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer: `state` is labeled or skipped, `version` that of the task when it was taken."""

    task: int
    lease: str
    version: int
    state: str
    seconds: float | None
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one answer."""

    id: int
    state: str
    version: int


class Refused(AzureError):
    """An answer that is not taken: 409 LeaseOver, VersionConflict or AlreadyDone, 404 TaskNotFound."""

    def __init__(self, status: int, code: str, message: str, *, task: int) -> None:
        super().__init__(status, code, message, target=str(task))
        self.task = task


def accept(
    db: sqlite3.Connection, project: Project, person: str, given: Given, *, settings: ProjectSettings, now: datetime
) -> Done:
    """Inside `Tables.write`. Raises Refused, and then nothing of the transaction may stay."""
    number = project.number
    row = _read(db, number, person, given.task)
    if row is None:
        raise Refused(404, "TaskNotFound", f"The project has no task {given.task}.", task=given.task)
    _check(db, number, person, given, row)
    if row.gold:
        iou = settings.agreement_iou
        gold.answer(db, number, given.task, person, state=given.state, labels=given.labels, iou=iou, at=now)
    else:
        known = _earlier(db, number, given.task, row.round) if settings.overlap > 1 else []
        known.append(Answer(person=person, state=given.state, labels=given.labels))
        if len(known) < settings.overlap:
            _wait_for_others(db, number, person, given.task)
        else:
            _settle(db, project, given.task, known, settings=settings, now=now)
    db.execute(
        "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, given.task, person, row.round, stamp(now), given.seconds, given.state, dump(given.labels)),
    )
    (version,) = db.execute("SELECT version FROM task WHERE project=? AND number=?", (number, given.task)).fetchone()
    return Done(given.task, given.state, 1 if row.gold else version)


def _wait_for_others(db: sqlite3.Connection, project: int, person: str, task: int) -> None:
    """What was kept for this person is now anybody's: nobody answers a picture twice."""
    db.execute("INSERT INTO pending VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count=count+1", (project, person))
    db.execute("UPDATE task SET assigned=NULL WHERE project=? AND number=? AND assigned=?", (project, task, person))


def _settle(
    db: sqlite3.Connection,
    project: Project,
    task: int,
    given: list[Answer],
    *,
    settings: ProjectSettings,
    now: datetime,
) -> None:
    """The last answer that was wanted decides what the task gets."""
    outcome = agree(given, settings, several_classes=project.spec.multi_label)
    answers.put(
        db,
        project.number,
        task,
        state=outcome.state,
        labels=outcome.labels,
        source=None,
        who=given[-1].person,
        at=now,
    )
    if outcome.agreement is not None:
        db.execute(
            "UPDATE task SET agreement=? WHERE project=? AND number=?", (outcome.agreement, project.number, task)
        )


def _earlier(db: sqlite3.Connection, project: int, task: int, turn: int) -> list[Answer]:
    rows = db.execute(
        "SELECT person, state, labels FROM answer WHERE project=? AND task=? AND round=? ORDER BY +at, person",
        (project, task, turn),
    )
    return [Answer(person=person, state=state, labels=parse(labels)) for person, state, labels in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    state: str
    version: int
    round: int
    gold: bool
    answered: bool


def _read(db: sqlite3.Connection, project: int, person: str, task: int) -> _Row | None:
    found = db.execute(
        "SELECT state, version, round, gold, EXISTS (SELECT 1 FROM answer a WHERE a.project=t.project"
        " AND a.task=t.number AND a.person=?3 AND a.round=t.round) FROM task t WHERE project=?1 AND number=?2",
        (project, task, person),
    ).fetchone()
    if found is None:
        return None
    state, version, turn, is_gold, answered = found
    return _Row(state=state, version=version, round=turn, gold=bool(is_gold), answered=bool(answered))


def _check(db: sqlite3.Connection, project: int, person: str, given: Given, row: _Row) -> None:
    """Ends the person's lease, or raises Refused."""
    task = given.task
    if row.answered:
        raise Refused(409, "AlreadyDone", "You have answered this picture already.", task=task)
    if row.state in answers.FINISHED and not row.gold:
        raise Refused(409, "AlreadyDone", "Somebody else finished this picture meanwhile.", task=task)
    if row.version != given.version and not row.gold:
        raise Refused(409, "VersionConflict", "The labels of this picture changed meanwhile; look again.", task=task)
    mine = leases.take_over(db, project, person, task, token=given.lease, gold=row.gold)
    if mine is None:
        raise Refused(409, "LeaseOver", "You do not hold this picture, or gave it back.", task=task)
    if not mine:
        raise Refused(409, "LeaseOver", "Your time for this picture is over, and somebody else is at it.", task=task)
