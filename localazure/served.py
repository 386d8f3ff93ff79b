"""To which row of the coverage page a request belongs: the rows' own words, read as patterns.

Owns: that reading, for the page's tests and for the recorder alike. Leaves: the rows to `coverage.py`.
A row says `METHOD path`, several methods or paths with commas between; `{x}` is one segment, `{scope}`, `{path}` and a
leading `…` are any number; `?name=` asks for that parameter; what follows in brackets is for readers. A path that does
not begin with a slash is a type of Resource Manager, where LIST is GET of a collection.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from localazure.arm.ids import canonical, parse
from localazure.coverage import Section, sections

__all__ = ["Request", "operation_of"]

_OPERATION = re.compile(r"(?P<methods>[A-Z]+(?:, [A-Z]+)*) (?P<paths>\S+(?:, \S+)*)(?: \(.*\))?")
_LONG = re.compile(r"\\\{(?:scope|path|rest)\\\}|…")
_SHORT = re.compile(r"\\\{\w+\\\}")
_KEY = re.compile(r"\((?:\w+=)?'(?:[^']|'')*'\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is known of a request before anybody served it."""

    method: str
    host: str
    path: str
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    operation: str
    methods: frozenset[str]
    host: re.Pattern[str]
    path: re.Pattern[str]
    parameter: str | None


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(pattern for section in sections() for row in section.rows for pattern in _of_row(section, row[1]))


@cache
def _types() -> dict[tuple[str, str], str]:
    """Rows of types, by method and type."""
    found: dict[tuple[str, str], str] = {}
    for section in sections():
        for _, operation, *_ in section.rows:
            match = _OPERATION.fullmatch(operation)
            if match is not None and match["paths"].startswith("Microsoft."):
                for method in match["methods"].split(", "):
                    found[method, match["paths"].lower()] = operation
    return found


def _of_row(section: Section, operation: str) -> Iterable[_Pattern]:
    match = _OPERATION.fullmatch(operation)
    if match is None:
        return
    for text in match["paths"].split(", "):
        if not text.startswith(("/", "…", "{scope}")):
            continue
        path, _, parameter = text.partition("?")
        pattern = _SHORT.sub("[^/]+", _LONG.sub(".*", re.escape(path)))
        yield _Pattern(
            operation=operation,
            methods=frozenset(match["methods"].split(", ")),
            host=re.compile(section.host, re.IGNORECASE),
            path=re.compile(f"{section.base}{pattern}", re.IGNORECASE),
            parameter=parameter.rstrip("=") or None,
        )


def operation_of(request: Request) -> str | None:
    """The row, as its text in the page; None for what the page does not know."""
    path = canonical(request.path)
    method = "GET" if request.method == "HEAD" else request.method
    known = [p for p in _patterns() if _fits(p, request, _KEY.sub("/x", path))]
    for wanted in ((request.method,), (method, "ANY")):
        for pattern in known:
            if pattern.methods.intersection(wanted):
                return pattern.operation
    return _of_type(method, path)


def _fits(pattern: _Pattern, request: Request, path: str) -> bool:
    if pattern.parameter is not None and pattern.parameter not in request.parameters:
        return False
    return pattern.host.fullmatch(request.host) is not None and pattern.path.fullmatch(path) is not None


def _of_type(method: str, path: str) -> str | None:
    target = parse(path)
    if target.type is None:
        return None
    verb = "LIST" if method == "GET" and target.name is None else method
    names: Sequence[str] = (target.type, f"{target.type}/{target.name}")
    return next((row for name in names if (row := _types().get((verb, name.lower())))), None)
