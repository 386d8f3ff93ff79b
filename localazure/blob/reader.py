"""Reading and writing blobs for the services, each in the name of an identity.

Owns: which blob a URL means and whether the identity may read it. Leaves: HTTP to `client.py`, roles to the authorizer.
"""

import base64
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol
from urllib.parse import unquote, urlsplit

from localazure.blob.client import BlobClient
from localazure.blobs import BlobItem
from localazure.errors import BlobDenied, BlobMissing, BlobUnreachable
from localazure.identity import Anonymous, Identity, LocalService, ManagedIdentity, SasToken

__all__ = ["Authorizer", "BlobReader", "StorageAccounts"]

_BLOCK_BYTES = 8 * 1024 * 1024
_READ = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"


class Authorizer(Protocol):
    """Who may do what (arm.authorization)."""

    def allowed(self, object_id: str, scope: str, action: str, *, data: bool) -> bool: ...


class StorageAccounts(Protocol):
    """Which storage accounts exist (arm.storage)."""

    def resource_id(self, account: str) -> str | None: ...


class BlobReader:
    """What `localazure.blobs.Blobs` asks for."""

    def __init__(self, *, client: BlobClient, accounts: StorageAccounts, authorizer: Authorizer) -> None:
        self._client = client
        self._accounts = accounts
        self._authorizer = authorizer

    def read(self, url: str, identity: Identity, *, limit_bytes: int) -> bytes:
        account, container, name, query = self._locate(url)
        match identity:
            case ManagedIdentity(principal_id):
                self._check_role(url, principal_id, account, container)
                answer = self._client.signed("GET", account, f"{container}/{name}", limit_bytes=limit_bytes)
            case LocalService():
                answer = self._client.signed("GET", account, f"{container}/{name}", limit_bytes=limit_bytes)
            case SasToken(token):
                answer = self._client.plain(
                    self._client.url(account, f"{container}/{name}"), token, limit_bytes=limit_bytes
                )
            case Anonymous():
                # A URL that carries its own signature is a SAS URL, whoever sends it.
                answer = self._client.plain(
                    self._client.url(account, f"{container}/{name}"), query, limit_bytes=limit_bytes
                )
        return answer.body

    def read_start(self, url: str, *, most_bytes: int) -> bytes:
        account, container, name, _ = self._locate(url)
        headers = {"x-ms-range": f"bytes=0-{most_bytes - 1}"}
        return self._client.signed("GET", account, f"{container}/{name}", headers=headers).body

    def list(self, account: str, container: str, prefix: str) -> Iterator[BlobItem]:
        return self._client.blobs(account, container, prefix)

    def write(self, account: str, container: str, name: str, data: bytes, content_type: str) -> str:
        headers = {"x-ms-blob-type": "BlockBlob", "content-type": content_type}
        self._client.signed("PUT", account, f"{container}/{name}", headers=headers, body=data)
        return self._client.url(account, f"{container}/{name}")

    def write_pieces(self, account: str, container: str, name: str, pieces: Iterable[bytes], content_type: str) -> str:
        tail, ids = f"{container}/{name}", list[str]()

        def put(block: bytes, block_id: str) -> None:
            self._client.signed("PUT", account, tail, params={"comp": "block", "blockid": block_id}, body=block)

        with ThreadPoolExecutor(1, thread_name_prefix="blocks") as sending:  # one is sent while the next is made
            sent: Future[None] | None = None
            for block in _blocks(pieces):
                ids.append(base64.b64encode(f"block-{len(ids):06}".encode()).decode())
                if sent is not None:
                    sent.result()
                sent = sending.submit(put, block, ids[-1])
            if sent is not None:
                sent.result()
        listed = "".join(f"<Latest>{block_id}</Latest>" for block_id in ids)
        self._client.signed(
            "PUT",
            account,
            tail,
            params={"comp": "blocklist"},
            headers={"x-ms-blob-content-type": content_type},
            body=f'<?xml version="1.0" encoding="utf-8"?><BlockList>{listed}</BlockList>'.encode(),
        )
        return self._client.url(account, tail)

    def _check_role(self, url: str, principal_id: str, account: str, container: str) -> None:
        resource_id = self._accounts.resource_id(account)
        if resource_id is None:
            raise BlobMissing(url, f"there is no storage account '{account}'")
        scope = f"{resource_id}/blobServices/default/containers/{container}"
        if not self._authorizer.allowed(principal_id, scope, _READ, data=True):
            raise BlobDenied(
                url,
                f"the identity {principal_id} has no role that reads blobs there "
                "(Storage Blob Data Reader on the container or the account)",
            )

    def _locate(self, url: str) -> tuple[str, str, str, str]:
        """Account, container, blob name and query of a URL, path style or host style."""
        own, parts = urlsplit(self._client.origin), urlsplit(url)
        segments = unquote(parts.path).lstrip("/").split("/")
        host = parts.hostname or ""
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme == "https" and port == own.port:
            if host in {"127.0.0.1", "localhost", "::1"} and len(segments) >= 3:
                return segments[0], segments[1], "/".join(segments[2:]), parts.query
            if host.endswith(".blob.localhost") and len(segments) >= 2:
                return host.removesuffix(".blob.localhost"), segments[0], "/".join(segments[1:]), parts.query
        raise BlobUnreachable(
            url, f"it names no blob of this local Azure ({self._client.origin}/<account>/<container>/...)"
        )


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces put together to blocks worth a request each."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _BLOCK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
