"""What things cost: a dated table of prices, what resources cost a month, what a run costs.

Owns: prices, money, estimates. Knows no service, no network.
Leaves: asking Azure what was spent to `automation.azure`, showing it to the CLI.
"""

from automation.cost.actual import Spent, SpentByTag, list_price, query_body, read_by_tag, read_spent
from automation.cost.estimate import Estimate, Line, Share, Training, Work, caveats, estimate, sentence
from automation.cost.money import Money, Total, spelled, total
from automation.cost.parts import Part, location_of, parts_of
from automation.cost.prices import Price, old_prices, price_of, prices
from automation.cost.resources import monthly_price
from automation.cost.running import BackEnd, prediction_price, training_price

__all__ = [
    "BackEnd",
    "Estimate",
    "Line",
    "Money",
    "Part",
    "Price",
    "Share",
    "Spent",
    "SpentByTag",
    "Total",
    "Training",
    "Work",
    "caveats",
    "estimate",
    "list_price",
    "location_of",
    "monthly_price",
    "old_prices",
    "parts_of",
    "prediction_price",
    "price_of",
    "prices",
    "query_body",
    "read_by_tag",
    "read_spent",
    "sentence",
    "spelled",
    "total",
    "training_price",
]
