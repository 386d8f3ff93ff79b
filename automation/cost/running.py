"""What using costs: trainings and predictions, on each back end.

Owns: which meter a back end's use runs on. Leaves: what is used to the callers.
"""

from decimal import Decimal
from typing import Literal

from automation.cost.money import Money
from automation.cost.prices import price_of

__all__ = ["BackEnd", "prediction_price", "training_price"]

BackEnd = Literal["image-analysis", "custom-vision", "automl"]
_PAID = {"image-analysis": "S1", "custom-vision": "S0"}


def training_price(
    back_end: BackEnd, hours: Decimal | float, *, sku: str = "", machine: str = "", location: str = ""
) -> Money | None:
    """What a training of so many compute hours costs; None where that is unknown.

    Args:
        back_end: Who trains.
        hours: As they are billed: of a budget, all of it at the most.
        sku: The account's tier; the paid one unless said.
        machine: The size of the cluster's machines, for automl.
        location: The region.
    """
    if back_end == "automl":
        row = price_of("machine/hour", sku=machine, location=location) if machine else None
    else:
        row = price_of(f"{back_end}/training", sku=sku or _PAID[back_end], location=location)
    return None if row is None else row.of(hours, per="training")


def prediction_price(back_end: BackEnd, pictures: int, *, sku: str = "", location: str = "") -> Money | None:
    """What looking at so many pictures costs; None where that is unknown, as for a model that one hosts oneself."""
    if back_end == "automl":
        return None
    row = price_of(f"{back_end}/transactions", sku=sku or _PAID[back_end], location=location)
    return None if row is None else row.of(pictures, per="run")
