"""One run at a time on one lab.

Owns: the lock file. The operating system holds the lock and lets go of it when its holder ends, however it ends, so
the lock of a dead process never stands in the way. The file's text only says who holds it.
"""

import json
import os
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from automation.clock import Clock
from automation.errors import LabBusy

__all__ = ["lab_lock"]

_FAR = 1 << 30  # Windows locks bytes, and a locked byte cannot be read: lock one far behind the text


@contextmanager
def lab_lock(path: Path, *, command: str, clock: Clock, what: str = "the lab") -> Generator[None]:
    """Hold the lab, or `what` it is, while the block runs. Raises LabBusy, naming the holder, when another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take(handle):
            raise LabBusy(
                f"{what} is in use by {_holder(path)}",
                hint="wait for it, or stop it; a lock of a process that is gone does not count",
            )
        holder = {
            "command": command,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": clock.now().isoformat(timespec="seconds"),
        }
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps(holder).encode())
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _holder(path: Path) -> str:
    try:
        said: dict[str, object] = json.loads(path.read_text("utf-8"))
        return f"`{said['command']}`, process {said['pid']} on {said['host']}, since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process, which starts or ends just now"


def _take(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
