"""The kinds of resources that a clean-up knows: one literal table, in the order of work.

Owns: which kinds leave something behind that blocks a name or costs money, how they are deleted and purged for good,
where what they leave can be listed, and what only their own service says of them. Adding a kind is one row.
Sources: Microsoft's pages on soft delete and purge of each service.
Leaves: deciding about single resources to `select.py`; kinds without a row are deleted as their provider says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automation.cleanup.types import Call, DeletedResource, Item, Stage
from automation.errors import Refused

__all__ = ["DATASTORE", "GROUP", "KINDS", "LOCK", "ML", "ROLE", "SOFT_KINDS", "Kind", "calls_of", "kind_of", "row_of"]

LONG_S, GROUP_S = 1800.0, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind.

    Attributes:
        type: As ARM writes it; compared without case.
        label: As people say it.
        stage: When it is deleted by itself.
        delete_params: Parameters that make the first deletion the last one.
        deleted_path: Below the subscription, the list of what was deleted and is still kept; None where there is none.
        read_deleted: Reads an entry of that list.
        purge: How to purge what was deleted; gets its location, group and name.
        only_where_registered: Whether to look for deleted ones only where the provider is registered: a lab has none.
        needs: Properties that hold ids of what it cannot live without.
        own: Those of them that it may have made for itself, without tags.
        protected: The property that keeps it from being purged.
        by_itself: Azure makes those of this name beside other kinds, without tags and without being asked.
    """

    type: str
    label: str
    api_version: str
    stage: Stage = Stage.RESOURCES
    delete_params: Mapping[str, str] = field(default_factory=dict[str, str])
    deleted_path: str | None = None
    read_deleted: Callable[[dict[str, Any]], DeletedResource] | None = None
    purge: Callable[[str, str, str, str], Call] | None = None
    only_where_registered: bool = False
    needs: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    protected: str = ""
    by_itself: str = ""
    deadline_s: float = LONG_S

    @property
    def is_soft(self) -> bool:
        """Whether deleting it leaves something behind."""
        return bool(self.delete_params) or self.deleted_path is not None

    @property
    def has_details(self) -> bool:
        """Whether the resource itself has to be asked for what the list of all resources does not say."""
        return bool(self.needs or self.protected)


def kind_of(resource_type: str) -> Kind | None:
    """The row of a type that leaves something behind, or None when deleting the group is enough for it."""
    row = row_of(resource_type)
    return row if row is not None and row.is_soft else None


def row_of(resource_type: str) -> Kind | None:
    """The row of a type, or None."""
    return _BY_TYPE.get(resource_type.lower())


def calls_of(item: Item, *, subscription: str) -> tuple[Call, ...]:
    """The requests that make an item go, one after another; none for what goes with its group.

    Raises:
        Refused: Nothing says with which api-version such a resource is deleted by itself.
    """
    kind = row_of(item.type)
    if item.with_group:
        return ()
    if item.is_deleted:
        return (_purge_of(item, kind, subscription),) if kind is not None else ()
    version = item.api_version or (kind.api_version if kind else "")
    if not version:
        raise Refused(
            f"{item.type}/{item.name} cannot be deleted by itself: its provider names no api-version",
            hint="delete it in the portal, or let the whole group go",
        )
    if kind is None:
        return (Call(method="DELETE", path=item.id, api_version=version, deadline_s=LONG_S),)
    delete = Call(
        method="DELETE",
        path=item.id,
        api_version=version,
        params=kind.delete_params,
        deadline_s=kind.deadline_s,
    )
    if kind.purge is None or kind.delete_params or not item.purge:
        return (delete,)
    return (delete, _purge_of(item, kind, subscription))


def _purge_of(item: Item, kind: Kind, subscription: str) -> Call:
    if kind.purge is not None:
        return kind.purge(subscription, item.location.replace(" ", "").lower(), item.group, item.name)
    return Call(
        method="DELETE",
        path=item.id,
        api_version=kind.api_version,
        params=kind.delete_params,
        is_purge=True,
        deadline_s=kind.deadline_s,
    )


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


def _purge_store(subscription: str, location: str, _group: str, name: str) -> Call:
    place = f"locations/{location}/deletedConfigurationStores/{name}/purge"
    path = f"/subscriptions/{subscription}/providers/{STORES.partition('/')[0]}/{place}"
    return Call(method="POST", path=path, api_version="2024-05-01", is_purge=True)


def _purge_gateway(subscription: str, location: str, _group: str, name: str) -> Call:
    place = f"locations/{location}/deletedservices/{name}"
    path = f"/subscriptions/{subscription}/providers/{GATEWAYS.partition('/')[0]}/{place}"
    return Call(method="DELETE", path=path, api_version="2022-08-01", is_purge=True)


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


def _deleted_store(entry: dict[str, Any]) -> DeletedResource:
    properties = entry["properties"]
    return DeletedResource(
        original_id=properties["configurationStoreId"],
        type=STORES,
        name=entry["name"],
        location=properties["location"],
        tags=properties.get("tags") or {},
        purge_protected=bool(properties.get("purgeProtectionEnabled")),
    )


def _deleted_gateway(entry: dict[str, Any]) -> DeletedResource:
    return DeletedResource(
        original_id=entry["properties"]["serviceId"],
        type=GATEWAYS,
        name=entry["name"],
        location=entry["location"],
    )


ACCOUNTS = "Microsoft.CognitiveServices/accounts"
VAULTS = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"
ML = "Microsoft.MachineLearningServices/workspaces"
DATASTORE = f"{ML}/datastores"
STORES = "Microsoft.AppConfiguration/configurationStores"
GATEWAYS = "Microsoft.ApiManagement/service"
GROUP = "Microsoft.Resources/resourceGroups"
LOCK = "Microsoft.Authorization/locks"
ROLE = "Microsoft.Authorization/roleAssignments"

KINDS = (
    Kind(type=LOCK, label="lock", api_version="2020-05-01", stage=Stage.UNLOCK),
    # Kept 14 days, and then neither listed nor purgeable: the purge must be part of the first deletion.
    Kind(
        type=ML,
        label="ML workspace",
        api_version="2025-12-01",
        stage=Stage.ML_WORKSPACES,
        delete_params={"forceToPurge": "true"},
        needs=("storageAccount", "keyVault", "applicationInsights", "containerRegistry"),
        own=("containerRegistry",),
    ),
    # Kept 48 hours; the free tier counts them. Purging needs a role on the subscription.
    Kind(
        type=ACCOUNTS,
        label="AI account",
        api_version="2024-10-01",
        stage=Stage.SOFT_DELETED_KINDS,
        deleted_path="/providers/Microsoft.CognitiveServices/deletedAccounts",
        read_deleted=_deleted_account,
        purge=_purge_account,
    ),
    # Kept 7 to 90 days; the name is taken worldwide.
    Kind(
        type=VAULTS,
        label="key vault",
        api_version="2023-07-01",
        stage=Stage.SOFT_DELETED_KINDS,
        deleted_path="/providers/Microsoft.KeyVault/deletedVaults",
        read_deleted=_deleted_vault,
        purge=_purge_vault,
        protected="enablePurgeProtection",
    ),
    # Kept 14 days.
    Kind(
        type=LOGS,
        label="Log Analytics workspace",
        api_version="2023-09-01",
        stage=Stage.SOFT_DELETED_KINDS,
        delete_params={"force": "true"},
        deleted_path="/providers/Microsoft.OperationalInsights/deletedWorkspaces",
        read_deleted=_deleted_log_workspace,
        purge=_purge_log_workspace,
    ),
    # Kept 7 days.
    Kind(
        type=STORES,
        label="App Configuration store",
        api_version="2024-05-01",
        stage=Stage.SOFT_DELETED_KINDS,
        deleted_path="/providers/Microsoft.AppConfiguration/deletedConfigurationStores",
        read_deleted=_deleted_store,
        purge=_purge_store,
        only_where_registered=True,
        protected="enablePurgeProtection",
    ),
    # Kept 48 hours.
    Kind(
        type=GATEWAYS,
        label="API Management service",
        api_version="2022-08-01",
        stage=Stage.SOFT_DELETED_KINDS,
        deleted_path="/providers/Microsoft.ApiManagement/deletedservices",
        read_deleted=_deleted_gateway,
        purge=_purge_gateway,
        only_where_registered=True,
    ),
    Kind(type="Microsoft.Storage/storageAccounts", label="storage account", api_version="2024-01-01"),
    Kind(type="Microsoft.ContainerRegistry/registries", label="container registry", api_version="2023-07-01"),
    Kind(type="Microsoft.Insights/components", label="Application Insights", api_version="2020-02-02"),
    Kind(
        type="Microsoft.AlertsManagement/smartDetectorAlertRules",
        label="alert rule",
        api_version="2021-04-01",
        by_itself="failure anomalies - ",
    ),
    Kind(
        type="Microsoft.Insights/actionGroups",
        label="action group",
        api_version="2023-01-01",
        by_itself="application insights smart detection",
    ),
    Kind(type="Microsoft.ManagedIdentity/userAssignedIdentities", label="identity", api_version="2023-01-31"),
    Kind(type=DATASTORE, label="datastore", api_version="2025-12-01", stage=Stage.EXTRAS),
    Kind(type=GROUP, label="resource group", api_version="2021-04-01", stage=Stage.GROUP, deadline_s=GROUP_S),
    Kind(type=ROLE, label="role assignment", api_version="2022-04-01", stage=Stage.EXTRAS),
    Kind(type="Microsoft.Resources/deployments", label="deployment", api_version="2021-04-01", stage=Stage.EXTRAS),
)
SOFT_KINDS = tuple(kind for kind in KINDS if kind.is_soft)
_BY_TYPE = {kind.type.lower(): kind for kind in KINDS}
