"""Which tasks somebody wants to see, and in which order: parameters of a request become SQL by a fixed table.

Owns: the names of the filters, what their values may be, the queries. Values are always bound, never written into SQL.
Leaves: what a task looks like to `task_json.py`, who may ask to the routes.

Scanning the 100,000 tasks of a project takes about 10 ms, looking for a class in their labels 100 ms: no index is kept
for what only a reviewer asks for.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from localazure.labeling.errors import user_error
from localazure.labeling.times import stamp

__all__ = ["FILTERS", "TaskFilter", "count_tasks", "find_tasks", "parse_filter", "parse_filter_body"]

_STATES = ("open", "prelabeled", "labeled", "skipped", "review")
_REVIEWS = {"approved": "approved", "skip-accepted": "skip-accepted", "none": ""}
_FAULTS = ("missing", "undecodable")
_LONGEST = 300
_Value = str | int | float
_ORDERS = {
    "number": "number",
    "newest": "labeled_at DESC, number DESC",
    "disagreement": "agreement ASC NULLS LAST, number",
    "uncertainty": "uncertainty DESC NULLS LAST, number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Conditions on the columns of `task`, the values bound to them, and the order."""

    conditions: tuple[str, ...] = ()
    values: tuple[_Value, ...] = ()
    order: str = "number"


_Condition = Callable[[str], tuple[str, tuple[_Value, ...]]]


def parse_filter(query: Mapping[str, str]) -> TaskFilter:
    """From query parameters whose names are in lower case; others than filters are left alone. AzureError 400."""
    conditions: list[str] = []
    values: list[_Value] = []
    for name, condition in _CONDITIONS.items():
        text = query.get(name.lower(), "")
        if text:
            if len(text) > _LONGEST:
                raise user_error(f"{name} is longer than {_LONGEST} characters.", target=name)
            sql, bound = condition(text)
            conditions.append(sql)
            values.extend(bound)
    order = query.get("order") or "number"
    if order not in _ORDERS:
        raise user_error(f"order must be one of {', '.join(_ORDERS)}.", target="order")
    return TaskFilter(conditions=tuple(conditions), values=tuple(values), order=order)


def parse_filter_body(body: Mapping[str, Any]) -> TaskFilter:
    """From JSON, for what is done to all that match. A name that is no filter is refused: it may be a slip."""
    query: dict[str, str] = {}
    for name, value in body.items():
        if name not in FILTERS:
            raise user_error(f"There is no filter '{name[:50]}'; there are {', '.join(FILTERS)}.", target="filter")
        if not isinstance(value, str | int | float):
            raise user_error(f"filter.{name} must be text, a number, true or false.", target=f"filter.{name}")
        query[name.lower()] = str(value).lower() if isinstance(value, bool) else str(value)
    return parse_filter(query)


def find_tasks(
    db: sqlite3.Connection, project: int, wanted: TaskFilter, *, skip: int = 0, top: int = -1
) -> list[tuple[int, int]]:
    """Number and version of each task, in the filter's order. `top` -1 is all."""
    where = " AND ".join(("project=?1", *wanted.conditions))
    query = f"SELECT number, version FROM task WHERE {where} ORDER BY {_ORDERS[wanted.order]} LIMIT ? OFFSET ?"  # noqa: S608 parts are literals of this module
    return db.execute(query, (project, *wanted.values, top, skip)).fetchall()


def count_tasks(db: sqlite3.Connection, project: int, wanted: TaskFilter) -> int:
    where = " AND ".join(("project=?1", *wanted.conditions))
    (count,) = db.execute(f"SELECT count(*) FROM task WHERE {where}", (project, *wanted.values)).fetchone()  # noqa: S608 as above
    return int(count)


def _states(text: str) -> tuple[str, tuple[_Value, ...]]:
    names = text.split(",")
    for name in names:
        _one_of("state", name, _STATES)
    return f"state IN ({','.join('?' * len(names))})", tuple(names)


def _review(text: str) -> tuple[str, tuple[_Value, ...]]:
    return "review=?", (_REVIEWS[_one_of("review", text, _REVIEWS)],)


def _class(text: str) -> tuple[str, tuple[_Value, ...]]:
    return "number IN (SELECT label.task FROM label WHERE label.project=?1 AND class=?)", (text,)


def _labeler(text: str) -> tuple[str, tuple[_Value, ...]]:
    """Whoever gave an answer, the last one or not; or whose work an import was."""
    answered = "number IN (SELECT answer.task FROM answer WHERE answer.project=?1 AND person=?)"
    return f"(labeled_by=? OR {answered})", (text.strip().lower(), text.strip().lower())


def _from(text: str) -> tuple[str, tuple[_Value, ...]]:
    return "labeled_at>=?", (_moment("from", text, days=0),)


def _to(text: str) -> tuple[str, tuple[_Value, ...]]:
    """A day counts as a whole."""
    return "labeled_at<?", (_moment("to", text, days=1),)


def _at_least(text: str) -> tuple[str, tuple[_Value, ...]]:
    return "agreement>=?", (_share("minAgreement", text),)


def _at_most(text: str) -> tuple[str, tuple[_Value, ...]]:
    return "agreement<=?", (_share("maxAgreement", text),)


def _gold(text: str) -> tuple[str, tuple[_Value, ...]]:
    return "gold=?", (int(_one_of("gold", text, ("true", "false")) == "true"),)


def _fault(text: str) -> tuple[str, tuple[_Value, ...]]:
    if _one_of("fault", text, (*_FAULTS, "any", "none")) in _FAULTS:
        return "fault=?", (text,)
    return ("fault<>''" if text == "any" else "fault=''"), ()


def _group(text: str) -> tuple[str, tuple[_Value, ...]]:
    if text == "none":
        return "grp IS NULL", ()
    if not re.fullmatch(r"\d{1,9}", text):
        raise user_error("group must be a whole number, or none.", target="group")
    return "grp=?", (int(text),)


def _search(text: str) -> tuple[str, tuple[_Value, ...]]:
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return r"path LIKE ? ESCAPE '\'", (f"%{escaped}%",)


_CONDITIONS: dict[str, _Condition] = {
    "state": _states,
    "review": _review,
    "class": _class,
    "labeler": _labeler,
    "from": _from,
    "to": _to,
    "minAgreement": _at_least,
    "maxAgreement": _at_most,
    "gold": _gold,
    "fault": _fault,
    "group": _group,
    "search": _search,
}
FILTERS = (*_CONDITIONS, "order")


def _one_of(name: str, text: str, known: Mapping[str, str] | tuple[str, ...]) -> str:
    if text not in known:
        raise user_error(f"{name} must be one of {', '.join(known)}.", target=name)
    return text


def _share(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise user_error(f"{name} must be a number from 0 to 1.", target=name)
    return value


def _moment(name: str, text: str, *, days: int) -> str:
    """A day, to which `days` are added, or a time; without a zone it is UTC."""
    try:
        if len(text) == len("2026-11-20"):
            return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise user_error(f"{name} must be a day or a time such as 2026-11-20T08:00:00Z.", target=name) from None
    return stamp(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
