"""What a dashboard shows: progress, classes, people and their speed, days, agreement, what happened last.

Owns: the document of GET …/statistics, and keeping it until something changes. Leaves: counting to the triggers of
`counting.py`, agreement to `agreement_report.py`, experiments to the assistance, sending it to `events.py`.

Nothing here reads all answers or labels: at 100,000 pictures the document takes about as long as at 100.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from localazure.clock import Clock
from localazure.labeling.history import History
from localazure.labeling.project_settings import read_settings
from localazure.labeling.review.task_detail import dump_event
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import dump_progress, read_counts
from localazure.labeling.times import stamp
from localazure.labeling.types import Project

__all__ = ["Agreement", "Statistics"]

_KEPT_S = 30.0
_DAYS = 60
_LAST_ANSWERS = 101
_LAST_EVENTS = 50
_RATE_HOURS = 1.0
_LEAST_HOURS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """0..1 (kappa may be below 0); None without two answers to compare. `people` by e-mail, `classes` by key."""

    project: float | None = None
    people: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    classes: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])


@dataclass(frozen=True, slots=True)
class _Kept:
    turn: int
    until: float
    modified: object
    document: bytes


class Statistics:
    """Safe to share between threads; whoever asks at the same time waits for one and the same document."""

    def __init__(
        self,
        tables: Tables,
        history: History,
        clock: Clock,
        *,
        agreement: Callable[[Project], Agreement],
        experiments: Callable[[int], list[dict[str, Any]]],
    ) -> None:
        """`agreement` must be quick. `experiments`: the newest of each kind by a project's number, as JSON."""
        self._tables = tables
        self._history = history
        self._clock = clock
        self._agreement = agreement
        self._experiments = experiments
        self._lock = threading.Lock()
        self._turns: dict[int, int] = {}
        self._kept: dict[int, _Kept] = {}
        tables.watch(self.changed)

    def document(self, project: Project) -> bytes:
        """JSON. It is at most half a minute old, and never older than the last change."""
        with self._lock:
            turn = self._turns.get(project.number, 0)
            kept = self._kept.get(project.number)
            now = self._clock.monotonic()
            if kept is not None and kept.turn == turn and kept.modified == project.modified and now < kept.until:
                return kept.document
            document = msgspec.json.encode(self._read(project))
            self._kept[project.number] = _Kept(turn, now + _KEPT_S, project.modified, document)
        return document

    def changed(self, project: int) -> None:
        """What is kept is out of date."""
        self._turns[project] = self._turns.get(project, 0) + 1

    def _read(self, project: Project) -> dict[str, Any]:
        agreement = self._agreement(project)
        experiments = self._experiments(project.number)
        with self._tables.read() as db:
            counts = read_counts(db, project.number)
            progress = dump_progress(counts)
            overlap = read_settings(db, project.number).overlap
            rate = self._rate(db, project.number, overlap)
            remaining = counts.open + counts.prelabeled
            return {
                "progress": progress,
                "classes": _classes(db, project, agreement),
                "people": _people(db, project, agreement),
                "perDay": _per_day(db, project.number),
                "agreement": agreement.project,
                "experiments": experiments,
                "history": [dump_event(event) for event in self._history.last(project.number, top=_LAST_EVENTS)],
                "eta": {
                    "remaining": remaining,
                    "perHour": rate,
                    "hours": round(remaining / rate, 2) if rate else None,
                },
            }

    def _rate(self, db: sqlite3.Connection, project: int, overlap: int) -> float | None:
        """Pictures an hour, by the answers of the last hour; None when there are none."""
        now = self._clock.now()
        since = stamp(now - timedelta(hours=_RATE_HOURS))
        query = "SELECT count(*), min(at) FROM answer WHERE project=? AND at>=?"
        count, first = db.execute(query, (project, since)).fetchone()
        if not count:
            return None
        passed = (now - _moment(first)).total_seconds() / 3600
        return round(count / overlap / min(max(passed, _LEAST_HOURS), _RATE_HOURS), 1)


def _classes(db: sqlite3.Connection, project: Project, agreement: Agreement) -> list[dict[str, Any]]:
    """In the project's order; classes that are no longer in it follow when they have labels."""
    rows = db.execute("SELECT class, labels, tasks FROM class_tally WHERE project=?", (project.number,))
    found = {key: (labels, tasks) for key, labels, tasks in rows}
    names = dict(project.spec.class_names())
    names |= {key: key for key, (labels, _) in sorted(found.items()) if key not in names and labels}
    return [
        {
            "key": key,
            "name": name,
            "labels": found.get(key, (0, 0))[0],
            "tasks": found.get(key, (0, 0))[1],
            "agreement": agreement.classes.get(key),
        }
        for key, name in names.items()
    ]


def _people(db: sqlite3.Connection, project: Project, agreement: Agreement) -> list[dict[str, Any]]:
    """Who gave an answer, the busiest first."""
    counts: dict[str, dict[str, int]] = {}
    query = "SELECT person, state, sum(count) FROM answer_tally WHERE project=? GROUP BY person, state"
    for person, state, count in db.execute(query, (project.number,)):
        counts.setdefault(person, {})[state] = count
    names = _names(db, project)
    gold = _gold(db, project.number)
    people: list[dict[str, Any]] = []
    for email in dict.fromkeys((*counts, *gold)):
        by_state = counts.get(email, {})
        seconds = _seconds(db, project.number, email)
        people.append(
            {
                "email": email,
                "name": names.get(email, email),
                "labeled": by_state.get("labeled", 0),
                "skipped": by_state.get("skipped", 0),
                "rejected": by_state.get("rejected", 0),
                "medianSeconds": round(seconds[len(seconds) // 2], 2) if seconds else None,
                "perHour": round(3600 * len(seconds) / sum(seconds), 1) if sum(seconds) > 0 else None,
                "gold": gold.get(email, {"answered": 0, "right": 0, "score": None}),
                "agreement": agreement.people.get(email),
            }
        )
    return sorted(people, key=lambda person: (-person["labeled"], person["email"]))


def _names(db: sqlite3.Connection, project: Project) -> dict[str, str]:
    rows = db.execute("SELECT email, name FROM person WHERE workspace=?", (project.workspace_id.lower(),))
    return {email: name for email, name in rows if name}


def _gold(db: sqlite3.Connection, project: int) -> dict[str, dict[str, Any]]:
    """`right`: without any fault. `score`: the mean, 0..1."""
    rows = db.execute(
        "SELECT person, count(*), sum(score > 0.999), avg(score) FROM gold_answer WHERE project=? GROUP BY person",
        (project,),
    )
    return {
        person: {"answered": count, "right": right, "score": round(score, 4)} for person, count, right, score in rows
    }


def _seconds(db: sqlite3.Connection, project: int, person: str) -> list[float]:
    """How long the last answers took, sorted."""
    rows = db.execute(
        "SELECT seconds FROM answer WHERE project=? AND person=? ORDER BY at DESC LIMIT ?",
        (project, person, _LAST_ANSWERS),
    )
    return sorted(seconds for (seconds,) in rows if seconds is not None)


def _per_day(db: sqlite3.Connection, project: int) -> list[dict[str, Any]]:
    """Days with answers, in order."""
    rows = db.execute(
        "SELECT day, sum(CASE state WHEN 'labeled' THEN count ELSE 0 END),"
        " sum(CASE state WHEN 'skipped' THEN count ELSE 0 END) FROM answer_tally"
        " WHERE project=? AND state IN ('labeled', 'skipped') GROUP BY day ORDER BY day DESC LIMIT ?",
        (project, _DAYS),
    )
    return [{"date": day, "labeled": labeled, "skipped": skipped} for day, labeled, skipped in rows][::-1]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
