"""List Blobs over REST, page by page: the one listing that tells what has been uploaded already.

Owns: the XML of Blob storage. obstore lists too, but leaves out the Content-MD5 that spares us a request per blob.
Leaves: the requests to `automation.azure`.
"""

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from automation.azure import Rest
from automation.errors import ServiceError
from automation.storage.types import BlobInfo
from automation.storage.xml_answers import read_xml

__all__ = ["API_VERSION", "MD5_METADATA", "list_blobs", "parse_page"]

API_VERSION = "2023-11-03"
MD5_METADATA = "visionlab_md5"
"""Metadata that stands in for Content-MD5 on blobs sent in parts, for which the service computes none."""


def list_blobs(rest: Rest, url: str, *, scope: str, operation: str, prefix: str = "") -> Iterator[BlobInfo]:
    """Every blob of the container at `url`, in the service's order."""
    marker = ""
    while True:
        answer = rest.send(
            "GET",
            url,
            scope=scope,
            operation=operation,
            params={"restype": "container", "comp": "list", "include": "copy,metadata"}
            | ({"prefix": prefix} if prefix else {})
            | ({"marker": marker} if marker else {}),
            headers={"x-ms-version": API_VERSION, "accept": "application/xml"},
        )
        try:
            blobs, following = parse_page(answer.body or b"")
        except ValueError as exc:
            raise ServiceError(f"the listing cannot be read: {exc}", operation=operation, status=answer.status) from exc
        yield from blobs
        if not following or following == marker:
            return
        marker = following


def parse_page(content: bytes) -> tuple[list[BlobInfo], str]:
    """Read one page: its blobs, and the marker of the next page or "". Raises ValueError."""
    root = read_xml(content)
    return [_blob(node) for node in root.iterfind("./Blobs/Blob")], root.findtext("NextMarker") or ""


def _blob(node: ET.Element) -> BlobInfo:
    name_node = node.find("Name")
    name = (name_node.text or "") if name_node is not None else ""
    if name_node is not None and name_node.get("Encoded") == "true":
        name = unquote(name)
    md5 = node.findtext("Properties/Content-MD5") or node.findtext(f"Metadata/{MD5_METADATA}")
    return BlobInfo(
        name=name,
        size=int(node.findtext("Properties/Content-Length") or 0),
        md5=_md5(md5),
        last_modified=_date(node.findtext("Properties/Last-Modified") or ""),
        etag=_etag(node.findtext("Properties/Etag") or ""),
        copying=(node.findtext("Properties/CopyStatus") or "success") != "success",
    )


def _md5(text: str | None) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if text else None
    except binascii.Error:
        return None


def _etag(text: str) -> str:
    """In quotes, as headers have it; listings leave them out."""
    return text if not text or text.startswith(('"', "W/")) else f'"{text}"'


def _date(text: str) -> datetime:
    when = parsedate_to_datetime(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
