"""Blobs as the services see them: a Protocol, its item, and what the blob server is told of accounts.

Owns: the seam. Leaves: the work to `blob.reader`, which is handed in by `app.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from localazure.identity import Identity

__all__ = ["BlobAccess", "BlobGrant", "BlobItem", "Blobs", "PublishedAccount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobItem:
    """One row of a listing."""

    name: str
    size: int
    last_modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAccount:
    """What the blob server may know of a storage account. `shared_key` False: no key that is given out works."""

    id: str
    name: str
    keys: tuple[str, str] = field(repr=False)
    shared_key: bool
    public_access: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobGrant:
    """Which of the blob actions a role assignment allows, from when on, at a scope (lower case, ending in a slash)."""

    scope: str
    since_ms: int
    allows: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobAccess:
    """Who may do what with blobs by token: grants by principal or group, and the groups that principals are in."""

    grants: Mapping[str, Sequence[BlobGrant]]
    groups: Mapping[str, Sequence[str]]


class Blobs(Protocol):
    """Reading and writing blobs. Every method may raise BlobDenied, BlobMissing or BlobUnreachable."""

    def read(self, url: str, identity: Identity, *, limit_bytes: int) -> bytes:
        """The blob's bytes; more than `limit_bytes` is BlobDenied."""
        ...

    def read_start(self, url: str, *, most_bytes: int) -> bytes:
        """The blob's first bytes, for the local Azure itself: all of it when it is no longer than that."""
        ...

    def list(self, account: str, container: str, prefix: str) -> Iterator[BlobItem]:
        """All blobs of a container whose name starts with `prefix`, sorted by name."""
        ...

    def write(self, account: str, container: str, name: str, data: bytes, content_type: str) -> str:
        """Write one blob, replacing what is there, and return its URL."""
        ...

    def write_pieces(self, account: str, container: str, name: str, pieces: Iterable[bytes], content_type: str) -> str:
        """The same for what is too large to be held: the blob appears, or changes, when its last piece has come."""
        ...
