"""`az ad`: users, groups, applications and service principals, and roles that count for them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def owner(azure: Any, az: Any) -> Any:
    """`az`, signed in as the owner."""
    known = azure.environment
    secret = ("-u", known["AZURE_CLIENT_ID"], "-p", known["AZURE_CLIENT_SECRET"])
    az("login", "--service-principal", *secret, "--tenant", known["AZURE_TENANT_ID"])
    return az


def test_a_roster_of_users_in_a_group(owner: Any, azure: Any) -> None:
    az = owner
    scope = f"/subscriptions/{azure.subscription_id}"
    ada, bob = (
        az("ad", "user", "create", "--display-name", name, "--user-principal-name", f"{name.lower()}@school.example",
           "--password", "Correct-Horse-7")
        for name in ("Ada", "Bob")
    )  # fmt: skip
    assert [u["displayName"] for u in az("ad", "user", "list", "--display-name", "A")] == ["Ada"]
    assert az("ad", "user", "show", "--id", "ada@school.example")["id"] == ada["id"]
    group = az("ad", "group", "create", "--display-name", "seats", "--mail-nickname", "seats")
    for user in (ada, bob):
        az("ad", "group", "member", "add", "--group", group["id"], "--member-id", user["id"])
    members = az("ad", "group", "member", "list", "--group", group["id"])
    assert sorted(m["displayName"] for m in members) == ["Ada", "Bob"]
    check = ("ad", "group", "member", "check", "--group", group["id"], "--member-id", bob["id"])
    assert az(*check)["value"] is True
    az("ad", "group", "member", "remove", "--group", group["id"], "--member-id", bob["id"])
    assert az(*check)["value"] is False
    assert [g["id"] for g in az("ad", "user", "get-member-groups", "--id", ada["id"])] == [group["id"]]
    made = az("role", "assignment", "create", "--assignee", "ada@school.example", "--role", "Reader", "--scope", scope)
    assert (made["principalId"], made["principalType"]) == (ada["id"], "User")
    by_group = az("role", "assignment", "create", "--assignee", group["id"], "--role", "Reader", "--scope", scope)
    assert (by_group["principalId"], by_group["principalType"]) == (group["id"], "Group")
    named = {a["principalName"] for a in az("role", "assignment", "list", "--scope", scope)}
    assert {"ada@school.example", "seats"} <= named
    az("ad", "user", "delete", "--id", bob["id"])
    assert "does not exist" in az.run("ad", "user", "show", "--id", bob["id"]).stderr
    assert "delegated authentication flow" in az.run("ad", "signed-in-user", "show").stderr


def test_a_service_principal_for_rbac_signs_in_and_its_role_counts(owner: Any, azure: Any, tmp_path: Path) -> None:
    az = owner
    az("group", "create", "-n", "ci", "-l", "eastus")
    scope = f"/subscriptions/{azure.subscription_id}/resourceGroups/ci"
    made = az("ad", "sp", "create-for-rbac", "--name", "ci", "--role", "Reader", "--scopes", scope)
    other = {"AZURE_CONFIG_DIR": str(tmp_path / "az")}
    az("login", "--service-principal", "-u", made["appId"], "-p", made["password"], "--tenant", made["tenant"], **other)
    assert az("group", "show", "-n", "ci", **other)["name"] == "ci"
    assert "AuthorizationFailed" in az.run("group", "delete", "-n", "ci", "--yes", **other).stderr
    assert "Insufficient privileges" in az.run("ad", "user", "list", **other).stderr
    assert "Insufficient privileges" in az.run("ad", "group", "create", "--display-name", "x", "--mail-nickname", "x",
                                               **other).stderr  # fmt: skip
    assert [a["appId"] for a in az("ad", "app", "list", "--display-name", "ci")] == [made["appId"]]
    assert az("ad", "app", "show", "--id", made["appId"])["displayName"] == "ci"
    reset = az("ad", "app", "credential", "reset", "--id", made["appId"])
    fresh = [{"AZURE_CONFIG_DIR": str(tmp_path / name)} for name in ("old", "new", "gone")]  # az keeps its tokens
    login = ("login", "--service-principal", "-u", made["appId"], "--tenant", made["tenant"], "-p")
    assert "AADSTS7000215" in az.run(*login, made["password"], **fresh[0]).stderr
    assert az(*login, reset["password"], **fresh[1])[0]["state"] == "Enabled"
    az("ad", "app", "delete", "--id", made["appId"])
    assert "AADSTS700016" in az.run(*login, reset["password"], **fresh[2]).stderr
    assert az("ad", "sp", "list", "--display-name", "ci") == []


def test_a_certificate_that_az_made_signs_in(owner: Any, azure: Any, tmp_path: Path) -> None:
    az = owner
    scope = f"/subscriptions/{azure.subscription_id}"
    made = az("ad", "sp", "create-for-rbac", "--create-cert", "--role", "Reader", "--scopes", scope, HOME=str(tmp_path))
    other = {"AZURE_CONFIG_DIR": str(tmp_path / "az")}
    az("login", "--service-principal", "-u", made["appId"], "--certificate", made["fileWithCertAndPrivateKey"],
       "--tenant", made["tenant"], **other)  # fmt: skip
    assert az("role", "assignment", "list", "--scope", scope, **other) != []


def test_a_federated_token_signs_in(owner: Any, azure: Any, environment: Any, tmp_path: Path) -> None:
    from azure.identity import ManagedIdentityCredential

    az = owner
    token = ManagedIdentityCredential().get_token("api://AzureADTokenExchange/.default").token
    machine = az("ad", "sp", "list", "--display-name", "visionlab-machine")[0]["id"]
    application = az("ad", "app", "create", "--display-name", "federated")
    az("ad", "sp", "create", "--id", application["appId"])
    parameters = {
        "name": "machine",
        "issuer": f"{azure.origin}/{environment['AZURE_TENANT_ID']}/v2.0",
        "subject": machine,
        "audiences": ["api://AzureADTokenExchange"],
    }
    az("ad", "app", "federated-credential", "create", "--id", application["appId"], "--parameters",
       json.dumps(parameters))  # fmt: skip
    listed = az("ad", "app", "federated-credential", "list", "--id", application["appId"])
    assert [credential["subject"] for credential in listed] == [machine]
    signed_in = az("login", "--service-principal", "-u", application["appId"], "--federated-token", token, "--tenant",
                   os.environ["AZURE_TENANT_ID"], AZURE_CONFIG_DIR=str(tmp_path / "az"))  # fmt: skip
    assert signed_in[0]["user"]["name"] == application["appId"]
