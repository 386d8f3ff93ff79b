"""A run ends for its caller, whatever came between the caller and the last event."""

import queue
import threading

import pytest

from automation.clock import SystemClock
from automation.errors import Cancelled
from automation.provision.embedded.reporting import Reporter
from automation.provision.embedded.run import Run
from automation.provision.events import quiet


class _Kept:
    def save(self) -> None:
        """Nothing to keep."""


class _LosesTheLast:
    """A queue out of which Ctrl-C takes the item that was just got."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.put, self.empty = self._items.put, self._items.empty
        self._struck = threading.Event()

    def get(self, timeout: float | None = None) -> object:
        item = self._items.get(timeout=timeout)
        if not self._struck.is_set():
            self._struck.set()
            raise KeyboardInterrupt
        return item


def test_ctrl_c_with_the_last_event_in_hand_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run("up", SystemClock())
    monkeypatch.setattr(run, "_events", _LosesTheLast())

    def work(_run: Run, _kept: _Kept, _reporter: Reporter) -> None:
        """Ends at once: the first thing in the queue is the end."""

    with pytest.raises(Cancelled):
        run.do(quiet, _Kept(), work)
