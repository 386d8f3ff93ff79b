"""`az resource` and what is left: vaults with secrets, logs, budgets. Lists come in pages of two."""

from typing import Any

import pytest

START = ("--page-size", "2")
HERE = ("-g", "rg-all", "-l", "eastus")


@pytest.fixture(scope="module")
def identities(signed_in: Any) -> list[str]:
    """The ids of five resources, the cheapest that there are."""
    signed_in("group", "create", "-n", "rg-all", "-l", "eastus")
    kind = ("--resource-type", "Microsoft.ManagedIdentity/userAssignedIdentities", "--properties", "{}")
    return [signed_in("resource", "create", *HERE, *kind, "-n", f"id-{n}")["id"] for n in range(5)]


def test_pages_are_followed(signed_in: Any, identities: list[str]) -> None:
    az, names = signed_in, ("--query", "[].name")
    assert az("resource", "list", "-g", "rg-all", *names) == ["id-0", "id-1", "id-2", "id-3", "id-4"]
    assert len(az("identity", "list", "-g", "rg-all")) == len(identities)
    for name in ("rg-b", "rg-c"):
        az("group", "create", "-n", name, "-l", "eastus")
    assert az("group", "list", *names) == ["rg-all", "rg-b", "rg-c"]
    assert len(az("role", "definition", "list")) > 20


def test_resources_are_found_tagged_and_deleted(signed_in: Any, identities: list[str]) -> None:
    az, names = signed_in, ("--query", "[].name")
    first, second, *_ = identities
    az("resource", "tag", "--ids", first, "--tags", "team=red")
    az("resource", "tag", "--ids", first, "-i", "--tags", "term=1")
    assert az("resource", "show", "--ids", first)["tags"] == {"team": "red", "term": "1"}
    assert az("resource", "list", "--tag", "team=red", *names) == ["id-0"]
    assert az("resource", "list", "--resource-type", "Microsoft.Storage/storageAccounts") == []
    assert az("resource", "list", "-n", "id-1", *names) == ["id-1"]
    az("resource", "delete", "--ids", second)
    assert "(ResourceNotFound)" in az.refused("resource", "show", "--ids", second)
    moved = az.refused("resource", "move", "--destination-group", "rg-b", "--ids", first)
    assert "(NotImplementedByLocalAzure)" in moved
    kind = ("--resource-type", "Microsoft.Compute/virtualMachines", "--properties", "{}")
    assert "(InvalidResourceNamespace)" in az.refused("resource", "create", *HERE, *kind, "-n", "vm")


def test_a_vault_keeps_secrets_and_its_name(
    azure: Any, signed_in: Any, identities: list[str], localhost_names: None
) -> None:
    az, this = signed_in, ("-n", "kv-az-1")
    vault = az("keyvault", "create", *this, *HERE)
    mine = ("--assignee", azure.environment["AZURE_CLIENT_ID"], "--scope", vault["id"])
    secret = ("--vault-name", "kv-az-1", "-n", "password")
    assert "(Forbidden)" in az.refused("keyvault", "secret", "set", *secret, "--value", "one")
    az("role", "assignment", "create", "--role", "Key Vault Secrets Officer", *mine)
    az("keyvault", "secret", "set", *secret, "--value", "one")
    az("keyvault", "secret", "set", *secret, "--value", "two")
    assert az("keyvault", "secret", "show", *secret)["value"] == "two"
    assert len(az("keyvault", "secret", "list-versions", *secret)) == 2
    az("keyvault", "delete", *this)
    assert az("keyvault", "list-deleted", "--query", "[].name") == ["kv-az-1"]
    assert "(ConflictError)" in az.refused("keyvault", "create", *this, *HERE)
    az("keyvault", "recover", *this)
    assert az("keyvault", "list", "-g", "rg-all", "--query", "[].name") == ["kv-az-1"]
    az("keyvault", "delete", *this)
    az("keyvault", "purge", *this)
    assert az("keyvault", "list-deleted") == []


def test_a_log_workspace_comes_and_goes(signed_in: Any, identities: list[str]) -> None:
    az, words = signed_in, ("monitor", "log-analytics", "workspace")
    this = ("-n", "log-az-1", "-g", "rg-all")
    assert az(*words, "create", *this, "-l", "eastus")["provisioningState"] == "Succeeded"
    assert az(*words, "show", *this)["sku"]["name"] == "PerGB2018"
    az(*words, "delete", *this, "--yes", "--force")
    assert "(ResourceNotFound)" in az.refused(*words, "show", *this)


def test_budgets_are_kept_at_both_scopes(signed_in: Any, identities: list[str]) -> None:
    az, budget = signed_in, ("consumption", "budget")
    money = ("--amount", "10", "--category", "Cost", "--time-grain", "Monthly")
    dates = ("--start-date", "2026-11-01", "--end-date", "2027-11-01")
    assert az(*budget, "create", "--budget-name", "whole", *money, *dates)["category"] == "Cost"
    period = ("--time-period", "{start-date:2026-11-01,end-date:2027-11-01}")
    az(*budget, "create-with-rg", "--budget-name", "part", "-g", "rg-all", *money, *period)
    assert az(*budget, "show", "--budget-name", "whole")["amount"] == "10.0"
    assert "part" in az(*budget, "list", "-g", "rg-all", "--query", "[].name")
    az(*budget, "delete", "--budget-name", "whole")
    az(*budget, "delete", "--budget-name", "part", "-g", "rg-all")
    assert az(*budget, "list") == []
