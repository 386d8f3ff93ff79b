"""azure-mgmt-cognitiveservices: accounts from the first request to the last, with soft deletion in between."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.clients.signed_in import owner


@pytest.fixture
def client(azure: Any, environment: Mapping[str, str]) -> Any:
    credential = owner(environment)
    groups = azure.management(ResourceManagementClient, credential).resource_groups
    groups.create_or_update("rg-vision", {"location": "eastus"})
    return azure.management(CognitiveServicesManagementClient, credential)


def account(name: str, sku: str = "S1", **properties: object) -> dict[str, Any]:
    return {
        "location": "eastus",
        "kind": "ComputerVision",
        "sku": {"name": sku},
        "identity": {"type": "SystemAssigned"},
        "properties": {"customSubDomainName": name, **properties},
    }


def test_an_account_is_created_changed_and_listed(azure: Any, client: Any) -> None:
    made = client.accounts.begin_create("rg-vision", "cv-life", account("cv-life")).result(30)
    assert (made.properties.provisioning_state, made.properties.endpoint) == (
        "Succeeded",
        f"{azure.origin}/cognitiveservices/cv-life/",
    )
    assert made.identity.principal_id
    changed = client.accounts.begin_update("rg-vision", "cv-life", {"tags": {"a": "b"}}).result(30)
    assert (changed.tags, changed.identity.principal_id) == ({"a": "b"}, made.identity.principal_id)
    assert [row.name for row in client.accounts.list()] == ["cv-life"]
    assert [row.name for row in client.accounts.list_by_resource_group("rg-vision")] == ["cv-life"]
    first = client.accounts.list_keys("rg-vision", "cv-life")
    fresh = client.accounts.regenerate_key("rg-vision", "cv-life", key_name="Key1")
    assert (fresh.key1 != first.key1, fresh.key2) == (True, first.key2)
    taken = client.check_domain_availability(subdomain_name="cv-life", type="Microsoft.CognitiveServices/accounts")
    assert taken.is_subdomain_available is False
    assert {sku.sku.name for sku in client.accounts.list_skus("rg-vision", "cv-life").value} == {"F0", "S1"}


def test_the_keys_of_arm_open_the_api_and_the_owners_token_does_not(
    environment: Mapping[str, str], client: Any
) -> None:
    made = client.accounts.begin_create("rg-vision", "cv-data", account("cv-data")).result(30)
    url = f"{made.properties.endpoint}computervision/datasets?api-version=2023-04-01-preview"
    context = ssl.create_default_context(cafile=environment["REQUESTS_CA_BUNDLE"])

    def asked(**headers: str) -> Any:
        request = urllib.request.Request(url, headers={name.replace("_", "-"): text for name, text in headers.items()})
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["error"]["code"]

    assert asked() == (401, "401")
    keys = client.accounts.list_keys("rg-vision", "cv-data")
    assert [asked(Ocp_Apim_Subscription_Key=key) for key in (keys.key1, keys.key2)] == [{"value": []}] * 2
    token = owner(environment).get_token("https://cognitiveservices.azure.com/.default").token
    assert asked(Authorization=f"Bearer {token}") == (401, "PermissionDenied")


def test_a_deleted_account_keeps_its_name_until_it_is_recovered_or_purged(client: Any) -> None:
    client.accounts.begin_create("rg-vision", "cv-soft", account("cv-soft")).result(30)
    client.accounts.begin_delete("rg-vision", "cv-soft").result(30)
    with pytest.raises(ResourceExistsError) as kept:
        client.accounts.begin_create("rg-vision", "cv-soft", account("cv-soft"))
    assert (kept.value.error and kept.value.error.code) == "FlagMustBeSetForRestore"
    assert [row.name for row in client.deleted_accounts.list()] == ["cv-soft"]
    assert client.deleted_accounts.get("eastus", "rg-vision", "cv-soft").properties.deletion_date
    back = client.accounts.begin_create("rg-vision", "cv-soft", account("cv-soft", restore=True)).result(30)
    assert (back.properties.provisioning_state, list(client.deleted_accounts.list())) == ("Succeeded", [])
    client.accounts.begin_delete("rg-vision", "cv-soft").result(30)
    client.deleted_accounts.begin_purge("eastus", "rg-vision", "cv-soft").result(30)
    with pytest.raises(ResourceNotFoundError):
        client.deleted_accounts.get("eastus", "rg-vision", "cv-soft")


def test_what_azure_refuses_is_refused(client: Any) -> None:
    client.accounts.begin_create("rg-vision", "cv-free", account("cv-free", "F0")).result(30)
    refused = [
        ("CanNotCreateMultipleFreeAccounts", account("cv-free-2", "F0")),
        ("InvalidSkuId", account("cv-sku", "S9")),
        ("CustomDomainInUse", account("cv-free")),
        ("InvalidApiSetId", account("cv-kind") | {"kind": "TextToSmell"}),
    ]
    for code, body in refused:
        with pytest.raises(HttpResponseError) as caught:
            client.accounts.begin_create("rg-vision", "cv-refused", body)
        assert (caught.value.error and caught.value.error.code) == code
    with pytest.raises(HttpResponseError, match="AccountNameInvalid"):
        client.accounts.begin_create("rg-vision", "-", account("cv-name"))
