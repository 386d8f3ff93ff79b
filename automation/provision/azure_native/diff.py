"""What changed between two sets of inputs, path by path. Pure.

Owns: the comparison, property paths as Pulumi writes them, and which changes force a replacement.
Leaves: which properties those are to `types.py`, what to do about it to the engine.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from automation.provision.azure_native.types import Kind
from automation.provision.values import Unknown, contains_unknown

__all__ = ["Change", "ChangeKind", "Difference", "compare"]


class ChangeKind(StrEnum):
    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    kind: ChangeKind
    replaces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Changes by property path; a new resource is needed when one of them cannot be made in place."""

    changes: Mapping[str, Change] = field(default_factory=dict[str, Change])
    delete_before_replace: bool = False

    @property
    def replaces(self) -> tuple[str, ...]:
        return tuple(path for path, change in self.changes.items() if change.replaces)


def compare(kind: Kind, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """Compare old inputs with new ones; both are checked inputs, so names and defaults are in them.

    A replacement is created first only where both can exist: when it gets another name. `name` is the logical name,
    by which we know a name that was made from it.
    """
    forced = {*kind.parameters, *kind.force_new, *(("location",) if kind.located else ())}
    changes: dict[str, Change] = {}
    for steps, change in _walk((), _without_nulls(old), _without_nulls(new)):
        if steps == ("azureApiVersion",):
            continue
        plain = ".".join(step for step in steps if isinstance(step, str))
        replaces = any(plain == name or plain.startswith(f"{name}.") or _adds_up(name, plain) for name in forced)
        changes[_path(steps)] = Change(kind=change, replaces=replaces)
    own = kind.name_parameter
    made = re.fullmatch(re.escape(name) + "[0-9a-f]{8}", str(old.get(own))) is not None
    both_can_exist = kind.naming == "random" and (own in changes or made)
    return Difference(changes=changes, delete_before_replace=not both_can_exist)


def _adds_up(forced: str, changed: str) -> bool:
    """Whether a whole object came or went that holds a forced property."""
    return forced.startswith(f"{changed}.")


Step = str | int


def _walk(at: tuple[Step, ...], old: Any, new: Any) -> Iterator[tuple[tuple[Step, ...], ChangeKind]]:
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        for key in sorted({*before, *after}):
            if key not in after:
                yield (*at, key), ChangeKind.DELETE
            elif key not in before:
                yield (*at, key), ChangeKind.ADD
            else:
                yield from _walk((*at, key), before[key], after[key])
    elif isinstance(old, list) and isinstance(new, list):
        olds, news = cast("list[Any]", old), cast("list[Any]", new)
        for index in range(max(len(olds), len(news))):
            if index >= len(news):
                yield (*at, index), ChangeKind.DELETE
            elif index >= len(olds):
                yield (*at, index), ChangeKind.ADD
            else:
                yield from _walk((*at, index), olds[index], news[index])
    elif not _same(at, old, new):
        yield at, ChangeKind.UPDATE


def _same(at: tuple[Step, ...], old: Any, new: Any) -> bool:
    if isinstance(new, Unknown) or contains_unknown(new):
        return False
    if isinstance(old, str) and isinstance(new, str):
        if at == ("location",):
            return _place(old) == _place(new)
        if old.lower().startswith("/subscriptions/"):
            return old.lower() == new.lower()  # services answer ids in their own casing
    return type(old) is type(new) and old == new


def _place(location: str) -> str:
    return location.replace(" ", "").lower()


def _without_nulls(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if value is not None}


def _path(steps: tuple[Step, ...]) -> str:
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_$][\w$]*", step):
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text
