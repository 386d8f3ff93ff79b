"""Cost Management's query: its definition read and checked, its answer in columns and rows.

Owns: the field names and the rules of the query API. Leaves: what was used to `usage.py`.
Written from the published description of Microsoft.CostManagement/query, 2023-11-01 to 2025-03-01.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

from localazure.costs.usage import Row
from localazure.errors import AzureError

__all__ = ["Query", "answer", "parse_query"]

_TYPES = ("Usage", "ActualCost", "AmortizedCost")
_TIMEFRAMES = ("WeekToDate", "MonthToDate", "BillingMonthToDate", "TheLastMonth", "TheLastBillingMonth", "Custom")
_GRANULARITIES = ("None", "Daily", "Monthly")
_COSTS = ("Cost", "CostUSD", "PreTaxCost", "PreTaxCostUSD")
_DIMENSIONS = (
    "ResourceId", "ResourceGroup", "ResourceGroupName", "ResourceType", "ResourceLocation", "ServiceName",
    "MeterCategory", "Meter", "UnitOfMeasure", "ChargeType", "PublisherType", "SubscriptionId",
)  # fmt: skip
_MOST_GROUPS = _MOST_SUMS = 2
_LONGEST = timedelta(days=366)

Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query. `groups` are ("Dimension" or "TagKey", name); `sums` are names of columns."""

    start: datetime
    end: datetime
    granularity: str
    sums: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    test: Test = field(repr=False)


def parse_query(body: Mapping[str, Any], now: datetime) -> Query:
    """Read a definition; AzureError 400 for what Azure would not take, 501 for what is not here."""
    _known(body, "", ("type", "timeframe", "timePeriod", "dataset"))
    _one_of(body, "type", _TYPES)
    frame = _one_of(body, "timeframe", _TIMEFRAMES)
    dataset = _object(body, "dataset", required=True)
    _known(dataset, "dataset.", ("granularity", "configuration", "aggregation", "grouping", "filter"))
    if dataset.get("configuration"):
        raise AzureError(501, "NotImplementedByLocalAzure", "The local Azure lacks dataset.configuration.")
    start, end = _period(frame, body, now)
    return Query(
        start=start,
        end=end,
        granularity=_one_of(dataset, "granularity", _GRANULARITIES) if dataset.get("granularity") else "None",
        sums=_sums(_object(dataset, "aggregation")),
        groups=_groups(dataset.get("grouping") or []),
        test=_filter(_object(dataset, "filter"), "dataset.filter") if dataset.get("filter") else _everything,
    )


def answer(query: Query, rows: Iterable[Row]) -> tuple[list[dict[str, str]], list[list[object]]]:
    """Columns and rows, grouped and summed, in a steady order."""
    columns = [{"name": name, "type": "Number"} for name in query.sums]
    if query.granularity == "Daily":
        columns.append({"name": "UsageDate", "type": "Number"})
    elif query.granularity == "Monthly":
        columns.append({"name": "BillingMonth", "type": "Datetime"})
    for kind, name in query.groups:
        names = ["TagKey", "TagValue"] if kind == "TagKey" else [name]
        columns += [{"name": shown, "type": "String"} for shown in names]
    columns.append({"name": "Currency", "type": "String"})
    found: dict[tuple[object, ...], float] = {}
    for row in rows:
        if query.test(row):
            key = (*_times(query, row), *_values(query, row))
            found[key] = found.get(key, 0.0) + row.quantity
    return columns, [
        [*(round(quantity, 12) if name == "UsageQuantity" else 0.0 for name in query.sums), *key, "USD"]
        for key, quantity in sorted(found.items(), key=lambda item: [str(part) for part in item[0]])
    ]


def _times(query: Query, row: Row) -> list[object]:
    if query.granularity == "Daily":
        return [int(row.day.replace("-", ""))]
    return [f"{row.day[:7]}-01T00:00:00"] if query.granularity == "Monthly" else []


def _values(query: Query, row: Row) -> Iterable[str]:
    for kind, name in query.groups:
        if kind == "TagKey":
            yield from (name.lower(), row.tags.get(name.lower(), ""))
        else:
            yield row.dimensions[name.lower()]


def _sums(given: Mapping[str, Any]) -> tuple[str, ...]:
    if len(given) > _MOST_SUMS:
        raise _invalid(f"dataset.aggregation has more than {_MOST_SUMS} entries")
    found: list[str] = []
    for alias in given:
        entry = _object(given, alias, required=True, at="dataset.aggregation.")
        _known(entry, f"dataset.aggregation.{alias[:50]}.", ("name", "function"))
        _one_of(entry, "function", ("Sum",))
        found.append(_one_of(entry, "name", (*_COSTS, "UsageQuantity")))
    return tuple(dict.fromkeys(found))


def _groups(given: object) -> tuple[tuple[str, str], ...]:
    entries = cast("list[object]", given) if isinstance(given, list) else None
    if entries is None or len(entries) > _MOST_GROUPS:
        raise _invalid(f"dataset.grouping is a list of {_MOST_GROUPS} entries at most")
    found: list[tuple[str, str]] = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise _invalid("dataset.grouping holds objects with type and name")
        group = cast("dict[str, Any]", entry)
        _known(group, "dataset.grouping.", ("type", "name"))
        kind = _one_of(group, "type", ("Dimension", "TagKey"))
        name = _text(group, "name") if kind == "TagKey" else _one_of(group, "name", _DIMENSIONS)
        found.append((kind, name))
    return tuple(found)


def _filter(given: Mapping[str, Any], at: str, depth: int = 0) -> Test:
    if len(given) != 1 or depth > 10:
        raise _invalid(f"{at} holds one of and, or, dimensions, tags")
    ((name, value),) = given.items()
    if name in ("and", "or"):
        if not isinstance(value, list) or len(cast("list[object]", value)) < 2:
            raise _invalid(f"{at}.{name} is a list of two or more")
        tests = [
            _filter(_dict(part, f"{at}.{name}"), f"{at}.{name}", depth + 1) for part in cast("list[object]", value)
        ]
        if name == "and":
            return lambda row: all(test(row) for test in tests)
        return lambda row: any(test(row) for test in tests)
    if name not in ("dimensions", "tags"):
        raise _invalid(f"{at}.{name[:50]} is not known")
    wanted = _dict(value, f"{at}.{name}")
    _known(wanted, f"{at}.{name}.", ("name", "operator", "values"))
    _one_of(wanted, "operator", ("In",))
    values = wanted.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in cast("list[object]", values)):
        raise _invalid(f"{at}.{name}.values is a list of texts")
    known = {text.lower() for text in cast("list[str]", values)}
    if name == "tags":
        tag = _text(wanted, "name").lower()
        return lambda row: row.tags.get(tag, "").lower() in known and tag in row.tags
    dimension = _one_of(wanted, "name", _DIMENSIONS).lower()
    return lambda row: row.dimensions[dimension].lower() in known


def _everything(_row: Row) -> bool:
    return True


def _period(frame: str, body: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    today = datetime.combine(now.date(), time(), tzinfo=UTC)
    month = today.replace(day=1)
    if frame == "Custom":
        period = _object(body, "timePeriod", required=True)
        _known(period, "timePeriod.", ("from", "to"))
        start, end = (_moment(period, name) for name in ("from", "to"))
        if end < start:
            raise _invalid("timePeriod.to is before timePeriod.from")
        if end - start > _LONGEST:
            raise _invalid("the time period for pulling the data cannot exceed 1 year")
        # Azure bills whole days, and both are within what is asked for.
        return datetime.combine(start.date(), time(), tzinfo=UTC), min(_day_after(end), now)
    if body.get("timePeriod"):
        raise _invalid("timePeriod goes with the timeframe Custom only")
    if frame == "WeekToDate":
        return today - timedelta(days=(today.weekday() + 1) % 7), now
    if frame in ("TheLastMonth", "TheLastBillingMonth"):
        before = month - timedelta(days=1)
        return before.replace(day=1), month - timedelta(microseconds=1)
    return month, now


def _day_after(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), time(), tzinfo=UTC) - timedelta(microseconds=1)


def _moment(period: Mapping[str, Any], name: str) -> datetime:
    text = _text(period, name, at="timePeriod.")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid(f"timePeriod.{name} is no time") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _known(given: Mapping[str, Any], at: str, names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            raise _invalid(f"{at}{name[:50]} is not known; known are {', '.join(names)}")


def _one_of(given: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    text = _text(given, name)
    found = next((choice for choice in choices if choice.lower() == text.lower()), None)
    if found is None:
        raise _invalid(f"{name} {text[:50]!r} is not supported; supported are {', '.join(choices)}")
    return found


def _text(given: Mapping[str, Any], name: str, at: str = "") -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(f"{at}{name} is required, as a text")
    return value


def _object(given: Mapping[str, Any], name: str, *, required: bool = False, at: str = "") -> dict[str, Any]:
    value = given.get(name)
    if value is None and not required:
        return {}
    return _dict(value, at + name)


def _dict(value: object, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(f"{at} is required, as an object")
    return cast("dict[str, Any]", value)


def _invalid(why: str) -> AzureError:
    return AzureError(400, "BadRequest", f"Invalid query definition: {why}.")
