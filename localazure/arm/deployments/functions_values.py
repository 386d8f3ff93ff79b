"""The array, object, comparison, logical and numeric functions of the template language. Pure."""

import math
from collections.abc import Mapping
from typing import Any

from localazure.arm.deployments.arguments import Arguments, Function, find_key, same, text_of
from localazure.arm.deployments.values import is_array, is_object

__all__ = ["VALUE_FUNCTIONS"]

_LARGEST = 2**63 - 1
_MOST_ITEMS = 10_000


def _whole(a: Arguments, value: int) -> int:
    if abs(value) > _LARGEST:
        raise a.wrong("leaves the range of integers")
    return value


def _quotient(a: Arguments, *, rest: bool) -> int:
    left, right = a.whole(0), a.whole(1)
    if right == 0:
        raise a.wrong("cannot divide by zero")
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return left - quotient * right if rest else quotient


def _int(a: Arguments) -> int:
    value = a.any(0)
    if isinstance(value, float):
        return int(value)
    if isinstance(value, str):
        try:
            return _whole(a, int(value[:20]))
        except ValueError:
            raise a.wrong("cannot read its parameter as an Integer") from None
    return a.whole(0)


def _float(a: Arguments) -> float:
    try:
        value = float(a.any(0))
    except (ValueError, TypeError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise a.wrong("cannot read its parameter as a Float")
    return value


def _numbers(a: Arguments) -> list[int]:
    values = a.array(0) if len(a) == 1 and is_array(a.any(0)) else a.values
    listed = Arguments(a.name, values)
    if not values:
        raise a.wrong("expects at least one integer")
    return [listed.whole(at) for at in range(len(values))]


def _range(a: Arguments) -> list[int]:
    start, count = a.whole(0), a.whole(1)
    if not 0 <= count <= _MOST_ITEMS:
        raise a.wrong(f"expects a count from 0 to {_MOST_ITEMS}")
    return list(range(start, start + count))


def _contains(a: Arguments) -> bool:
    where, what = a.any(0), a.any(1)
    if isinstance(where, str):
        return text_of(what) in where
    if is_object(where):
        return find_key(a.document(0), text_of(what)) is not None
    return any(same(item, what) for item in a.array(0))


def _length(a: Arguments) -> int:
    value = a.any(0)
    if isinstance(value, str):
        return len(value)
    return len(a.document(0)) if is_object(value) else len(a.array(0))


def _empty(a: Arguments) -> bool:
    return a.any(0) is None or _length(a) == 0


def _end(a: Arguments, at: int) -> Any:
    value = a.any(0)
    if isinstance(value, str):
        return value[at:][:1]
    items = a.array(0)
    return items[at] if items else None


def _take(a: Arguments, *, skip: bool) -> Any:
    value, count = a.any(0), max(a.whole(1), 0)
    items = value if isinstance(value, str) else a.array(0)
    return items[count:] if skip else items[:count]


def _position(a: Arguments, *, last: bool) -> int:
    where, what = a.any(0), a.any(1)
    if isinstance(where, str):
        text, part = where.lower(), a.text(1).lower()
        return text.rfind(part) if last else text.find(part)
    found = [at for at, item in enumerate(a.array(0)) if same(item, what)]
    return -1 if not found else found[-1 if last else 0]


def _union(a: Arguments) -> Any:
    if all(is_object(value) for value in a.values):
        return _merged(a.values)
    kept: list[Any] = []
    for at in range(len(a)):
        kept += [item for item in a.array(at) if not any(same(item, other) for other in kept)]
    return kept


def _merged(documents: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for document in documents:
        for name, value in document.items():
            known = find_key(result, name) or name
            both = is_object(value) and is_object(result.get(known))
            result[known] = _merged([result[known], value]) if both else value
    return result


def _intersection(a: Arguments) -> Any:
    if is_object(a.any(0)):
        others = [a.document(at) for at in range(1, len(a))]
        return {
            name: value
            for name, value in a.document(0).items()
            if all((key := find_key(other, name)) is not None and same(other[key], value) for other in others)
        }
    lists = [a.array(at) for at in range(1, len(a))]
    kept: list[Any] = []
    for item in a.array(0):
        if not any(same(item, other) for other in kept) and all(any(same(item, x) for x in other) for other in lists):
            kept.append(item)
    return kept


def _object(a: Arguments) -> dict[str, Any]:
    if len(a) % 2:
        raise a.wrong("expects names and values in turn")
    return {a.text(at): a.any(at + 1) for at in range(0, len(a), 2)}


def _compare(a: Arguments) -> int:
    left, right = a.any(0), a.any(1)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    one, other = a.whole(0), a.whole(1)
    return (one > other) - (one < other)


def _flat(a: Arguments) -> list[Any]:
    return [inner for item in a.array(0) for inner in (item if is_array(item) else [item])]


def _items(a: Arguments) -> list[Any]:
    document = a.document(0)
    return [{"key": name, "value": document[name]} for name in sorted(document, key=str.lower)]


def _try_get(a: Arguments) -> Any:
    value = a.any(0)
    for at in range(1, len(a)):
        key = a.any(at)
        if is_array(value) and isinstance(key, int):
            items: list[Any] = value
            value = items[key] if 0 <= key < len(items) else None
        elif is_object(value) and isinstance(key, str):
            found = find_key(value, key)
            value = None if found is None else value[found]
        else:
            return None
    return value


def _shallow(a: Arguments) -> dict[str, Any]:
    return {name: value for document in a.array(0) for name, value in document.items()}


VALUE_FUNCTIONS: Mapping[str, Function] = {
    "add": Function(2, 2, lambda a: _whole(a, a.whole(0) + a.whole(1))),
    "array": Function(1, 1, lambda a: a.any(0) if is_array(a.any(0)) else [a.any(0)]),
    "coalesce": Function(1, None, lambda a: next((value for value in a.values if value is not None), None)),
    "contains": Function(2, 2, _contains),
    "createarray": Function(0, None, lambda a: list(a.values)),
    "createobject": Function(0, None, _object),
    "div": Function(2, 2, lambda a: _quotient(a, rest=False)),
    "empty": Function(1, 1, _empty),
    "equals": Function(2, 2, lambda a: same(a.any(0), a.any(1))),
    "false": Function(0, 0, lambda _a: False),
    "first": Function(1, 1, lambda a: _end(a, 0)),
    "flatten": Function(1, 1, _flat),
    "float": Function(1, 1, _float),
    "greater": Function(2, 2, lambda a: _compare(a) > 0),
    "greaterorequals": Function(2, 2, lambda a: _compare(a) >= 0),
    "indexof": Function(2, 2, lambda a: _position(a, last=False)),
    "int": Function(1, 1, _int),
    "intersection": Function(2, None, _intersection),
    "items": Function(1, 1, _items),
    "last": Function(1, 1, lambda a: _end(a, -1)),
    "lastindexof": Function(2, 2, lambda a: _position(a, last=True)),
    "length": Function(1, 1, _length),
    "less": Function(2, 2, lambda a: _compare(a) < 0),
    "lessorequals": Function(2, 2, lambda a: _compare(a) <= 0),
    "max": Function(1, None, lambda a: max(_numbers(a))),
    "min": Function(1, None, lambda a: min(_numbers(a))),
    "mod": Function(2, 2, lambda a: _quotient(a, rest=True)),
    "mul": Function(2, 2, lambda a: _whole(a, a.whole(0) * a.whole(1))),
    "not": Function(1, 1, lambda a: not a.truth(0)),
    "null": Function(0, 0, lambda _a: None),
    "objectkeys": Function(1, 1, lambda a: sorted(a.document(0), key=str.lower)),
    "range": Function(2, 2, _range),
    "shallowmerge": Function(1, 1, _shallow),
    "skip": Function(2, 2, lambda a: _take(a, skip=True)),
    "sub": Function(2, 2, lambda a: _whole(a, a.whole(0) - a.whole(1))),
    "take": Function(2, 2, lambda a: _take(a, skip=False)),
    "true": Function(0, 0, lambda _a: True),
    "tryget": Function(2, None, _try_get),
    "union": Function(1, None, _union),
}
