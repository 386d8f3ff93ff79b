"""The table of kinds: how each is deleted, where it is listed when it is soft-deleted, and how it is purged."""

from typing import Any

import pytest

from automation.cleanup.kinds import KINDS, SOFT_KINDS, calls_of, row_of
from automation.cleanup.types import Call, Item, Stage
from automation.errors import Refused

S = "/subscriptions/s1"
G = f"{S}/resourceGroups/rg"
P = f"{S}/providers"


def an_item_of(kind: str, **changes: Any) -> Item:
    fields: dict[str, Any] = {
        "id": f"{G}/providers/{kind}/n",
        "type": kind,
        "name": "n",
        "location": "East US",
        "group": "rg",
        "stage": Stage.RESOURCES,
        "why": "",
        "purge": True,
    }
    return Item(**(fields | changes))


def said(calls: tuple[Call, ...]) -> list[str]:
    return [f"{c.method} {c.path}" + "".join(f" {k}={v}" for k, v in c.params.items()) for c in calls]


DELETED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "Microsoft.CognitiveServices/accounts": (
        {
            "id": f"{P}/Microsoft.CognitiveServices/locations/eastus/resourceGroups/rg/deletedAccounts/n",
            "tags": {"a": "b"},
        },
        [
            f"DELETE {G}/providers/Microsoft.CognitiveServices/accounts/n",
            f"DELETE {P}/Microsoft.CognitiveServices/locations/eastus/resourceGroups/rg/deletedAccounts/n",
        ],
    ),
    "Microsoft.KeyVault/vaults": (
        {
            "name": "n",
            "properties": {
                "vaultId": f"{G}/providers/Microsoft.KeyVault/vaults/n",
                "location": "eastus",
                "tags": {"a": "b"},
            },
        },
        [
            f"DELETE {G}/providers/Microsoft.KeyVault/vaults/n",
            f"POST {P}/Microsoft.KeyVault/locations/eastus/deletedVaults/n/purge",
        ],
    ),
    "Microsoft.OperationalInsights/workspaces": (
        {
            "id": f"{G}/providers/Microsoft.OperationalInsights/workspaces/n",
            "name": "n",
            "location": "eastus",
            "tags": {"a": "b"},
        },
        [f"DELETE {G}/providers/Microsoft.OperationalInsights/workspaces/n force=true"],
    ),
    "Microsoft.AppConfiguration/configurationStores": (
        {
            "name": "n",
            "properties": {
                "configurationStoreId": f"{G}/providers/Microsoft.AppConfiguration/configurationStores/n",
                "location": "eastus",
                "tags": {"a": "b"},
            },
        },
        [
            f"DELETE {G}/providers/Microsoft.AppConfiguration/configurationStores/n",
            f"POST {P}/Microsoft.AppConfiguration/locations/eastus/deletedConfigurationStores/n/purge",
        ],
    ),
    "Microsoft.ApiManagement/service": (
        {
            "name": "n",
            "location": "eastus",
            "properties": {"serviceId": f"{G}/providers/Microsoft.ApiManagement/service/n"},
        },
        [
            f"DELETE {G}/providers/Microsoft.ApiManagement/service/n",
            f"DELETE {P}/Microsoft.ApiManagement/locations/eastus/deletedservices/n",
        ],
    ),
}


def test_every_kind_that_can_be_listed_has_its_test() -> None:
    assert {kind.type for kind in KINDS if kind.deleted_path} == set(DELETED)


@pytest.mark.parametrize("kind", list(DELETED))
def test_a_soft_deleted_resource_is_read_and_purged_where_it_was(kind: str) -> None:
    entry, calls = DELETED[kind]
    row = row_of(kind.upper())
    assert row is not None
    assert row.read_deleted is not None
    found = row.read_deleted(entry)
    assert (found.original_id, found.type, found.name, found.location, found.purge_protected) == (
        f"{G}/providers/{kind}/n", kind, "n", "eastus", False,
    )  # fmt: skip
    assert found.tags == ({} if kind.endswith("/service") else {"a": "b"})
    assert said(calls_of(an_item_of(kind), subscription="s1")) == calls
    (purge,) = calls_of(an_item_of(kind, is_deleted=True), subscription="s1")
    assert (said((purge,)), purge.is_purge) == (calls[-1:], True)


def test_a_workspace_is_purged_by_its_first_deletion() -> None:
    kind = "Microsoft.MachineLearningServices/workspaces"
    assert said(calls_of(an_item_of(kind), subscription="s1")) == [f"DELETE {G}/providers/{kind}/n forceToPurge=true"]
    assert next(row for row in SOFT_KINDS if row.type == kind).stage < row_stage("Microsoft.KeyVault/vaults")


def row_stage(kind: str) -> Stage:
    row = row_of(kind)
    assert row is not None
    return row.stage


def test_stages_follow_the_order_of_the_table() -> None:
    stages = [kind.stage for kind in KINDS if kind.stage is not Stage.EXTRAS]
    assert stages == sorted(stages)
    assert len({kind.type.lower() for kind in KINDS}) == len(KINDS)


def test_what_is_purge_protected_is_deleted_only() -> None:
    (call,) = calls_of(an_item_of("Microsoft.KeyVault/vaults", purge=False), subscription="s1")
    assert call.is_purge is False


def test_what_goes_with_its_group_needs_no_request() -> None:
    assert calls_of(an_item_of("Microsoft.Storage/storageAccounts", with_group=True), subscription="s1") == ()


def test_a_kind_without_a_row_is_deleted_as_its_provider_says_or_refused() -> None:
    (call,) = calls_of(an_item_of("Contoso.Widgets/widgets", api_version="2020-01-01"), subscription="s1")
    assert (call.method, call.api_version) == ("DELETE", "2020-01-01")
    with pytest.raises(Refused):
        calls_of(an_item_of("Contoso.Widgets/widgets"), subscription="s1")
