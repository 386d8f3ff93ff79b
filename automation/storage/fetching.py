"""One file from its address into a file of this machine, a piece at a time.

Owns: which of an address's forms is a blob's, and how much is taken. Leaves: errors to `failures.py`.

A signature in the address goes with the request and into nothing that is said.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from automation.errors import ConfigError, InvalidRequest
from automation.progress import Progress, silent
from automation.storage.failures import explain

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import AzureStore, ClientConfig, HTTPStore, RetryConfig

__all__ = ["LIMIT_BYTES", "fetch", "plain_address", "save"]

LIMIT_BYTES = 16 << 30
_PIECE_BYTES = 8 << 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}


def plain_address(url: str) -> str:
    """The address without what may be secret in it: the query."""
    return url.partition("?")[0]


def fetch(url: str, target: Path, *, limit_bytes: int = LIMIT_BYTES, progress: Progress = silent) -> int:
    """Write what is at `url` to `target`; how many bytes that are.

    Args:
        url: An https address, of a blob (with a SAS unless it is public) or any other; http on this machine only.
        target: A file that may be overwritten.
        limit_bytes: More is refused.
        progress: Is told how many bytes have come.

    Raises:
        ConfigError: It is no such address.
        NotFound, Forbidden, TransportError: As they say.
        InvalidRequest: There is more than `limit_bytes`.
    """
    import obstore
    from obstore.exceptions import BaseError

    operation = f"fetch {plain_address(url)}"
    store, name = _store(url)
    try:
        return save(obstore.get(store, name), target, limit_bytes=limit_bytes, operation=operation, progress=progress)
    except (BaseError, OSError, ValueError) as exc:
        raise explain(exc, operation=operation) from exc


def save(found: "GetResult", target: Path, *, limit_bytes: int, operation: str, progress: Progress = silent) -> int:
    """What obstore found, into a file; how many bytes that are. InvalidRequest when it is more than `limit_bytes`."""
    done, size = 0, int(found.meta["size"])
    with target.open("wb") as file:
        for piece in found.stream(min_chunk_size=_PIECE_BYTES):
            done += len(piece)
            if done > limit_bytes:
                said = f"it has more than {limit_bytes:,} bytes, which is the most that is taken"
                raise InvalidRequest(said, operation=operation, status=200)
            file.write(piece)
            progress(done, size, "fetching")
    return done


def _store(url: str) -> "tuple[AzureStore | HTTPStore, str]":
    from obstore.store import AzureStore, HTTPStore

    parts = urlsplit(url)
    host = parts.hostname or ""
    here = host in _LOOPBACK or host.endswith(".localhost")
    if parts.scheme not in ("https", "http") or not host or (parts.scheme == "http" and not here):
        raise ConfigError(f"{plain_address(url)} is no address of a file", hint="give an https address")
    options = cast("ClientConfig", {"timeout": "600s", "connect_timeout": "10s", "allow_http": parts.scheme == "http"})
    signature = parse_qsl(parts.query, keep_blank_values=True)
    if ".blob." in host:
        container, _, name = unquote(parts.path).lstrip("/").partition("/")
        config = {
            "account_name": host.partition(".")[0],
            "endpoint": f"{parts.scheme}://{parts.netloc}",
            "use_emulator": False,
            "use_fabric_endpoint": False,
            "skip_signature": not signature,
        }
        if signature:
            config["sas_token"] = parts.query
        return AzureStore(container, config=config, client_options=options, retry_config=_RETRIES), name  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownVariableType] # the stubs know neither key
    if signature:
        raise ConfigError(
            f"{plain_address(url)}: only a blob's address may have a query",
            hint="fetch it by other means, and check the file",
        )
    site = f"{parts.scheme}://{parts.netloc}"
    return HTTPStore(site, client_options=options, retry_config=_RETRIES), unquote(parts.path).lstrip("/")
