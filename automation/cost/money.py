"""Money: an amount with its currency, what it is for, and the day on which the price was stated.

Owns: the type, sums in which unknown parts stay visible, and how both are written.
Leaves: where a price comes from to `prices.py`. What nobody knows is None in a list of amounts, and never 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["Money", "Total", "spelled", "total"]

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A price, or what something costs by it.

    Attributes:
        amount: Exact; rounded only where it is written.
        currency: ISO 4217, as in the source ("USD").
        per: What it is for: "month", "hour", "run" ...
        dated: The day of which the source speaks; the oldest one, where several prices went into the amount.
        region: The Azure region that the price is of; empty where the source names none.
    """

    amount: Decimal
    currency: str
    per: str
    dated: date
    region: str = ""

    def times(self, count: Decimal | float, *, per: str | None = None) -> "Money":
        """So many of it, per something else when that is said."""
        return replace(self, amount=self.amount * Decimal(str(count)), per=per or self.per)

    def __str__(self) -> str:
        return f"{self.currency} {spelled(self.amount)} a {self.per}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum: one amount for each currency, and how many parts have no known price.

    The amounts are what it costs at least when `unknown` is not 0.
    """

    amounts: tuple[Money, ...]
    unknown: int

    def __str__(self) -> str:
        known = " + ".join(f"{money.currency} {spelled(money.amount)}" for money in self.amounts)
        if not self.unknown:
            return known or "nothing"
        more = f"{self.unknown} price{'' if self.unknown == 1 else 's'} unknown"
        return f"at least {known}, {more}" if known else more


def total(parts: Iterable[Money | None], *, per: str) -> Total:
    """Add up; each None counts as unknown. What is dated differently gets the oldest date."""
    sums: dict[str, Money] = {}
    unknown = 0
    for part in parts:
        if part is None:
            unknown += 1
        elif (before := sums.get(part.currency)) is None:
            sums[part.currency] = replace(part, per=per)
        else:
            sums[part.currency] = replace(
                before,
                amount=before.amount + part.amount,
                dated=min(before.dated, part.dated),
                region=before.region if before.region == part.region else "",
            )
    return Total(amounts=tuple(sums[currency] for currency in sorted(sums)), unknown=unknown)


def spelled(amount: Decimal) -> str:
    """Two decimals; what is smaller than a cent, and not nothing, keeps two digits that count."""
    if not amount:
        return "0.00"
    if abs(amount) < _CENT:
        digits = amount.adjusted() - 1
        return f"{amount.quantize(Decimal(1).scaleb(digits), rounding=ROUND_HALF_UP):f}"
    return f"{amount.quantize(_CENT, rounding=ROUND_HALF_UP):,f}"
