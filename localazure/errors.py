"""What can go wrong inside the local Azure.

Owns: the error that becomes Azure's envelope, the three ways in which reading a blob fails, and how a full disk looks.
Leaves: rendering to `app.py`, choosing status and code to the service that raises.
"""

import errno
import sqlite3
from collections.abc import Mapping, Sequence

__all__ = ["DISK_FULL", "AzureError", "BlobDenied", "BlobError", "BlobMissing", "BlobUnreachable", "is_disk_full"]

DISK_FULL = "The disk of the local Azure is full. Free some space and try again."


class AzureError(Exception):
    """An answer that Azure would give: status, code, message; `app.py` renders it as `{"error": ...}`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        details: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
        inner: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = tuple(dict(detail) for detail in details)
        self.headers = dict(headers or {})
        self.inner = inner

    def body(self) -> dict[str, object]:
        """The JSON body, `{"error": {...}}`."""
        return {"error": self.error()}

    def error(self) -> dict[str, object]:
        """What stands under `error`; operations that fail carry the same."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.target is not None:
            error["target"] = self.target
        if self.details:
            error["details"] = [dict(detail) for detail in self.details]
        if self.inner is not None:
            code, message = self.inner
            error["innererror"] = {"code": code, **({"message": message} if message else {})}
        return error


class BlobError(Exception):
    """A blob could not be read or written. `url` carries no SAS token, `reason` is one sentence."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url.split("?", 1)[0]
        self.reason = reason
        super().__init__(f"{self.url}: {reason}")


class BlobDenied(BlobError):
    """The blob store knows the caller, or does not, and says no."""


class BlobMissing(BlobError):
    """The account, the container or the blob does not exist."""


class BlobUnreachable(BlobError):
    """The blob store did not answer, or the URL leads to no blob store."""


def is_disk_full(error: BaseException) -> bool:
    """Whether a write failed for want of space, of a file or of a database."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
