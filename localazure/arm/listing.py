"""Lists: $filter, $top, $skiptoken and nextLink, alike for all collections.

Owns: the small filter language (comparisons joined by `and`) and paging. Pure.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from localazure.arm.checks import child
from localazure.arm.ids import parse
from localazure.arm.resources import Stretch
from localazure.errors import AzureError

__all__ = ["matcher", "page", "page_by_skip", "shown"]

Item = Mapping[str, Any]
_COMPARISON = re.compile(
    r"\s*(?:(?P<field>[\w./]+)\s+(?P<op>eq|ne)\s+'(?P<value>(?:[^']|'')*)'"
    r"|substringof\(\s*'(?P<part>(?:[^']|'')*)'\s*,\s*(?P<of>\w+)\s*\)"
    r"|(?P<call>atScope|assignedTo|principalId)\((?:'(?P<who>[^']*)')?\))\s*",
    re.IGNORECASE,
)
_DIGITS = 9
_SHOWN = ("id", "name", "type", "kind", "location", "managedBy", "sku", "identity", "tags", "plan")


def matcher(text: str | None) -> Callable[[Item], bool]:
    """A $filter as a function; AzureError 400 for what the language does not have."""
    if not text:
        return lambda _item: True
    tests: list[Callable[[Item], bool]] = []
    tag: str | None = None
    for clause in re.split(r"\s+and\s+", text, flags=re.IGNORECASE):
        found = _COMPARISON.fullmatch(clause)
        if found is None:
            raise AzureError(
                400,
                "InvalidFilterInQueryString",
                f"Invalid $filter '{text}' specified in the query string: comparisons with eq and ne joined by 'and', "
                "and substringof('text', name), are what the local Azure has.",
            )
        if found["call"]:
            tests += _call_test(found["call"].lower(), found["who"])
        elif found["of"]:
            part = found["part"].replace("''", "'").lower()
            tests.append(lambda item, part=part, of=found["of"]: part in _field(item, of).lower())
        elif found["field"].lower() == "tagname":
            tag = found["value"].replace("''", "'")
            tests.append(_tag_test(tag, None))
        elif found["field"].lower() == "tagvalue":
            tests.append(_tag_test(tag, found["value"].replace("''", "'")))
        else:
            tests.append(_compare_test(found["field"], found["op"].lower(), found["value"].replace("''", "'")))
    return lambda item: all(test(item) for test in tests)


def page(items: Sequence[Item], query: Mapping[str, str], url: str, size: int) -> dict[str, Any]:
    """`{"value": [...], "nextLink"?}`. `url` is the collection's own, without a query; `size` the most on a page.

    Storage calls the size `$maxpagesize`, all others `$top`.
    """
    name = "maxpagesize" if "maxpagesize" in query else "top"
    return _page(items, query, url, size=_size(query.get(name), f"${name}", most=size), by="skiptoken")


def page_by_skip(items: Sequence[Item], query: Mapping[str, str], url: str, size: int) -> dict[str, Any]:
    """As machine learning does it: `$top` or `count` is the size of a page, and the token's name is `$skip`."""
    top, count = query.get("top"), query.get("count")
    asked = _size(top, "$top", most=size) if top else _size(count, "count", most=size)
    return _page(items, query, url, size=asked, by="skip")


def _page(items: Sequence[Item], query: Mapping[str, str], url: str, *, size: int, by: str) -> dict[str, Any]:
    start = _start(items, query.get(by), by)
    answer: dict[str, Any] = {"value": list(items[start : start + size])}
    if start + size < len(items):
        place = {"at": start + size, "after": items[start + size - 1].get("id", "")}
        following = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        names = {"filter": "$filter", "expand": "$expand", "top": "$top", "maxpagesize": "$maxpagesize"}
        kept = {names.get(name, name): value for name, value in query.items() if name != by}
        answer["nextLink"] = f"{url}?{urlencode({**kept, f'${by}': following})}"
    return answer


def _size(given: str | None, name: str, *, most: int) -> int:
    if given is None:
        return most
    if len(given) > _DIGITS or not given.isdecimal() or int(given) < 1:
        message = f"The value '{given[:50]}' of {name} is invalid: a whole number above 0."
        raise AzureError(400, "InvalidTopParameter", message)
    return min(most, int(given))


def shown(resource: Item) -> dict[str, Any]:
    """A resource as the generic list shows it: no properties."""
    return {name: resource[name] for name in _SHOWN if name in resource}


def _start(items: Sequence[Item], token: str | None, name: str) -> int:
    """Where a page begins: after the last item of the page before, though others, or it, be gone meanwhile."""
    if token is None:
        return 0
    try:
        place: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token))
        at, after = int(place["at"]), str(place["after"])
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise AzureError(400, "InvalidSkipToken", f"The ${name} is invalid.") from error
    if not after:
        return max(0, at)
    if isinstance(items, Stretch):
        return items.up_to(after)
    known = next((index + 1 for index, item in enumerate(items) if item.get("id") == after), None)
    if known is not None:
        return known
    return sum(str(item.get("id", "")).lower() <= after.lower() for item in items)


def _field(item: Item, name: str) -> str:
    lower = name.lower()
    if lower == "resourcetype":
        return str(item.get("type", ""))
    if lower == "resourcegroup":
        return parse(str(item["id"])).group or ""
    for place in (item, child(item, "properties")):
        for known, value in place.items():
            if known.lower() == lower:
                return str(value)
    return ""


def _compare_test(field: str, op: str, value: str) -> Callable[[Item], bool]:
    equal = op == "eq"
    return lambda item: (_field(item, field).lower() == value.lower()) is equal


def _tag_test(tag: str | None, value: str | None) -> Callable[[Item], bool]:
    def test(item: Item) -> bool:
        tags = child(item, "tags")
        return any(value in {None, v} and (tag is None or k.lower() == tag.lower()) for k, v in tags.items())

    return test


def _call_test(call: str, who: str | None) -> list[Callable[[Item], bool]]:
    # atScope() is answered by whoever collects the items: it decides which scopes are looked at.
    if call == "atscope":
        return []
    return [lambda item: str(child(item, "properties").get("principalId", "")).lower() == (who or "").lower()]
