"""Reads configuration values one by one and keeps a list of all that is wrong with them.

Owns: turning a value into text, a choice, a flag, a number, a list or a section, and the mistakes found there.
Leaves: which settings there are, and what each has to keep, to `settings.py`.

Pulumi hands over strings, with lists and objects as JSON; values inside those have JSON types. Both are read alike.
"""

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import cast

__all__ = ["Mistake", "Section", "nearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One wrong setting: its key, what is wrong, and the nearest value that would do."""

    key: str
    message: str
    nearest: str | None = None

    def __str__(self) -> str:
        return f"{self.key}: {self.message}" + (f"; did you mean {self.nearest}?" if self.nearest else "")


def nearest(value: str, options: Collection[str]) -> str | None:
    """The option that looks most like the value, or None when none does."""
    by_fold = {option.lower(): option for option in sorted(options)}
    found = difflib.get_close_matches(value.lower(), by_fold, n=1, cutoff=0.5)
    return by_fold[found[0]] if found else None


@dataclass(slots=True, kw_only=True)
class Section:
    """Some settings that belong together: all of them at the top, or the fields of one object.

    Attributes:
        values: What was given.
        path: Where this section stands, in front of every key in a mistake.
        mistakes: All mistakes so far; sections inside share the list.
    """

    values: Mapping[str, object]
    path: str
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    def wrong(self, key: str, message: str, *, nearest: str | None = None) -> None:
        self.mistakes.append(Mistake(key=self.path + key, message=message, nearest=nearest))

    def given(self, key: str) -> bool:
        return self.values.get(key) not in (None, "")

    def refuse_others(self, known: Collection[str]) -> None:
        for key in sorted(set(self.values) - set(known)):
            self.wrong(key, "there is no such setting", nearest=nearest(key, known))

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return self.wrong(key, f"{_shown(value)} is not text; put it in quotes")
        return value

    def choice(self, key: str, options: Collection[str], default: str) -> str:
        value = self.text(key)
        if value is None:
            return default
        if value not in options:
            self.wrong(
                key, f"{value!r} is not one of {', '.join(sorted(options))}", nearest=nearest(value, options) or default
            )
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key)
        if value is None or value == "":
            return default
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        guess = "true" if str(value).lower() in ("1", "1.0", "yes", "on", "true", "y") else "false"
        self.wrong(key, f"{_shown(value)} is not true or false", nearest=guess)
        return default

    def number(self, key: str) -> float | None:
        value = self.values.get(key)
        if isinstance(value, bool):
            return self.wrong(key, f"{_shown(value)} is not a number")
        if isinstance(value, int | float):
            return float(value)
        try:
            return float(cast("str", value)) if value not in (None, "") else None
        except (TypeError, ValueError):
            return self.wrong(key, f"{_shown(value)} is not a number")

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        items = self._list(key)
        if items is None:
            return default
        for index, item in enumerate(items):
            if not isinstance(item, str):
                self.wrong(f"{key}[{index}]", f"{_shown(item)} is not text")
        return tuple(item for item in items if isinstance(item, str))

    def sections(self, key: str) -> list["Section"]:
        """The objects of a list."""
        return [
            section
            for index, item in enumerate(self._list(key) or [])
            if (section := self._section(f"{key}[{index}]", item)) is not None
        ]

    def section(self, key: str) -> "Section | None":
        """The fields of an object, or None when it is not given."""
        if not self.given(key):
            return None
        return self._section(key, self._decoded(key))

    def _section(self, key: str, value: object) -> "Section | None":
        if not isinstance(value, dict):
            return self.wrong(key, f"{_shown(value)} is not an object with named fields")
        return Section(values=cast("dict[str, object]", value), path=f"{self.path}{key}.", mistakes=self.mistakes)

    def _list(self, key: str) -> list[object] | None:
        if not self.given(key):
            return None
        value = self._decoded(key)
        if not isinstance(value, list):
            return self.wrong(key, f"{_shown(value)} is not a list")
        return cast("list[object]", value)

    def _decoded(self, key: str) -> object:
        value = self.values[key]
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value  # plain text; the caller says what it should have been


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
