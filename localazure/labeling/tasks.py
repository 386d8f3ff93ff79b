"""Tasks and labels in tables of their own: one row a picture, one row a label, half a million pictures a project.

Owns: `labeling.sqlite3`, its schema, and every query. A write that has returned survives `kill -9`.
Leaves: what labels mean to `importing.py` and `exporting.py`, projects to `projects.py`.

Queues, leases and reviews can be further tables beside these: a task's (project, number) never changes, and `version`
grows with every change of its labels, so that a writer can notice another one.
"""

import dataclasses
import sqlite3
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["Counts", "Label", "Task", "TaskLabels", "Tasks"]

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
    project INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    path    TEXT NOT NULL,
    name    TEXT NOT NULL,
    state   TEXT NOT NULL DEFAULT 'open',
    version INTEGER NOT NULL DEFAULT 0,
    width   INTEGER,
    height  INTEGER,
    changed TEXT,
    PRIMARY KEY (project, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS task_path ON task (project, path);
CREATE INDEX IF NOT EXISTS task_name ON task (project, name);
CREATE INDEX IF NOT EXISTS task_state ON task (project, state, number);
CREATE TABLE IF NOT EXISTS label (
    project    INTEGER NOT NULL,
    task       INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    class      TEXT NOT NULL,
    x REAL, y REAL, w REAL, h REAL,
    polygon    BLOB,
    confidence REAL NOT NULL,
    source     TEXT NOT NULL,
    PRIMARY KEY (project, task, place)
) WITHOUT ROWID;
"""
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
    """The tables. Safe to share between threads."""

    def __init__(self, path: Path | None) -> None:
        """`path` None keeps everything in memory, for tests."""
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        if path is not None:
            path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        self._db.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def add(self, project: int, paths: Sequence[str], *, at_most: int) -> int:
        """Add a task for each new path, up to `at_most` in the project; returns how many were added."""
        with self._transaction():
            row = self._db.execute("SELECT count(*), max(number) FROM task WHERE project=?", (project,)).fetchone()
            count, number = int(row[0]), int(row[1] or 0)
            added = 0
            for path in paths:
                if count + added >= at_most:
                    break
                cursor = self._db.execute(
                    "INSERT OR IGNORE INTO task (project, number, path, name) VALUES (?, ?, ?, ?)",
                    (project, number + 1, path, path.rsplit("/", 1)[-1]),
                )
                number += cursor.rowcount
                added += cursor.rowcount
        return added

    def counts(self, project: int) -> Counts:
        with self._lock:
            rows = self._db.execute("SELECT state, count(*) FROM task WHERE project=? GROUP BY state", (project,))
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
        with self._transaction():
            for change in changes:
                key = (project, change.number)
                self._db.execute("DELETE FROM label WHERE project=? AND task=?", key)
                self._db.executemany(
                    "INSERT INTO label VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(*key, place, *_columns(label)) for place, label in enumerate(change.labels)],
                )
                self._db.execute(
                    "UPDATE task SET state=?, version=version+1, changed=? WHERE project=? AND number=?",
                    (change.state, stamp, *key),
                )

    def put_sizes(self, project: int, sizes: Iterable[tuple[int, int, int]]) -> None:
        """(number, width, height) each."""
        with self._transaction():
            self._db.executemany(
                "UPDATE task SET width=?, height=? WHERE project=? AND number=?",
                [(width, height, project, number) for number, width, height in sizes],
            )

    def drop(self, project: int) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM label WHERE project=?", (project,))
            self._db.execute("DELETE FROM task WHERE project=?", (project,))

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # on a full disk SQLite may have rolled back by itself
                    self._db.execute("ROLLBACK")
                raise

    def _select(
        self, project: int, condition: str, values: Sequence[object], *, limit: int, skip: int = 0
    ) -> list[Task]:
        query = (
            "SELECT number, path, state, version, width, height, changed FROM task"  # noqa: S608 conditions are literals of this module
            f" WHERE project=? AND {condition} ORDER BY number LIMIT ? OFFSET ?"
        )
        with self._lock:
            rows = self._db.execute(query, (project, *values, limit, skip)).fetchall()
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
        with self._lock:
            rows = self._db.execute(
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
