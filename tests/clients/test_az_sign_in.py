"""`az`: clouds, signing in and out, tokens; with the printed settings alone, and with a cloud that was registered."""

import dataclasses
import json
from typing import Any

from tests.clients.conftest import visionlab


def sign_in(az: Any, known: Any, secret: str = "") -> tuple[str, ...]:
    password = secret or known["AZURE_CLIENT_SECRET"]
    given = ("-u", known["AZURE_CLIENT_ID"], "-p", password, "--tenant", known["AZURE_TENANT_ID"])
    return ("login", "--service-principal", *given)


def test_a_service_principal_signs_in_and_out(azure: Any, az: Any) -> None:
    known = azure.environment
    assert az("cloud", "show")["name"] == "LocalAzure"
    assert "AADSTS7000215" in az.refused(*sign_in(az, known, "wrong"))
    assert [account["id"] for account in az(*sign_in(az, known))] == [azure.subscription_id]
    shown = az("account", "show")
    assert (shown["id"], shown["tenantId"], shown["user"]["name"]) == (
        azure.subscription_id,
        known["AZURE_TENANT_ID"],
        known["AZURE_CLIENT_ID"],
    )
    assert [account["isDefault"] for account in az("account", "list")] == [True]
    assert "eastus" in az("account", "list-locations", "--query", "[].name")
    token = az("account", "get-access-token")
    assert (token["subscription"], token["tokenType"]) == (azure.subscription_id, "Bearer")
    az("logout")
    assert "az login" in az.refused("group", "list")
    az(*sign_in(az, known))
    az("account", "clear")
    assert az("account", "list") == []


def test_a_registered_cloud_needs_no_variable(azure: Any, az: Any, tmp_path: Any) -> None:
    known = {name: value for name, value in azure.environment.items() if name != "ARM_CLOUD_METADATA_URL"}
    own = dataclasses.replace(az, environment=known | {"AZURE_CONFIG_DIR": str(tmp_path / "az")})
    own("cloud", "register", "-n", "Local", "--endpoint-resource-manager", azure.origin)
    own("cloud", "set", "-n", "Local")
    active = own("cloud", "list", "--query", "[?isActive]")
    assert [(cloud["name"], cloud["endpoints"]["resourceManager"]) for cloud in active] == [("Local", azure.origin)]
    own(*sign_in(own, known))
    assert own("account", "show")["environmentName"] == "Local"
    assert own("group", "create", "-n", "rg-registered", "-l", "eastus")["location"] == "eastus"
    own("cloud", "set", "-n", "AzureCloud")
    own("cloud", "unregister", "-n", "Local")


def test_az_follows_when_the_local_azure_moves_to_other_ports(azure: Any, az: Any) -> None:
    visionlab(azure.home, "local", "stop")
    settings = azure.home / "local" / "settings.json"
    document = json.loads(settings.read_text())
    del document["port"], document["blob_port"]
    settings.write_text(json.dumps(document))
    visionlab(azure.home, "local", "start", "--role-delay", "0")
    moved = json.loads(visionlab(azure.home, "local", "env", "--json"))
    elsewhere = dataclasses.replace(az, environment=moved)
    assert moved["AZURE_AUTHORITY_HOST"] != azure.origin
    assert elsewhere("cloud", "show")["endpoints"]["resourceManager"] == moved["AZURE_AUTHORITY_HOST"]
    elsewhere(*sign_in(elsewhere, moved))
    assert elsewhere("group", "list", "--query", "[].name") == ["rg-registered"]
