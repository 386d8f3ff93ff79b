"""What an account may become, and how much of what there is in use: SKUs of one account, usages.

Owns: these lists. Leaves: which SKU a kind has to `table_cognitive.py`.
"""

from typing import Any

from localazure.arm import table_cognitive, table_storage
from localazure.arm.locations import location_name
from localazure.arm.resources import Resource
from localazure.arm.types import World
from localazure.errors import AzureError

__all__ = ["account_skus", "account_usages", "cognitive_usages", "storage_usages"]

_MOST_STORAGE_ACCOUNTS = 250  # per region and subscription: learn.microsoft.com, "Azure subscription limits"


def account_skus(world: World, account_id: str) -> list[dict[str, Any]]:
    """The SKUs to which an account can be changed."""
    account = _account(world, account_id)
    return [
        {
            "resourceType": table_cognitive.ACCOUNT,
            "sku": {"name": sku, "tier": "Free" if sku == "F0" else "Standard"},
        }
        for sku in table_cognitive.KINDS[account["kind"]]
    ]


def account_usages(world: World, account_id: str) -> list[dict[str, Any]]:
    """Nothing: calls are not metered here."""
    _account(world, account_id)
    return []


def cognitive_usages(location: str) -> list[dict[str, Any]]:
    """Nothing: the local Azure has no quota of models."""
    _known(location)
    return []


def storage_usages(world: World, location: str) -> list[dict[str, Any]]:
    name = _known(location)
    accounts = [a for a in world.resources.of_type(table_storage.ACCOUNT) if a["location"] == name]
    return [
        {
            "unit": "Count",
            "currentValue": len(accounts),
            "limit": _MOST_STORAGE_ACCOUNTS,
            "name": {"value": "StorageAccounts", "localizedValue": "Storage Accounts"},
        }
    ]


def _account(world: World, account_id: str) -> Resource:
    account = world.resources.get(account_id)
    if account is None:
        raise AzureError(404, "ResourceNotFound", f"The Resource '{account_id}' was not found.")
    return account


def _known(location: str) -> str:
    name = location_name(location)
    if name is None:
        raise AzureError(400, "LocationNotAvailable", f"The provided location '{location}' does not exist.")
    return name
