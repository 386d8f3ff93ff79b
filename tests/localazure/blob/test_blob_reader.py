from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from localazure.blob.client import BlobAnswer
from localazure.blob.reader import BlobReader
from localazure.blobs import BlobItem
from localazure.errors import BlobDenied, BlobMissing, BlobUnreachable
from localazure.identity import Anonymous, LocalService, ManagedIdentity, SasToken

ORIGIN = "https://127.0.0.1:10000"
URL = f"{ORIGIN}/stlab1/pictures/a%20b/c.jpg"


class Client:
    """Records what was asked; answers everything."""

    origin = ORIGIN

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.headers: list[dict[str, str]] = []

    def signed(self, method: str, account: str, tail: str, **more: Any) -> BlobAnswer:
        self.asked.append(("signed", method, account, tail))
        self.sent.append((more.get("params") or {}, more.get("body", b"")))
        self.headers.append(more.get("headers") or {})
        return BlobAnswer(status=200, headers={}, body=b"picture")

    def plain(self, url: str, token: str, *, limit_bytes: int) -> BlobAnswer:
        self.asked.append(("plain", url, token))
        return BlobAnswer(status=200, headers={}, body=b"picture")

    def url(self, account: str, tail: str) -> str:
        return f"{ORIGIN}/{account}/{tail}"

    def blobs(self, account: str, container: str, prefix: str) -> Iterator[BlobItem]:
        raise AssertionError


class World:
    """One account, and a role for the identity `may`."""

    def resource_id(self, account: str) -> str | None:
        return "/subscriptions/s/x/stlab1" if account == "stlab1" else None

    def allowed(self, object_id: str, scope: str, action: str, *, data: bool) -> bool:
        assert scope == "/subscriptions/s/x/stlab1/blobServices/default/containers/pictures"
        assert (action.rsplit("/", 2)[1:], data) == (["blobs", "read"], True)
        return object_id == "may"


def reader() -> tuple[BlobReader, Client]:
    client, world = Client(), World()
    return BlobReader(client=client, accounts=world, authorizer=world), client  # pyright: ignore[reportArgumentType] a stand-in


def test_a_managed_identity_needs_its_role() -> None:
    blobs, client = reader()
    assert blobs.read(URL, ManagedIdentity("may"), limit_bytes=10) == b"picture"
    assert client.asked == [("signed", "GET", "stlab1", "pictures/a b/c.jpg")]
    with pytest.raises(BlobDenied, match="has no role that reads blobs there"):
        blobs.read(URL, ManagedIdentity("may-not"), limit_bytes=10)


def test_a_managed_identity_learns_that_the_account_is_missing() -> None:
    with pytest.raises(BlobMissing):
        reader()[0].read(f"{ORIGIN}/other/pictures/a.jpg", ManagedIdentity("may"), limit_bytes=10)


def test_the_services_own_store_needs_no_role() -> None:
    blobs, client = reader()
    blobs.read(URL, LocalService(), limit_bytes=10)
    assert client.asked[0][0] == "signed"


def test_tokens_and_signed_urls_are_passed_on_and_never_shown() -> None:
    blobs, client = reader()
    blobs.read(URL, SasToken("sig=hidden"), limit_bytes=10)
    blobs.read(f"{URL}?sig=url", Anonymous(), limit_bytes=10)
    assert client.asked == [
        ("plain", f"{ORIGIN}/stlab1/pictures/a b/c.jpg", "sig=hidden"),
        ("plain", f"{ORIGIN}/stlab1/pictures/a b/c.jpg", "sig=url"),
    ]
    assert "hidden" not in repr(SasToken("sig=hidden"))
    assert "hidden" not in str(BlobDenied(f"{URL}?sig=hidden", "no"))


def test_host_style_addresses_are_the_same_blob() -> None:
    blobs, client = reader()
    blobs.read("https://stlab1.blob.localhost:10000/pictures/x.jpg", LocalService(), limit_bytes=10)
    assert client.asked == [("signed", "GET", "stlab1", "pictures/x.jpg")]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:10000/stlab1/pictures/x.jpg",
        "https://127.0.0.1:9999/stlab1/pictures/x.jpg",
        "https://stlab1.blob.core.windows.net/pictures/x.jpg",
        "https://127.0.0.1:10000/stlab1",
        "https://169.254.169.254/metadata",
        "https://127.0.0.1:port/a/b/c",
        "file:///etc/passwd",
        "nonsense",
    ],
)
def test_nothing_else_is_ever_fetched(url: str) -> None:
    blobs, client = reader()
    with pytest.raises(BlobUnreachable):
        blobs.read(url, Anonymous(), limit_bytes=10)
    assert client.asked == []


def test_pieces_become_blocks_and_the_blob_appears_with_the_last_one() -> None:
    blobs, client = reader()
    piece = bytes(3 * 1024 * 1024)
    assert blobs.write_pieces("stlab1", "out", "a/b.json", iter([piece] * 7), "application/json").endswith("/a/b.json")
    blocks, (ended, listed) = client.sent[:-1], client.sent[-1]
    assert [len(body) // len(piece) for _, body in blocks] == [3, 3, 1]
    assert [params["comp"] for params, _ in blocks] == ["block"] * 3
    assert ended == {"comp": "blocklist"}
    named = [node.text for node in ET.fromstring(listed).iterfind("Latest")]
    assert named == [params["blockid"] for params, _ in blocks]
    assert len(set(named)) == 3


def test_a_block_that_fails_ends_the_blob() -> None:
    blobs, client = reader()

    def refuse(*_: object, **more: Any) -> BlobAnswer:
        client.sent.append((more["params"], b""))
        raise BlobUnreachable(URL, "the disk is full")

    client.signed = refuse
    with pytest.raises(BlobUnreachable, match="the disk is full"):
        blobs.write_pieces("stlab1", "out", "a", iter([bytes(9_000_000)] * 3), "text/csv")
    assert [params["comp"] for params, _ in client.sent] == ["block"]


def test_the_start_of_a_blob_is_asked_for_as_such() -> None:
    blobs, client = reader()
    assert blobs.read_start(URL, most_bytes=10) == b"picture"
    assert client.asked == [("signed", "GET", "stlab1", "pictures/a b/c.jpg")]
    assert client.headers == [{"x-ms-range": "bytes=0-9"}]
