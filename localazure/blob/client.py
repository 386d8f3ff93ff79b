"""Requests to Azurite: the one module that speaks the blob protocol.

Owns: HTTP, signing, XML, and turning answers into BlobDenied, BlobMissing, BlobUnreachable.
Leaves: who may ask to `reader.py`, what ARM shows to `containers.py`.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

from localazure.blob.signing import authorization
from localazure.blobs import BlobItem
from localazure.errors import AzureError, BlobDenied, BlobError, BlobMissing, BlobUnreachable
from localazure.sas import container_sas

if TYPE_CHECKING:
    import httpx

__all__ = ["BlobAnswer", "BlobClient"]

_VERSION = "2025-11-05"
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobAnswer:
    """Status, headers (lower case) and body of an answer that was no error."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class BlobClient:
    """Speaks to one Azurite over TLS. Safe to share between threads; httpx is imported at first use."""

    def __init__(self, *, origin: str, ca_file: Path, key_of: Callable[[str], str | None]) -> None:
        """`key_of` gives the key with which we act on an account."""
        self.origin = origin
        self._ca_file = ca_file
        self._key_of = key_of
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def signed(  # noqa: PLR0917 a request has that many parts
        self,
        method: str,
        account: str,
        tail: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        limit_bytes: int | None = None,
    ) -> BlobAnswer:
        """A request with the account's own key. `tail` is the decoded path below the account."""
        url = self.url(account, tail)
        key = self._key_of(account)
        if key is None:
            raise BlobMissing(url, f"there is no storage account '{account}'")
        path = url.removeprefix(self.origin)
        sent = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": _VERSION, **(headers or {})}
        if body or method == "PUT":
            sent["content-length"] = str(len(body))
        sent["authorization"] = authorization(
            account=account, key=key, method=method, path=path, params=params or {}, headers=sent
        )
        return self._send(method, url, params or {}, sent, body, limit_bytes)

    def plain(self, url: str, token: str, *, limit_bytes: int) -> BlobAnswer:
        """GET with a SAS token (or none) and no signature of ours."""
        full = f"{url}?{token.removeprefix('?')}" if token else url
        return self._send("GET", full, {}, {"x-ms-version": _VERSION}, b"", limit_bytes)

    def sas(self, account: str, container: str, *, permissions: str, expires: datetime) -> str:
        """A signature of ours for a container; AzureError 404 for an unknown account."""
        key = self._key_of(account)
        if key is None:
            raise AzureError(404, "ResourceNotFound", f"There is no storage account '{account}'.")
        return container_sas(account=account, key=key, container=container, permissions=permissions, expires=expires)

    def url(self, account: str, tail: str) -> str:
        return f"{self.origin}/{account}/{quote(tail, safe='/$')}"

    def blobs(self, account: str, container: str, prefix: str) -> Iterator[BlobItem]:
        """All blobs of a container, page by page."""
        marker = ""
        while True:
            params = {"restype": "container", "comp": "list", "prefix": prefix, "marker": marker}
            answer = self.signed("GET", account, container, {name: text for name, text in params.items() if text})
            root = parse_xml(answer.body)
            for node in root.iterfind("Blobs/Blob"):
                yield BlobItem(
                    name=node.findtext("Name", ""),
                    size=int(node.findtext("Properties/Content-Length", "0")),
                    last_modified=parsedate_to_datetime(node.findtext("Properties/Last-Modified", "")),
                )
            marker = root.findtext("NextMarker", "")
            if not marker:
                return

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _send(  # noqa: PLR0917 as `signed`
        self,
        method: str,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        limit: int | None,
    ) -> BlobAnswer:
        import httpx

        try:
            with self._open().stream(method, url, params=params or None, headers=headers, content=body) as response:
                data = _read(response.iter_bytes(), url, limit)
        except httpx.HTTPError as error:
            raise BlobUnreachable(url, f"the blob server does not answer ({type(error).__name__})") from error
        lower = {name.lower(): value for name, value in response.headers.items()}
        if response.status_code >= 400:
            raise _failure(url, response.status_code, lower.get("x-ms-error-code", ""), data)
        return BlobAnswer(status=response.status_code, headers=lower, body=data)

    def _open(self) -> "httpx.Client":
        import ssl

        import httpx

        with self._lock:
            if self._client is None:
                context = ssl.create_default_context(cafile=str(self._ca_file))
                self._client = httpx.Client(verify=context, timeout=_TIMEOUT_S, trust_env=False)
            return self._client


def parse_xml(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 the XML of our own Azurite


def _read(chunks: Iterator[bytes], url: str, limit: int | None) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if limit is not None and size > limit:
            raise BlobDenied(url, f"it is larger than {limit} bytes")
        parts.append(chunk)
    return b"".join(parts)


def _failure(url: str, status: int, code: str, body: bytes) -> BlobError:
    if not code and body.startswith(b"<"):
        code = parse_xml(body).findtext("Code", "")
    if code in {"ContainerNotFound", "BlobNotFound"} or (status == 404 and code != "ResourceNotFound"):
        return BlobMissing(url, f"the blob server says {code or status}")
    if status in {401, 403, 404}:
        return BlobDenied(url, f"the blob server says {code or status}")
    return BlobUnreachable(url, f"the blob server says {status} {code}".rstrip())
