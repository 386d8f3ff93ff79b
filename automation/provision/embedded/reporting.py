"""What a run did and what went wrong, collected from many threads.

Owns: timing steps, counting them, remembering failures and messages, and passing events on.
Leaves: drawing to whoever listens.
"""

import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

from automation.clock import Clock
from automation.errors import LabError
from automation.provision.embedded.urns import logical_name, plain_type
from automation.provision.events import Op, ResourceEvent, ResourceFailure, Summary

__all__ = ["Reporter"]


class Reporter:
    """One run's record; threads share it.

    Args:
        emit: Takes every event, from any thread.
        clock: Times the steps.
    """

    def __init__(self, emit: Callable[[ResourceEvent], None], clock: Clock) -> None:
        self._emit, self._clock = emit, clock
        self._lock = threading.Lock()
        self._started: dict[str, tuple[Op, float]] = {}
        self._counts: Counter[Op] = Counter()
        self._failures: list[ResourceFailure] = []
        self._skipped: list[str] = []
        self._messages: list[str] = []
        self._begin = clock.monotonic()

    @property
    def failures(self) -> tuple[ResourceFailure, ...]:
        with self._lock:
            return tuple(sorted(self._failures, key=lambda failure: failure.urn))

    @property
    def skipped_urns(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(sorted(self._skipped))

    def say(self, message: str) -> None:
        with self._lock:
            self._messages.append(message)

    @contextmanager
    def step(self, op: Op, urn: str, changes: tuple[str, ...] = ()) -> Generator[None]:
        """A step that takes time; a failure in it is told by `failed`."""
        self.started(op, urn, changes)
        yield
        self.done(op, urn, changes)

    def started(self, op: Op, urn: str, changes: tuple[str, ...] = ()) -> None:
        with self._lock:
            self._started[urn] = (op, self._clock.monotonic())
        self._emit(
            ResourceEvent(
                op=op, urn=urn, type=plain_type(urn), name=logical_name(urn), state="started", changes=changes
            )
        )

    def done(self, op: Op, urn: str, changes: tuple[str, ...] = ()) -> None:
        with self._lock:
            seconds = self._seconds(urn, op)[1]
            self._counts[op] += 1
        self._emit(
            ResourceEvent(
                op=op,
                urn=urn,
                type=plain_type(urn),
                name=logical_name(urn),
                state="done",
                seconds=seconds,
                changes=changes,
            )
        )

    def failed(self, urn: str, error: LabError, op: Op = "create") -> None:
        with self._lock:
            op, seconds = self._seconds(urn, op)
            self._failures.append(ResourceFailure(urn=urn, message=error.message, hint=error.hint))
        self._emit(
            ResourceEvent(
                op=op,
                urn=urn,
                type=plain_type(urn),
                name=logical_name(urn),
                state="failed",
                seconds=seconds,
                error=error.message,
            )
        )

    def skipped(self, urn: str) -> None:
        with self._lock:
            self._skipped.append(urn)

    def summary(self) -> Summary:
        with self._lock:
            return Summary(
                changes={op: self._counts[op] for op in sorted(self._counts)},
                seconds=self._clock.monotonic() - self._begin,
                diagnostics=tuple(self._messages),
            )

    def _seconds(self, urn: str, op: Op) -> tuple[Op, float]:
        started = self._started.pop(urn, None)
        return (op, 0.0) if started is None else (started[0], self._clock.monotonic() - started[1])
