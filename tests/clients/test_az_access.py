"""`az role`, `az ad`, `az identity`: who may do what, found by name in the directory."""

import json
from typing import Any

import pytest

STRANGER = "99999999-9999-4999-8999-999999999999"


@pytest.fixture(scope="module")
def group(signed_in: Any) -> str:
    """The id of a group over which roles are given."""
    return signed_in("group", "create", "-n", "rg-access", "-l", "eastus")["id"]


def test_roles_are_given_listed_and_taken_back(azure: Any, signed_in: Any, group: str) -> None:
    az, known = signed_in, azure.environment
    user = ("--assignee-object-id", STRANGER, "--assignee-principal-type", "User")
    given = az("role", "assignment", "create", "--role", "Reader", *user, "--scope", group)
    assert (given["principalId"], given["scope"]) == (STRANGER, group)
    unknown = az.refused("role", "assignment", "create", "--role", "Nobody", *user, "--scope", group)
    assert "Role 'Nobody' doesn't exist" in unknown
    mine = ("--assignee", known["AZURE_CLIENT_ID"])
    az("role", "assignment", "create", "--role", "Contributor", *mine, "--scope", group)
    names = ("--query", "[].roleDefinitionName")
    assert sorted(az("role", "assignment", "list", "--scope", group, *names)) == ["Contributor", "Reader"]
    inherited = az("role", "assignment", "list", "--scope", group, "--include-inherited", *names)
    assert sorted(inherited) == ["Contributor", "Owner", "Reader"]
    named = az("role", "assignment", "list", *mine, "--all", "--query", "[].[roleDefinitionName,principalName]")
    assert sorted(named) == [["Contributor", known["AZURE_CLIENT_ID"]], ["Owner", known["AZURE_CLIENT_ID"]]]
    az("role", "assignment", "delete", *mine, "--role", "Contributor", "--scope", group)
    az("role", "assignment", "delete", "--assignee-object-id", STRANGER, "--role", "Reader", "--scope", group)
    assert az("role", "assignment", "list", "--scope", group) == []


def test_a_custom_role_is_made_changed_used_and_deleted(azure: Any, signed_in: Any, group: str) -> None:
    az, subscription = signed_in, f"/subscriptions/{azure.subscription_id}"
    role: dict[str, Any] = {"Name": "Lab Watcher", "Description": "looks", "AssignableScopes": [subscription]}
    az("role", "definition", "create", "--role-definition", json.dumps(role | {"Actions": ["*/read"]}))
    changed = role | {"Description": "looks on", "Actions": ["*/read"]}
    assert az("role", "definition", "update", "--role-definition", json.dumps(changed))["description"] == "looks on"
    assert az("role", "definition", "list", "--custom-role-only", "--query", "[].roleName") == ["Lab Watcher"]
    user = ("--assignee-object-id", STRANGER, "--assignee-principal-type", "User")
    az("role", "assignment", "create", "--role", "Lab Watcher", *user, "--scope", group)
    assert "(RoleDefinitionHasAssignments)" in az.refused("role", "definition", "delete", "--name", "Lab Watcher")
    az("role", "assignment", "delete", "--assignee-object-id", STRANGER, "--role", "Lab Watcher", "--scope", group)
    az("role", "definition", "delete", "--name", "Lab Watcher")
    assert az("role", "definition", "list", "--name", "Lab Watcher") == []


def test_a_new_service_principal_may_do_what_its_role_says(signed_in: Any, az: Any, group: str, tmp_path: Any) -> None:
    made = signed_in("ad", "sp", "create-for-rbac", "--name", "lab-reader", "--role", "Reader", "--scopes", group)
    assert made["displayName"] == "lab-reader"
    own = {"AZURE_CONFIG_DIR": str(tmp_path / "az")}
    secret = ("-u", made["appId"], "-p", made["password"], "--tenant", made["tenant"])
    az("login", "--service-principal", *secret, **own)
    assert az("group", "list", "--query", "[].name", **own) == ["rg-access"]
    refused = az.refused("group", "update", "-n", "rg-access", "--tags", "a=b", **own)
    assert "(AuthorizationFailed) The client" in refused
    assert "Microsoft.Resources/subscriptions/resourceGroups/write" in refused
    assert made["displayName"] in signed_in("ad", "sp", "list", "--all", "--query", "[].displayName")
    signed_in("ad", "sp", "delete", "--id", made["appId"])
    forgetful = {"AZURE_CONFIG_DIR": str(tmp_path / "new")}
    assert "AADSTS7000229" in az.refused("login", "--service-principal", *secret, **forgetful)


def test_an_identity_is_made_and_has_federated_credentials(signed_in: Any, group: str) -> None:
    az, this = signed_in, ("-g", "rg-access")
    made = az("identity", "create", "-n", "id-az", *this)
    assert az("identity", "show", "-n", "id-az", *this)["principalId"] == made["principalId"]
    on = ("--identity-name", "id-az", *this)
    trust = ("--issuer", "https://token.example", "--subject", "repo:lab", "--audiences", "api://AzureADTokenExchange")
    az("identity", "federated-credential", "create", "--name", "ci-trust", *on, *trust)
    assert az("identity", "federated-credential", "list", *on, "--query", "[].subject") == ["repo:lab"]
    given = ("--assignee-object-id", made["principalId"], "--scope", group, "--role", "Reader")
    az("role", "assignment", "create", *given, "--assignee-principal-type", "ServicePrincipal")
    az("identity", "delete", "-n", "id-az", *this)
    assert az("identity", "list", *this) == []
