"""All state of the local Azure: JSON documents by kind and key in one SQLite file.

Owns: durability (an acknowledged write survives `kill -9`) and transactions.
Leaves: the meaning of documents to the services.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["Store"]

_SCHEMA_VERSION = 1
_MAPPED_BYTES = 64 * 1024 * 1024
_AFTER_ALL_KEYS = "\U0010ffff"


class Store:
    """Documents by (kind, key). Safe to share between threads; documents handed out are the caller's own."""

    def __init__(self, path: Path | None) -> None:
        """`path` None keeps everything in memory, for tests."""
        self._lock = threading.RLock()
        self._depth = 0
        self._watchers: dict[str, list[Callable[[], None]]] = {}
        self._touched: set[str] = set()
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        if path is not None:
            path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        # Long lists are read twice as fast from mapped pages; benchmarks/local_azure.py measures them.
        self._db.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )
        self._db.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing, also when nested: an inner one that fails undoes only itself. Other threads wait."""
        with self._lock:
            name = f"level{self._depth}"
            self._db.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._undo(name)
                self._tell()
                raise
            self._depth -= 1
            try:
                self._db.execute("COMMIT" if self._depth == 0 else f"RELEASE {name}")
            except sqlite3.Error:
                self._undo(name)
                self._tell()
                raise
            self._tell()

    def watch(self, kind: str, listener: Callable[[], None]) -> None:
        """Call `listener` after each transaction that touched documents of `kind`, before its writer goes on.

        One that fails makes the writer fail, and is called again after the next transaction.
        """
        self._watchers.setdefault(kind, []).append(listener)

    def _touch(self, kind: str) -> None:
        if kind in self._watchers:
            self._touched.add(kind)
        self._tell()

    def _tell(self) -> None:
        """Under the lock: what listeners do happens in the order of the commits."""
        if self._depth > 0 or not self._touched:
            return
        listeners = dict.fromkeys(listener for kind in sorted(self._touched) for listener in self._watchers[kind])
        for listener in listeners:
            listener()
        self._touched.clear()

    def _undo(self, name: str) -> None:
        """Roll back, unless SQLite has done so by itself, as it may when the disk is full."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK" if self._depth == 0 else f"ROLLBACK TO {name}")

    def get(
        self, kind: str, key: str, *, decode: Callable[[bytes], Any] = msgspec.json.decode
    ) -> dict[str, Any] | None:
        with self._lock:
            row = self._db.execute("SELECT value FROM documents WHERE kind=? AND key=?", (kind, key)).fetchone()
        return None if row is None else decode(row[0])

    def put(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        data = msgspec.json.encode(dict(value))
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, data))
            self._touch(kind)

    def delete(self, kind: str, key: str) -> bool:
        """Remove one document; False when there was none."""
        with self._lock:
            found = self._db.execute("DELETE FROM documents WHERE kind=? AND key=?", (kind, key)).rowcount > 0
            self._touch(kind)
        return found

    def keys(self, kind: str, prefix: str = "") -> list[str]:
        """The keys that start with `prefix`, sorted: what a page needs to know of everything."""
        with self._lock:
            rows = self._db.execute(
                "SELECT key FROM documents WHERE kind=? AND key>=? AND key<? ORDER BY key",
                (kind, prefix, prefix + _AFTER_ALL_KEYS),
            ).fetchall()
        return [key for (key,) in rows]

    def list(
        self,
        kind: str,
        prefix: str = "",
        *,
        offset: int = 0,
        limit: int = -1,
        decode: Callable[[bytes], Any] = msgspec.json.decode,
    ) -> list[tuple[str, dict[str, Any]]]:
        """Documents whose key starts with `prefix`, sorted by key; a stretch of them when asked.

        `decode` may read less of each: of a long list, most of the time is spent there.
        """
        with self._lock:
            rows = self._db.execute(
                "SELECT key, value FROM documents WHERE kind=? AND key>=? AND key<? ORDER BY key LIMIT ? OFFSET ?",
                (kind, prefix, prefix + _AFTER_ALL_KEYS, limit, offset),
            ).fetchall()
        return [(key, decode(value)) for key, value in rows]

    def count(self, kind: str, prefix: str = "", *, until: str | None = None) -> int:
        """How many keys start with `prefix`, up to and with the key `until` if there is one."""
        with self._lock:
            row = self._db.execute(
                "SELECT count(*) FROM documents WHERE kind=? AND key>=? AND key<? AND key<=?",
                (kind, prefix, prefix + _AFTER_ALL_KEYS, _AFTER_ALL_KEYS if until is None else until),
            ).fetchone()
        return int(row[0])

    def close(self) -> None:
        with self._lock:
            self._db.close()
