"""What is metered: kinds of resources, and the meters that run on them.

Owns: the names, as close to Azure's as is known, and the units in which Azure counts them.
Leaves: prices to nobody: everything here costs 0.
"""

from dataclasses import dataclass

__all__ = ["METERED", "METERS", "MeterKind", "Metered", "Resource", "standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterKind:
    """One meter. `per` of what is counted here are one of Azure's units."""

    name: str
    category: str
    unit: str
    per: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """A kind of resource. `standing` is the meter that runs, in hours, while a resource exists."""

    type: str
    standing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as the meter sees it; ids are compared in lower case."""

    id: str
    type: str
    location: str
    sku: str
    tags: dict[str, str]


_HOURS_A_MONTH = 730.0
TRAINING, CALLS, STORED, SECRETS = (
    "Custom Image Classification Training",
    "Image Analysis Group 1 Transactions",
    "LRS Data Stored",
    "Operations",
)
METERS: dict[str, MeterKind] = {
    meter.name: meter
    for meter in (
        MeterKind(name=TRAINING, category="Azure Vision", unit="1 Hour", per=3600.0),  # counted in seconds
        MeterKind(name=CALLS, category="Azure Vision", unit="1K", per=1000.0),
        MeterKind(name=STORED, category="Storage", unit="1 GB/Month", per=1e9 * _HOURS_A_MONTH),  # byte-hours
        MeterKind(name=SECRETS, category="Key Vault", unit="10K", per=10_000.0),
        MeterKind(name="Basic Registry Unit", category="Container Registry", unit="1/Day", per=24.0),
        MeterKind(name="Standard Registry Unit", category="Container Registry", unit="1/Day", per=24.0),
        MeterKind(name="Premium Registry Unit", category="Container Registry", unit="1/Day", per=24.0),
        MeterKind(name="Standard Load Balancer", category="Load Balancer", unit="1/Day", per=24.0),
    )
}
METERED: dict[str, Metered] = {
    kind.type.lower(): kind
    for kind in (
        Metered(type="Microsoft.CognitiveServices/accounts"),
        Metered(type="Microsoft.Storage/storageAccounts"),
        Metered(type="Microsoft.KeyVault/vaults"),
        Metered(type="Microsoft.ContainerRegistry/registries", standing="{sku} Registry Unit"),
        Metered(type="Microsoft.MachineLearningServices/workspaces/computes", standing="Standard Load Balancer"),
    )
}


def standing(resource: Resource) -> str | None:
    """The meter that runs while this resource exists."""
    name = METERED[resource.type.lower()].standing
    name = None if name is None else name.format(sku=resource.sku or "Basic")
    return name if name in METERS else None
