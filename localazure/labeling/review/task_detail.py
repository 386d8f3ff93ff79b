"""One task with everything that is known of it: who answered what, what happened, what the right answer is.

Owns: what a reviewer sees of a task, and the little that a labeler sees. Leaves: its JSON fields to `task_json.py`.

A labeler sees a task as it was for this person alone: the own answer, nobody else's, and nothing that tells a gold
picture from another.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from localazure.labeling.history import Event
from localazure.labeling.labels import Label, parse
from localazure.labeling.queue.task_json import TaskView, dump_label, dump_task
from localazure.labeling.review import gold

__all__ = ["Answer", "as_seen_by", "dump_detail", "dump_event", "read_answers"]

_MOST_ANSWERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one person gave in one round. `at` is UTC in ISO form."""

    person: str
    round: int
    at: str
    seconds: float | None
    state: str
    labels: tuple[Label, ...]


def read_answers(db: sqlite3.Connection, project: int, task: int) -> list[Answer]:
    """The newest first."""
    rows = db.execute(
        "SELECT person, round, at, seconds, state, labels FROM answer WHERE project=? AND task=?"
        " ORDER BY at DESC, person LIMIT ?",
        (project, task, _MOST_ANSWERS),
    )
    return [
        Answer(person=person, round=turn, at=at, seconds=seconds, state=state, labels=parse(labels))
        for person, turn, at, seconds, state, labels in rows
    ]


def as_seen_by(db: sqlite3.Connection, project: int, view: TaskView, person: str) -> TaskView | None:
    """What this labeler may see of it; None for a task that is neither leased to this person nor answered."""
    own = next((answer for answer in read_answers(db, project, view.number) if answer.person == person), None)
    if own is not None:
        state, labels, version, by, at = own.state, own.labels, 1, person, own.at
    elif _leased(db, project, view.number, person):
        state, labels = ("open", ()) if view.gold else (view.state, view.labels)
        version, by, at = 0 if view.gold else view.version, None, None
    else:
        return None
    return replace(
        view,
        state=state,
        labels=labels,
        version=version,
        labeled_by=by,
        labeled_at=at,
        review="",
        agreement=None,
        gold=False,
    )


def dump_detail(
    db: sqlite3.Connection,
    project: int,
    view: TaskView,
    events: list[Event],
    *,
    api: str,
    names: Mapping[str, str],
) -> dict[str, Any]:
    """For who may read labels. `known` is there for gold pictures."""
    body = dump_task(view, api=api, names=names, may_read=True)
    body["answers"] = [
        {
            "person": answer.person,
            "round": answer.round,
            "at": answer.at,
            "seconds": answer.seconds,
            "state": answer.state,
            "labels": [dump_label(label, names) for label in answer.labels],
        }
        for answer in read_answers(db, project, view.number)
    ]
    body["history"] = [dump_event(event) for event in events]
    if view.gold:
        body["known"] = [dump_label(label, names) for label in gold.known(db, project, view.number) or ()]
    return body


def dump_event(event: Event) -> dict[str, Any]:
    return {
        "n": event.n,
        "at": event.at,
        "who": event.who,
        "what": event.what,
        "task": event.task,
        "detail": dict(event.detail),
    }


def _leased(db: sqlite3.Connection, project: int, task: int, person: str) -> bool:
    query = "SELECT 1 FROM lease WHERE project=? AND task=? AND person=?"
    return db.execute(query, (project, task, person)).fetchone() is not None
