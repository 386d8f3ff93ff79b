"""The meter: counts in memory, on disk a few seconds later.

Owns: what is counted, since when resources exist, and what storage holds. Guarantee: what was counted is never counted
twice, and what was counted in the last seconds before a `kill -9` may be lost. No request waits for it, and no request
is answered from it: it is no ledger, and nothing here costs anything.
Leaves: sums over a time to `usage.py`.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from localazure.clock import Clock
from localazure.costs.kinds import STORED, Resource
from localazure.store import Store

__all__ = ["COUNTS", "LIVES", "Meter"]

COUNTS, LIVES, _HELD = "cost.count", "cost.life", "cost.held"
_STORAGE = "microsoft.storage/storageaccounts"
_GATHER_S = 5.0
_SAMPLE, _FRESH, _FEW = timedelta(hours=1), timedelta(minutes=1), 8
_log = logging.getLogger(__name__)

Inventory = Callable[[], Iterable[Resource]]
Stored = Callable[[Resource], int | None]


class Meter:
    """Counts for one local Azure. `start` it when requests come, `close` it when they have ended."""

    def __init__(self, store: Store, clock: Clock, *, inventory: Inventory, stored: Stored) -> None:
        """`inventory` lists the metered resources that exist; `stored` gives what an account holds, or None."""
        self._store, self._clock = store, clock
        self._inventory, self._stored = inventory, stored
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._counts: dict[tuple[str, str, str], float] = {}
        self._changed = True
        self._sampled: datetime | None = None
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, resource_id: str, meter: str, quantity: float = 1.0) -> None:
        """Something was used; cheap enough for every request."""
        key = (self._clock.now().date().isoformat(), resource_id.lower(), meter)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0.0) + quantity
        self._wake.set()

    def changed(self) -> None:
        """Resources came or went: they are looked at soon."""
        self._changed = True
        self._wake.set()

    def start(self) -> None:
        """Begin to write; nothing is read before the first count or change."""
        self._sampled = self._clock.now()
        self._thread = threading.Thread(target=self._run, name="meter", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is counted."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self.flush()

    def flush(self) -> None:
        """Write everything that is known now."""
        with self._writing:
            self._write_counts()
            if self._changed:
                self._changed = False
                try:
                    self._look()
                except Exception:
                    self._changed = True
                    raise

    def refresh(self, scope: str) -> None:
        """Write everything below a scope, for somebody who asks.

        What storage holds is looked at when these are a few accounts, for each a minute at the earliest; where there
        are many, the look of every hour has to do.
        """
        under = scope.lower().rstrip("/") + "/"
        accounts = [account for account in self._accounts() if account.id.lower().startswith(under)]
        if len(accounts) <= _FEW:
            self._look_into(accounts)
        self.flush()

    def sample(self) -> None:
        """Look at what all storage holds, and count what it held since the last look."""
        self._sampled = self._clock.now()
        self._look_into(self._accounts())
        self.flush()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(_SAMPLE.total_seconds())
            if self._stop.wait(_GATHER_S):
                return
            self._wake.clear()
            try:
                due = self._sampled is None or self._clock.now() - self._sampled >= _SAMPLE
                self.sample() if due else self.flush()
            except Exception:  # noqa: BLE001 a meter that fails must not end, nor end anything else
                _log.exception("the meter could not write")

    def _write_counts(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            with self._store.transaction():
                for (day, resource_id, meter), quantity in counts.items():
                    key = f"{day}|{resource_id}|{meter}"
                    before = self._store.get(COUNTS, key)
                    known = 0.0 if before is None else float(before["quantity"])
                    self._store.put(COUNTS, key, {"quantity": known + quantity})
        except Exception:
            with self._lock:
                for key, quantity in counts.items():
                    self._counts[key] = self._counts.get(key, 0.0) + quantity
            raise

    def _look(self) -> None:
        """Compare what exists with what is written: beginnings, ends, and new tags."""
        moment = self._clock.now()
        now = moment.isoformat()
        there = {resource.id.lower(): resource for resource in self._inventory()}
        with self._store.transaction():
            for key, life in self._store.list(LIVES):
                if life["until"] is not None:
                    continue
                name = str(life["id"]).lower()
                resource = there.pop(name, None)
                if resource is None:
                    self._store.put(LIVES, key, life | {"until": now})
                    self._hold(name, None, moment)
                    self._store.delete(_HELD, name)  # a namesake holds nothing of it
                    self._wake.set()
                elif (life["tags"], life["sku"]) != (resource.tags, resource.sku):
                    self._store.put(LIVES, key, life | {"tags": resource.tags, "sku": resource.sku})
            for name, resource in there.items():
                self._store.put(LIVES, f"{name}|{now}", asdict(resource) | {"since": now, "until": None})

    def _accounts(self) -> list[Resource]:
        return [resource for resource in self._inventory() if resource.type.lower() == _STORAGE]

    def _look_into(self, accounts: Iterable[Resource]) -> None:
        """Slow, for blobs are listed: nobody else waits for it."""
        for account in accounts:
            before, now = self._store.get(_HELD, account.id.lower()), self._clock.now()
            if before is None or now - datetime.fromisoformat(before["at"]) >= _FRESH:
                held = self._stored(account)
                with self._writing:
                    self._hold(account.id.lower(), held, now)

    def _hold(self, key: str, held: int | None, now: datetime) -> None:
        """The bytes of the last look are taken to have been there until now; None is no look."""
        before = self._store.get(_HELD, key)
        if before is not None:
            for day, hours in _days(datetime.fromisoformat(before["at"]), now):
                with self._lock:
                    name = (day, key, STORED)
                    self._counts[name] = self._counts.get(name, 0.0) + float(before["bytes"]) * hours
        if held is None:
            held = None if before is None else int(before["bytes"])
        if held is not None:
            self._store.put(_HELD, key, {"at": now.isoformat(), "bytes": held})


def _days(start: datetime, end: datetime) -> Iterable[tuple[str, float]]:
    """The hours of each day between two times."""
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), datetime.min.time(), tzinfo=start.tzinfo)
        until = min(midnight, end)
        yield start.date().isoformat(), (until - start).total_seconds() / 3600
        start = until
