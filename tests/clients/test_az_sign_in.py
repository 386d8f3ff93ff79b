"""`az`: somebody signs in to the local Azure, which is the cloud in use by the printed settings alone."""

from typing import Any


def test_a_service_principal_signs_in(azure: Any, az: Any) -> None:
    assert az("cloud", "show")["name"] == "LocalAzure"
    known = azure.environment
    secret = ("-u", known["AZURE_CLIENT_ID"], "-p", known["AZURE_CLIENT_SECRET"])
    az("login", "--service-principal", *secret, "--tenant", known["AZURE_TENANT_ID"])
    assert az("account", "show")["id"] == azure.subscription_id
