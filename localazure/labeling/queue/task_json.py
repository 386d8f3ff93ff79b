"""A task as people see it: what the tables say of it, and the JSON of the data plane.

Owns: the fields' names, and which labels count as proposals. Leaves: which tasks to whoever asks.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.labeling.labels import Label, of_tasks
from localazure.labeling.queue.answers import FINISHED

__all__ = ["TaskView", "dump_label", "dump_task", "read_tasks"]

_COLUMNS = (
    "number, path, name, state, version, width, height, review, labeled_by, labeled_at, agreement, assigned, grp,"
    " uncertainty, gold, fault"
)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task with what it has now. `labels` are proposals as long as it is not finished."""

    number: int
    path: str
    name: str
    state: str
    version: int
    width: int | None
    height: int | None
    review: str
    labeled_by: str | None
    labeled_at: str | None
    agreement: float | None
    assigned: str | None
    group: int | None
    uncertainty: float | None
    gold: bool
    fault: str
    labels: tuple[Label, ...]


def read_tasks(db: sqlite3.Connection, project: int, numbers: Sequence[int]) -> list[TaskView]:
    """In the order of `numbers`; those that do not exist are left out."""
    labels = of_tasks(db, project, numbers)
    found: dict[int, TaskView] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM task WHERE project=? AND number IN ({','.join('?' * len(part))})",  # noqa: S608 marks only
            (project, *part),
        )
        for row in rows:
            found[row[0]] = _view(row, labels.get(row[0], ()))
    return [found[number] for number in numbers if number in found]


def dump_task(
    task: TaskView, *, api: str, names: Mapping[str, str], may_read: bool, labels: Sequence[Label] | None = None
) -> dict[str, Any]:
    """`api` is the path of the project's data plane, `names` what classes are called by key.

    Only who may read labels (labels/read) learns of gold. `labels` are shown in place of the task's own.
    """
    finished = task.state in FINISHED
    shown = task.labels if labels is None else labels
    dumped = [dump_label(label, names) for label in shown]
    body: dict[str, Any] = {
        "id": task.number,
        "path": task.path,
        "name": task.name,
        "state": task.state,
        "version": task.version,
        "width": task.width,
        "height": task.height,
        "image": f"{api}/tasks/{task.number}/image",
        "labels": dumped if finished else [],
        "prelabels": [] if finished else dumped,
        "review": task.review,
        "labeledBy": task.labeled_by,
        "labeledAt": task.labeled_at,
        "agreement": task.agreement,
        "assigned": task.assigned,
        "group": task.group,
        "uncertainty": task.uncertainty,
        "fault": task.fault,
    }
    return body | {"gold": task.gold} if may_read else body


def dump_label(label: Label, names: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {"class": label.class_key, "name": names.get(label.class_key, label.class_key)}
    if label.polygon is not None:
        body["segmentation"] = label.polygon
    if label.box is not None:
        body["bbox"] = label.box
    return body | {"confidence": label.confidence, "source": label.source}


def _view(row: Sequence[Any], labels: tuple[Label, ...]) -> TaskView:
    number, path, name, state, version, width, height, review, by, at, agreement, assigned, *rest = row
    group, uncertainty, gold, fault = rest
    return TaskView(
        number=number,
        path=path,
        name=name,
        state=state,
        version=version,
        width=width,
        height=height,
        review=review,
        labeled_by=by,
        labeled_at=at,
        agreement=agreement,
        assigned=assigned,
        group=group,
        uncertainty=uncertainty,
        gold=bool(gold),
        fault=fault,
        labels=labels,
    )
