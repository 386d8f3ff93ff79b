"""The kinds of resources that need more than a deletion of their group: one literal table, in the order of work.

Owns: which kinds leave something behind that blocks a name or costs money, how they are deleted and purged for good,
and where what they leave can be listed. Sources: Microsoft's pages on soft delete and purge of each service.
Leaves: deciding about single resources to `plan.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automation.cleanup.types import Call, DeletedResource, Stage

__all__ = ["KINDS", "Kind", "kind_of"]

LONG_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind.

    Attributes:
        type: As ARM writes it; compared without case.
        label: As people say it.
        delete_params: Parameters that make the first deletion the last one.
        deleted_path: Below the subscription, the list of what was deleted and is still kept; None where there is none.
        read_deleted: Reads an entry of that list.
        purge: How to purge what was deleted; gets its location, group and name.
    """

    type: str
    label: str
    api_version: str
    stage: Stage = Stage.SOFT_DELETED_KINDS
    delete_params: Mapping[str, str] = field(default_factory=dict[str, str])
    deleted_path: str | None = None
    read_deleted: Callable[[dict[str, Any]], DeletedResource] | None = None
    purge: Callable[[str, str, str, str], Call] | None = None


def kind_of(resource_type: str) -> Kind | None:
    """The row of a type, or None when deleting the group is enough for it."""
    return next((kind for kind in KINDS if kind.type.lower() == resource_type.lower()), None)


def _purge_account(subscription: str, location: str, group: str, name: str) -> Call:
    place = f"locations/{location}/resourceGroups/{group}/deletedAccounts/{name}"
    path = f"/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/{place}"
    return Call(method="DELETE", path=path, api_version="2024-10-01", is_purge=True)


def _purge_vault(subscription: str, location: str, _group: str, name: str) -> Call:
    place = f"locations/{location}/deletedVaults/{name}/purge"
    path = f"/subscriptions/{subscription}/providers/Microsoft.KeyVault/{place}"
    return Call(method="POST", path=path, api_version="2023-07-01", is_purge=True)


def _purge_log_workspace(subscription: str, _location: str, group: str, name: str) -> Call:
    place = f"resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
    path, force = f"/subscriptions/{subscription}/{place}", {"force": "true"}
    return Call(method="DELETE", path=path, api_version="2023-09-01", params=force, is_purge=True)


def _deleted_account(entry: dict[str, Any]) -> DeletedResource:
    # id: .../locations/{location}/resourceGroups/{group}/deletedAccounts/{name}
    parts = str(entry["id"]).strip("/").split("/")
    original = f"/subscriptions/{parts[1]}/resourceGroups/{parts[-3]}/providers/{ACCOUNTS}/{parts[-1]}"
    location = entry.get("location") or parts[-5]
    return DeletedResource(
        original_id=original, type=ACCOUNTS, name=parts[-1], location=location, tags=entry.get("tags") or {}
    )


def _deleted_vault(entry: dict[str, Any]) -> DeletedResource:
    properties = entry["properties"]
    return DeletedResource(
        original_id=properties["vaultId"],
        type=VAULTS,
        name=entry["name"],
        location=properties["location"],
        tags=properties.get("tags") or {},
        purge_protected=bool(properties.get("purgeProtectionEnabled")),
    )


def _deleted_log_workspace(entry: dict[str, Any]) -> DeletedResource:
    return DeletedResource(
        original_id=entry["id"],
        type=LOGS,
        name=entry["name"],
        location=entry.get("location") or "",
        tags=entry.get("tags") or {},
    )


ACCOUNTS = "Microsoft.CognitiveServices/accounts"
VAULTS = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"

KINDS = (
    # Kept 14 days, and then neither listed nor purgeable: the purge must be part of the first deletion.
    Kind(
        type="Microsoft.MachineLearningServices/workspaces",
        label="ML workspace",
        api_version="2025-12-01",
        stage=Stage.ML_WORKSPACES,
        delete_params={"forceToPurge": "true"},
    ),
    # Kept 48 hours; the free tier counts them. Purging needs a role on the subscription.
    Kind(
        type=ACCOUNTS,
        label="AI account",
        api_version="2024-10-01",
        deleted_path="/providers/Microsoft.CognitiveServices/deletedAccounts",
        read_deleted=_deleted_account,
        purge=_purge_account,
    ),
    # Kept 7 to 90 days; the name is taken worldwide.
    Kind(
        type=VAULTS,
        label="key vault",
        api_version="2023-07-01",
        deleted_path="/providers/Microsoft.KeyVault/deletedVaults",
        read_deleted=_deleted_vault,
        purge=_purge_vault,
    ),
    # Kept 14 days.
    Kind(
        type=LOGS,
        label="Log Analytics workspace",
        api_version="2023-09-01",
        delete_params={"force": "true"},
        deleted_path="/providers/Microsoft.OperationalInsights/deletedWorkspaces",
        read_deleted=_deleted_log_workspace,
        purge=_purge_log_workspace,
    ),
)
