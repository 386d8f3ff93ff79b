"""What is stored, what shall be stored, and what an upload did."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

__all__ = ["BlobInfo", "Upload", "UploadReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobInfo:
    """One blob as a listing shows it.

    Attributes:
        name: Its whole name in the container, with "/" between folders.
        size: Bytes.
        md5: Of its content, 16 bytes; None when the service has not computed it.
        etag: As the service says it, or "".
        copying: Whether it is being copied there, or such a copy was given up.
    """

    name: str
    size: int
    md5: bytes | None
    last_modified: datetime
    etag: str = ""
    copying: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A local file, and the blob it shall become."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReport:
    """What an upload did; names in the order they were asked for."""

    uploaded: tuple[str, ...]
    skipped: tuple[str, ...]
    bytes_sent: int
