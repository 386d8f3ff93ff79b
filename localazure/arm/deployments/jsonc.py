"""Bodies of deployments: JSON with the liberties that ARM allows and `az` takes.

Owns: comments, names without quotes, texts in single quotes or over several lines, a comma before a closing bracket.
Leaves: strict JSON to `localazure.bodies`. Pure.
"""

import json
import re
from contextlib import suppress
from typing import Any

from localazure.arm.deployments.values import is_array, is_object
from localazure.bodies import BodyError, json_object

__all__ = ["lenient_object"]

_DEEPEST = 128
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$.-]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_WORDS = {"true": True, "false": False, "null": None}
_RAW = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def lenient_object(body: bytes) -> dict[str, Any]:
    """The object in a body. Raises BodyError with line and column."""
    with suppress(BodyError):
        return _shallow(json_object(body))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BodyError("the body is not UTF-8") from None
    return _Reader(text).document()


def _shallow(document: dict[str, Any]) -> dict[str, Any]:
    todo: list[tuple[Any, int]] = [(document, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > _DEEPEST:
            raise BodyError(f"nested more than {_DEEPEST} levels deep")
        if is_object(value):
            todo += [(inner, depth + 1) for inner in value.values()]
        elif is_array(value):
            todo += [(inner, depth + 1) for inner in value]
    return document


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def document(self) -> dict[str, Any]:
        value = self._value(0)
        if self._next() != "":
            raise self._wrong("something follows the object")
        if not is_object(value):
            raise self._wrong("expected an object")
        return value

    def _wrong(self, what: str) -> BodyError:
        before = self._text[: self._at]
        return BodyError(f"{what} at line {before.count(chr(10)) + 1}, column {self._at - before.rfind(chr(10))}")

    def _next(self) -> str:
        """The next character that means something; empty at the end."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, sign: str) -> bool:
        if self._next() != sign:
            return False
        self._at += 1
        return True

    def _value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise self._wrong(f"nested more than {_DEEPEST} levels deep")
        sign = self._next()
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._array(depth)
        if sign in {'"', "'"} and sign:
            return self._string()
        number = _NUMBER.match(self._text, self._at)
        if number is not None:
            self._at = number.end()
            return float(number[0]) if number[1] or number[2] else int(number[0])
        word = _NAME.match(self._text, self._at)
        if word is not None and word[0] in _WORDS:
            self._at = word.end()
            return _WORDS[word[0]]
        raise self._wrong(f"unexpected '{sign}'" if sign else "the text ends too early")

    def _object(self, depth: int) -> dict[str, Any]:
        self._take("{")
        result: dict[str, Any] = {}
        while not self._take("}"):
            name = self._name()
            if name in result:
                raise self._wrong(f"the property '{name[:50]}' is there twice")
            if not self._take(":"):
                raise self._wrong("expected ':'")
            result[name] = self._value(depth + 1)
            if not self._take(",") and self._next() != "}":
                raise self._wrong("expected ',' or '}'")
        return result

    def _array(self, depth: int) -> list[Any]:
        self._take("[")
        result: list[Any] = []
        while not self._take("]"):
            result.append(self._value(depth + 1))
            if not self._take(",") and self._next() != "]":
                raise self._wrong("expected ',' or ']'")
        return result

    def _name(self) -> str:
        if self._next() in {'"', "'"}:
            return self._string()
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._wrong("expected the name of a property")
        self._at = found.end()
        return found[0]

    def _string(self) -> str:
        found = _TEXT.match(self._text, self._at)
        if found is None:
            raise self._wrong("a text without end")
        inner = found[1] if found[1] is not None else found[2].replace("\\'", "'").replace('"', '\\"')
        inner = "".join(_RAW.get(sign, sign) for sign in inner) if any(sign in inner for sign in _RAW) else inner
        try:
            value: str = json.loads(f'"{inner}"')
            value.encode()
        except ValueError:
            raise self._wrong("a text that cannot be read") from None
        self._at = found.end()
        return value
