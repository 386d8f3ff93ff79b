"""The settings of a labeling project: how many answers, which order, what helps.

Owns: their names, defaults and bounds, reading and writing them. Leaves: acting on them to the queue, the review and
the assistance, which may `watch` changes.

A body that leaves a setting out keeps it; one that names an unknown setting is refused.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import msgspec

from localazure.labeling.errors import user_error
from localazure.labeling.tables import Tables

__all__ = [
    "ORDERS",
    "AssistSettings",
    "ProjectSettings",
    "SettingsTable",
    "SettingsWatch",
    "dump_settings",
    "parse_settings",
    "read_settings",
]

ORDERS = ("manual", "clustered", "prelabeled", "uncertain")
_LONGEST_TEXT = 65_536
_MOST_CLASSES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistSettings:
    """Help by a model. Trained at first `after` labels, again every `retrain_every`; no `classes` means all of them."""

    enabled: bool = False
    after: int = 12
    retrain_every: int = 50
    threshold: float = 0.3
    classes: tuple[str, ...] = ()
    budget_minutes: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """`overlap`: answers per picture. `gold_every`: one gold picture among that many, 0 is none.

    `instructions` are Markdown. What the project was created with may turn `assist` on; see `projects.py`.
    """

    overlap: int = 1
    lease_minutes: int = 15
    order: str = "manual"
    agreement_iou: float = 0.5
    minimum_agreement: float = 0.5
    gold_every: int = 0
    instructions: str = ""
    assist: AssistSettings = field(default_factory=AssistSettings)


SettingsWatch = Callable[[sqlite3.Connection, int, ProjectSettings, ProjectSettings], None]
"""Called inside the transaction with the project's number, the old settings and the new ones."""


class SettingsTable:
    """Safe to share between threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._watches: list[SettingsWatch] = []

    def watch(self, listener: SettingsWatch) -> None:
        self._watches.append(listener)

    def read(self, project: int) -> ProjectSettings:
        """The defaults when nothing was set."""
        with self._tables.read() as db:
            return read_settings(db, project)

    def write(self, project: int, new: ProjectSettings) -> ProjectSettings:
        """Returns the old ones. Listeners that fail undo it."""
        with self._tables.write() as db:
            old = read_settings(db, project)
            db.execute(
                "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET document=excluded.document",
                (project, msgspec.json.encode(new)),
            )
            self._tables.touch(project)
            for listener in self._watches:
                listener(db, project, old, new)
        return old

    def drop(self, project: int) -> None:
        with self._tables.write() as db:
            db.execute("DELETE FROM settings WHERE project=?", (project,))


def read_settings(db: sqlite3.Connection, project: int) -> ProjectSettings:
    """For those who are in a transaction already."""
    row = db.execute("SELECT document FROM settings WHERE project=?", (project,)).fetchone()
    return ProjectSettings() if row is None else msgspec.json.decode(row[0], type=ProjectSettings)


def parse_settings(body: Mapping[str, Any], old: ProjectSettings) -> ProjectSettings:
    """The old settings with what the body names. AzureError 400 that says which one is wrong."""
    _only(body, "", ("overlap", "leaseMinutes", "order", "agreementIou", "consensus", "gold", "instructions", "assist"))
    consensus, gold = _object(body, "consensus"), _object(body, "gold")
    _only(consensus, "consensus.", ("minimumAgreement",))
    _only(gold, "gold.", ("every",))
    order = body.get("order", old.order)
    if order not in ORDERS:
        raise user_error(f"order must be one of {', '.join(ORDERS)}.", target="order")
    text = body.get("instructions", old.instructions)
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise user_error(f"instructions must be text of at most {_LONGEST_TEXT} characters.", target="instructions")
    return replace(
        old,
        overlap=_whole(body, "overlap", old.overlap, 1, 10),
        lease_minutes=_whole(body, "leaseMinutes", old.lease_minutes, 1, 1440),
        order=order,
        agreement_iou=_share(body, "agreementIou", old.agreement_iou),
        minimum_agreement=_share(consensus, "minimumAgreement", old.minimum_agreement, prefix="consensus."),
        gold_every=_whole(gold, "every", old.gold_every, 0, 1000, prefix="gold."),
        instructions=text,
        assist=_assist(_object(body, "assist"), old.assist),
    )


def dump_settings(settings: ProjectSettings) -> dict[str, Any]:
    assist = settings.assist
    return {
        "overlap": settings.overlap,
        "leaseMinutes": settings.lease_minutes,
        "order": settings.order,
        "agreementIou": settings.agreement_iou,
        "consensus": {"minimumAgreement": settings.minimum_agreement},
        "gold": {"every": settings.gold_every},
        "instructions": settings.instructions,
        "assist": {
            "enabled": assist.enabled,
            "after": assist.after,
            "retrainEvery": assist.retrain_every,
            "threshold": assist.threshold,
            "classes": list(assist.classes),
            "budgetMinutes": assist.budget_minutes,
        },
    }


def _assist(body: Mapping[str, Any], old: AssistSettings) -> AssistSettings:
    _only(body, "assist.", ("enabled", "after", "retrainEvery", "threshold", "classes", "budgetMinutes"))
    enabled: object = body.get("enabled", old.enabled)
    if not isinstance(enabled, bool):
        raise user_error("assist.enabled must be true or false.", target="assist.enabled")
    classes: object = body.get("classes", list(old.classes))
    if not isinstance(classes, list) or len(cast("list[object]", classes)) > _MOST_CLASSES:
        raise user_error("assist.classes must be a list of class keys.", target="assist.classes")
    keys = [key for key in cast("list[object]", classes) if isinstance(key, str)]
    if len(keys) != len(cast("list[object]", classes)):
        raise user_error("assist.classes must be a list of class keys.", target="assist.classes")
    return AssistSettings(
        enabled=enabled,
        after=_whole(body, "after", old.after, 1, 100_000, prefix="assist."),
        retrain_every=_whole(body, "retrainEvery", old.retrain_every, 1, 100_000, prefix="assist."),
        threshold=_share(body, "threshold", old.threshold, prefix="assist."),
        classes=tuple(dict.fromkeys(keys)),
        budget_minutes=_number(body, "budgetMinutes", old.budget_minutes, 0.1, 600, prefix="assist."),
    )


def _only(body: Mapping[str, Any], prefix: str, known: tuple[str, ...]) -> None:
    for key in body:
        if key not in known:
            name = f"{prefix}{key[:50]}"
            raise user_error(f"There is no setting '{name}'; there are {', '.join(known)}.", target=name)


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key, {})
    if not isinstance(value, dict):
        raise user_error(f"{key} must be an object.", target=key)
    return cast("dict[str, Any]", value)


def _share(body: Mapping[str, Any], key: str, old: float, *, prefix: str = "") -> float:
    return _number(body, key, old, 0, 1, prefix=prefix)


def _number(body: Mapping[str, Any], key: str, old: float, least: float, most: float, *, prefix: str = "") -> float:
    value = body.get(key, old)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise user_error(f"{prefix}{key} must be a number from {least} to {most}.", target=f"{prefix}{key}")
    return float(value)


def _whole(body: Mapping[str, Any], key: str, old: int, least: int, most: int, *, prefix: str = "") -> int:
    value = body.get(key, old)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise user_error(f"{prefix}{key} must be a whole number from {least} to {most}.", target=f"{prefix}{key}")
    return value
