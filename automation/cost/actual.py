"""What was spent, as Cost Management tells it: the question, and the answer as values.

Owns: the field names of the query API, and which row of the price table an Azure meter is, for what the local Azure
counted. Leaves: asking to `automation.workflow.spending`.
Cost Management groups by two things at the most: by resource and meter, or by a tag.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from automation.cost.money import Money
from automation.cost.prices import price_of
from automation.errors import ServiceError

__all__ = ["QUERY", "QUERY_VERSION", "Spent", "SpentByTag", "list_price", "query_body", "read_by_tag", "read_spent"]

QUERY = "/providers/Microsoft.CostManagement/query"
QUERY_VERSION = "2024-08-01"
_SUMS = {
    "cost": {"name": "Cost", "function": "Sum"},
    "used": {"name": "UsageQuantity", "function": "Sum"},
}
# Azure's meters that the local Azure counts: our meter, its tier, and how many of our units one of Azure's is.
_METERS: dict[str, tuple[str, str, int]] = {
    "Custom Image Classification Training": ("image-analysis/training", "S1", 1),
    "Image Analysis Group 1 Transactions": ("image-analysis/transactions", "S1", 1000),
    "LRS Data Stored": ("storage/data", "Standard_LRS", 1),
    "Operations": ("vault/operations", "", 10_000),
    "Basic Registry Unit": ("registry/day", "Basic", 1),
    "Standard Registry Unit": ("registry/day", "Standard", 1),
    "Premium Registry Unit": ("registry/day", "Premium", 1),
    "Standard Load Balancer": ("ml-cluster/day", "", 1),
}
_UNITS = {
    "Custom Image Classification Training": "hours",
    "Image Analysis Group 1 Transactions": "thousand",
    "LRS Data Stored": "GB-months",
    "Operations": "ten thousand",
    "Basic Registry Unit": "days",
    "Standard Registry Unit": "days",
    "Premium Registry Unit": "days",
    "Standard Load Balancer": "days",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One meter of one resource.

    Attributes:
        used: In the meter's own units; `unit` is empty where they are not known here.
        cost: As Azure says it, before taxes.
    """

    resource_id: str
    meter: str
    used: Decimal
    unit: str
    cost: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentByTag:
    """What everything with one value of a tag cost."""

    value: str
    cost: Money


def query_body(
    start: date, end: date, *, by_tag: str | None = None, where: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The question.

    Args:
        start: The first day.
        end: The last day, which is included.
        by_tag: A tag to sum by; None sums by resource and meter.
        where: A tag and its value; None asks for everything at the scope.
    """
    grouping = (
        [{"type": "TagKey", "name": by_tag}]
        if by_tag
        else [{"type": "Dimension", "name": "ResourceId"}, {"type": "Dimension", "name": "Meter"}]
    )
    dataset: dict[str, Any] = {"granularity": "None", "aggregation": _SUMS, "grouping": grouping}
    if where is not None:
        dataset["filter"] = {"tags": {"name": where[0], "operator": "In", "values": [where[1]]}}
    period = {"from": f"{start.isoformat()}T00:00:00Z", "to": f"{end.isoformat()}T23:59:59Z"}
    return {"type": "ActualCost", "timeframe": "Custom", "timePeriod": period, "dataset": dataset}


def read_spent(pages: Iterable[Mapping[str, Any]], *, day: date) -> list[Spent]:
    """Rows by resource and meter. Raises ServiceError when the columns are not those that were asked for."""
    found: list[Spent] = []
    for row in _rows(pages, ("Cost", "UsageQuantity", "ResourceId", "Meter", "Currency")):
        meter = str(row["Meter"])
        found.append(
            Spent(
                resource_id=str(row["ResourceId"]),
                meter=meter,
                used=_number(row["UsageQuantity"]),
                unit=_UNITS.get(meter, ""),
                cost=_money(row, day),
            )
        )
    return sorted(found, key=lambda one: (one.resource_id, one.meter))


def read_by_tag(pages: Iterable[Mapping[str, Any]], *, day: date) -> list[SpentByTag]:
    """Rows by the value of a tag; those without it have an empty one."""
    rows = _rows(pages, ("Cost", "TagValue", "Currency"))
    return [SpentByTag(value=str(row["TagValue"] or ""), cost=_money(row, day)) for row in rows]


def list_price(spent: Spent, *, location: str = "") -> Money | None:
    """What the quantity costs by the price table; None where the meter or its price is not in it."""
    known = _METERS.get(spent.meter)
    if known is None:
        return None
    meter, sku, times = known
    row = price_of(meter, sku=sku, location=location)
    return None if row is None else row.of(spent.used * times, per="period")


def _rows(pages: Iterable[Mapping[str, Any]], wanted: Sequence[str]) -> Iterable[dict[str, Any]]:
    for page in pages:
        columns = [str(column.get("name")) for column in cast("list[dict[str, Any]]", page.get("columns") or [])]
        rows = cast("list[list[Any]]", page.get("rows") or [])
        if rows and (missing := [name for name in wanted if name not in columns]):
            raise ServiceError(
                f"the answer lacks {', '.join(missing)}", operation="query costs", status=200, hint="is it Azure?"
            )
        for row in rows:
            yield dict(zip(columns, row, strict=True))


def _money(row: Mapping[str, Any], day: date) -> Money:
    return Money(amount=_number(row["Cost"]), currency=str(row["Currency"]), per="period", dated=day)


def _number(value: object) -> Decimal:
    return Decimal(str(value or 0))
