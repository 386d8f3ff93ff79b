"""Tasks and labels: one row a picture, one row a label, half a million pictures a project.

Owns: adding, counting and reading them. Leaves: the file to `tables.py`, what labels mean to `importing.py` and
`exporting.py`, projects to `projects.py`.

A task's (project, number) never changes, and `version` grows with every change of its labels, so that a writer can
notice another one.
"""

import dataclasses
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from localazure.labeling.counting import COUNTED
from localazure.labeling.labels import Label, of_tasks
from localazure.labeling.project_settings import read_settings
from localazure.labeling.queue import answers
from localazure.labeling.tables import Tables

__all__ = ["Counts", "Label", "Task", "TaskLabels", "Tasks", "dump_progress", "read_counts"]

_PAGE = 2_000
_ASSIST = ("experiment", "inspected", "ranked")
_OF_PROJECT = (
    "member",
    "project_team",
    "settings",
    "invite",
    "label",
    "lease",
    "answer",
    "submission",
    "pending",
    "front",
    "history",
    "gold",
    "task",
    "tally",
    "waiting",
    *COUNTED,
    *_ASSIST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One picture to label. `state` is open, prelabeled, labeled, skipped or review; sizes are known once needed."""

    number: int
    path: str
    state: str
    version: int
    width: int | None
    height: int | None
    changed: datetime | None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLabels:
    """What a task is to have from now on, in place of what it has."""

    number: int
    state: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many tasks are in each state; `approved` are labeled ones."""

    total: int = 0
    labeled: int = 0
    skipped: int = 0
    review: int = 0
    prelabeled: int = 0
    open: int = 0
    approved: int = 0


def read_counts(db: sqlite3.Connection, project: int) -> Counts:
    """For those who are in a transaction already; it costs the same for one task and for half a million."""
    tally = {
        state: int(count) for state, count in db.execute("SELECT state, count FROM tally WHERE project=?", (project,))
    }
    by_state = {state: tally.get(state, 0) for state in ("open", "prelabeled", "labeled", "skipped", "review")}
    return Counts(total=sum(by_state.values()), approved=tally.get("review:approved", 0), **by_state)


def dump_progress(counts: Counts) -> dict[str, int]:
    """How far a project is, as every document of the data plane says it."""
    return {
        "total": counts.total,
        "labeled": counts.labeled,
        "skipped": counts.skipped,
        "review": counts.review,
        "prelabeled": counts.prelabeled,
        "open": counts.open,
        "approved": counts.approved,
    }


class Tasks:
    """Safe to share between threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, project: int, paths: Sequence[str], *, at_most: int) -> int:
        """Add a task for each new path, up to `at_most` in the project; returns how many were added."""
        with self._tables.write() as db:
            count = read_counts(db, project).total
            (number,) = db.execute("SELECT coalesce(max(number), 0) FROM task WHERE project=?", (project,)).fetchone()
            wanted = read_settings(db, project).overlap
            added = 0
            for path in paths:
                if count + added >= at_most:
                    break
                cursor = db.execute(
                    "INSERT OR IGNORE INTO task (project, number, path, name, wanted) VALUES (?, ?, ?, ?, ?)",
                    (project, number + 1, path, path.rsplit("/", 1)[-1], wanted),
                )
                number += cursor.rowcount
                added += cursor.rowcount
            self._tables.touch(project)
        return added

    def counts(self, project: int) -> Counts:
        with self._tables.read() as db:
            return read_counts(db, project)

    def by_path(self, project: int, path: str) -> Task | None:
        return next(iter(self._select(project, "path=?", (path,), limit=1)), None)

    def by_name(self, project: int, name: str) -> list[Task]:
        """At most two tasks whose file has this name, folders aside: two mean that the name says too little."""
        return self._select(project, "name=?", (name,), limit=2)

    def page(self, project: int, *, skip: int, top: int) -> list[Task]:
        """Tasks with their labels, in the order of their numbers."""
        return self._with_labels(project, self._select(project, "1", (), limit=top, skip=skip))

    def unsized(self, project: int) -> Iterator[list[Task]]:
        """Labeled tasks whose picture's size is not known, without their labels, a page at a time."""
        last = 0
        where = "state='labeled' AND width IS NULL AND fault='' AND number>?"
        while page := self._select(project, where, (last,), limit=_PAGE):
            yield page
            last = page[-1].number

    def put_labels(
        self, project: int, changes: Iterable[TaskLabels], *, now: datetime, who: str = "import"
    ) -> list[int]:
        """Replace labels and states, all or nothing. Returns the tasks that were left as they are: pre-labels for a
        task that is finished, or that somebody is labeling.
        """
        left: list[int] = []
        with self._tables.write() as db:
            for change in changes:
                if change.state == "prelabeled":
                    if not answers.propose(db, project, change.number, change.labels, at=now):
                        left.append(change.number)
                    continue
                answers.put(
                    db,
                    project,
                    change.number,
                    state=change.state,
                    labels=change.labels,
                    source=None,
                    who=who,
                    at=now,
                )
            self._tables.touch(project)
        return left

    def put_sizes(self, project: int, sizes: Iterable[tuple[int, int, int]]) -> None:
        """(number, width, height) each."""
        with self._tables.write() as db:
            db.executemany(
                "UPDATE task SET width=?, height=? WHERE project=? AND number=?",
                [(width, height, project, number) for number, width, height in sizes],
            )

    def drop(self, project: int) -> None:
        with self._tables.write() as db:
            for table in _OF_PROJECT:
                db.execute(f"DELETE FROM {table} WHERE project=?", (project,))  # noqa: S608 names of this module
            self._tables.touch(project)

    def _select(
        self, project: int, condition: str, values: Sequence[object], *, limit: int, skip: int = 0
    ) -> list[Task]:
        query = (
            "SELECT number, path, state, version, width, height, changed FROM task"  # noqa: S608 conditions are literals of this module
            f" WHERE project=? AND {condition} ORDER BY number LIMIT ? OFFSET ?"
        )
        with self._tables.read() as db:
            rows = db.execute(query, (project, *values, limit, skip)).fetchall()
        return [
            Task(
                number=number,
                path=path,
                state=state,
                version=version,
                width=width,
                height=height,
                changed=None if changed is None else datetime.fromisoformat(changed),
            )
            for number, path, state, version, width, height, changed in rows
        ]

    def _with_labels(self, project: int, tasks: list[Task]) -> list[Task]:
        with self._tables.read() as db:
            labels = of_tasks(db, project, [task.number for task in tasks])
        return [dataclasses.replace(task, labels=labels.get(task.number, ())) for task in tasks]
