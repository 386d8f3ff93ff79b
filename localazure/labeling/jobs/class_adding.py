"""Adding a label class to a project that people have worked on: what becomes of the labels that are there.

Owns: where a class may go, its key, starting over. Leaves: single tasks to `answers.py`, the project to `projects.py`.

Gold pictures keep their known answers: who made them decides about those.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from localazure.errors import AzureError
from localazure.labeling.errors import user_error
from localazure.labeling.queue import answers
from localazure.labeling.tables import Tables
from localazure.labeling.types import LabelClass, ProjectSpec

__all__ = ["Choice", "NewClass", "start_over", "with_class"]

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,79}")
_LONGEST_SLUG = 60
_DEEPEST = 5
_AT_ONCE = 1_000
_ANSWERED = (
    "SELECT number FROM task WHERE project=?1 AND number>?2 AND gold=0 AND (state IN ('labeled', 'skipped', 'review')"
    " OR EXISTS (SELECT 1 FROM answer a WHERE a.project=?1 AND a.task=task.number AND a.round=task.round))"
    " ORDER BY number LIMIT ?3"
)
_MOST = 10_000


class Choice(StrEnum):
    """The three that people know. `continue`: labels stay as they are, the new class is for what comes."""

    START_OVER_REMOVE = "startOverRemove"
    START_OVER_KEEP = "startOverKeep"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClass:
    """`parent` is the key of the class that it becomes a subclass of. Without a `key` one is made of the name."""

    category: str
    name: str
    key: str | None = None
    parent: str | None = None


def with_class(spec: ProjectSpec, new: NewClass) -> tuple[ProjectSpec, str]:
    """The project's classes with one more at the end of its siblings, and its key. AzureError 400."""
    category = spec.categories.get(new.category)
    if category is None:
        raise AzureError(400, "UnknownCategory", f"There is no category '{new.category[:80]}'.", target="category")
    taken = {key.casefold() for key, _ in spec.class_names()}
    if len(taken) >= _MOST:
        raise user_error(f"A project has at most {_MOST} classes.")
    key = _slug(new.name, taken) if new.key is None else new.key
    if _KEY.fullmatch(key) is None:
        raise user_error("key must be 1 to 80 letters, digits, spaces, '-', '_' and '.'.", target="key")
    if key.casefold() in taken:
        raise user_error(f"There is a class '{key}' already.", target="key")
    label = LabelClass(display_name=new.name)
    if new.parent is None:
        _check_name(category.classes, new.name)
        classes = {**category.classes, key: label}
    else:
        classes = _below(category.classes, new.parent, key, label, depth=2)
        if classes is None:
            raise AzureError(400, "UnknownClass", f"There is no class '{new.parent[:80]}'.", target="parent")
    return replace(spec, categories={**spec.categories, new.category: replace(category, classes=classes)}), key


def start_over(tables: Tables, project: int, choice: Choice, *, now: datetime) -> int:
    """Every task that was answered returns to the queue; returns how many. `continue` changes nothing.

    A thousand at a time, so that others get their turn; doing it again after a break goes on with the rest.
    """
    if choice is Choice.CONTINUE:
        return 0
    keep = choice is Choice.START_OVER_KEEP
    last = reopened = 0
    while True:
        with tables.write() as db:
            rows = db.execute(_ANSWERED, (project, last, _AT_ONCE)).fetchall()
            for (number,) in rows:
                answers.reopen(db, project, number, at=now, keep_as_defaults=keep)
            tables.touch(project)
        reopened += len(rows)
        if len(rows) < _AT_ONCE:
            break
        (last,) = rows[-1]
    if not keep:
        _drop_defaults(tables, project, now)
    return reopened


def _drop_defaults(tables: Tables, project: int, now: datetime) -> None:
    """What an earlier start kept as proposals goes as well."""
    with tables.read() as db:
        rows = db.execute("SELECT DISTINCT task FROM label WHERE project=? AND source='default'", (project,)).fetchall()
    for start in range(0, len(rows), _AT_ONCE):
        with tables.write() as db:
            for (number,) in rows[start : start + _AT_ONCE]:
                answers.propose(db, project, number, [], at=now)
            tables.touch(project)


def _below(
    classes: Mapping[str, LabelClass], parent: str, key: str, label: LabelClass, *, depth: int
) -> dict[str, LabelClass] | None:
    """The classes with one more below `parent`, at whatever depth that is; None when it is not among them."""
    for name, one in classes.items():
        if name == parent:
            if depth > _DEEPEST:
                raise user_error(f"Subclasses go {_DEEPEST} deep at most.", target="parent")
            _check_name(one.subclasses, label.display_name)
            return {**classes, name: replace(one, subclasses={**one.subclasses, key: label})}
        inner = _below(one.subclasses, parent, key, label, depth=depth + 1)
        if inner is not None:
            return {**classes, name: replace(one, subclasses=inner)}
    return None


def _check_name(siblings: Mapping[str, LabelClass], name: str) -> None:
    if any(one.display_name.casefold() == name.casefold() for one in siblings.values()):
        raise user_error(f"There is a class '{name}' already.", target="name")


def _slug(name: str, taken: Iterable[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG] or "class"
    number, key = 1, slug
    while key in taken:
        number += 1
        key = f"{slug}-{number}"
    return key
