"""`az group`, `tag`, `lock`, `provider`, `rest`: a resource group from its first day to its last."""

import json
from typing import Any


def test_a_group_lives_and_goes(signed_in: Any) -> None:
    az = signed_in
    made = az("group", "create", "-n", "rg-life", "-l", "eastus", "--tags", "team=red", "year=2026")
    assert (made["location"], made["tags"]) == ("eastus", {"team": "red", "year": "2026"})
    az("group", "create", "-n", "rg-other", "-l", "westeurope")
    assert az("group", "list", "--tag", "team=red", "--query", "[].name") == ["rg-life"]
    assert az("group", "list", "--tag", "team=blue") == []
    assert (az("group", "exists", "-n", "RG-Life"), az("group", "exists", "-n", "rg-none")) == (True, False)
    assert az("group", "update", "-n", "rg-life", "--set", "tags.term=one")["tags"]["term"] == "one"
    assert az("group", "update", "-n", "rg-life", "--tags", "team=blue")["tags"] == {"team": "blue"}
    az("group", "wait", "-n", "rg-life", "--created")
    az("group", "delete", "-n", "rg-life", "--yes", "--no-wait")
    az("group", "wait", "-n", "rg-life", "--deleted", "--interval", "1")
    az("group", "delete", "-n", "rg-other", "--yes")
    assert az("group", "list") == []


def test_refusals_are_printed_as_azure_words_them(signed_in: Any) -> None:
    az = signed_in
    az("group", "create", "-n", "rg-words", "-l", "eastus")
    missing = az.refused("group", "show", "-n", "rg-none")
    assert "(ResourceGroupNotFound) Resource group 'rg-none' could not be found." in missing
    assert "(InvalidResourceGroupLocation)" in az.refused("group", "create", "-n", "rg-words", "-l", "westeurope")
    assert "(LocationNotAvailableForResourceGroup)" in az.refused("group", "create", "-n", "rg-x", "-l", "nowhere")
    assert "(NotImplementedByLocalAzure)" in az.refused("group", "export", "-n", "rg-words")


def test_a_lock_holds_what_lies_below_it(signed_in: Any) -> None:
    az = signed_in
    az("group", "create", "-n", "rg-lock", "-l", "eastus")
    az("storage", "account", "create", "-n", "stlocked1", "-g", "rg-lock", "-l", "eastus", "--sku", "Standard_LRS")
    account = ("-g", "rg-lock", "--resource-name", "stlocked1", "--resource-type", "Microsoft.Storage/storageAccounts")
    az("lock", "create", "-n", "still", "--lock-type", "ReadOnly", *account)
    assert az("lock", "list", *account, "--query", "[].[name,level]") == [["still", "ReadOnly"]]
    update = az.refused("storage", "account", "update", "-n", "stlocked1", "-g", "rg-lock", "--tags", "a=b")
    assert "(ScopeLocked)" in update
    assert "(ScopeLocked)" in az.refused("group", "delete", "-n", "rg-lock", "--yes")
    az("lock", "delete", "-n", "still", *account)
    az("lock", "create", "-n", "keep", "-g", "rg-lock", "--lock-type", "CanNotDelete", "--notes", "the lab's")
    assert az("lock", "show", "-n", "keep", "-g", "rg-lock")["notes"] == "the lab's"
    assert "(ScopeLocked)" in az.refused("storage", "account", "delete", "-n", "stlocked1", "-g", "rg-lock", "--yes")
    az("lock", "delete", "-n", "keep", "-g", "rg-lock")
    az("storage", "account", "delete", "-n", "stlocked1", "-g", "rg-lock", "--yes")


def test_tags_are_merged_replaced_and_counted(signed_in: Any) -> None:
    az = signed_in
    group = az("group", "create", "-n", "rg-tags", "-l", "eastus")["id"]
    az("tag", "create", "--resource-id", group, "--tags", "a=1", "b=2")
    merged = az("tag", "update", "--resource-id", group, "--operation", "Merge", "--tags", "c=3")
    assert merged["properties"]["tags"] == {"a": "1", "b": "2", "c": "3"}
    az("tag", "update", "--resource-id", group, "--operation", "Delete", "--tags", "a=1")
    assert az("tag", "list", "--resource-id", group)["properties"]["tags"] == {"b": "2", "c": "3"}
    az("tag", "create", "-n", "course")
    az("tag", "add-value", "-n", "course", "--value", "vision")
    counts = az("tag", "list", "--query", "[].[tagName,count.value]")
    assert counts == [["b", 1], ["c", 1], ["course", 0]]
    az("tag", "remove-value", "-n", "course", "--value", "vision")
    az("tag", "delete", "-n", "course", "--yes")
    az("tag", "delete", "--resource-id", group, "--yes")
    assert az("tag", "list") == []


def test_providers_are_registered_and_not(signed_in: Any) -> None:
    az = signed_in
    assert "Microsoft.CognitiveServices" in az("provider", "list", "--query", "[].namespace")
    az("provider", "unregister", "-n", "Microsoft.ManagedIdentity")
    assert az("provider", "show", "-n", "Microsoft.ManagedIdentity")["registrationState"] == "NotRegistered"
    az("provider", "register", "-n", "Microsoft.ManagedIdentity", "--wait")
    assert az("provider", "show", "-n", "Microsoft.ManagedIdentity")["registrationState"] == "Registered"


def test_rest_sends_any_request(azure: Any, signed_in: Any) -> None:
    az = signed_in
    path = f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-rest?api-version=2024-11-01"
    made = az("rest", "--method", "put", "--url", path, "--body", json.dumps({"location": "eastus"}))
    assert made["properties"] == {"provisioningState": "Succeeded"}
    patch = ("--method", "patch", "--url", f"{azure.origin}{path}", "--body", json.dumps({"tags": {"a": "b"}}))
    assert az("rest", *patch)["tags"] == {"a": "b"}
    az("rest", "--method", "head", "--url", path)
    check = "/subscriptions/{subscriptionId}/providers/Microsoft.Storage/checkNameAvailability?api-version=2024-01-01"
    assert (
        az("rest", "--method", "post", "--url", check, "--body", json.dumps({"name": "No"}))["nameAvailable"] is False
    )
    assert az("rest", "--method", "delete", "--url", path) is None
    no_version = az.refused("rest", "--method", "get", "--url", path.split("?", maxsplit=1)[0])
    assert '{"error":{"code":"MissingApiVersionParameter","message":' in no_version
