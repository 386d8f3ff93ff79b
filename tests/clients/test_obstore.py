"""obstore, by which the lab itself moves blobs: every way to sign in, and every way to move."""

import os
import urllib.request
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ssl import create_default_context
from typing import Any

import obstore
import pytest
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import generate_container_sas
from obstore.auth.azure import AzureCredentialProvider
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import AzureStore

from tests.clients.signed_in import owner

DATA_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
MB = 1024 * 1024

pytestmark = pytest.mark.usefixtures("environment")


class Account:
    """One account with one container, and who may do all with its blobs: our principal."""

    def __init__(self, azure: Any, environment: Mapping[str, str]) -> None:
        self.credential = owner(environment)
        groups = azure.management(ResourceManagementClient, self.credential).resource_groups
        groups.create_or_update("rg-obstore", {"location": "eastus"})
        storage = azure.management(StorageManagementClient, self.credential)
        body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        made = storage.storage_accounts.begin_create("rg-obstore", "stobstore", body).result(30)
        storage.blob_containers.create("rg-obstore", "stobstore", "pictures", {})
        self.endpoint = made.primary_endpoints.blob.rstrip("/")
        self.key = storage.storage_accounts.list_keys("rg-obstore", "stobstore").as_dict()["keys"][0]["value"]
        roles = azure.management(AuthorizationManagementClient, self.credential).role_assignments
        mine = next(iter(roles.list_for_subscription())).principal_id
        definition = f"{made.id}/providers/Microsoft.Authorization/roleDefinitions/{DATA_OWNER}"
        properties = {"principalId": mine, "principalType": "ServicePrincipal", "roleDefinitionId": definition}
        roles.create(made.id, str(uuid.uuid4()), {"properties": properties})

    def store(self, **how: Any) -> AzureStore:
        return AzureStore(
            "pictures", account_name="stobstore", endpoint=self.endpoint, retry_config={"max_retries": 0}, **how
        )


@pytest.fixture(scope="module")
def account(azure: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in azure.environment.items():
            patch.setenv(name, value)
        return Account(azure, azure.environment)


def names(store: AzureStore, prefix: str | None = None) -> list[str]:
    return [row["path"] for rows in obstore.list(store, prefix) for row in rows]  # pyright: ignore[reportUnknownMemberType] arrow's half of it


def test_every_way_to_sign_in(account: Any, environment: Mapping[str, str]) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    signature = generate_container_sas(
        "stobstore", "pictures", account_key=account.key, permission="racwdl", expiry=until
    )
    ways: dict[str, dict[str, Any]] = {
        "key": {"account_key": account.key},
        "signature": {"sas_key": signature},
        "token": {"token": account.credential.get_token("https://storage.azure.com/.default").token},
        "secret": {
            "client_id": environment["AZURE_CLIENT_ID"],
            "client_secret": environment["AZURE_CLIENT_SECRET"],
            "tenant_id": environment["AZURE_TENANT_ID"],
            "authority_host": environment["AZURE_AUTHORITY_HOST"],
        },
        "environment": {},
        "azure-identity": {"credential_provider": AzureCredentialProvider(credential=account.credential)},
    }
    for way, how in ways.items():
        store = account.store(**how)
        obstore.put(store, f"{way}/a.txt", way.encode())
        assert bytes(obstore.get(store, f"{way}/a.txt").bytes()) == way.encode()
        assert names(store, f"{way}/") == [f"{way}/a.txt"]


def test_a_wrong_key_and_no_key_are_refused(account: Any) -> None:
    for how in ({"account_key": "A" * 86 + "=="}, {"skip_signature": True}):
        with pytest.raises(BaseError, match="403"):
            names(account.store(**how))


def test_large_blobs_go_in_parts_and_come_back_in_ranges(account: Any) -> None:
    store, data = account.store(account_key=account.key), os.urandom(11 * MB + 3)
    obstore.put(store, "large.bin", data, use_multipart=True, chunk_size=5 * MB, max_concurrency=2)
    assert obstore.head(store, "large.bin")["size"] == len(data)
    parts = obstore.get_ranges(store, "large.bin", starts=[0, 10 * MB], lengths=[7, 9])
    assert [bytes(part) for part in parts] == [data[:7], data[10 * MB : 10 * MB + 9]]
    assert bytes(obstore.get(store, "large.bin").bytes()) == data


def test_copies_renames_conditions_attributes_and_deletes(account: Any) -> None:
    store = account.store(account_key=account.key)
    obstore.put(store, "c/a.png", b"x", attributes={"Content-Type": "image/png", "camera": "left"}, tags={"s": "t"})
    assert obstore.get(store, "c/a.png").attributes == {"Content-Type": "image/png", "camera": "left"}
    obstore.copy(store, "c/a.png", "c/b.png")
    with pytest.raises(AlreadyExistsError):
        obstore.copy(store, "c/a.png", "c/b.png", overwrite=False)
    with pytest.raises(AlreadyExistsError):
        obstore.put(store, "c/b.png", b"y", mode="create")
    obstore.rename(store, "c/b.png", "c/z.png")
    assert names(store, "c/") == ["c/a.png", "c/z.png"]
    obstore.delete(store, ["c/a.png", "c/z.png"])
    assert names(store, "c/") == []
    with pytest.raises(FileNotFoundError):
        obstore.get(store, "c/a.png")


def test_listings_come_in_chunks_and_by_folder(account: Any) -> None:
    store = account.store(account_key=account.key)
    for number in range(25):
        obstore.put(store, f"list/train/{number:02}.jpg", b"")
    obstore.put(store, "list/readme.txt", b"")
    chunks = obstore.list(store, "list/train/", chunk_size=10)  # pyright: ignore[reportUnknownMemberType] as above
    assert [len(rows) for rows in chunks] == [10, 10, 5]
    folder = obstore.list_with_delimiter(store, "list/")  # pyright: ignore[reportUnknownMemberType] as above
    assert folder["common_prefixes"] == ["list/train"]
    assert [row["path"] for row in folder["objects"]] == ["list/readme.txt"]
    assert len(names(store, "list/train/")) == 25


def test_signed_addresses_open_for_whoever_has_them(account: Any, environment: Mapping[str, str]) -> None:
    token = account.credential.get_token("https://storage.azure.com/.default").token
    context = create_default_context(cafile=environment["SSL_CERT_FILE"])
    obstore.put(account.store(account_key=account.key), "signed.txt", b"hello")
    for how in ({"account_key": account.key}, {"token": token}):
        url = obstore.sign(account.store(**how), "GET", "signed.txt", timedelta(minutes=5))
        with urllib.request.urlopen(url, context=context) as answer:
            assert answer.read() == b"hello"
