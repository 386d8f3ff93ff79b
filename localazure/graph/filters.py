"""`$filter`: a small part of OData, read into a predicate; everything else is refused.

Owns: eq, in, startswith, any, and, or, not, parentheses, over the properties of one kind. Comparisons of texts
disregard case, as Graph's do. Leaves: paging and `$search` to `listing.py`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localazure.graph.errors import bad_request, unsupported

__all__ = ["Predicate", "parse_filter"]

Predicate = Callable[[Mapping[str, Any]], bool]
_Value = Callable[[Mapping[str, Any]], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w.]*(?:/[A-Za-z_][\w.]*)*)|(?P<number>-?\d+)|(?P<mark>[(),:]))"
)
_REFUSED = {"ne", "gt", "ge", "lt", "le", "has", "contains", "endswith", "all"}
_DEEPEST = 50


def parse_filter(text: str, properties: Mapping[str, type], title: str) -> Predicate:
    """A function that tells whether an entry passes. AzureError 400 for what is not understood."""
    parser = _Parser(_tokens(text), properties, title)
    predicate = parser.alternatives(0)
    parser.end()
    return predicate


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _invalid(f"there is a syntax error at position {position}")
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        position = match.end()
    return found


class _Parser:
    """Recursive descent, one method a level of precedence."""

    def __init__(self, tokens: list[tuple[str, str]], properties: Mapping[str, type], title: str) -> None:
        self._tokens = tokens
        self._properties = properties
        self._title = title
        self._at = 0
        self._bound: str | None = None

    def alternatives(self, depth: int) -> Predicate:
        if depth > _DEEPEST:
            raise _invalid("it is nested too deeply")
        parts = [self._conjunction(depth)]
        while self._take_word("or"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else lambda entry: any(part(entry) for part in parts)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise _invalid(f"'{self._tokens[self._at][1]}' was not expected")

    def _conjunction(self, depth: int) -> Predicate:
        parts = [self._negation(depth)]
        while self._take_word("and"):
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else lambda entry: all(part(entry) for part in parts)

    def _negation(self, depth: int) -> Predicate:
        if self._take_word("not"):
            inner = self._primary(depth)
            return lambda entry: not inner(entry)
        return self._primary(depth)

    def _primary(self, depth: int) -> Predicate:
        if self._take("("):
            inner = self.alternatives(depth + 1)
            self._expect(")")
            return inner
        name = self._name()
        low = name.lower()
        if low in _REFUSED:
            raise unsupported(f"The local Azure's directory does not filter by '{name}'.")
        if low == "startswith" and self._take("("):
            return self._starts()
        if low.endswith(("/any", "/all")) and self._take("("):
            return self._any(name.rsplit("/", 1)[0], low.endswith("/any"), depth)
        return self._comparison(self._value(name))

    def _starts(self) -> Predicate:
        value = self._value(self._name())
        self._expect(",")
        prefix = self._literal()
        self._expect(")")
        if not isinstance(prefix, str):
            raise _invalid("startswith asks for a text")
        return lambda entry: str(_folded(value(entry)) or "").startswith(prefix.lower())

    def _any(self, path: str, known: bool, depth: int) -> Predicate:
        if not known or self._bound is not None:
            raise unsupported("The local Azure's directory knows 'any' alone, and not within another.")
        items = self._value(path)
        self._bound = self._name()
        self._expect(":")
        inner = self.alternatives(depth + 1)
        self._bound = None
        self._expect(")")

        def matches(entry: Mapping[str, Any]) -> bool:
            listed = items(entry)
            return isinstance(listed, list) and any(inner({"": item}) for item in listed)  # pyright: ignore[reportUnknownVariableType] JSON

        return matches

    def _comparison(self, value: _Value) -> Predicate:
        operator = self._name().lower()
        if operator == "eq":
            wanted = _folded(self._literal())
            return lambda entry: _folded(value(entry)) == wanted
        if operator == "in":
            self._expect("(")
            several = [_folded(self._literal())]
            while self._take(","):
                several.append(_folded(self._literal()))
            self._expect(")")
            return lambda entry: _folded(value(entry)) in several
        if operator in _REFUSED:
            raise unsupported(f"The local Azure's directory does not filter by '{operator}'.")
        raise _invalid(f"'{operator}' is no operator")

    def _value(self, path: str) -> _Value:
        first, *rest = path.split("/")
        if first == self._bound:
            steps = ["", *rest]
        elif self._bound is None and first in self._properties:
            steps = [first, *rest]
        else:
            raise bad_request(
                f"Unsupported or invalid query filter clause specified for property '{path}' of resource "
                f"'{self._title}'.",
                code="Request_UnsupportedQuery",
            )

        def value(entry: Mapping[str, Any]) -> Any:
            found: Any = entry
            for step in steps:
                found = found.get(step) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] JSON
            return found  # pyright: ignore[reportUnknownVariableType] JSON

        return value

    def _literal(self) -> str | int | bool | None:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        words = {"true": True, "false": False, "null": None}
        if kind == "name" and text.lower() in words:
            return words[text.lower()]
        raise _invalid(f"'{text}' is no value; texts stand in single quotes")

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise _invalid(f"'{text}' was not expected")
        return text

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _invalid("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("mark", mark):
            self._at += 1
            return True
        return False

    def _take_word(self, word: str) -> bool:
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "name" and text.lower() == word:
                self._at += 1
                return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise _invalid(f"'{mark}' is missing")


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _invalid(reason: str) -> Exception:
    return bad_request(f"Invalid filter clause: {reason}.", code="BadRequest")
