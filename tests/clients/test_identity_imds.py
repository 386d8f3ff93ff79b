"""Managed identity as on a virtual machine (`visionlab local start --imds`): azure-identity and `az login`."""

import json
import uuid
from collections.abc import Generator, Mapping
from typing import Any

import httpx
import jwt
import pytest
from azure.identity import ClientSecretCredential, CredentialUnavailableError, ManagedIdentityCredential

from tests.clients.conftest import Azure, visionlab

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Generator[Azure]:
    """A local Azure that any program may ask for tokens."""
    home = tmp_path_factory.mktemp("lab")
    visionlab(home, "local", "start", "--role-delay", "0", "--imds")
    try:
        yield Azure(home=home, environment=json.loads(visionlab(home, "local", "env", "--json")))
    finally:
        visionlab(home, "local", "stop")


@pytest.fixture
def machine(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A program that knows nothing but where the instance metadata service is."""
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    return environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"]


def test_identities_of_the_machine(azure: Any, az: Any, machine: str) -> None:
    known, scope = azure.environment, f"{azure.origin}/.default"
    secret = ("-u", known["AZURE_CLIENT_ID"], "-p", known["AZURE_CLIENT_SECRET"])
    az("login", "--service-principal", *secret, "--tenant", known["AZURE_TENANT_ID"])
    az("group", "create", "-n", "rg", "-l", "eastus")
    made = az("identity", "create", "-g", "rg", "-n", "seat")
    az("role", "assignment", "create", "--assignee", made["clientId"], "--role", "Reader", "--scope",
       f"/subscriptions/{azure.subscription_id}/resourceGroups/rg")  # fmt: skip
    assert [o["id"] for o in az("ad", "sp", "list", "--display-name", "seat")] == [made["principalId"]]

    def who(credential: Any) -> str:
        return jwt.decode(credential.get_token(scope).token, options={"verify_signature": False})["oid"]

    by = (
        ManagedIdentityCredential(client_id=made["clientId"]),
        ManagedIdentityCredential(identity_config={"object_id": made["principalId"]}),
        ManagedIdentityCredential(identity_config={"resource_id": made["id"]}),
    )
    assert [who(credential) for credential in by] == [made["principalId"]] * 3
    own = who(ManagedIdentityCredential())
    assert own not in {made["principalId"], ""}
    with pytest.raises(CredentialUnavailableError, match="Identity not found"):
        ManagedIdentityCredential(client_id=str(uuid.uuid4())).get_token(scope)

    # az takes the endpoint of App Service when both are told: first as the machine, then as the identity.
    az("login", "--identity")
    assert az("account", "show")["user"]["assignedIdentityInfo"] == "MSI"
    assert "AuthorizationFailed" in az.run("group", "show", "-n", "rg").stderr
    az("login", "--identity", "--client-id", made["clientId"])
    assert az("group", "show", "-n", "rg")["name"] == "rg"
    told = {name: value for name, value in azure.environment.items() if not name.startswith("IDENTITY_")}
    by_imds = type(az)(environment={**told, "AZURE_CONFIG_DIR": str(azure.home / "az-imds")})
    by_imds("login", "--identity", "--resource-id", made["id"])
    assert by_imds("group", "show", "-n", "rg")["name"] == "rg"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Metadata": "true"}, 200),
        ({}, 400),
        ({"Metadata": "true", "X-Forwarded-For": "10.0.0.1"}, 400),
        ({"Metadata": "true", "Host": "evil.example"}, 400),
    ],
)
def test_only_requests_that_mean_this_machine_are_answered(machine: str, headers: dict[str, str], status: int) -> None:
    url = f"{machine}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/"
    assert httpx.get(url, headers=headers).status_code == status


def test_a_changed_signing_key_asks_nobody_to_sign_in_again(azure: Any, environment: Mapping[str, str]) -> None:
    tenant, scope = environment["AZURE_TENANT_ID"], f"{azure.origin}/.default"
    keys = f"{azure.origin}/{tenant}/discovery/v2.0/keys"
    credential = ClientSecretCredential(
        tenant,
        environment["AZURE_CLIENT_ID"],
        environment["AZURE_CLIENT_SECRET"],
        authority=azure.origin,
        disable_instance_discovery=True,
    )
    before = credential.get_token(scope).token
    (old,) = httpx.get(keys).json()["keys"]
    visionlab(azure.home, "local", "stop")
    visionlab(azure.home, "local", "start", "--role-delay", "0", "--rotate-key")
    new = httpx.get(keys).json()["keys"]
    assert ([key["kid"] for key in new][1:], new[0]["kid"] == old["kid"]) == ([old["kid"]], False)
    url = f"{azure.origin}/subscriptions?api-version=2022-12-01"
    assert httpx.get(url, headers={"Authorization": f"Bearer {before}"}).status_code == 200
    # This start was not asked for IMDS.
    assert (
        httpx.get(f"{environment['AZURE_POD_IDENTITY_AUTHORITY_HOST']}/metadata/identity/oauth2/token").status_code
        == 404
    )
