"""Is a name free? The checkNameAvailability calls, and which SKUs there are.

Owns: their answers. Leaves: enforcing the same rules on PUT to `service.py`.
"""

import re
from collections.abc import Mapping
from typing import Any

from localazure.arm import table_cognitive, table_storage, table_vaults
from localazure.arm.table import TABLE
from localazure.arm.types import World, deny_name

__all__ = ["check_domain", "check_storage_name", "check_vault_name", "cognitive_skus"]


def check_storage_name(world: World, body: Mapping[str, Any]) -> dict[str, Any]:
    return _check(world, table_storage.ACCOUNT, str(body.get("name", "")))


def check_vault_name(world: World, body: Mapping[str, Any]) -> dict[str, Any]:
    name = str(body.get("name", ""))
    gone = any(e["resource"]["name"].lower() == name.lower() for e in world.deleted.list(table_vaults.VAULT))
    if gone:
        message = f"The vault name '{name}' belongs to a vault in deleted state: recover or purge it."
        return {"nameAvailable": False, "reason": "AlreadyExists", "message": message}
    return _check(world, table_vaults.VAULT, name)


def check_domain(world: World, body: Mapping[str, Any]) -> dict[str, Any]:
    wanted = str(body.get("subdomainName", ""))
    kept = [entry["resource"] for entry in world.deleted.list(table_cognitive.ACCOUNT)]
    taken = any(
        str(r["properties"].get("customSubDomainName", "")).lower() == wanted.lower()
        for r in [*world.resources.of_type(table_cognitive.ACCOUNT), *kept]
    )
    return {
        "isSubdomainAvailable": not taken,
        "subdomainName": wanted,
        "type": body.get("type"),
        "kind": body.get("kind"),
        "reason": f"Sub domain name '{wanted}' is already used." if taken else None,
    }


def cognitive_skus() -> list[dict[str, Any]]:
    return [
        {"resourceType": "accounts", "name": sku, "tier": "Free" if sku == "F0" else "Standard", "kind": kind,
         "locations": ["EASTUS"], "restrictions": []}
        for kind, skus in table_cognitive.KINDS.items()
        for sku in skus
    ]  # fmt: skip


def _check(world: World, type_name: str, name: str) -> dict[str, Any]:
    row = TABLE[type_name.lower()]
    if not re.fullmatch(row.name_rule or ".*", name):
        return {"nameAvailable": False, "reason": "AccountNameInvalid", "message": deny_name(name, row)[1]}
    if any(r["name"].lower() == name.lower() for r in world.resources.of_type(type_name)):
        message = (row.unique or ("", ""))[1].replace("{name}", name)
        return {"nameAvailable": False, "reason": "AlreadyExists", "message": message}
    return {"nameAvailable": True}
