"""The string functions of the template language. Pure."""

import base64
import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

import msgspec

from localazure.arm.deployments.arguments import Arguments, Function, text_of
from localazure.arm.deployments.failures import ExpressionError
from localazure.arm.deployments.unique import guid_of, unique_string
from localazure.arm.deployments.values import is_array

__all__ = ["TEXT_FUNCTIONS"]

_LONGEST = 131_072
_SLOT = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]*))?\}")
_DATA_URI = re.compile(r"data:(?P<kind>[^,;]*)(?:;charset=[^,;]*)?(?P<coded>;base64)?,(?P<rest>.*)", re.DOTALL)


def _concat(a: Arguments) -> Any:
    if all(is_array(value) for value in a.values):
        return [item for value in a.values for item in value]
    if any(isinstance(value, (list, dict)) for value in a.values):
        raise a.mixed("'String' or all of type 'Array'")
    return _bounded(a, "".join(text_of(value) for value in a.values))


def _bounded(a: Arguments, text: str) -> str:
    if len(text) > _LONGEST:
        raise a.wrong(f"makes a text of '{len(text)}' characters; the limit is '{_LONGEST}'")
    return text


def _format(a: Arguments) -> str:
    values = a.values[1:]

    def slot(found: re.Match[str]) -> str:
        if found[0] in {"{{", "}}"}:
            return found[0][0]
        index = int(found[1])
        if index >= len(values):
            raise a.wrong(f"has no argument for '{found[0]}' of its format")
        text = _formatted(a, values[index], found[3] or "")
        width = int(found[2] or 0)
        return text.rjust(width) if width >= 0 else text.ljust(-width)

    return _bounded(a, _SLOT.sub(slot, a.text(0)))


def _formatted(a: Arguments, value: Any, how: str) -> str:
    if not how:
        return text_of(value)
    kind, digits = how[0].upper(), how[1:]
    if isinstance(value, int) and not isinstance(value, bool) and re.fullmatch(r"[0-9]{0,2}", digits):
        if kind == "D":
            return f"{'-' * (value < 0)}{abs(value):0{int(digits or 1)}d}"
        if kind == "X":
            return f"{value & 0xFFFFFFFFFFFFFFFF:0{int(digits or 1)}{how[0]}}"
        if kind == "N":
            return f"{value:,.{int(digits or 2)}f}"
        if kind == "F":
            return f"{value:.{int(digits or 2)}f}"
    raise a.wrong(f"does not know the format '{how}' for a value of this kind in the local Azure")


def _from_base64(a: Arguments) -> str:
    try:
        return base64.b64decode(a.text(0), validate=True).decode()
    except ValueError:
        raise a.wrong("expects base64 of a text") from None


def _from_json(a: Arguments) -> Any:
    try:
        return msgspec.json.decode(a.text(0))
    except (msgspec.DecodeError, RecursionError):
        raise a.wrong("was given a text that is not JSON") from None


def _data_uri_text(a: Arguments) -> str:
    found = _DATA_URI.fullmatch(a.text(0))
    if found is None:
        raise a.wrong("expects a data URI")
    if not found["coded"]:
        return urllib.parse.unquote(found["rest"])
    return _from_base64(Arguments(a.name, [found["rest"]]))


def _data_uri(a: Arguments) -> str:
    return f"data:text/plain;charset=utf8;base64,{base64.b64encode(a.text(0).encode()).decode()}"


def _substring(a: Arguments) -> str:
    text, start = a.text(0), a.whole(1)
    length = a.whole(2, len(text) - start)
    if start < 0 or length < 0 or start + length > len(text):
        raise a.wrong("was asked for a part that is outside of the text: the index and the length must lie within it")
    return text[start : start + length]


def _split(a: Arguments) -> list[str]:
    marks = a.any(1)
    known = [marks] if isinstance(marks, str) else [text_of(mark) for mark in a.array(1)]
    if not any(known):
        return [a.text(0)]
    return re.split("|".join(re.escape(mark) for mark in known if mark), a.text(0))


def _pad_left(a: Arguments) -> str:
    fill = a.text(2, " ")
    if len(fill) != 1:
        raise a.wrong("expects one character to pad with")
    return _bounded(a, text_of(a.any(0)).rjust(min(a.whole(1), _LONGEST + 1), fill))


def _truth(a: Arguments) -> bool:
    value = a.any(0)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    word = str(value).strip().lower()
    if word in {"true", "1"}:
        return True
    if word in {"false", "0"}:
        return False
    raise a.wrong("cannot read its parameter as a Boolean")


def _replace(a: Arguments) -> str:
    if not a.text(1):
        raise a.wrong("cannot replace an empty text")
    return _bounded(a, a.text(0).replace(a.text(1), a.text(2)))


def _fail(a: Arguments) -> Any:
    raise ExpressionError(a.text(0))


def _uri(a: Arguments) -> str:
    try:
        return urllib.parse.urljoin(a.text(0), a.text(1))
    except ValueError:
        raise a.wrong("cannot join its parameters to a URI") from None


def _texts(a: Arguments) -> list[str]:
    return [text_of(value) for value in a.values]


def _join(a: Arguments) -> str:
    return _bounded(a, a.text(1).join(text_of(item) for item in a.array(0)))


TEXT_FUNCTIONS: Mapping[str, Function] = {
    "base64": Function(1, 1, lambda a: base64.b64encode(a.text(0).encode()).decode()),
    "base64tojson": Function(1, 1, lambda a: _from_json(Arguments(a.name, [_from_base64(a)]))),
    "base64tostring": Function(1, 1, _from_base64),
    "bool": Function(1, 1, _truth),
    "concat": Function(1, None, _concat),
    "datauri": Function(1, 1, _data_uri),
    "datauritostring": Function(1, 1, _data_uri_text),
    "endswith": Function(2, 2, lambda a: a.text(0).lower().endswith(a.text(1).lower())),
    "fail": Function(1, 1, _fail),
    "format": Function(1, None, _format),
    "guid": Function(1, None, lambda a: guid_of(*_texts(a))),
    "join": Function(2, 2, _join),
    "json": Function(1, 1, _from_json),
    "padleft": Function(2, 3, _pad_left),
    "replace": Function(3, 3, _replace),
    "split": Function(2, 2, _split),
    "startswith": Function(2, 2, lambda a: a.text(0).lower().startswith(a.text(1).lower())),
    "string": Function(1, 1, lambda a: text_of(a.any(0))),
    "substring": Function(2, 3, _substring),
    "tolower": Function(1, 1, lambda a: a.text(0).lower()),
    "toupper": Function(1, 1, lambda a: a.text(0).upper()),
    "trim": Function(1, 1, lambda a: a.text(0).strip()),
    "uniquestring": Function(1, None, lambda a: unique_string(*_texts(a))),
    "uri": Function(2, 2, _uri),
    "uricomponent": Function(1, 1, lambda a: urllib.parse.quote(a.text(0), safe="-_.!~*'()")),
    "uricomponenttostring": Function(1, 1, lambda a: urllib.parse.unquote(a.text(0))),
}
