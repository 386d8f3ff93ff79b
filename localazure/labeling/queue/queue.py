"""The queue: tasks go to people, and their answers come back.

Owns: taking, giving back, prolonging, submitting, and submissions that come twice. Leaves: leases to `leases.py`, what
becomes of an answer to `accepting.py`.

A submission is all or nothing, and may be repeated: its id is kept with its result. What was acknowledged is on disk.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from localazure.clock import Clock
from localazure.errors import AzureError
from localazure.labeling.errors import user_error, wrong_state
from localazure.labeling.history import History
from localazure.labeling.project_settings import ProjectSettings, SettingsTable, read_settings
from localazure.labeling.queue import answers, leases
from localazure.labeling.queue.accepting import Done, Given, accept
from localazure.labeling.queue.leases import Lease
from localazure.labeling.queue.task_json import TaskView, read_tasks
from localazure.labeling.review import gold
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Counts, read_counts
from localazure.labeling.times import stamp
from localazure.labeling.types import JobStatus, Project

__all__ = ["Queue", "Submitted", "Taken"]

_MOST_HELD = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Tasks with their leases. `rejected`: those among them whose labels somebody threw away before."""

    tasks: tuple[tuple[TaskView, Lease], ...]
    rejected: frozenset[int]
    counts: Counts
    remaining: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    tasks: tuple[Done, ...]
    counts: Counts
    remaining: int


class Queue:
    """Safe to share between threads."""

    def __init__(self, *, tables: Tables, settings: SettingsTable, history: History, clock: Clock) -> None:
        self._tables = tables
        self._history = history
        self._clock = clock
        self._listeners: list[Callable[[Project], None]] = []
        settings.watch(_settings_changed)

    def on_answered(self, listener: Callable[[Project], None]) -> None:
        """Called after each submission that changed something; it must be quick."""
        self._listeners.append(listener)

    def take(self, project: Project, person: str, *, count: int, seen: Collection[int] = ()) -> Taken:
        """Up to `count` tasks that are not in `seen`: first those that the person holds already, then new ones."""
        _check_running(project)
        number, now = project.number, self._clock.now()
        with self._tables.write() as db:
            leases.time_out(db, number, now)
            settings = read_settings(db, number)
            until = now + timedelta(minutes=settings.lease_minutes)
            mine = leases.held(db, number, person)
            again = [task for task in mine if task not in seen][:count]
            taken = leases.prolong(db, number, person, again, until)
            room = min(count - len(again), _MOST_HELD - len(mine))
            if room > 0:
                new = _new_tasks(db, number, person, settings, count=room, held=len(mine), seen=seen)
                taken += leases.hold(db, number, person, new, until)
            numbers = [lease.task for lease in taken]
            views = [_masked(view) for view in read_tasks(db, number, numbers)]
            return Taken(
                tasks=tuple(zip(views, taken, strict=True)),
                rejected=_rejected(db, number, numbers),
                counts=read_counts(db, number),
                remaining=leases.remaining(db, number, person),
            )

    def release(self, project: Project, person: str, tasks: Sequence[tuple[int, str]]) -> None:
        """(task, token) each. What the person does not hold is left alone."""
        with self._tables.write() as db:
            for task, token in tasks:
                leases.give_back(db, project.number, person, task, token)

    def renew(self, project: Project, person: str, tasks: Sequence[tuple[int, str]]) -> list[Lease]:
        """The leases that live on; one that is over does so when nobody else has taken the task."""
        number, now = project.number, self._clock.now()
        with self._tables.write() as db:
            leases.time_out(db, number, now)
            until = now + timedelta(minutes=read_settings(db, number).lease_minutes)
            return [
                lease
                for task, token in tasks
                if (lease := leases.renew(db, number, person, task, token=token, until=until)) is not None
            ]

    def submit(self, project: Project, person: str, submission: str, given: Sequence[Given]) -> Submitted:
        """All answers or none. Raises AzureError 409 NotRunning, or Refused for the first that cannot be taken."""
        number = project.number
        if len({one.task for one in given}) != len(given):
            raise user_error("A submission has one answer for a task.", target="answers")
        with self._tables.write() as db:
            done = _result_of(db, number, person, submission)
            repeated = done is not None
            if done is None:
                _check_running(project)
                settings = read_settings(db, number)
                now = self._clock.now()
                leases.time_out(db, number, now)
                done = tuple([accept(db, project, person, one, settings=settings, now=now) for one in given])
                for one in given:
                    what = "skipped" if one.state == "skipped" else "submitted"
                    self._history.add(db, number, person, what, task=one.task, detail={"seconds": one.seconds})
                db.execute(
                    "INSERT INTO submission VALUES (?, ?, ?, ?, ?)",
                    (number, person, submission, stamp(now), msgspec.json.encode(done)),
                )
            result = Submitted(
                tasks=done, counts=read_counts(db, number), remaining=leases.remaining(db, number, person)
            )
        if not repeated:
            for listener in self._listeners:
                listener(project)
        return result


def _new_tasks(
    db: sqlite3.Connection,
    project: int,
    person: str,
    settings: ProjectSettings,
    *,
    count: int,
    held: int,
    seen: Collection[int],
) -> list[int]:
    """From the queue, with gold pictures in the places that are due."""
    due: dict[int, int] = {}
    if settings.gold_every:
        (answered,) = db.execute(
            "SELECT coalesce(sum(count), 0) FROM answer_tally WHERE project=? AND person=? AND state<>'rejected'",
            (project, person),
        ).fetchone()
        due = gold.due(db, project, person, every=settings.gold_every, first=int(answered) + held, count=count)
    new = leases.free_tasks(db, project, person, count=count - len(due), without=seen, overlap=settings.overlap)
    for place, task in sorted(due.items()):
        if place <= len(new):
            new.insert(place, task)
    return new


def _masked(view: TaskView) -> TaskView:
    """A gold picture as if it were any other."""
    if not view.gold:
        return view
    return replace(
        view,
        state="open",
        version=0,
        review="",
        labeled_by=None,
        labeled_at=None,
        agreement=None,
        gold=False,
        labels=(),
    )


def _rejected(db: sqlite3.Connection, project: int, tasks: Sequence[int]) -> frozenset[int]:
    query = "SELECT 1 FROM history INDEXED BY history_task WHERE project=? AND task=? AND what='rejected' LIMIT 1"
    return frozenset(task for task in tasks if db.execute(query, (project, task)).fetchone() is not None)


def _result_of(db: sqlite3.Connection, project: int, person: str, submission: str) -> tuple[Done, ...] | None:
    row = db.execute(
        "SELECT result FROM submission WHERE project=? AND person=? AND id=?", (project, person, submission)
    ).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=tuple[Done, ...])


def _check_running(project: Project) -> None:
    if project.status is not JobStatus.RUNNING:
        raise AzureError(
            409, "NotRunning", f"The labeling project '{project.name}' is {project.status.value}; try again later."
        )


def _settings_changed(db: sqlite3.Connection, project: int, old: ProjectSettings, new: ProjectSettings) -> None:
    if old.overlap != new.overlap and not answers.set_overlap(db, project, new.overlap):
        raise wrong_state("The overlap cannot change once there are answers.")
