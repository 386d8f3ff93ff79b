"""The price table: what Azure's meters cost, from which source and of which day.

Owns: `prices.json`, reading it, and the choice of a row for a region.
Leaves: how much of a meter something uses to `resources.py` and `running.py`.
A meter without a row, or with a row that has no amount, is unknown.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from automation.cost.money import Money
from automation.errors import ConfigError

__all__ = ["OLD_AFTER_DAYS", "Price", "old_prices", "parse_prices", "price_of", "prices"]

OLD_AFTER_DAYS = 550  # eighteen months: Azure changes few list prices, and a reader should look again after that time


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One row: what one unit of a meter costs.

    Attributes:
        meter: Our name of what is counted ("custom-vision/training").
        sku: The tier or size it is of; empty where the meter has one price.
        unit: What `per` units of it are, in the words of the source ("1 hour").
        per: How many units the amount is for, as a number: 10000 for a price of ten thousand operations.
        region: Azure's region; empty where the source names none.
        amount: None where no source was found.
        source: Address of the page or file that states it.
        dated: The day that the source states.
        note: What else to know.
    """

    meter: str
    sku: str
    unit: str
    per: Decimal
    region: str
    amount: Decimal | None
    currency: str
    source: str
    dated: date | None
    note: str

    def of(self, count: Decimal | float, *, per: str) -> Money | None:
        """So many units, as money per something; None where the price is unknown."""
        if self.amount is None or self.dated is None:
            return None
        amount = self.amount * Decimal(str(count)) / self.per
        return Money(amount=amount, currency=self.currency, per=per, dated=self.dated, region=self.region)


@cache
def prices() -> tuple[Price, ...]:
    """All rows of the table that comes with visionlab."""
    return parse_prices(json.loads(Path(__file__).with_name("prices.json").read_text("utf-8")))


def parse_prices(document: Any) -> tuple[Price, ...]:  # JSON
    """Rows of a table.

    Raises:
        ConfigError: A row that states an amount without its source or date, or that is there twice.
    """
    rows = tuple(_row(raw) for raw in document["prices"])
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        key = (row.meter, row.sku, row.region)
        if key in seen:
            raise ConfigError(f"the price of {row.meter} {row.sku} {row.region} stands in the table twice")
        seen.add(key)
    return rows


def price_of(meter: str, *, sku: str = "", location: str = "", table: Iterable[Price] | None = None) -> Price | None:
    """The row of a meter: that of the region, or one that names no region, or another region's.

    The price of another region is a hint, and says in `region` whose it is. None where there is no row, or none with an
    amount.
    """
    rows = prices() if table is None else table
    fit = [
        row for row in rows if row.meter == meter and row.sku.lower() in ("", sku.lower()) and row.amount is not None
    ]
    wanted = location.replace(" ", "").lower()
    order = {wanted: 0, "": 1}
    return min(fit, key=lambda row: (row.sku == "", order.get(row.region, 2), row.region), default=None)


def old_prices(today: date, table: Iterable[Price] | None = None) -> tuple[Price, ...]:
    """Rows whose source is so old that somebody should look again."""
    rows = prices() if table is None else table
    return tuple(row for row in rows if row.dated is not None and (today - row.dated).days > OLD_AFTER_DAYS)


def _row(raw: dict[str, Any]) -> Price:
    amount = None if raw.get("amount") is None else Decimal(raw["amount"])
    dated = date.fromisoformat(raw["dated"]) if raw.get("dated") else None
    row = Price(
        meter=raw["meter"],
        sku=raw.get("sku", ""),
        unit=raw["unit"],
        per=Decimal(str(raw.get("per", 1))),
        region=raw.get("region", ""),
        amount=amount,
        currency=raw.get("currency", ""),
        source=raw.get("source", ""),
        dated=dated,
        note=raw.get("note", ""),
    )
    if amount is not None and not (row.source.startswith("https://") and dated and row.currency):
        raise ConfigError(f"the price of {row.meter} {row.sku} has no source, date or currency")
    return row
