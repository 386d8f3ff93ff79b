"""Microsoft's own clients, unmodified, against the running process."""

from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceExistsError
from azure.identity import ClientSecretCredential
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import BlobServiceClient

pytestmark = pytest.mark.server


@pytest.fixture
def credential(running: Any, monkeypatch: pytest.MonkeyPatch) -> ClientSecretCredential:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", running.connection["bundle_file"])
    known = running.connection
    return ClientSecretCredential(
        known["tenant_id"],
        known["client_id"],
        known["client_secret"],
        authority=known["origin"],
        disable_instance_discovery=True,
    )


def client_of(kind: Any, running: Any, credential: ClientSecretCredential) -> Any:
    origin = running.connection["origin"]
    return kind(
        credential,
        running.connection["subscription_id"],
        base_url=origin,
        credential_scopes=[f"{origin}/.default"],
        polling_interval=0.1,
    )


def test_azure_identity_gets_a_token_and_a_wrong_secret_gets_entras_error(
    running: Any, credential: ClientSecretCredential
) -> None:
    known = running.connection
    assert len(credential.get_token(f"{known['origin']}/.default").token.split(".")) == 3
    wrong = ClientSecretCredential(
        known["tenant_id"], known["client_id"], "x", authority=known["origin"], disable_instance_discovery=True
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token("https://storage.azure.com/.default")


def test_storage_by_arm_and_by_the_data_plane_are_the_same(running: Any, credential: ClientSecretCredential) -> None:
    resources = client_of(ResourceManagementClient, running, credential)
    storage = client_of(StorageManagementClient, running, credential)
    resources.resource_groups.create_or_update("rg-storage", {"location": "eastus"})
    made = storage.storage_accounts.begin_create(
        "rg-storage", "stclient1", {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    ).result(20)
    assert made.provisioning_state == "Succeeded"
    storage.blob_containers.create("rg-storage", "stclient1", "by-arm", {})
    role = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    definition = f"/subscriptions/{running.connection['subscription_id']}/providers/Microsoft.Authorization"
    assignment = {"principalId": running.connection["object_id"], "principalType": "ServicePrincipal"}
    assignment["roleDefinitionId"] = f"{definition}/roleDefinitions/{role}"
    path = f"{made.id}/providers/Microsoft.Authorization/roleAssignments/{role}"
    assert running.send("PUT", path, {"properties": assignment}).status_code == 201
    blobs = BlobServiceClient(f"{running.connection['blob_origin']}/stclient1", credential=credential)
    blobs.create_container("by-data-plane")  # pyright: ignore[reportUnknownMemberType] the SDK's generics
    blobs.get_blob_client("by-arm", "folder/a.txt").upload_blob(b"hello")
    assert [c.name for c in blobs.list_containers()] == ["by-arm", "by-data-plane"]
    assert [c.name for c in storage.blob_containers.list("rg-storage", "stclient1")] == ["by-arm", "by-data-plane"]
    key = storage.storage_accounts.list_keys("rg-storage", "stclient1").as_dict()["keys"][0]["value"]
    keyed = BlobServiceClient(f"{running.connection['blob_origin']}/stclient1", credential=key)
    assert keyed.get_blob_client("by-arm", "folder/a.txt").download_blob().readall() == b"hello"
    storage.storage_accounts.regenerate_key("rg-storage", "stclient1", {"keyName": "key1"})
    with pytest.raises(HttpResponseError) as caught:
        keyed.get_blob_client("by-arm", "folder/a.txt").download_blob()
    assert caught.value.status_code == 403
    storage.storage_accounts.delete("rg-storage", "stclient1")
    with pytest.raises(HttpResponseError):
        list(blobs.list_containers(retry_total=0))


def test_switching_shared_keys_off_refuses_keys_and_keeps_tokens(
    running: Any, credential: ClientSecretCredential
) -> None:
    resources = client_of(ResourceManagementClient, running, credential)
    storage = client_of(StorageManagementClient, running, credential)
    resources.resource_groups.create_or_update("rg-keyless", {"location": "eastus"})
    account = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    keyless = account | {"properties": {"allowSharedKeyAccess": False}}
    storage.storage_accounts.begin_create("rg-keyless", "stkeyless", keyless).result(20)
    storage.blob_containers.create("rg-keyless", "stkeyless", "pictures", {})
    key = storage.storage_accounts.list_keys("rg-keyless", "stkeyless").as_dict()["keys"][0]["value"]
    endpoint = f"{running.connection['blob_origin']}/stkeyless"
    assert [c.name for c in BlobServiceClient(endpoint, credential=credential).list_containers()] == ["pictures"]
    with pytest.raises(HttpResponseError) as caught:
        list(BlobServiceClient(endpoint, credential=key).list_containers())
    assert caught.value.status_code == 403


def test_a_vision_account_through_its_whole_life(running: Any, credential: ClientSecretCredential) -> None:
    resources = client_of(ResourceManagementClient, running, credential)
    accounts = client_of(CognitiveServicesManagementClient, running, credential)
    resources.resource_groups.create_or_update("rg-vision", {"location": "eastus"})
    body = {
        "location": "eastus",
        "kind": "ComputerVision",
        "sku": {"name": "S1"},
        "identity": {"type": "SystemAssigned"},
        "properties": {"customSubDomainName": "cv-client"},
    }
    made = accounts.accounts.begin_create("rg-vision", "cv-client", body).result(20)
    assert made.properties.endpoint == f"{running.connection['origin']}/cognitiveservices/cv-client/"
    key = accounts.accounts.list_keys("rg-vision", "cv-client").key1
    with running.client() as client:
        path = "/cognitiveservices/cv-client/computervision/datasets?api-version=2023-04-01-preview"
        assert client.get(path).json()["error"]["code"] == "401"
        assert client.get(path, headers={"Ocp-Apim-Subscription-Key": key}).json() == {"value": []}
        bearer = {"Authorization": f"Bearer {running.token('https://cognitiveservices.azure.com/.default')}"}
        assert client.get(path, headers=bearer).json()["error"]["code"] == "PermissionDenied"
    accounts.accounts.begin_delete("rg-vision", "cv-client").result(20)
    with pytest.raises(ResourceExistsError, match="FlagMustBeSetForRestore"):
        accounts.accounts.begin_create("rg-vision", "cv-client", body)
    assert [account.name for account in accounts.deleted_accounts.list()] == ["cv-client"]
    accounts.deleted_accounts.begin_purge("eastus", "rg-vision", "cv-client").result(20)
    assert list(accounts.deleted_accounts.list()) == []


def test_a_throttled_client_rides_it_out(running: Any, credential: ClientSecretCredential) -> None:
    admin = {"Authorization": f"Bearer {running.connection['admin_token']}"}
    rule = {"kind": "throttle", "method": "GET", "path": "/resourcegroups/rg-fault$", "count": 1}
    resources = client_of(ResourceManagementClient, running, credential)
    resources.resource_groups.create_or_update("rg-fault", {"location": "eastus"})
    with running.client() as client:
        client.put("/_local/faults", json={"rules": [rule]}, headers=admin)
        assert resources.resource_groups.get("rg-fault").name == "rg-fault"
        assert client.get("/_local/faults", headers=admin).json()["rules"][0]["left"] == 0
        client.delete("/_local/faults", headers=admin)
        assert client.get("/_local/faults").status_code == 401
    resources.resource_groups.begin_delete("rg-fault").result(20)


def test_shutdown_by_request_ends_it_with_status_0(running: Any) -> None:
    """The last test of this module: the process is gone after it."""
    admin = {"Authorization": f"Bearer {running.connection['admin_token']}"}
    with running.client() as client:
        assert client.post("/_local/shutdown", headers=admin).status_code == 202
    assert running.popen.wait(10) == 0
