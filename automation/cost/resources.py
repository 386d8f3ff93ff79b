"""What a resource costs in a month in which nobody uses it: its fixed price, and what it holds.

Owns: the table from kinds of resources to the meters that run while they only exist.
Leaves: the prices to `prices.py`, what a use costs to `running.py`.
"""

from dataclasses import dataclass
from decimal import Decimal

from automation.cost.money import Money, total
from automation.cost.prices import price_of

__all__ = ["DAYS_A_MONTH", "HOURS_A_MONTH", "IDLE", "Idle", "monthly_price"]

DAYS_A_MONTH = Decimal(365) / 12
HOURS_A_MONTH = DAYS_A_MONTH * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """The meter that runs while a resource of a kind exists.

    Attributes:
        meter: In the price table; its rows with an amount of 0 say that nothing runs.
        units: How many of the meter's units a month has; for `stored`, how many for each GB.
        stored: Whether the units are for each GB that it holds, which a caller has to know.
    """

    meter: str
    units: Decimal = Decimal(1)
    stored: bool = False


IDLE: dict[str, Idle] = {
    "microsoft.containerregistry/registries": Idle(meter="registry/day", units=DAYS_A_MONTH),
    "microsoft.storage/storageaccounts": Idle(meter="storage/data", stored=True),
    "microsoft.cognitiveservices/accounts": Idle(meter="vision/existing"),
    "microsoft.keyvault/vaults": Idle(meter="vault/existing"),
    "microsoft.operationalinsights/workspaces": Idle(meter="logs/existing"),
    "microsoft.insights/components": Idle(meter="insights/existing"),
    "microsoft.machinelearningservices/workspaces": Idle(meter="ml-workspace/existing"),
    "microsoft.machinelearningservices/workspaces/computes": Idle(meter="ml-cluster/day", units=DAYS_A_MONTH),
    "microsoft.authorization/roleassignments": Idle(meter="role-assignment/existing"),
}


def monthly_price(
    resource_type: str, *, sku: str = "", location: str = "", stored_gb: Decimal | float | None = None
) -> Money | None:
    """What a resource costs in a month when nobody uses it.

    Args:
        resource_type: As ARM names it, in any case.
        sku: Its tier or size.
        location: Its region. A price of another region is taken where that one's is not known, and says so.
        stored_gb: What it holds, for kinds that are billed by it.

    Returns:
        None where that is unknown; a Money of 0 only where a source says that it costs nothing.
    """
    idle = IDLE.get(resource_type.lower())
    if idle is None:
        return None
    row = price_of(idle.meter, sku=sku, location=location)
    if row is None or (idle.stored and stored_gb is None):
        return None
    units = idle.units if not idle.stored else idle.units * Decimal(str(stored_gb))
    known = total([row.of(units, per="month")], per="month")
    return known.amounts[0] if known.amounts else None
