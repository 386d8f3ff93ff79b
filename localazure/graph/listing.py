"""Lists as Graph gives them: `$filter`, `$search`, `$orderby`, `$select`, `$top`, `$count`, links to the next page.

Owns: these options and the pages. Leaves: the language of `$filter` to `filters.py`.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from localazure.graph.directory import Entry
from localazure.graph.errors import bad_request, unsupported
from localazure.graph.filters import Predicate, parse_filter
from localazure.graph.kinds import KINDS, Kind

__all__ = ["Paging", "list_mixed", "list_of", "selected"]

_KNOWN = {"$filter", "$search", "$orderby", "$select", "$top", "$count", "$skiptoken"}
_PAGE, _LARGEST_PAGE = 100, 999
_CLAUSE = re.compile(r'\s*"(?P<property>\w+):(?P<words>[^"]*)"\s*(?P<join>AND|OR)?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What a request for a list asks, and the URL under which its pages are."""

    query: Mapping[str, str]
    url: str
    eventual: bool = False


def selected(kind: Kind, query: Mapping[str, str]) -> tuple[str, ...]:
    """The properties that `$select` names; AzureError 400 for unknown ones."""
    names = tuple(name.strip() for name in query.get("$select", "").split(",") if name.strip())
    for name in names:
        if name not in kind.properties:
            raise bad_request(f"Could not find a property named '{name}' on type 'microsoft.graph.{kind.title}'.")
    return names


def list_of(kind: Kind, entries: Sequence[Entry], paging: Paging) -> Entry:
    """One page of a list of one kind."""
    query = paging.query
    select = selected(kind, query)
    passing = list(entries)
    if query.get("$filter"):
        keep = parse_filter(query["$filter"], kind.properties, kind.title)
        passing = [entry for entry in passing if keep(entry)]
    if query.get("$search"):
        if not paging.eventual:
            raise unsupported("Request with $search query parameter only works through MSGraph with a special request "
                              "header: 'ConsistencyLevel: eventual'")  # fmt: skip
        found = _search(query["$search"], kind)
        passing = [entry for entry in passing if found(entry)]

    def show(entry: Entry) -> Entry:
        return kind.show(entry, select)

    return _page(passing, paging, show, kind)


def list_mixed(entries: Sequence[tuple[str, Entry]], paging: Paging) -> Entry:
    """One page of objects of several kinds, such as members; `$filter` is not for these."""
    for name in ("$filter", "$search"):
        if name in paging.query:
            raise unsupported(f"{name} is not supported here by the local Azure's directory.")
    kinds = {entry["id"]: KINDS[name] for name, entry in entries}
    names = tuple(name.strip() for name in paging.query.get("$select", "").split(",") if name.strip())

    def show(entry: Entry) -> Entry:
        return kinds[entry["id"]].show(entry, names, typed=True)

    return _page([entry for _, entry in entries], paging, show, None)


def _page(entries: list[Entry], paging: Paging, show: Callable[[Entry], Entry], kind: Kind | None) -> Entry:
    query = paging.query
    unknown = sorted(set(query) - _KNOWN)
    if unknown:
        raise bad_request(f"The query parameter '{unknown[0]}' is not supported.", code="BadRequest")
    order, descending = _order(query.get("$orderby"), kind)
    ordered = sorted(entries, key=lambda entry: (str(entry.get(order) or "").lower(), entry["id"]), reverse=descending)
    size = _size(query.get("$top"))
    start = 0
    if query.get("$skiptoken"):
        last = _read_token(query["$skiptoken"])
        keys = [[str(entry.get(order) or "").lower(), entry["id"]] for entry in ordered]
        start = sum(1 for key in keys if (key >= last if descending else key <= last))
    page = ordered[start : start + size]
    answer: Entry = {"value": [show(entry) for entry in page]}
    if query.get("$count", "").lower() == "true":
        answer["@odata.count"] = len(ordered)
    if start + size < len(ordered):
        token = json.dumps([str(page[-1].get(order) or "").lower(), page[-1]["id"]]).encode()
        kept = {name: value for name, value in query.items() if name != "$skiptoken"}
        kept["$skiptoken"] = base64.urlsafe_b64encode(token).decode()
        answer["@odata.nextLink"] = f"{paging.url}?{urlencode(kept, safe='$')}"
    return answer


def _order(text: str | None, kind: Kind | None) -> tuple[str, bool]:
    if not text:
        return "id", False
    name, _, direction = text.strip().partition(" ")
    if kind is None or name not in kind.properties or direction.strip().lower() not in {"", "asc", "desc"}:
        raise unsupported(f"The local Azure's directory does not sort by '{text}'.")
    return name, direction.strip().lower() == "desc"


def _size(text: str | None) -> int:
    if text is None:
        return _PAGE
    if not text.isdecimal() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise bad_request(
            f"Invalid page size specified: '{text}'. Must be between 1 and {_LARGEST_PAGE} inclusive.",
        )
    return int(text)


def _read_token(text: str) -> list[str]:
    try:
        token = json.loads(base64.urlsafe_b64decode(text))
    except ValueError as error:
        raise bad_request("The specified page token value has expired and can no longer be included.") from error
    if not isinstance(token, list) or len(token) != 2:  # pyright: ignore[reportUnknownArgumentType] JSON
        raise bad_request("The specified page token value has expired and can no longer be included.")
    return [str(part) for part in token]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] JSON


def _search(text: str, kind: Kind) -> Predicate:
    """`"property:words" AND|OR "property:words"`: each word starts a word of the property."""
    clauses: list[tuple[str, list[str]]] = []
    joins: list[str] = []
    position = 0
    while position < len(text):
        match = _CLAUSE.match(text, position)
        if match is None or match["property"] not in kind.properties:
            raise bad_request(f"Syntax error: '{text}' is no \"property:words\" of {kind.title}.", code="BadRequest")
        clauses.append((match["property"], match["words"].lower().split()))
        joins.append(match["join"] or "AND")
        position = match.end()
    if not clauses or len(set(joins[:-1])) > 1:
        raise unsupported("The local Azure's directory searches by AND or by OR, not by both at once.")

    def matches(entry: Mapping[str, Any], clause: tuple[str, list[str]]) -> bool:
        words = re.split(r"[^\w]+", str(entry.get(clause[0]) or "").lower())
        return all(any(have.startswith(word) for have in words) for word in re.split(r"[^\w]+", " ".join(clause[1])))

    every = not joins[:-1] or joins[0] == "AND"
    joined = all if every else any
    return lambda entry: joined(matches(entry, clause) for clause in clauses)
