"""Copies between accounts by the service: what is copied, what is left alone, and what stops them."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from automation.azure import Rest
from automation.errors import InvalidRequest, NotFound, OperationFailed, WaitTimeout
from automation.storage import BlobInfo, BlobPlace, BlobStore, CopyReport, copy_container, missing_copies
from automation.storage import copying as copying_module
from tests.automation.azure.fakes import START, FakeClock, FakeTokens, a_cloud
from tests.automation.storage.conftest import Azurite

NAMES = ("dir/a b.jpg", "plain.jpg", "ü#?%41 [x]~&+.jpg")


class OneToken:
    def __init__(self, token: str) -> None:
        self.value = token

    def token(self, scope: str) -> str:
        assert scope == "https://storage.azure.com/.default"
        return self.value


def a_place(azurite: Azurite, endpoint: str) -> BlobPlace:
    """A new container."""
    name = f"c{uuid.uuid4().hex}"
    cloud, tokens = a_cloud(ca_file=azurite.ca_file), OneToken(azurite.token)
    with Rest(cloud, tokens) as rest:
        rest.send(
            "PUT",
            f"{endpoint}/{name}",
            scope="https://storage.azure.com/.default",
            operation="make container",
            params={"restype": "container"},
            headers={"x-ms-version": "2023-11-03"},
        )
    return BlobPlace(store=BlobStore(endpoint, cloud, tokens), container=name)


@pytest.fixture
def source(azurite: Azurite) -> Iterator[BlobPlace]:
    place = a_place(azurite, azurite.endpoint)
    with place.store:
        for name in NAMES:
            place.store.put(place.container, name, f"picture {name}".encode(), "image/jpeg")
        yield place


@pytest.fixture
def target(azurite: Azurite) -> Iterator[BlobPlace]:
    place = a_place(azurite, azurite.other_endpoint)
    with place.store:
        yield place


@pytest.mark.server
def test_a_container_is_copied_into_another_account_whole_and_once(source: BlobPlace, target: BlobPlace) -> None:
    told: list[tuple[float, float | None, str]] = []

    def progress(done: float, total: float | None, message: str) -> None:
        told.append((done, total, message))

    first = copy_container(source, target, progress=progress)
    again = copy_container(source, target)

    size = sum(len(f"picture {name}".encode()) for name in NAMES)
    assert first == CopyReport(copied=NAMES, skipped=(), bytes_copied=size)
    assert again == CopyReport(copied=(), skipped=NAMES)
    assert told[-1] == (size, size, "3 of 3 blobs")
    assert {blob.name: blob.md5 for blob in target.store.list(target.container)} == {
        name: hashlib.md5(f"picture {name}".encode()).digest() for name in NAMES
    }
    assert target.store.get(target.container, NAMES[2], limit_bytes=100) == f"picture {NAMES[2]}".encode()


@pytest.mark.server
def test_below_a_prefix_and_only_what_changed(source: BlobPlace, target: BlobPlace) -> None:
    below = replace(target, prefix="anna/pictures/")
    copy_container(source, below)
    source.store.put(source.container, "plain.jpg", b"another", "image/jpeg")

    assert missing_copies(source, below) == ["plain.jpg"]
    assert copy_container(source, below, replace=False).kept == ("plain.jpg",)
    assert copy_container(source, below).copied == ("plain.jpg",)
    assert missing_copies(source, below) == []
    assert sorted(blob.name for blob in target.store.list(target.container)) == sorted(
        f"anna/pictures/{name}" for name in NAMES
    )


@pytest.mark.server
def test_a_large_blob_is_copied_by_and_by(
    source: BlobPlace, target: BlobPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying_module, "AT_ONCE_BYTES", 5)

    assert len(copy_container(source, target, threads=1).copied) == 3
    assert missing_copies(source, target) == []


@pytest.mark.server
def test_a_container_that_is_not_there_is_said(source: BlobPlace, target: BlobPlace) -> None:
    for one, other in ((replace(source, container="nowhere"), target), (source, replace(target, container="nowhere"))):
        with pytest.raises(NotFound) as caught:
            copy_container(one, other)
        assert caught.value.code == "ContainerNotFound"


def a_listing(*blobs: str) -> str:
    return f"<EnumerationResults><Blobs>{''.join(blobs)}</Blobs><NextMarker/></EnumerationResults>"


def a_blob(name: str, *, size: int = 3, more: str = "") -> str:
    modified = "Fri, 20 Nov 2026 12:00:00 GMT"
    return (
        f"<Blob><Name>{name}</Name><Properties><Last-Modified>{modified}</Last-Modified><Etag>0x1</Etag>"
        f"<Content-Length>{size}</Content-Length>{more}</Properties></Blob>"
    )


KEY = "".join(
    f"<{name}>{value}</{name}>"
    for name, value in {
        "SignedOid": "o",
        "SignedTid": "t",
        "SignedStart": "s",
        "SignedExpiry": "e",
        "SignedService": "b",
        "SignedVersion": "v",
        "Value": "a2V5",
    }.items()
)


class Service:
    """A blob service with one blob to copy, which answers PUT and HEAD as told."""

    def __init__(self, *, puts: list[httpx.Response], heads: list[str], size: int = 3) -> None:
        self.puts, self.heads, self.size = puts, heads, size
        self.copies: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        if query.get("comp") == "userdelegationkey":
            return httpx.Response(200, content=f"<UserDelegationKey>{KEY}</UserDelegationKey>".encode())
        if query.get("comp") == "list":
            there = [a_blob("a.jpg", size=self.size)] if "/pics/" in request.url.path + "/" else []
            return httpx.Response(200, content=a_listing(*there).encode())
        if request.method == "HEAD":
            return httpx.Response(200, headers={"x-ms-copy-status": self.heads.pop(0)})
        self.copies.append(request)
        return self.puts.pop(0)

    def places(self, clock: FakeClock) -> tuple[BlobPlace, BlobPlace]:
        cloud, tokens = a_cloud(), FakeTokens()

        def place(account: str, container: str) -> BlobPlace:
            rest = Rest(cloud, tokens, clock, transport=httpx.MockTransport(self), dice=lambda: 0.0)
            store = BlobStore(f"https://{account}.blob.core.windows.net", cloud, tokens, rest=rest)
            return BlobPlace(store=store, container=container)

        return place("one", "pics"), place("two", "seat")


def accepted(status: str) -> httpx.Response:
    return httpx.Response(202, headers={"x-ms-copy-status": status})


def test_the_source_is_read_by_a_signature_and_only_as_it_was_listed() -> None:
    service = Service(puts=[accepted("success")], heads=[])

    copy_container(*service.places(FakeClock()))

    (asked,) = service.copies
    assert str(asked.url) == "https://two.blob.core.windows.net/seat/a.jpg"
    assert asked.headers["x-ms-copy-source"].startswith("https://one.blob.core.windows.net/pics/a.jpg?sv=2021-12-02&")
    assert (asked.headers["x-ms-requires-sync"], asked.headers["x-ms-source-if-match"]) == ("true", '"0x1"')


def test_what_takes_its_time_is_waited_for_and_one_under_way_is_joined() -> None:
    pending = httpx.Response(409, headers={"x-ms-error-code": "PendingCopyOperation"})
    clock, big = FakeClock(), copying_module.AT_ONCE_BYTES + 1
    service = Service(puts=[pending], heads=["pending", "success"], size=big)

    report = copy_container(*service.places(clock))

    assert report.bytes_copied == big
    assert "x-ms-requires-sync" not in service.copies[0].headers
    assert clock.slept == pytest.approx([0.2, 0.3])


def test_a_copy_that_the_service_gave_up_is_a_failure() -> None:
    service = Service(puts=[accepted("pending")], heads=["failed"])
    with pytest.raises(OperationFailed) as caught:
        copy_container(*service.places(FakeClock()))
    assert str(caught.value).startswith("the copy of a.jpg to two/seat ended as failed")


def test_a_copy_has_a_deadline() -> None:
    service = Service(puts=[accepted("pending")], heads=["pending"] * 100)
    with pytest.raises(WaitTimeout) as caught:
        copy_container(*service.places(FakeClock()), deadline_s=30)
    assert caught.value.last_status == "pending"


def test_a_refusal_shows_no_signature() -> None:
    said = "<Error><Code>CannotVerifyCopySource</Code><Message>https://one/pics/a.jpg?sig=c2VjcmV0</Message></Error>"
    service = Service(puts=[httpx.Response(400, content=said.encode())], heads=[])
    with pytest.raises(InvalidRequest) as caught:
        copy_container(*service.places(FakeClock()))
    assert "c2VjcmV0" not in str(caught.value)


def a_found(*, md5: bytes | None = None, size: int = 3, younger_s: int = 0, copying: bool = False) -> BlobInfo:
    when = START + timedelta(seconds=younger_s)
    return BlobInfo(name="a", size=size, md5=md5, last_modified=when, copying=copying)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (a_found(md5=b"1"), a_found(md5=b"1"), True),
        (a_found(md5=b"1"), a_found(md5=b"2"), False),
        (a_found(md5=b"1"), a_found(), False),
        (a_found(), a_found(younger_s=1), True),
        (a_found(younger_s=1), a_found(), False),
        (a_found(), a_found(size=4), False),
        (a_found(md5=b"1"), a_found(md5=b"1", copying=True), False),
        (a_found(), None, False),
    ],
)
def test_equal_are_digests_or_else_length_and_age(one: BlobInfo, other: BlobInfo | None, same: bool) -> None:
    assert copying_module._same(one, other) is same  # pyright: ignore[reportPrivateUsage] # the table itself
