"""Azure's regions, as far as a lab may name them. Owns: the literal list."""

__all__ = ["LOCATIONS", "location_name"]

LOCATIONS: dict[str, str] = {
    "eastus": "East US", "eastus2": "East US 2", "westus": "West US", "westus2": "West US 2", "westus3": "West US 3",
    "centralus": "Central US", "northcentralus": "North Central US", "southcentralus": "South Central US",
    "westcentralus": "West Central US", "canadacentral": "Canada Central", "brazilsouth": "Brazil South",
    "northeurope": "North Europe", "westeurope": "West Europe", "uksouth": "UK South", "ukwest": "UK West",
    "francecentral": "France Central", "germanywestcentral": "Germany West Central", "swedencentral": "Sweden Central",
    "switzerlandnorth": "Switzerland North", "norwayeast": "Norway East", "polandcentral": "Poland Central",
    "italynorth": "Italy North", "spaincentral": "Spain Central", "uaenorth": "UAE North",
    "southafricanorth": "South Africa North", "qatarcentral": "Qatar Central", "israelcentral": "Israel Central",
    "centralindia": "Central India", "southindia": "South India", "southeastasia": "Southeast Asia",
    "eastasia": "East Asia", "japaneast": "Japan East", "japanwest": "Japan West", "koreacentral": "Korea Central",
    "australiaeast": "Australia East", "australiasoutheast": "Australia Southeast", "mexicocentral": "Mexico Central",
    "newzealandnorth": "New Zealand North",
}  # fmt: skip


def location_name(text: str) -> str | None:
    """`East US` and `eastus` are `eastus`; None for a region that does not exist. `global` stays."""
    name = text.replace(" ", "").lower()
    return name if name in LOCATIONS or name == "global" else None
