"""azure-storage-blob: the data plane by account keys, signatures, tokens, and by nobody."""

import os
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import (
    AccessPolicy,
    AccountSasPermissions,
    BlobClient,
    BlobLeaseClient,
    BlobServiceClient,
    ContainerClient,
    ContainerSasPermissions,
    ContentSettings,
    ResourceTypes,
    generate_account_sas,
    generate_blob_sas,
    generate_container_sas,
)

from tests.clients.signed_in import owner, somebody_else

DATA_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
MB = 1024 * 1024


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


class Account:
    """A storage account with one container, `pictures`."""

    def __init__(self, azure: Any, environment: Mapping[str, str], name: str) -> None:
        self.azure, self.name, self.credential = azure, name, owner(environment)
        azure.management(ResourceManagementClient, self.credential).resource_groups.create_or_update(
            "rg-blobs", {"location": "eastus"}
        )
        self.accounts = azure.management(StorageManagementClient, self.credential).storage_accounts
        body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        made = self.accounts.begin_create("rg-blobs", name, body | {"properties": {"allowBlobPublicAccess": True}})
        self.id, self.endpoint = made.result(30).id, made.result().primary_endpoints.blob
        self.key = self.accounts.list_keys("rg-blobs", name).as_dict()["keys"][0]["value"]
        self.pictures = self.by(self.key).get_container_client("pictures")
        self.pictures.create_container()

    def by(self, credential: Any = None, **options: Any) -> BlobServiceClient:
        return BlobServiceClient(self.endpoint, credential=credential, retry_total=0, **options)

    def give(self, role: str, who: str) -> None:
        roles = self.azure.management(AuthorizationManagementClient, self.credential).role_assignments
        definition = f"{self.id}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        properties = {"principalId": who, "principalType": "ServicePrincipal", "roleDefinitionId": definition}
        roles.create(self.id, str(uuid.uuid4()), {"properties": properties})


@pytest.fixture
def account(azure: Any, environment: Mapping[str, str]) -> Callable[[str], Account]:
    return lambda name: Account(azure, environment, name)


def refusal(call: Callable[[], object]) -> int | None:
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.status_code


def test_a_blob_with_all_that_belongs_to_it(account: Any) -> None:
    blob = account("stblob").pictures.get_blob_client("folder/ä b.jpg")
    blob.upload_blob(
        b"0123456789",
        metadata={"camera": "left"},
        tags={"split": "train"},
        content_settings=ContentSettings(content_type="image/jpeg"),
    )
    with pytest.raises(ResourceExistsError):
        blob.upload_blob(b"again")
    shown = blob.get_blob_properties()
    assert (shown.size, shown.metadata, shown.content_settings.content_type, shown.tag_count) == (
        10,
        {"camera": "left"},
        "image/jpeg",
        1,
    )
    assert blob.download_blob(offset=2, length=3).readall() == b"234"
    assert (blob.get_blob_tags(), blob.exists()) == ({"split": "train"}, True)
    blob.set_blob_tags({"split": "test"})
    blob.set_blob_metadata({"camera": "right"})
    with pytest.raises(ResourceModifiedError):
        blob.upload_blob(b"x", overwrite=True, etag=shown.etag, match_condition=MatchConditions.IfNotModified)
    snapshot = blob.create_snapshot()["snapshot"]
    blob.upload_blob(b"new", overwrite=True)
    old = BlobClient.from_blob_url(blob.url, credential=blob.credential, snapshot=snapshot)
    assert (old.download_blob().readall(), blob.download_blob().readall()) == (b"0123456789", b"new")
    with pytest.raises(ResourceExistsError, match="snapshots"):
        blob.delete_blob()
    blob.delete_blob(delete_snapshots="include")
    with pytest.raises(ResourceNotFoundError):
        blob.download_blob()


def test_a_large_blob_goes_in_blocks_and_comes_back_in_ranges(account: Any) -> None:
    known = account("stlarge")
    small = {"max_single_put_size": MB, "max_block_size": MB, "max_single_get_size": MB, "max_chunk_get_size": MB}
    blob = known.by(known.key, **small).get_blob_client("pictures", "large.bin")
    data = os.urandom(5 * MB + 17)
    blob.upload_blob(data, max_concurrency=3)
    assert [block.size for block in blob.get_block_list()[0]] == [MB] * 5 + [17]
    assert blob.download_blob(max_concurrency=3).readall() == data


def test_listings_by_prefix_page_by_page(account: Any) -> None:
    pictures = account("stlist").pictures
    for number in range(12):
        pictures.upload_blob(f"train/{number:02}.jpg", b"", metadata={"n": str(number)})
    pictures.upload_blob("readme.txt", b"")
    pages = pictures.list_blobs(name_starts_with="train/", results_per_page=5, include=["metadata"]).by_page()
    assert [len(list(page)) for page in pages] == [5, 5, 2]
    assert [row.name for row in pictures.walk_blobs()] == ["train/", "readme.txt"]
    assert sum(1 for _ in pictures.list_blob_names(name_starts_with="train/1")) == 2
    answers = pictures.delete_blobs("train/00.jpg", "train/01.jpg")
    assert [answer.status_code for answer in answers] == [202, 202]


def test_copies_within_an_account_and_from_another_with_a_signature(account: Any) -> None:
    here, there = account("stcopyto"), account("stcopyfrom")
    there.pictures.upload_blob("a.jpg", b"picture")
    signature = generate_blob_sas(there.name, "pictures", "a.jpg", account_key=there.key, permission="r", expiry=soon())
    source = f"{there.endpoint}pictures/a.jpg"
    first = here.pictures.get_blob_client("first.jpg")
    assert first.start_copy_from_url(f"{source}?{signature}")["copy_status"] == "success"
    assert first.download_blob().readall() == b"picture"
    second = here.pictures.get_blob_client("second.jpg")
    second.start_copy_from_url(first.url)
    assert second.download_blob().readall() == b"picture"
    assert refusal(lambda: here.pictures.get_blob_client("third.jpg").start_copy_from_url(source)) in {403, 404}


def test_leases_keep_others_out(account: Any) -> None:
    pictures = account("stlease").pictures
    blob = pictures.upload_blob("a.jpg", b"one")
    lease = blob.acquire_lease(15)
    assert refusal(blob.delete_blob) == 412
    assert refusal(lambda: blob.acquire_lease(15)) == 409
    blob.upload_blob(b"two", overwrite=True, lease=lease)
    BlobLeaseClient(blob, lease_id=lease.id).break_lease(0)
    blob.delete_blob()
    held = pictures.acquire_lease(15)
    assert refusal(pictures.delete_container) == 412
    held.release()
    pictures.delete_container()


def test_signatures_by_the_account_and_for_a_container(account: Any) -> None:
    known = account("stsas")
    known.pictures.upload_blob("a.jpg", b"picture")
    everything = ResourceTypes(service=True, container=True, object=True)

    def by_account(permission: AccountSasPermissions, expiry: datetime) -> BlobServiceClient:
        return known.by(generate_account_sas(known.name, known.key, everything, permission, expiry))

    reading = by_account(AccountSasPermissions(read=True, list=True), soon())
    assert [row.name for row in reading.list_containers()] == ["pictures"]
    assert reading.get_blob_client("pictures", "a.jpg").download_blob().readall() == b"picture"
    assert refusal(lambda: reading.get_blob_client("pictures", "b.jpg").upload_blob(b"")) == 403
    late = by_account(AccountSasPermissions(read=True, list=True), soon() - timedelta(hours=2))
    assert refusal(lambda: list(late.list_containers())) == 403

    def container(**options: Any) -> ContainerClient:
        signature = generate_container_sas(known.name, "pictures", account_key=known.key, **options)
        return ContainerClient.from_container_url(f"{known.endpoint}pictures?{signature}", retry_total=0)

    assert [row.name for row in container(permission="rl", expiry=soon()).list_blobs()] == ["a.jpg"]
    assert refusal(lambda: list(container(permission="r", expiry=soon()).list_blobs())) == 403
    policy = AccessPolicy(ContainerSasPermissions(read=True, list=True), soon(), datetime.now(UTC) - timedelta(hours=1))
    known.pictures.set_container_access_policy({"course": policy})
    assert [row.name for row in container(policy_id="course").list_blobs()] == ["a.jpg"]
    known.pictures.set_container_access_policy({})
    assert refusal(lambda: list(container(policy_id="course").list_blobs())) == 403


def test_signatures_by_user_delegation_end_with_the_role(account: Any, environment: Mapping[str, str]) -> None:
    known = account("stdelegate")
    known.pictures.upload_blob("a.jpg", b"picture")
    somebody = somebody_else(environment, "delegator")
    theirs = known.by(somebody.credential)
    begin = datetime.now(UTC) - timedelta(minutes=5)
    assert refusal(lambda: theirs.get_user_delegation_key(begin, soon())) == 403
    known.give(DATA_READER, somebody.object_id)
    key = theirs.get_user_delegation_key(begin, soon())

    def signed(permission: str) -> BlobClient:
        signature = generate_blob_sas(
            known.name, "pictures", "a.jpg", user_delegation_key=key, permission=permission, expiry=soon()
        )
        url = f"{known.endpoint}pictures/a.jpg?{signature}"
        return BlobClient.from_blob_url(url, retry_total=0)

    assert signed("r").download_blob().readall() == b"picture"
    assert refusal(lambda: signed("rw").upload_blob(b"x", overwrite=True)) == 403
    forged = signed("r").url.replace("sp=r", "sp=rw")
    assert refusal(lambda: BlobClient.from_blob_url(forged, retry_total=0).download_blob()) == 403


def test_tokens_need_a_data_role_and_nobody_needs_a_public_container(
    account: Any, environment: Mapping[str, str]
) -> None:
    known = account("sttoken")
    known.pictures.upload_blob("a.jpg", b"picture")
    somebody = somebody_else(environment, "reader")
    theirs = known.by(somebody.credential).get_container_client("pictures")
    assert refusal(lambda: theirs.download_blob("a.jpg")) == 403
    known.give(DATA_READER, somebody.object_id)
    assert theirs.download_blob("a.jpg").readall() == b"picture"
    assert refusal(lambda: theirs.upload_blob("b.jpg", b"")) == 403
    nobody = known.by().get_container_client("pictures")
    assert refusal(lambda: nobody.download_blob("a.jpg")) == 403
    known.pictures.set_container_access_policy({}, public_access="blob")
    assert nobody.download_blob("a.jpg").readall() == b"picture"
    assert refusal(lambda: list(nobody.list_blobs())) == 403
    known.accounts.update("rg-blobs", "sttoken", {"properties": {"allowBlobPublicAccess": False}})
    assert refusal(lambda: nobody.download_blob("a.jpg")) == 403


def test_without_shared_keys_only_tokens_are_left(account: Any) -> None:
    known = account("stkeyless")
    known.accounts.update("rg-blobs", "stkeyless", {"properties": {"allowSharedKeyAccess": False}})
    assert refusal(lambda: list(known.by(known.key).list_containers())) == 403
    signature = generate_container_sas(known.name, "pictures", account_key=known.key, permission="l", expiry=soon())
    signed = ContainerClient.from_container_url(f"{known.endpoint}pictures?{signature}", retry_total=0)
    assert refusal(lambda: list(signed.list_blobs())) == 403
    assert [row.name for row in known.by(known.credential).list_containers()] == ["pictures"]


def test_what_the_blob_server_lacks_it_says(account: Any) -> None:
    """As the notes of the coverage page have it; a newer Azurite may know more."""
    known = account("stlacking")
    blob = known.pictures.upload_blob("a.jpg", b"picture")
    lacking: list[Callable[[], object]] = [
        lambda: known.pictures.get_blob_client("b.jpg").upload_blob_from_url(blob.url),
        lambda: blob.stage_block_from_url("AAAA", blob.url),
        blob.undelete_blob,
        lambda: blob.set_legal_hold(True),
        lambda: blob.query_blob("SELECT * from BlobStorage").readall(),
        lambda: known.by(known.key).undelete_container("pictures", "1"),
    ]
    assert [refusal(call) for call in lacking] == [501] * len(lacking)
