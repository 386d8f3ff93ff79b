"""Blobs for real: against Azurite over https with bearer tokens."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.azure import Rest
from automation.errors import InvalidRequest, NotFound, TransportError, Unauthorized
from automation.storage import BlobStore, Upload, UploadReport
from automation.storage import blob_store as blob_store_module
from tests.automation.azure.fakes import FakeClock, a_cloud
from tests.automation.storage.conftest import Azurite

pytestmark = pytest.mark.server


class OneToken:
    def __init__(self, token: str) -> None:
        self.value = token

    def token(self, scope: str) -> str:
        assert scope == "https://storage.azure.com/.default"
        return self.value


@pytest.fixture
def store(azurite: Azurite) -> Iterator[BlobStore]:
    with BlobStore(azurite.endpoint, a_cloud(ca_file=azurite.ca_file), OneToken(azurite.token)) as store:
        yield store


@pytest.fixture
def container(azurite: Azurite) -> str:
    name = f"c{uuid.uuid4().hex}"
    with Rest(a_cloud(ca_file=azurite.ca_file), OneToken(azurite.token)) as rest:
        rest.send(
            "PUT",
            f"{azurite.endpoint}/{name}",
            scope="https://storage.azure.com/.default",
            operation="make container",
            params={"restype": "container"},
            headers={"x-ms-version": "2023-11-03"},
        )
    return name


NAMES = ["plain.jpg", "dir/a b.jpg", "ü#?%41 [x]~&+.jpg", "it's;,=@!$()*.jpg"]


def some_files(folder: Path, names: list[str] = NAMES) -> list[Upload]:
    uploads = [Upload(path=folder / str(i), name=name) for i, name in enumerate(names)]
    for i, upload in enumerate(uploads):
        upload.path.write_bytes(f"picture {i}".encode())
    return uploads


def test_files_arrive_under_their_names_with_content_and_type(store: BlobStore, container: str, tmp_path: Path) -> None:
    uploads = some_files(tmp_path)
    assert store.upload(container, uploads) == UploadReport(uploaded=tuple(NAMES), skipped=(), bytes_sent=36)
    assert {blob.name: blob.md5 for blob in store.list(container)} == {
        upload.name: hashlib.md5(upload.path.read_bytes()).digest() for upload in uploads
    }
    assert [store.get(container, name, limit_bytes=9) for name in NAMES] == [
        f"picture {i}".encode() for i in range(len(NAMES))
    ]


def test_a_second_upload_sends_only_what_changed(store: BlobStore, container: str, tmp_path: Path) -> None:
    uploads = some_files(tmp_path)
    store.upload(container, uploads)
    uploads[2].path.write_bytes(b"picture X")
    assert store.upload(container, uploads) == UploadReport(
        uploaded=(NAMES[2],), skipped=(NAMES[0], NAMES[1], NAMES[3]), bytes_sent=9
    )


def test_a_file_sent_in_parts_is_recognised_too(
    store: BlobStore, container: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob_store_module, "PART_LIMIT", 1_000_000)
    big = Upload(path=tmp_path / "big", name="big.json")
    big.path.write_bytes(os.urandom(11_000_000))  # above obstore's part size of 10 MB
    assert store.upload(container, [big]).bytes_sent == 11_000_000
    assert store.upload(container, [big]).skipped == ("big.json",)
    assert store.get(container, "big.json", limit_bytes=11_000_000) == big.path.read_bytes()


def test_one_blob_is_put_read_and_deleted(store: BlobStore, container: str) -> None:
    store.put(container, "labels.json", b"{}", "application/json")
    assert store.get(container, "labels.json", limit_bytes=2) == b"{}"
    with pytest.raises(InvalidRequest) as caught:
        store.get(container, "labels.json", limit_bytes=1)
    assert caught.value.detail == "it has 2 bytes, and 1 is the most that is read here"
    store.delete(container, "labels.json")
    store.delete(container, "labels.json")
    with pytest.raises(NotFound) as gone:
        store.get(container, "labels.json", limit_bytes=1)
    assert gone.value.code == "BlobNotFound"


def test_a_signed_link_reads_one_container_and_nothing_else(azurite: Azurite, store: BlobStore, container: str) -> None:
    store.put(container, "a b/ü#.jpg", b"picture", "image/jpeg")
    query = store.read_query(container, hours=24)
    with Rest(a_cloud(ca_file=azurite.ca_file), OneToken("unused")) as anybody:

        def read(place: str, query: str, method: str = "GET") -> object:
            return anybody.send(
                method, f"{store.url(place, 'a b/ü#.jpg')}?{query}", scope=None, operation="read", deadline_s=20
            ).body

        assert read(container, query) == b"picture"
        for place, changed, method in [
            (container, query.replace("sp=r", "sp=rw"), "GET"),
            (container, query, "DELETE"),
            (f"{container}x", query, "GET"),
        ]:
            with pytest.raises(Unauthorized):
                read(place, changed, method)


def test_a_missing_container_is_an_error_everywhere(store: BlobStore, tmp_path: Path) -> None:
    for act in (
        lambda: list(store.list("nowhere")),
        lambda: store.upload("nowhere", some_files(tmp_path)),
        lambda: store.put("nowhere", "a", b"1", "text/plain"),
        lambda: store.get("nowhere", "a", limit_bytes=1),
        lambda: store.delete("nowhere", "a"),
    ):
        with pytest.raises(NotFound) as caught:
            act()
        assert caught.value.code == "ContainerNotFound"


def test_a_proxy_of_the_environment_is_not_for_this_machine(
    store: BlobStore, container: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert len(store.upload(container, some_files(tmp_path)).uploaded) == 4


def test_a_refused_token_is_a_missing_right(azurite: Azurite, container: str) -> None:
    with BlobStore(azurite.endpoint, a_cloud(ca_file=azurite.ca_file), OneToken("not-a-token")) as store:
        with pytest.raises(Unauthorized):
            store.put(container, "a", b"1", "text/plain")
        with pytest.raises(Unauthorized):
            list(store.list(container))


def test_access_that_is_there_is_not_waited_for_and_a_bad_token_not_either(azurite: Azurite, container: str) -> None:
    clock = FakeClock()
    cloud, tokens = a_cloud(ca_file=azurite.ca_file), OneToken(azurite.token)
    with BlobStore(azurite.endpoint, cloud, tokens, rest=Rest(cloud, tokens, clock)) as store:
        store.wait_for_access(container)
        tokens.value = "not-a-token"
        with pytest.raises(Unauthorized):
            store.wait_for_access(container)
    assert clock.slept == []


def test_another_authority_is_not_trusted(azurite: Azurite, container: str, tmp_path: Path) -> None:
    import trustme

    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with BlobStore(azurite.endpoint, a_cloud(ca_file=other), OneToken(azurite.token)) as store:
        with pytest.raises(TransportError) as listing:
            list(store.list(container))
        assert str(listing.value) == f"list container {container}: no answer (TLS: certificate not trusted)"
