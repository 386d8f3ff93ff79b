"""The review: what becomes of labels that people have given, one picture or a hundred thousand.

Owns: approve, unapprove, reject, reopen, accept a skip, correct in place, name as gold; when each is refused, and why.
Leaves: the labels themselves to `answers.py`, whether they can be taken to `checks.py`, who may do it to the routes.

Whoever decides names the version that was looked at: labels that changed since are left as they are. Many pictures are
done in small transactions, so that people go on labeling meanwhile.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from localazure.clock import Clock
from localazure.errors import AzureError
from localazure.labeling.history import History
from localazure.labeling.labels import Label, of_tasks
from localazure.labeling.queue import answers
from localazure.labeling.review import gold
from localazure.labeling.review.filters import TaskFilter, find_tasks
from localazure.labeling.tables import Tables

__all__ = ["ACTIONS", "Outcome", "Pick", "Refusal", "Review"]

_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A task and the version that was looked at."""

    task: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """`code` is one word for a program, `message` a sentence for a person."""

    task: int
    code: str
    message: str


@dataclass(slots=True, kw_only=True)
class Outcome:
    done: list[int] = field(default_factory=list[int])
    refused: list[Refusal] = field(default_factory=list[Refusal])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    project: int
    number: int
    state: str
    version: int
    review: str
    gold: bool
    round: int


_Why = tuple[str, str]
_Act = Callable[[sqlite3.Connection, _Row, datetime], _Why | None]
"""Does it, or says why not: a code and a sentence."""


class Review:
    """Safe to share between threads."""

    def __init__(self, tables: Tables, history: History, clock: Clock) -> None:
        self._tables = tables
        self._history = history
        self._clock = clock

    def act(self, project: int, action: str, picks: Sequence[Pick], *, who: str) -> Outcome:
        """`action` is one of ACTIONS. Each task is done or refused by itself."""
        outcome = Outcome()
        for start in range(0, len(picks), _AT_ONCE):
            with self._tables.write() as db:
                done: list[int] = []
                for pick in picks[start : start + _AT_ONCE]:
                    refusal = self._one(db, project, action, pick, who)
                    if refusal is None:
                        done.append(pick.task)
                    else:
                        outcome.refused.append(refusal)
            outcome.done += done
        return outcome

    def act_on_all(self, project: int, action: str, wanted: TaskFilter, *, who: str) -> Outcome:
        """All that match now, in the versions they have now."""
        with self._tables.read() as db:
            picks = [Pick(task=task, version=version) for task, version in find_tasks(db, project, wanted)]
        return self.act(project, action, picks, who=who)

    def correct(self, project: int, pick: Pick, state: str, labels: Sequence[Label], *, who: str) -> None:
        """These labels in place of what the task has, whatever its state; whoever was labeling it finds it done.

        A known answer is corrected too. AzureError 404, or 409 when the labels changed since.
        """
        with self._tables.write() as db:
            row = _read(db, project, pick.task)
            if row is None:
                raise _no_task(pick.task)
            if row.version != pick.version:
                raise AzureError(409, "VersionConflict", "The labels of this picture changed meanwhile; look again.")
            if row.gold and state != "labeled":
                raise AzureError(409, "Gold", _GOLD[1])
            at = self._clock.now()
            answers.put(db, project, row.number, state=state, labels=labels, source="correction", who=who, at=at)
            if row.gold:
                gold.know(db, project, row.number, labels)
            self._history.add(db, project, who, "corrected", task=row.number, detail={"state": state, "was": row.state})

    def make_gold(self, project: int, task: int, labels: Sequence[Label] | None, *, who: str) -> None:
        """Its answer is known: these labels, or those that it has. With labels it is labeled with them from now on.

        AzureError 404, or 409 for a picture without labels.
        """
        with self._tables.write() as db:
            row = _read(db, project, task)
            if row is None:
                raise _no_task(task)
            if labels is not None:
                at = self._clock.now()
                answers.put(db, project, task, state="labeled", labels=labels, source="correction", who=who, at=at)
            elif row.state != "labeled":
                raise AzureError(409, "NotLabeled", f"The picture is {row.state}: label it, or give its labels.")
            gold.know(db, project, task, of_tasks(db, project, [task]).get(task, ()))
            self._history.add(db, project, who, "gold", task=task, detail={"gold": True})

    def unmake_gold(self, project: int, task: int, *, who: str) -> None:
        """A picture like others again; doing it twice changes nothing."""
        with self._tables.write() as db:
            if gold.forget(db, project, task):
                self._history.add(db, project, who, "gold", task=task, detail={"gold": False})

    def _one(self, db: sqlite3.Connection, project: int, action: str, pick: Pick, who: str) -> Refusal | None:
        row = _read(db, project, pick.task)
        if row is None:
            return Refusal(task=pick.task, code="TaskNotFound", message=f"There is no task {pick.task}.")
        if row.version != pick.version:
            text = "Its labels changed since you looked at it."
            return Refusal(task=pick.task, code="VersionConflict", message=text)
        what, act = _ACTS[action]
        why = act(db, row, self._clock.now())
        if why is not None:
            return Refusal(task=pick.task, code=why[0], message=why[1])
        detail = {"was": row.state} if action in ("reject", "reopen") else None
        self._history.add(db, project, who, what, task=row.number, detail=detail)
        return None


_GOLD = ("Gold", "Its answer is known: take it out of the gold pictures first.")
_UNDECIDED = ("NeedsReview", "The answers disagree: choose one of them or correct it first.")


def _approve(db: sqlite3.Connection, row: _Row, _at: datetime) -> _Why | None:
    if row.state == "review":
        return _UNDECIDED
    if row.state != "labeled":
        return "NotLabeled", f"It is {row.state}, not labeled."
    return _judge(db, row, "approved")


def _unapprove(db: sqlite3.Connection, row: _Row, _at: datetime) -> _Why | None:
    return ("NotApproved", "It is not approved.") if not row.review else _judge(db, row, "")


def _accept_skip(db: sqlite3.Connection, row: _Row, _at: datetime) -> _Why | None:
    if row.state != "skipped":
        return "NotSkipped", f"It is {row.state}, not skipped."
    return _judge(db, row, "skip-accepted")


def _reject(db: sqlite3.Connection, row: _Row, at: datetime) -> _Why | None:
    """The labels go, and it counts against those who gave them in this round."""
    if (why := _not_returnable(row)) is not None:
        return why
    people = db.execute(
        "SELECT person FROM answer WHERE project=? AND task=? AND round=?", (row.project, row.number, row.round)
    ).fetchall()
    answers.reopen(db, row.project, row.number, at=at)
    db.executemany(
        "INSERT INTO answer_tally VALUES (?, ?, ?, 'rejected', 1) ON CONFLICT DO UPDATE SET count = count + 1",
        [(row.project, person, at.date().isoformat()) for (person,) in people],
    )
    return None


def _reopen(db: sqlite3.Connection, row: _Row, at: datetime) -> _Why | None:
    """The labels stay as proposals, and nobody is blamed."""
    if (why := _not_returnable(row)) is not None:
        return why
    answers.reopen(db, row.project, row.number, at=at, keep_as_defaults=True)
    return None


_ACTS: dict[str, tuple[str, _Act]] = {
    "approve": ("approved", _approve),
    "unapprove": ("unapproved", _unapprove),
    "reject": ("rejected", _reject),
    "reopen": ("reopened", _reopen),
    "acceptSkip": ("skip-accepted", _accept_skip),
}
ACTIONS = tuple(_ACTS)


def _judge(db: sqlite3.Connection, row: _Row, review: str) -> None:
    db.execute("UPDATE task SET review=? WHERE project=? AND number=?", (review, row.project, row.number))


def _not_returnable(row: _Row) -> _Why | None:
    """Why it cannot go back to the queue."""
    if row.state not in answers.FINISHED:
        return "NotLabeled", f"It is {row.state}: it is in the queue."
    if row.gold:
        return _GOLD
    if row.review:
        return "Approved", "It is approved: take the approval back first."
    return None


def _no_task(task: int) -> AzureError:
    return AzureError(404, "TaskNotFound", f"The project has no task {task}.")


def _read(db: sqlite3.Connection, project: int, task: int) -> _Row | None:
    found = db.execute(
        "SELECT number, state, version, review, gold, round FROM task WHERE project=? AND number=?", (project, task)
    ).fetchone()
    if found is None:
        return None
    number, state, version, review, is_gold, turn = found
    return _Row(
        project=project,
        number=number,
        state=state,
        version=version,
        review=review,
        gold=bool(is_gold),
        round=turn,
    )
