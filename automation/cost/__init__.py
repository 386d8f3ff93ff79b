"""What things cost: a dated table of prices, what resources cost a month, what a run costs.

Owns: prices, money, estimates. Knows no service, no network.
Leaves: asking Azure what was spent to `actual.py`'s caller, showing to the CLI.
"""

from automation.cost.money import Money, Total, total
from automation.cost.prices import Price, old_prices, price_of, prices
from automation.cost.resources import monthly_price

__all__ = ["Money", "Price", "Total", "monthly_price", "old_prices", "price_of", "prices", "total"]
