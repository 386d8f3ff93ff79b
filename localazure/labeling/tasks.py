"""Tasks and labels: one row a picture, one row a label, half a million pictures a project.

Owns: adding, counting and reading them. Leaves: the file to `tables.py`, what labels mean to `importing.py` and
`exporting.py`, projects to `projects.py`.

A task's (project, number) never changes, and `version` grows with every change of its labels, so that a writer can
notice another one.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from localazure.labeling.tables import Tables

__all__ = ["Counts", "Label", "Task", "TaskLabels", "Tasks"]

_PAGE = 2_000
_Polygon = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One answer. Boxes (left, top, width, height) and polygon rings (x, y, ...) are fractions of the picture."""

    class_key: str
    box: tuple[float, float, float, float] | None = None
    polygon: _Polygon | None = None
    confidence: float = 1.0
    source: str = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One picture to label. `state` is open, prelabeled, labeled or skipped; sizes are known once they were needed."""

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
    total: int = 0
    labeled: int = 0
    skipped: int = 0
    prelabeled: int = 0


class Tasks:
    """Safe to share between threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, project: int, paths: Sequence[str], *, at_most: int) -> int:
        """Add a task for each new path, up to `at_most` in the project; returns how many were added."""
        with self._tables.write() as db:
            row = db.execute("SELECT count(*), max(number) FROM task WHERE project=?", (project,)).fetchone()
            count, number = int(row[0]), int(row[1] or 0)
            added = 0
            for path in paths:
                if count + added >= at_most:
                    break
                cursor = db.execute(
                    "INSERT OR IGNORE INTO task (project, number, path, name) VALUES (?, ?, ?, ?)",
                    (project, number + 1, path, path.rsplit("/", 1)[-1]),
                )
                number += cursor.rowcount
                added += cursor.rowcount
        return added

    def counts(self, project: int) -> Counts:
        with self._tables.read() as db:
            rows = db.execute("SELECT state, count FROM tally WHERE project=?", (project,))
            by_state = {state: int(count) for state, count in rows}
        return Counts(
            total=sum(by_state.values()),
            labeled=by_state.get("labeled", 0),
            skipped=by_state.get("skipped", 0),
            prelabeled=by_state.get("prelabeled", 0),
        )

    def by_path(self, project: int, path: str) -> Task | None:
        return next(iter(self._select(project, "path=?", (path,), limit=1)), None)

    def by_name(self, project: int, name: str) -> list[Task]:
        """At most two tasks whose file has this name, folders aside: two mean that the name says too little."""
        return self._select(project, "name=?", (name,), limit=2)

    def page(self, project: int, *, skip: int, top: int) -> list[Task]:
        """Tasks with their labels, in the order of their numbers."""
        return self._with_labels(project, self._select(project, "1", (), limit=top, skip=skip))

    def in_state(self, project: int, state: str) -> Iterator[Task]:
        """All tasks in a state with their labels, in order, a page in memory at a time."""
        last = 0
        while page := self._select(project, "state=? AND number>?", (state, last), limit=_PAGE):
            yield from self._with_labels(project, page)
            last = page[-1].number

    def put_labels(self, project: int, changes: Iterable[TaskLabels], *, now: datetime) -> None:
        """Replace labels and states, all or nothing."""
        stamp = now.isoformat()
        with self._tables.write() as db:
            for change in changes:
                key = (project, change.number)
                db.execute("DELETE FROM label WHERE project=? AND task=?", key)
                db.executemany(
                    "INSERT INTO label VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(*key, place, *_columns(label)) for place, label in enumerate(change.labels)],
                )
                db.execute(
                    "UPDATE task SET state=?, version=version+1, changed=? WHERE project=? AND number=?",
                    (change.state, stamp, *key),
                )

    def put_sizes(self, project: int, sizes: Iterable[tuple[int, int, int]]) -> None:
        """(number, width, height) each."""
        with self._tables.write() as db:
            db.executemany(
                "UPDATE task SET width=?, height=? WHERE project=? AND number=?",
                [(width, height, project, number) for number, width, height in sizes],
            )

    def drop(self, project: int) -> None:
        with self._tables.write() as db:
            db.execute("DELETE FROM label WHERE project=?", (project,))
            db.execute("DELETE FROM task WHERE project=?", (project,))
            db.execute("DELETE FROM tally WHERE project=?", (project,))

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
        if not tasks:
            return []
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT task, class, x, y, w, h, polygon, confidence, source FROM label"
                " WHERE project=? AND task BETWEEN ? AND ? ORDER BY task, place",
                (project, tasks[0].number, tasks[-1].number),
            ).fetchall()
        labels: dict[int, list[Label]] = {}
        for task, *columns in rows:
            labels.setdefault(task, []).append(_label(columns))
        return [dataclasses.replace(task, labels=tuple(labels.get(task.number, ()))) for task in tasks]


def _columns(label: Label) -> tuple[object, ...]:
    box = label.box or (None, None, None, None)
    polygon = None if label.polygon is None else msgspec.json.encode(label.polygon)
    return (label.class_key, *box, polygon, label.confidence, label.source)


def _label(columns: Sequence[Any]) -> Label:
    class_key, x, y, w, h, polygon, confidence, source = columns
    return Label(
        class_key=class_key,
        box=None if x is None else (x, y, w, h),
        polygon=None if polygon is None else msgspec.json.decode(polygon, type=_Polygon),
        confidence=confidence,
        source=source,
    )
