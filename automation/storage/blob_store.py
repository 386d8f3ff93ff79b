"""One storage account's blobs: list, upload, put, get, delete.

Owns: the transfers, by obstore, which needs a third of the processor time of Azure's own library.
Leaves: which files those are to the callers, names and content types to `names.py`, signing of links to `sas.py`.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, unquote, urlsplit

from automation.azure import ACCESS_S, Cloud, Response, Rest, TokenSource, wait_for_access
from automation.clock import Clock
from automation.errors import ConfigError, DatasetError, InvalidRequest, NotFound, ServiceError
from automation.progress import Progress, silent
from automation.storage.failures import NO_CONTAINER, explain
from automation.storage.fetching import LIMIT_BYTES, save
from automation.storage.listing import API_VERSION, MD5_METADATA, list_blobs
from automation.storage.names import blob_url, check_uploads, content_type, name_problem
from automation.storage.sas import LONGEST_HOURS, dump_key_request, parse_key, read_query
from automation.storage.types import BlobInfo, Upload, UploadReport
from automation.storage.upload import file_md5, run_uploads

if TYPE_CHECKING:
    from obstore.store import AzureBearerToken, AzureStore, ClientConfig

__all__ = ["BlobStore"]

THREADS = 8
PART_LIMIT = 64 * 1024 * 1024
TOKEN_GOOD_FOR = timedelta(minutes=2)


class BlobStore:
    """The blobs of one storage account. Close it, or use it as a context manager.

    Args:
        endpoint: "https://127.0.0.1:PORT/account" or "https://account.blob.core.windows.net".
        cloud: Whose certificate authority to trust.
        tokens: For the storage scope of the cloud.
        rest: The client of the listings; by default one of its own.
    """

    def __init__(self, endpoint: str, cloud: Cloud, tokens: TokenSource, *, rest: Rest | None = None) -> None:
        self._endpoint = endpoint.rstrip("/")
        if not self._endpoint.startswith("https://"):
            raise ConfigError(
                f"the blob endpoint {endpoint} is not https", hint="a token does not travel in clear text"
            )
        self._cloud, self._tokens = cloud, tokens
        self._rest = rest or Rest(cloud, tokens)
        self._stores: dict[str, AzureStore] = {}

    def __repr__(self) -> str:
        return f"BlobStore({self._endpoint!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stores.clear()
        self._rest.close()

    def url(self, container: str, name: str) -> str:
        """The blob's address, escaped."""
        return blob_url(self._endpoint, container, name)

    def list(self, container: str, prefix: str = "") -> Iterator[BlobInfo]:
        """Every blob whose name starts with `prefix`, by one request per 5,000."""
        operation = f"list container {container}"
        scope = self._cloud.storage_scope
        try:
            yield from list_blobs(
                self._rest, self._container_url(container), scope=scope, operation=operation, prefix=prefix
            )
        except NotFound as exc:
            exc.hint = exc.hint or NO_CONTAINER
            raise

    def upload(self, container: str, uploads: Sequence[Upload], *, progress: Progress = silent) -> UploadReport:
        """Send the files that are not there yet with this content; an interrupted upload goes on where it was.

        Raises:
            DatasetError: Files are missing or empty, or names would not work; then nothing was sent.
        """
        findings = check_uploads(uploads)
        if findings:
            raise DatasetError(f"{len(findings)} of the files cannot be uploaded", findings=findings)
        there = {blob.name: blob for blob in self.list(container)}
        self._tokens.token(self._cloud.storage_scope)  # not signed in: say it here, not inside obstore
        send = partial(self._send_file, self._store(container), container)
        return run_uploads(uploads, there, send, threads=THREADS, progress=progress)

    def put(self, container: str, name: str, data: bytes, content_type: str) -> None:
        """Store one blob, over whatever has the name now."""
        if said := name_problem(name):
            raise InvalidRequest(said, operation=f"put blob {name!r}", status=400)
        self._tokens.token(self._cloud.storage_scope)
        self._put(self._store(container), container, name, data, {"Content-Type": content_type})

    def get(self, container: str, name: str, *, limit_bytes: int) -> bytes:
        """The blob's content; InvalidRequest when it is longer than `limit_bytes`."""
        import obstore
        from obstore.exceptions import BaseError

        operation = f"get blob {container}/{name}"
        self._tokens.token(self._cloud.storage_scope)
        try:
            found = obstore.get(self._store(container), name)
            size = found.meta["size"]
            if size <= limit_bytes:
                return bytes(found.bytes())
        except (BaseError, OSError, ValueError) as exc:
            raise explain(exc, operation=operation) from exc
        said = f"it has {size} bytes, and {limit_bytes} is the most that is read here"
        raise InvalidRequest(said, operation=operation, status=200)

    def download(
        self, container: str, name: str, target: Path, *, limit_bytes: int = LIMIT_BYTES, progress: Progress = silent
    ) -> int:
        """The blob's content into a file; how many bytes. InvalidRequest when it is longer than `limit_bytes`."""
        import obstore
        from obstore.exceptions import BaseError

        operation = f"download {container}/{name}"
        self._tokens.token(self._cloud.storage_scope)
        try:
            found = obstore.get(self._store(container), name)
            return save(found, target, limit_bytes=limit_bytes, operation=operation, progress=progress)
        except (BaseError, OSError, ValueError) as exc:
            raise explain(exc, operation=operation) from exc

    def place(self, url: str) -> tuple[str, str] | None:
        """Container and blob of an address in this account; None for another one."""
        below = url.partition("?")[0].removeprefix(f"{self._endpoint}/")
        container, slash, name = below.partition("/")
        return (container, unquote(name)) if below != url.partition("?")[0] and slash and name else None

    def delete(self, container: str, name: str) -> None:
        """Delete the blob; one that is not there is deleted."""
        try:
            self.request("DELETE", container, name, operation=f"delete blob {container}/{name}")
        except NotFound as exc:
            if exc.code == "ContainerNotFound":
                raise

    def request(
        self,
        method: str,
        container: str,
        name: str,
        *,
        operation: str,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = 60.0,
    ) -> Response:
        """One request of the REST interface about one blob, in our name."""
        return self._rest.send(
            method,
            self.url(container, name),
            scope=self._cloud.storage_scope,
            operation=operation,
            headers={"x-ms-version": API_VERSION} | dict(headers or {}),
            deadline_s=deadline_s,
        )

    def read_query(self, container: str, *, hours: int) -> str:
        """The query that, after a blob's address and "?", reads any blob of the container for so long: a secret.

        Raises:
            Unauthorized: Whoever is signed in may not delegate.
        """
        now = self._rest.clock.now()
        start = now - timedelta(minutes=15)  # clocks differ
        expires = min(now + timedelta(hours=hours), start + timedelta(hours=LONGEST_HOURS))
        operation = f"sign links into container {container}"
        answer = self._rest.send(
            "POST",
            f"{self._endpoint}/",
            scope=self._cloud.storage_scope,
            operation=operation,
            params={"restype": "service", "comp": "userdelegationkey"},
            content=dump_key_request(start, expires),
            headers={"x-ms-version": API_VERSION, "accept": "application/xml", "content-type": "application/xml"},
        )
        try:
            key = parse_key(answer.body or b"")
        except ValueError as exc:
            raise ServiceError(f"the key cannot be read: {exc}", operation=operation, status=answer.status) from exc
        return read_query(key, account=self.account, container=container, start=start, expires=expires)

    @property
    def clock(self) -> Clock:
        """The time that its requests go by."""
        return self._rest.clock

    @property
    def account(self) -> str:
        """The storage account's name."""
        parts = urlsplit(self._endpoint)
        return parts.path.strip("/") or (parts.hostname or "").partition(".")[0]

    def wait_for_access(self, container: str, *, timeout_s: float = ACCESS_S, progress: Progress = silent) -> None:
        """Wait until our role assignment on the account works; a new one takes minutes on Azure."""
        wait_for_access(
            lambda: next(iter(self.list(container, prefix="visionlab-access-check/")), None),
            resource=f"container {container}",
            clock=self._rest.clock,
            timeout_s=timeout_s,
            progress=progress,
        )

    def _container_url(self, container: str) -> str:
        return f"{self._endpoint}/{quote(container, safe='$')}"

    def _send_file(self, store: "AzureStore", container: str, upload: Upload) -> int:
        attributes = {"Content-Type": content_type(upload.name)}
        size = upload.path.stat().st_size
        if size <= PART_LIMIT:
            data = upload.path.read_bytes()
            self._put(store, container, upload.name, data, attributes)
            return len(data)
        attributes[MD5_METADATA] = base64.b64encode(file_md5(upload.path)).decode()
        self._put(store, container, upload.name, upload, attributes)
        return size

    def _put(
        self, store: "AzureStore", container: str, name: str, data: bytes | Upload, attributes: Mapping[str, str]
    ) -> None:
        import obstore
        from obstore.exceptions import BaseError

        whole = isinstance(data, bytes)
        try:
            obstore.put(
                store,
                name,
                data if isinstance(data, bytes) else data.path,
                attributes=dict(attributes),
                use_multipart=not whole,  # sent whole, the service computes Content-MD5 itself
                max_concurrency=4,
            )
        except (BaseError, OSError, ValueError) as exc:
            raise explain(exc, operation=f"upload {name} to {container}") from exc

    def _store(self, container: str) -> "AzureStore":
        if container not in self._stores:
            from obstore.store import AzureStore

            self._stores[container] = AzureStore(
                container,
                # Spelled out, for obstore would take anything left open from the environment.
                config={
                    "account_name": self.account,
                    "endpoint": self._endpoint,
                    "use_emulator": False,
                    "use_fabric_endpoint": False,
                    "skip_signature": False,
                },
                client_options=_client_options(self._cloud),
                credential_provider=self._credential,
                retry_config={"max_retries": 6, "retry_timeout": timedelta(seconds=90)},
            )
        return self._stores[container]

    def _credential(self) -> "AzureBearerToken":
        return {
            "token": self._tokens.token(self._cloud.storage_scope),
            "expires_at": self._rest.clock.now() + TOKEN_GOOD_FOR,
        }


def _client_options(cloud: Cloud) -> "ClientConfig":
    options: ClientConfig = {"timeout": "600s", "connect_timeout": "10s"}
    if cloud.ca_file is not None:
        try:
            options["root_certificate"] = cloud.ca_file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"the certificate authority {cloud.ca_file} cannot be read: {exc}") from exc
    if cloud.is_local:
        # A proxy of the environment is for the way out; naming one ourselves is how obstore is told to go past it.
        options["proxy_url"] = "http://127.0.0.1:9"
        options["proxy_excludes"] = "127.0.0.1,localhost"
    return options
