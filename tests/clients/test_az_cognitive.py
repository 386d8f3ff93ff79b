"""`az cognitiveservices`: accounts with their keys, deleted ones that come back or go for good, deployments."""

from typing import Any

import pytest

GROUP = ("-g", "rg-vision")
EAST = ("-l", "eastus")


@pytest.fixture(scope="module")
def accounts(signed_in: Any) -> tuple[Any, tuple[str, ...]]:
    """`az`, and the words that all its commands on accounts begin with."""
    signed_in("group", "create", "-n", "rg-vision", *EAST)
    return signed_in, ("cognitiveservices", "account")


def made(az: Any, name: str, kind: str, sku: str, *more: str) -> Any:
    chosen = ("--kind", kind, "--sku", sku, "--yes", *more)
    return az("cognitiveservices", "account", "create", "-n", name, *GROUP, *EAST, *chosen)


def test_accounts_of_the_kinds_of_a_lab_are_made(azure: Any, accounts: Any) -> None:
    az, account = accounts
    kinds = az(*account, "list-kinds")
    assert {"ComputerVision", "CustomVision.Training", "CustomVision.Prediction"} <= set(kinds)
    vision = made(az, "cv-az", "ComputerVision", "S1", "--custom-domain", "cv-az", "--assign-identity")
    assert (vision["properties"]["provisioningState"], len(vision["identity"]["principalId"])) == ("Succeeded", 36)
    assert vision["properties"]["endpoint"] == f"{azure.origin}/cognitiveservices/cv-az/"
    made(az, "cvt-az", "CustomVision.Training", "S0")
    made(az, "cvp-az", "CustomVision.Prediction", "F0")
    assert az(*account, "list", *GROUP, "--query", "[].name") == ["cv-az", "cvp-az", "cvt-az"]
    skus = az(*account, "list-skus", "-n", "cv-az", *GROUP, "--query", "value[].sku.name")
    assert skus == ["F0", "S1"]
    assert az(*account, "list-usage", "-n", "cv-az", *GROUP) == []
    refused = az.refused(*account, "create", "-n", "x-az", *GROUP, *EAST, "--kind", "Magic", "--sku", "S0", "--yes")
    assert "(InvalidApiSetId)" in refused


def test_an_account_is_changed(accounts: Any) -> None:
    az, account = accounts
    made(az, "cv-change", "ComputerVision", "S1", "--custom-domain", "cv-change")
    this = ("-n", "cv-change", *GROUP)
    before = az(*account, "keys", "list", *this)
    after = az(*account, "keys", "regenerate", *this, "--key-name", "Key2")
    assert (before["key1"] == after["key1"], before["key2"] == after["key2"]) == (True, False)
    assert az(*account, "update", *this, "--sku", "F0", "--tags", "a=b")["sku"]["name"] == "F0"
    identity = az(*account, "identity", "assign", *this)
    assert az(*account, "identity", "show", *this)["principalId"] == identity["principalId"]
    rules = az(*account, "network-rule", "add", *this, "--ip-address", "1.2.3.4")["properties"]["networkAcls"]
    assert [rule["value"] for rule in rules["ipRules"]] == ["1.2.3.4"]
    assert az(*account, "show", *this)["tags"] == {"a": "b"}


def test_a_deleted_account_keeps_its_name_until_it_is_purged(accounts: Any) -> None:
    az, account = accounts
    this = ("-n", "cv-gone", *GROUP)
    made(az, "cv-gone", "ComputerVision", "S1")
    az(*account, "delete", *this)
    assert az(*account, "list-deleted", "--query", "[].name") == ["cv-gone"]
    assert az(*account, "show-deleted", *this, *EAST)["properties"]["deletionDate"][:2] == "20"
    again = az.refused(*account, "create", *this, *EAST, "--kind", "ComputerVision", "--sku", "S1", "--yes")
    assert "(FlagMustBeSetForRestore) An existing resource with ID" in again
    az(*account, "recover", *this, *EAST)
    assert az(*account, "show", *this)["properties"]["provisioningState"] == "Succeeded"
    az(*account, "delete", *this)
    az(*account, "purge", *this, *EAST)
    assert az(*account, "list-deleted") == []


def test_a_deployment_is_recorded(accounts: Any) -> None:
    az, account = accounts
    made(az, "oai-az", "OpenAI", "S0")
    this = ("-n", "oai-az", *GROUP)
    model = ("--model-name", "a-model", "--model-version", "1", "--model-format", "OpenAI")
    size = ("--sku-name", "Standard", "--sku-capacity", "10")
    az(*account, "deployment", "create", *this, "--deployment-name", "d1", *model, *size)
    assert az(*account, "deployment", "list", *this, "--query", "[].[name,sku.capacity]") == [["d1", 10]]
    az(*account, "deployment", "delete", *this, "--deployment-name", "d1")
    assert az(*account, "deployment", "list", *this) == []
