"""Long-running operations: started now, finished after a while, kept over a restart.

Owns: the states over time and who finishes them (a timer thread, or whoever polls first).
Leaves: what finishing means to the handlers that services register with `on`.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from localazure.clock import Clock
from localazure.errors import AzureError
from localazure.store import Store

__all__ = ["Finish", "NotYet", "Operation", "Operations"]

Finish = Callable[[dict[str, Any]], dict[str, Any] | None]

_KIND = "operation"
_KEPT = 2_000
_LONGEST_WAIT_S = 60.0  # a clock that was set, or a machine that slept, is noticed then
_log = logging.getLogger(__name__)


class NotYet(Exception):
    """Raised by a handler that has more to do: call it again in `seconds`, and at once after a restart."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation as it stands. `status` is InProgress, Succeeded, Failed or Canceled."""

    id: str
    kind: str
    status: str
    payload: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    started: datetime
    ended: datetime | None


class Operations:
    """The table of operations. A handler may run again after a crash, so finishing twice must equal finishing once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._handlers: dict[str, Finish] = {}
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._wake = threading.Event()
        self._stopping = False
        self._timer: threading.Thread | None = None
        self._due: dict[str, datetime] = {
            key: datetime.fromisoformat(doc["due"]) for key, doc in store.list(_KIND) if doc["status"] == "InProgress"
        }

    def on(self, kind: str, finish: Finish) -> None:
        """Register what ends operations of this kind. Its answer is the result; AzureError fails the operation."""
        self._handlers[kind] = finish

    def start(self, kind: str, payload: Mapping[str, Any], *, seconds: float) -> str:
        """Record an operation that will end in `seconds`, and return its id."""
        operation_id = str(uuid.uuid4())
        now = self._clock.now()
        due = now + timedelta(seconds=seconds)
        document = {
            "kind": kind,
            "payload": dict(payload),
            "status": "InProgress",
            "started": now.isoformat(),
            "due": due.isoformat(),
            "ended": None,
            "result": None,
            "error": None,
        }
        self._store.put(_KIND, operation_id, document)
        with self._lock:
            self._due[operation_id] = due
        self._forget_old()
        self._wake.set()
        return operation_id

    def get(self, operation_id: str) -> Operation:
        """The operation as it stands; one that is due is finished first."""
        with self._lock:
            due = self._due.get(operation_id)
        if due is not None and due <= self._clock.now():
            self._finish(operation_id)
        document = self._store.get(_KIND, operation_id)
        if document is None:
            raise AzureError(404, "OperationNotFound", f"The operation '{operation_id}' could not be found.")
        ended = document["ended"]
        return Operation(
            id=operation_id,
            kind=document["kind"],
            status=document["status"],
            payload=document["payload"],
            result=document["result"],
            error=document["error"],
            started=datetime.fromisoformat(document["started"]),
            ended=None if ended is None else datetime.fromisoformat(ended),
        )

    def cancel(self, operation_id: str) -> bool:
        """End it without running its handler; False when it has ended already or is being finished."""
        with self._lock:
            if operation_id not in self._due or operation_id in self._running:
                return False
            del self._due[operation_id]
        self._end(operation_id, "Canceled", result=None, error=None)
        return True

    def hasten(self, meant: Callable[[Mapping[str, Any]], bool]) -> int:
        """Make those due at once whose payload is meant; how many there were."""
        now, found = self._clock.now(), 0
        with self._lock:
            open_ones = list(self._due)
        for operation_id in open_ones:
            with self._store.transaction():
                document = self._store.get(_KIND, operation_id)
                if document is None or document["ended"] is not None or not meant(document["payload"]):
                    continue
                self._store.put(_KIND, operation_id, document | {"due": now.isoformat()})
            with self._lock:
                if operation_id in self._due:
                    self._due[operation_id] = now
                    found += 1
        self._wake.set()
        return found

    def advance(self) -> None:
        """Finish everything that is due, oldest first."""
        now = self._clock.now()
        with self._lock:
            ready = sorted((due, operation_id) for operation_id, due in self._due.items() if due <= now)
        for _, operation_id in ready:
            self._finish(operation_id)

    def idle_s(self) -> float | None:
        """For how long there is nothing to advance; None until the next `start`."""
        with self._lock:
            first = min((due for key, due in self._due.items() if key not in self._running), default=None)
        if first is None:
            return None
        return min(max((first - self._clock.now()).total_seconds(), 0.0), _LONGEST_WAIT_S)

    def run_timer(self) -> None:
        """Start the thread that advances; call it when all handlers are registered."""
        self._timer = threading.Thread(target=self._tick, name="operations", daemon=True)
        self._timer.start()

    def close(self) -> None:
        """Stop the timer; what is still in progress goes on after the next start."""
        self._stopping = True
        self._wake.set()
        if self._timer is not None:
            self._timer.join(timeout=10)

    def _tick(self) -> None:
        while not self._stopping:
            self.advance()
            self._wake.wait(self.idle_s())
            self._wake.clear()

    def _finish(self, operation_id: str) -> None:
        with self._lock:
            if operation_id not in self._due or operation_id in self._running:
                return
            self._running.add(operation_id)
        again: datetime | None = None
        try:
            self._run_handler(operation_id)
        except NotYet as more:
            again = self._clock.now() + timedelta(seconds=more.seconds)
        finally:
            with self._lock:
                self._due.pop(operation_id, None)
                if again is not None:
                    self._due[operation_id] = again
                self._running.discard(operation_id)
            if again is not None:
                self._wake.set()  # the timer may have slept past an operation that a poll was running

    def _run_handler(self, operation_id: str) -> None:
        document = self._store.get(_KIND, operation_id)
        if document is None:
            return
        try:
            result = self._handlers.get(document["kind"], _nobody)(document["payload"])
        except NotYet:
            raise
        except AzureError as error:
            self._end(operation_id, "Failed", result=None, error=error.error())
        except Exception:  # noqa: BLE001 an operation must never hang: a bug in a handler fails it and is logged
            _log.exception("operation %s (%s) failed", operation_id, document["kind"])
            internal = {"code": "InternalServerError", "message": "The operation ended in an internal error."}
            self._end(operation_id, "Failed", result=None, error=internal)
        else:
            self._end(operation_id, "Succeeded", result=result, error=None)

    def _end(
        self, operation_id: str, status: str, *, result: dict[str, Any] | None, error: dict[str, Any] | None
    ) -> None:
        with self._store.transaction():
            document = self._store.get(_KIND, operation_id)
            if document is not None:
                document |= {"status": status, "result": result, "error": error}
                document["ended"] = self._clock.now().isoformat()
                self._store.put(_KIND, operation_id, document)

    def _forget_old(self) -> None:
        if self._store.count(_KIND) <= _KEPT:
            return
        ended = [(doc["ended"], key) for key, doc in self._store.list(_KIND) if doc["ended"] is not None]
        with self._store.transaction():
            for _, key in sorted(ended)[: _KEPT // 4]:
                self._store.delete(_KIND, key)


def _nobody(_payload: dict[str, Any]) -> dict[str, Any] | None:
    raise AzureError(500, "InternalServerError", "Nothing in this version can finish the operation.")
