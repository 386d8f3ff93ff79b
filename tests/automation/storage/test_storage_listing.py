"""One listing tells names, sizes and digests."""

from datetime import UTC, datetime

import httpx
import pytest

from automation.errors import ServiceError
from automation.storage import BlobInfo
from automation.storage.listing import list_blobs, parse_page
from tests.automation.azure.fakes import ORIGIN, Script, a_rest


def page(blobs: str, marker: str = "") -> bytes:
    return (
        '\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>'
        f"{blobs}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
    ).encode()


def entry(name: str, md5: str = "", metadata: str = "") -> str:
    return (
        f"<Blob>{name}<Properties><Last-Modified>Fri, 20 Nov 2026 21:00:50 GMT</Last-Modified>"
        f"<Content-Length>5</Content-Length>{md5}</Properties>{metadata}</Blob>"
    )


def blob(name: str, md5: bytes | None = None) -> BlobInfo:
    return BlobInfo(name=name, size=5, md5=md5, last_modified=datetime(2026, 11, 20, 21, 0, 50, tzinfo=UTC))


DIGEST = bytes.fromhex("5d41402abc4b2a76b9719d911017c592")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (entry("<Name>a &amp; b.jpg</Name>"), blob("a & b.jpg")),
        (
            entry("<Name>a</Name>", md5="<Content-MD5>XUFAKrxLKna5cZ2REBfFkg==</Content-MD5>"),
            blob("a", DIGEST),
        ),
        (entry("<Name>a</Name>", md5="<Content-MD5/>"), blob("a")),
        (entry("<Name>a</Name>", md5="<Content-MD5>%%%</Content-MD5>"), blob("a")),
        (
            entry(
                "<Name>a</Name>",
                metadata="<Metadata><visionlab_md5>XUFAKrxLKna5cZ2REBfFkg==</visionlab_md5></Metadata>",
            ),
            blob("a", DIGEST),
        ),
        (entry('<Name Encoded="true">a%EF%BF%BE.jpg</Name>'), blob("a\ufffe.jpg")),
    ],
)
def test_a_blob_is_read(xml: str, expected: BlobInfo) -> None:
    assert parse_page(page(xml)) == ([expected], "")


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"<html>", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', page("<Blob><Name>a</Name></Blob>")],
)
def test_what_is_no_listing_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_page(content)


def test_all_pages_are_read() -> None:
    url = f"{ORIGIN}/acct/pics"
    query = "?restype=container&comp=list&include=copy,metadata&prefix=a/"
    script = Script(
        [
            (f"GET /acct/pics{query}", httpx.Response(200, content=page(entry("<Name>a/1</Name>"), "next 1"))),
            (f"GET /acct/pics{query}&marker=next%201", httpx.Response(200, content=page(entry("<Name>a/2</Name>")))),
        ]
    )
    blobs = list_blobs(a_rest(script), url, scope="s", operation="list", prefix="a/")
    assert [found.name for found in blobs] == ["a/1", "a/2"]
    assert script.requests[0].headers["x-ms-version"] == "2023-11-03"


def test_an_unreadable_listing_is_an_error_and_not_an_empty_one() -> None:
    with pytest.raises(ServiceError) as caught:
        list(list_blobs(a_rest(lambda _: httpx.Response(200, text="oh")), ORIGIN, scope="s", operation="list pics"))
    assert str(caught.value).startswith("list pics: the listing cannot be read: it is not XML")
