"""What a worker process owes whoever started it: files that are there whole, and an end when its starter is gone.

Owns: both, for workers over a job folder. Leaves: the starter's side to `worker_process.py`.
"""

import os
import threading
from pathlib import Path

import msgspec

__all__ = ["STOPPED", "end_with_starter", "put"]

STOPPED = 3
"""The exit code of a worker that was asked to stop, or whose starter is gone."""


def put(folder: Path, name: str, value: object) -> None:
    """Write a value as JSON; the file is there whole or not at all."""
    draft = folder / f"{name}.part"
    draft.write_bytes(msgspec.json.encode(value))
    draft.replace(folder / name)


def end_with_starter() -> None:
    """From now on this process ends at once when its standard input does, of which the starter holds the other end."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(0, 4096):
        pass
    os._exit(STOPPED)
