"""A lane: work done one after the other in its own thread, in the order in which it came.

Owns: the queue, cancelling, stopping. Leaves: what the work is, and what is remembered over a restart, to its owner.
"""

import logging
import threading
from collections.abc import Callable

__all__ = ["Lane", "Stop", "WorkKey"]

WorkKey = tuple[str, ...]
_log = logging.getLogger(__name__)


class Stop:
    """Tells running work to end: because its owner cancelled it, or because the service is closing."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._closing = False

    @property
    def asked(self) -> bool:
        return self._event.is_set()

    @property
    def closing(self) -> bool:
        """The work is to be done again after the next start."""
        return self._closing

    def cancel(self) -> None:
        self._event.set()

    def close(self) -> None:
        self._closing = True
        self._event.set()


class Lane:
    """`perform` is called with a key and a Stop; it must not raise, but the lane survives when it does."""

    def __init__(self, name: str, perform: Callable[[WorkKey, Stop], None], *, width: int = 1) -> None:
        self._perform = perform
        self._change = threading.Condition()
        self._queue: list[WorkKey] = []
        self._running: dict[WorkKey, Stop] = {}
        self._closing = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(width)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def add(self, key: WorkKey) -> None:
        with self._change:
            self._queue.append(key)
            self._change.notify_all()

    @property
    def waiting(self) -> int:
        """How much work is queued."""
        with self._change:
            return len(self._queue)

    def cancel(self, key: WorkKey) -> bool:
        """Drop it from the queue, or tell it to stop. True when it is running and will still report its end."""
        with self._change:
            if key in self._queue:
                self._queue.remove(key)
                self._change.notify_all()
            stop = self._running.get(key)
        if stop is not None:
            stop.cancel()
        return stop is not None

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is queued or running; False at the deadline."""
        with self._change:
            return self._change.wait_for(lambda: not self._queue and not self._running, timeout_s)

    def close(self, timeout_s: float) -> None:
        """Stop what runs, forget the queue, and wait for the threads."""
        with self._change:
            self._closing = True
            self._queue.clear()
            for stop in self._running.values():
                stop.close()
            self._change.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closing or self._queue)
                if self._closing:
                    return
                key = self._queue.pop(0)
                stop = self._running[key] = Stop()
            try:
                self._perform(key, stop)
            except Exception:  # noqa: BLE001 a bug in one piece of work must not end the lane
                _log.exception("work %s failed", key)
            finally:
                with self._change:
                    del self._running[key]
                    self._change.notify_all()
