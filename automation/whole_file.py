"""A file that is there whole or as it was, and on the disk once it is written.

Owns: the way past a kill and a power cut. Leaves: what a failure means for people to the callers.
"""

import os
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, content: bytes, *, mode: int = 0o600, with_folders: bool = True) -> None:
    """Put a file in the place of `path` in one step; folders that are missing are made, unless they may not be.

    Raises:
        OSError: The disk does not take it; then the old file stands as it did.
    """
    if with_folders:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if mode == 0o600 else 0o777)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    if os.name == "nt":  # Windows has no folders to flush
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
