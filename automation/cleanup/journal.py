"""What the runs of one plan have done, a chained record a line: the file by which a killed run goes on.

Owns: the file. Records are written and synced before the next request of their kind is sent; a torn last line, left by
a kill or a power cut, is cut off by the next write, for what it told never became known.
Leaves: what records mean to `receipt.py`, one run at a time on a plan to whoever opens it.
"""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from automation.cleanup.chain import Record, dump_record, first_broken, link, parse_record
from automation.clock import Clock
from automation.errors import Refused

__all__ = ["CleanupJournal"]


class CleanupJournal:
    """An append-only file; threads may share it.

    Args:
        first: The hash on which the first record hangs: the plan's.
    """

    def __init__(self, path: Path, *, first: str, clock: Clock) -> None:
        self.path = path
        self._first, self._clock = first, clock
        self._lock = threading.Lock()
        self._torn_at: int | None = None
        self._records = self._read()

    @property
    def records(self) -> tuple[Record, ...]:
        """All of them, oldest first."""
        return tuple(self._records)

    def write(self, event: str, facts: Sequence[Mapping[str, Any]]) -> None:
        """Add one record for each of the facts; they are on the disk when this returns."""
        with self._lock:
            at = self._clock.now().isoformat(timespec="milliseconds")
            made: list[Record] = []
            for said in facts:
                last = made[-1] if made else self._records[-1] if self._records else None
                n, prev = (0, self._first) if last is None else (last.n + 1, last.hash)
                made.append(link(prev, n, at=at, event=event, facts=said))
            if made:
                self._append(b"".join(_line(record) for record in made))
                self._records += made

    def _read(self) -> list[Record]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        whole, _, torn = content.rpartition(b"\n")
        self._torn_at = len(content) - len(torn) if torn else None
        try:
            records = [parse_record(json.loads(line)) for line in whole.split(b"\n") if line]
            broken = first_broken(self._first, records)
        except ValueError:
            broken = -1
            records = []
        if broken is not None:
            raise Refused(
                f"{self.path} is not what the runs of this plan have written",
                hint="move the file aside and run the command again: it looks at what is there anew",
            )
        return records

    def _append(self, content: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if self._torn_at is not None:
                os.ftruncate(handle, self._torn_at)
                self._torn_at = None
            while content:
                content = content[os.write(handle, content) :]
            os.fsync(handle)
        finally:
            os.close(handle)


def _line(record: Record) -> bytes:
    return json.dumps(dump_record(record), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
