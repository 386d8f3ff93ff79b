"""The price table and what a month of an idle resource costs by it."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from automation.cost import Money, Price, monthly_price, old_prices, price_of, prices, total
from automation.cost.prices import OLD_AFTER_DAYS, parse_prices
from automation.cost.resources import IDLE
from automation.errors import ConfigError

ROW: dict[str, Any] = {
    "meter": "registry/day",
    "sku": "Basic",
    "unit": "1 day",
    "amount": "0.167",
    "currency": "USD",
    "source": "https://example.org/prices",
    "dated": "2026-01-31",
}


def table(*rows: dict[str, Any]) -> tuple[Price, ...]:
    return parse_prices({"prices": [{**ROW, **row} for row in rows]})


@pytest.mark.parametrize("lacking", ["source", "dated", "currency"])
def test_a_price_without_its_source_date_or_currency_is_refused(lacking: str) -> None:
    with pytest.raises(ConfigError, match=r"registry/day Basic has no source, date or currency"):
        table({lacking: ""})


def test_a_price_that_stands_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="stands in the table twice"):
        table({}, {})


def test_every_row_of_our_table_says_its_source_and_day() -> None:
    for row in prices():
        if row.amount is not None:
            assert re.fullmatch(r"https://[^\s]+", row.source), row
            assert re.fullmatch(r"[A-Z]{3}", row.currency), row
            assert row.dated is not None, row
            assert row.dated < date(2026, 12, 1), row
        else:
            assert row.note, f"{row.meter}: what was looked for, and not found"


def test_every_meter_of_an_idle_resource_is_in_the_table() -> None:
    assert {idle.meter for idle in IDLE.values()} <= {row.meter for row in prices()}


def test_a_registry_costs_its_days() -> None:
    found = monthly_price("microsoft.containerregistry/Registries", sku="basic")
    assert found is not None
    assert found.amount.quantize(Decimal("0.0001")) == Decimal("5.0796"), "0.167 a day, 365 days in 12 months"
    assert (found.currency, found.per) == ("USD", "month")


def test_a_kind_that_is_not_in_the_table_is_unknown_and_not_free() -> None:
    assert monthly_price("Microsoft.Quantum/workspaces") is None
    assert monthly_price("Microsoft.ContainerRegistry/registries", sku="Gold") is None
    assert monthly_price("Microsoft.Storage/storageAccounts", sku="Standard_LRS") is None, (
        "how much it holds is unknown"
    )


def test_a_price_of_the_region_wins_over_one_without_and_over_another_region() -> None:
    rows = table({"region": "westus", "amount": "3"}, {"amount": "2"}, {"region": "westeurope", "amount": "1"})
    found = [price_of("registry/day", sku="Basic", location=where, table=rows) for where in ("West Europe", "norway")]
    assert [row.amount for row in found if row] == [1, 2]
    other = price_of("registry/day", sku="Basic", location="norway", table=rows[:1])
    assert other is not None
    assert other.region == "westus"


def test_a_row_without_an_amount_is_unknown() -> None:
    rows = table({"amount": None, "source": "", "dated": ""})
    assert price_of("registry/day", sku="Basic", table=rows) is None
    assert rows[0].of(3, per="month") is None


def test_old_prices_are_named_from_the_day_on_that_they_are_old() -> None:
    rows = table({})
    day = date(2026, 1, 31) + timedelta(days=OLD_AFTER_DAYS)
    assert old_prices(day, rows) == ()
    assert old_prices(day + timedelta(days=1), rows) == rows


def test_sums_keep_currencies_apart_and_say_what_is_unknown() -> None:
    def money(amount: str, currency: str = "USD", dated: date = date(2026, 1, 1)) -> Money:
        return Money(amount=Decimal(amount), currency=currency, per="month", dated=dated)

    found = total([money("1.10"), None, money("2.05", dated=date(2025, 1, 1)), money("7", "EUR")], per="month")
    assert str(found) == "at least EUR 7.00 + USD 3.15, 1 price unknown"
    assert found.amounts[1].dated == date(2025, 1, 1), "the oldest day counts"
    assert str(total([None, None], per="month")) == "2 prices unknown"
    assert str(total([money("0")], per="month")) == "USD 0.00"


@pytest.mark.parametrize(
    ("amount", "said"), [("1234.565", "1,234.57"), ("0", "0.00"), ("0.0000512", "0.000051"), ("0.01", "0.01")]
)
def test_money_below_a_cent_is_not_written_as_nothing(amount: str, said: str) -> None:
    money = Money(amount=Decimal(amount), currency="USD", per="run", dated=date(2026, 1, 1))
    assert str(money) == f"USD {said} a run"
