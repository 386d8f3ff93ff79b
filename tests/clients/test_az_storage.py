"""`az storage`: accounts with their keys, containers by both planes, blobs by key, by sign-in and by signature."""

from pathlib import Path
from typing import Any

import pytest

GROUP = ("-g", "rg-store")
NAME = "stazlab1"


@pytest.fixture(scope="module")
def account(signed_in: Any) -> Any:
    """A storage account as `az` made it."""
    signed_in("group", "create", "-n", "rg-store", "-l", "eastus")
    return signed_in("storage", "account", "create", "-n", NAME, *GROUP, "-l", "eastus", "--sku", "Standard_LRS")


@pytest.fixture(scope="module")
def by_key(signed_in: Any, account: Any) -> tuple[str, str]:
    """The connection string, which is all that a command with a key needs."""
    shown = signed_in("storage", "account", "show-connection-string", "-n", account["name"], *GROUP)
    return ("--connection-string", shown["connectionString"])


def test_an_account_is_made_shown_and_changed(signed_in: Any, account: Any) -> None:
    az = signed_in
    assert (account["provisioningState"], account["kind"], account["sku"]["tier"]) == (
        "Succeeded",
        "StorageV2",
        "Standard",
    )
    assert az("storage", "account", "check-name", "-n", NAME)["reason"] == "AlreadyExists"
    assert az("storage", "account", "show", "-n", NAME)["id"] == account["id"]
    assert az("storage", "account", "list", *GROUP, "--query", "[].name") == [NAME]
    tagged = az("storage", "account", "update", "-n", NAME, *GROUP, "--tags", "a=b", "--min-tls-version", "TLS1_2")
    assert (tagged["tags"], tagged["minimumTlsVersion"]) == ({"a": "b"}, "TLS1_2")
    rules = az("storage", "account", "network-rule", "add", "-n", NAME, *GROUP, "--ip-address", "1.2.3.4")
    assert [rule["ipAddressOrRange"] for rule in rules["networkRuleSet"]["ipRules"]] == ["1.2.3.4"]
    assert az("storage", "account", "show-usage", "-l", "eastus")["currentValue"] == 1
    wrong = az.refused("storage", "account", "create", "-n", "Bad_Name", *GROUP, "-l", "eastus")
    assert "(AccountNameInvalid)" in wrong


def test_keys_are_renewed_one_at_a_time(signed_in: Any, account: Any) -> None:
    az, which = signed_in, ("-n", account["name"], *GROUP, "--query", "[].value")
    before = az("storage", "account", "keys", "list", *which)
    after = az("storage", "account", "keys", "renew", "--key", "key2", *which)
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)


def test_containers_are_the_same_by_both_planes(signed_in: Any, account: Any, by_key: tuple[str, str]) -> None:
    az, on = signed_in, ("--storage-account", account["name"], *GROUP)
    az("storage", "container-rm", "create", "-n", "by-arm", *on)
    assert az("storage", "container", "create", "-n", "by-key", *by_key) == {"created": True}
    assert az("storage", "container", "create", "-n", "by-key", *by_key) == {"created": False}
    endpoint = ("--account-name", account["name"], "--blob-endpoint", account["primaryEndpoints"]["blob"])
    by_sign_in = (*endpoint, "--auth-mode", "login")
    assert az("storage", "container", "create", "-n", "by-sign-in", *by_sign_in) == {"created": True}
    names = ["by-arm", "by-key", "by-sign-in"]
    assert az("storage", "container-rm", "list", *on, "--query", "[].name") == names
    assert az("storage", "container", "list", *by_key, "--query", "[].name") == names
    assert az("storage", "container-rm", "exists", "-n", "by-key", *on) == {"exists": True}
    assert az("storage", "container", "exists", "-n", "by-arm", *by_key) == {"exists": True}
    assert az("storage", "container", "delete", "-n", "by-arm", *by_key) == {"deleted": True}
    az("storage", "container-rm", "delete", "-n", "by-key", *on, "--yes")
    assert az("storage", "container", "exists", "-n", "by-key", *by_key) == {"exists": False}
    assert "(InvalidResourceName)" in az.refused("storage", "container-rm", "create", "-n", "No", *on)


def test_blobs_go_up_and_come_down(signed_in: Any, by_key: tuple[str, str], tmp_path: Path) -> None:
    az = signed_in
    (tmp_path / "up" / "deep").mkdir(parents=True)
    (tmp_path / "up" / "a.txt").write_text("one")
    (tmp_path / "up" / "deep" / "b.txt").write_text("two")
    az("storage", "container", "create", "-n", "blobs", *by_key)
    one = ("-c", "blobs", "-n", "pictures/a.txt", *by_key)
    az("storage", "blob", "upload", *one, "-f", str(tmp_path / "up" / "a.txt"), "--no-progress")
    again = az.refused("storage", "blob", "upload", *one, "-f", str(tmp_path / "up" / "a.txt"), "--no-progress")
    assert "ErrorCode:BlobAlreadyExists" in again
    assert az("storage", "blob", "show", *one)["properties"]["contentLength"] == 3
    az("storage", "blob", "upload-batch", "-d", "blobs", "-s", str(tmp_path / "up"), *by_key, "--no-progress")
    listed = az("storage", "blob", "list", "-c", "blobs", *by_key, "--query", "[].name")
    assert listed == ["a.txt", "deep/b.txt", "pictures/a.txt"]
    az("storage", "blob", "download", *one, "-f", str(tmp_path / "down.txt"), "--no-progress")
    assert (tmp_path / "down.txt").read_text() == "one"
    signature = ("--permissions", "r", "--expiry", "2099-01-01T00:00Z", "--full-uri")
    signed = az("storage", "blob", "generate-sas", *one, *signature)
    az("storage", "blob", "download", "--blob-url", signed, "-f", str(tmp_path / "signed.txt"), "--no-progress")
    assert (tmp_path / "signed.txt").read_text() == "one"
    az("storage", "blob", "delete", *one)
    assert az("storage", "blob", "exists", *one) == {"exists": False}


def test_signing_in_is_not_enough_for_blobs(azure: Any, signed_in: Any, account: Any, localhost_names: None) -> None:
    """The account is found by host name, as in Azure, and its owner needs a data role."""
    az = signed_in
    ways = [("--account-name", account["name"], "--auth-mode", mode) for mode in ("key", "login")]
    for on in ways:
        assert az("storage", "container", "create", "-n", f"by-{on[-1]}", *on) == {"created": True}
    list_blobs = ("storage", "blob", "list", "-c", "by-login")
    assert az(*list_blobs, *ways[0]) == []
    assert '"Storage Blob Data Reader"' in az.refused(*list_blobs, *ways[1])
    mine = ("--assignee", azure.environment["AZURE_CLIENT_ID"], "--scope", account["id"])
    az("role", "assignment", "create", "--role", "Storage Blob Data Reader", *mine)
    assert az(*list_blobs, *ways[1]) == []


def test_an_account_goes(signed_in: Any) -> None:
    az = signed_in
    az("storage", "account", "create", "-n", "stazgone1", *GROUP, "-l", "eastus", "--sku", "Standard_LRS")
    az("storage", "account", "delete", "-n", "stazgone1", *GROUP, "--yes")
    assert "(ResourceNotFound)" in az.refused("storage", "account", "show", "-n", "stazgone1", *GROUP)
