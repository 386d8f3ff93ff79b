"""`az role` and `az identity`: who may do what; an identity that is proven by another issuer's token."""

import json
from typing import Any

import jwt
import pytest
from azure.identity import ManagedIdentityCredential

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


def test_an_identity_is_signed_in_by_its_federated_credential(
    signed_in: Any, az: Any, group: str, environment: Any, tmp_path: Any
) -> None:
    """The token of this machine's own identity stands for another identity, which is made for it."""
    this, own = ("-g", "rg-access"), {"AZURE_CONFIG_DIR": str(tmp_path / "az")}
    made = signed_in("identity", "create", "-n", "id-az", *this)
    assert signed_in("identity", "show", "-n", "id-az", *this)["principalId"] == made["principalId"]
    token = ManagedIdentityCredential().get_token("api://AzureADTokenExchange/.default").token
    said = jwt.decode(token, options={"verify_signature": False})
    on = ("--identity-name", "id-az", *this)
    trust = ("--issuer", said["iss"], "--subject", said["sub"], "--audiences", "api://AzureADTokenExchange")
    login = ("login", "--service-principal", "-u", made["clientId"], "--federated-token", token, "--tenant")
    assert "AADSTS70021" in az.refused(*login, environment["AZURE_TENANT_ID"], **own)
    signed_in("identity", "federated-credential", "create", "--name", "machine", *on, *trust)
    assert signed_in("identity", "federated-credential", "list", *on, "--query", "[].subject") == [said["sub"]]
    az(*login, environment["AZURE_TENANT_ID"], **own)
    assert "(AuthorizationFailed)" in az.refused("group", "show", "-n", "rg-access", **own)
    signed_in("role", "assignment", "create", "--assignee", made["clientId"], "--scope", group, "--role", "Reader")
    assert az("group", "show", "-n", "rg-access", **own)["id"] == group
    signed_in("identity", "delete", "-n", "id-az", *this)
    assert signed_in("identity", "list", *this) == []
