"""azure-mgmt-storage: accounts, keys and containers, which are the same as those of the data plane."""

from collections.abc import Mapping
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import BlobServiceClient

from tests.clients.signed_in import owner

ACCOUNT = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


@pytest.fixture
def credential(environment: Mapping[str, str]) -> Any:
    return owner(environment)


@pytest.fixture
def client(azure: Any, credential: Any) -> Any:
    groups = azure.management(ResourceManagementClient, credential).resource_groups
    groups.create_or_update("rg-storage", {"location": "eastus"})
    groups.create_or_update("rg-other", {"location": "eastus"})
    return azure.management(StorageManagementClient, credential)


def made(client: Any, name: str, **properties: object) -> Any:
    return client.storage_accounts.begin_create("rg-storage", name, ACCOUNT | {"properties": properties}).result(30)


def keys_of(client: Any, name: str) -> list[str]:
    return [key["value"] for key in client.storage_accounts.list_keys("rg-storage", name).as_dict()["keys"]]


def test_an_account_through_its_whole_life(client: Any) -> None:
    free = client.storage_accounts.check_name_availability(
        {"name": "stlife", "type": "Microsoft.Storage/storageAccounts"}
    )
    assert free.name_available is True
    account = made(client, "stlife", minimumTlsVersion="TLS1_2")
    assert (account.provisioning_state, account.kind, account.sku.tier) == ("Succeeded", "StorageV2", "Standard")
    again = client.storage_accounts.check_name_availability(
        {"name": "stlife", "type": "Microsoft.Storage/storageAccounts"}
    )
    assert (again.name_available, again.reason) == (False, "AlreadyExists")
    changed = client.storage_accounts.update(
        "rg-storage", "stlife", {"tags": {"a": "b"}, "properties": {"accessTier": "Cool"}}
    )
    assert (changed.tags, changed.access_tier, changed.minimum_tls_version) == ({"a": "b"}, "Cool", "TLS1_2")
    assert client.storage_accounts.get_properties("rg-storage", "stlife").primary_endpoints.blob.endswith("/stlife/")
    assert [row.name for row in client.storage_accounts.list_by_resource_group("rg-storage")] == ["stlife"]
    client.storage_accounts.delete("rg-storage", "stlife")
    with pytest.raises(ResourceNotFoundError):
        client.storage_accounts.get_properties("rg-storage", "stlife")
    assert list(client.storage_accounts.list()) == []


def test_names_are_checked_and_unique_everywhere(client: Any) -> None:
    with pytest.raises(HttpResponseError, match="AccountNameInvalid"):
        client.storage_accounts.begin_create("rg-storage", "Bad_Name", ACCOUNT)
    made(client, "sttaken")
    with pytest.raises(ResourceExistsError) as taken:
        client.storage_accounts.begin_create("rg-other", "sttaken", ACCOUNT)
    assert (taken.value.error and taken.value.error.code) == "StorageAccountAlreadyTaken"
    with pytest.raises(HttpResponseError, match="InvalidRequestPropertyValue"):
        client.storage_accounts.begin_create("rg-storage", "stsku", ACCOUNT | {"sku": {"name": "Standard_Best"}})


def test_containers_of_arm_and_of_the_data_plane_are_the_same(client: Any, credential: Any) -> None:
    endpoint = made(client, "stsame").primary_endpoints.blob
    blobs = BlobServiceClient(endpoint, credential=keys_of(client, "stsame")[0])
    container = client.blob_containers.create(
        "rg-storage", "stsame", "by-arm", {"properties": {"metadata": {"a": "b"}}}
    )
    assert container.name == "by-arm"
    blobs.create_container("by-data", metadata={"c": "d"})  # pyright: ignore[reportUnknownMemberType] the SDK's generics
    blobs.get_blob_client("by-arm", "folder/a.txt").upload_blob(b"hello")
    assert [c.name for c in blobs.list_containers()] == ["by-arm", "by-data"]
    assert [c.name for c in client.blob_containers.list("rg-storage", "stsame")] == ["by-arm", "by-data"]
    assert client.blob_containers.get("rg-storage", "stsame", "by-data").metadata == {"c": "d"}
    for number in range(5):
        client.blob_containers.create("rg-storage", "stsame", f"more-{number}", {})
    pages = client.blob_containers.list("rg-storage", "stsame", maxpagesize="3", filter="more").by_page()
    assert [[c.name for c in page] for page in pages] == [["more-0", "more-1", "more-2"], ["more-3", "more-4"]]
    client.blob_containers.delete("rg-storage", "stsame", "by-data")
    assert "by-data" not in [c.name for c in blobs.list_containers()]
    with pytest.raises(ResourceNotFoundError):
        client.blob_containers.get("rg-storage", "stsame", "by-data")


def test_the_blob_service_of_an_account_is_shown_set_and_listed(client: Any) -> None:
    made(client, "stservice")
    rule = {
        "allowedOrigins": ["https://example.com"],
        "allowedMethods": ["GET"],
        "allowedHeaders": ["*"],
        "exposedHeaders": ["*"],
        "maxAgeInSeconds": 60,
    }
    client.blob_services.set_service_properties(
        "rg-storage", "stservice", {"properties": {"cors": {"corsRules": [rule]}}}
    )
    shown = client.blob_services.get_service_properties("rg-storage", "stservice")
    assert [list(rule.allowed_origins) for rule in shown.cors.cors_rules] == [["https://example.com"]]
    assert [service.name for service in client.blob_services.list("rg-storage", "stservice")] == ["default"]


def test_a_new_key_ends_the_old_one_and_shared_keys_can_be_switched_off(client: Any, credential: Any) -> None:
    endpoint = made(client, "stkeys").primary_endpoints.blob
    client.blob_containers.create("rg-storage", "stkeys", "pictures", {})
    first, second = keys_of(client, "stkeys")
    fresh = client.storage_accounts.regenerate_key("rg-storage", "stkeys", {"keyName": "key1"}).as_dict()["keys"]
    assert (fresh[0]["value"] != first, fresh[1]["value"]) == (True, second)

    def listed(key: Any) -> list[str]:
        return [c.name for c in BlobServiceClient(endpoint, credential=key, retry_total=0).list_containers()]

    with pytest.raises(HttpResponseError) as refused:
        listed(first)
    assert refused.value.status_code == 403
    assert listed(second) == ["pictures"]
    client.storage_accounts.update("rg-storage", "stkeys", {"properties": {"allowSharedKeyAccess": False}})
    with pytest.raises(HttpResponseError) as off:
        listed(second)
    assert off.value.status_code == 403


def test_what_is_missing_says_so(client: Any) -> None:
    made(client, "stmissing")
    calls = [
        lambda: client.storage_accounts.list_account_sas("rg-storage", "stmissing", {}),
        lambda: list(client.file_shares.list("rg-storage", "stmissing")),
        lambda: list(client.queue.list("rg-storage", "stmissing")),
        lambda: client.management_policies.get("rg-storage", "stmissing", "default"),
    ]
    for call in calls:
        with pytest.raises(HttpResponseError, match="ocal Azure"):
            call()
