"""One label, and how labels lie in the tables: rows for what a task has, JSON for what a person answered.

Owns: the value and both forms. Leaves: when labels change to `answers.py`.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

__all__ = ["Label", "dump", "insert", "of_tasks", "parse"]

Polygon = tuple[tuple[float, ...], ...]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One answer. Boxes (left, top, width, height) and polygon rings (x, y, ...) are fractions of the picture.

    `source` is import, person, prelabel, default, consensus or correction.
    """

    class_key: str
    box: tuple[float, float, float, float] | None = None
    polygon: Polygon | None = None
    confidence: float = 1.0
    source: str = "import"


_DECODER = msgspec.json.Decoder(tuple[Label, ...])


def dump(labels: Sequence[Label]) -> bytes:
    """JSON, for tables that keep a whole answer."""
    return msgspec.json.encode(labels)


def parse(document: bytes) -> tuple[Label, ...]:
    """What `dump` made."""
    return _DECODER.decode(document)


def insert(db: sqlite3.Connection, project: int, task: int, labels: Iterable[Label]) -> None:
    """Rows of a task that has none."""
    db.executemany(
        "INSERT INTO label VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(project, task, place, *_columns(label)) for place, label in enumerate(labels)],
    )


def of_tasks(db: sqlite3.Connection, project: int, tasks: Sequence[int]) -> dict[int, tuple[Label, ...]]:
    """What these tasks have now, in order; a task without labels is left out."""
    found: dict[int, list[Label]] = {}
    for start in range(0, len(tasks), _AT_ONCE):
        part = tasks[start : start + _AT_ONCE]
        rows = db.execute(
            "SELECT task, class, x, y, w, h, polygon, confidence, source FROM label"  # noqa: S608 marks only
            f" WHERE project=? AND task IN ({','.join('?' * len(part))}) ORDER BY task, place",
            (project, *part),
        )
        for task, *columns in rows:
            found.setdefault(task, []).append(_label(columns))
    return {task: tuple(labels) for task, labels in found.items()}


def _columns(label: Label) -> tuple[object, ...]:
    box = label.box or (None, None, None, None)
    polygon = None if label.polygon is None else msgspec.json.encode(label.polygon)
    return (label.class_key, *box, polygon, label.confidence, label.source)


def _label(columns: Sequence[Any]) -> Label:
    class_key, x, y, w, h, polygon, confidence, source = columns
    return Label(
        class_key=class_key,
        box=None if x is None else (x, y, w, h),
        polygon=None if polygon is None else msgspec.json.decode(polygon, type=Polygon),
        confidence=confidence,
        source=source,
    )
