"""The tables of labeling: one file, one writer at a time, readers that see a snapshot.

Owns: `labeling.sqlite3`, its connections, its transactions, and who is told of a change. A write that has returned
survives `kill -9`. Leaves: the columns to `schema.py`, every query to the module whose subject it is.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from localazure.labeling.schema import create

__all__ = ["Tables"]

_IDLE_READERS = 4


class Tables:
    """Safe to share between threads."""

    def __init__(self, path: Path | None) -> None:
        """`path` None keeps everything in memory, for tests."""
        self._path = path
        self._lock = threading.RLock()
        self._writing: int | None = None
        self._depth = 0
        self._touched: dict[int, None] = {}
        self._listeners: list[Callable[[int], None]] = []
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._db = self._connect()
        if path is not None:
            path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        create(self._db)

    def close(self) -> None:
        with self._lock, self._idle_lock:
            for reader in self._idle:
                reader.close()
            self._idle.clear()
            self._db.close()

    def watch(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with a project's number after each commit that touched it; it must be quick."""
        self._listeners.append(listener)

    def touch(self, project: int) -> None:
        """Inside `write`: what people see of this project changes with the commit."""
        self._touched[project] = None

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """One transaction, all or nothing. Nested in the same thread it joins the outer one."""
        told: list[int] = []
        with self._lock:
            if self._depth > 0:
                self._depth += 1
                try:
                    yield self._db
                finally:
                    self._depth -= 1
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth, self._writing = 1, threading.get_ident()
            try:
                yield self._db
                self._db.execute("COMMIT")
                told = list(self._touched)
            except BaseException:
                if self._db.in_transaction:  # on a full disk SQLite may have rolled back by itself
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth, self._writing = 0, None
                self._touched.clear()
        for project in told:
            for listener in self._listeners:
                listener(project)

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """A snapshot, however long it is read. Inside `write` of the same thread it sees what is being written."""
        if self._path is None or self._writing == threading.get_ident():
            with self._lock:
                yield self._db
            return
        with self._idle_lock:
            reader = self._idle.pop() if self._idle else None
        if reader is None:
            reader = self._connect()
            reader.execute("PRAGMA query_only=ON")
        try:
            reader.execute("BEGIN")
            yield reader
        finally:
            if reader.in_transaction:
                reader.execute("COMMIT")
            with self._idle_lock:
                keep = len(self._idle) < _IDLE_READERS
                if keep:
                    self._idle.append(reader)
            if not keep:
                reader.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path or ":memory:", isolation_level=None, check_same_thread=False)
