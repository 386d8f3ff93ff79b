"""Many deletions under way at once: all are begun first, and looked at in turn until they have ended.

Owns: the threads, and a pace that stays below ARM's limits for one principal and subscription (documented: 250 reads
and 25 more a second, 200 writes or deletes and 10 more a second).
Leaves: what one deletion asks for, request by request, to `removal.py`.
"""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import Generic, Literal, TypeVar

from automation.clock import Clock
from automation.errors import LabError

__all__ = ["Ended", "Flight", "Flow", "Pace", "Request"]

R = TypeVar("R")
WORKERS = 8
_TINY = 1e-6
# Somewhat below the limits: others of the same person ask too.
RATES: Mapping[str, tuple[float, float]] = {"reads": (200, 20), "writes": (150, 9), "deletes": (150, 9)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a flow asks for next: one request of this kind, not before so many seconds have passed."""

    kind: Literal["reads", "writes", "deletes"]
    after_s: float = 0.0


Flow = Generator[Request, None, R]
"""Yields before each request, sends it when it is resumed, and returns what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Generic[R]):
    """A flow that has ended: with its result, or with the error that ended it."""

    name: str
    result: R | None = None
    failure: LabError | None = None


class Pace:
    """A bucket of requests for each kind, filled again as time goes."""

    def __init__(self, clock: Clock, rates: Mapping[str, tuple[float, float]] = RATES) -> None:
        self._clock, self._rates = clock, rates
        now = clock.monotonic()
        self._left = {kind: (burst, now) for kind, (burst, _) in rates.items()}

    def wait_s(self, kind: str) -> float:
        """Take a request of this kind and give 0, or give the seconds until there is one to take."""
        burst, per_s = self._rates[kind]
        now = self._clock.monotonic()
        left, at = self._left[kind]
        left = min(burst, left + (now - at) * per_s)
        taken = left > 1 - _TINY  # what a wait has filled may be a rounding short of one
        self._left[kind] = (left - 1 if taken else left, now)
        return 0.0 if taken else (1 - left) / per_s


@dataclass(order=True, slots=True)
class _Due(Generic[R]):
    at: float
    place: int
    name: str = field(compare=False)
    flow: "Flow[R]" = field(compare=False)
    request: Request = field(compare=False)


_Landed = tuple[_Due[R], Request | None, R | None, BaseException | None]


class Flight(Generic[R]):
    """Lets flows go on side by side.

    Args:
        workers: How many requests at once; 0 sends them one by one in the caller's thread.
    """

    def __init__(self, clock: Clock, *, workers: int = WORKERS) -> None:
        self._clock, self._workers = clock, workers
        self._pace = Pace(clock)
        self._todo: SimpleQueue[_Due[R] | None] = SimpleQueue()
        self._done: SimpleQueue[_Landed[R]] = SimpleQueue()
        self._due: list[_Due[R]] = []
        self._places = 0

    def run(self, flows: Sequence[tuple[str, Flow[R]]], ended: Callable[[Sequence[Ended[R]]], None]) -> None:
        """Let the flows go to their ends; `ended` hears of each, some at a time.

        A LabError ends its own flow only. Any other error, Ctrl-C too, leaves at once: the threads are daemons, and
        what Azure has begun goes on without us.
        """
        threads = min(self._workers, len(flows))
        for _ in range(threads):
            threading.Thread(target=self._work, name="cleanup", daemon=True).start()
        try:
            self._fly(flows, ended, threads)
        finally:
            for _ in range(threads):
                self._todo.put(None)

    def _fly(
        self, flows: Sequence[tuple[str, Flow[R]]], ended: Callable[[Sequence[Ended[R]]], None], threads: int
    ) -> None:
        over = [self._schedule(name, flow, *_step(flow)) for name, flow in flows]
        _tell(ended, over)
        running = 0
        while self._due or running:
            running += self._send_off(max(1, threads) - running)
            if not threads and running:
                self._advance(self._todo.get())
            elif not running:
                self._clock.sleep(max(0.0, self._due[0].at - self._clock.monotonic()))
                continue
            landed = self._landed(may_wait=running < threads)
            running -= len(landed)
            _tell(ended, [self._schedule(due.name, due.flow, asks, got, bad) for due, asks, got, bad in landed])

    def _send_off(self, free: int) -> int:
        """Give the workers what is due and may be sent; how many that is."""
        sent = 0
        while sent < free and self._due and self._due[0].at <= self._clock.monotonic():
            first = heappop(self._due)
            if (wait_s := self._pace.wait_s(first.request.kind)) > 0:
                first.at = self._clock.monotonic() + wait_s
                heappush(self._due, first)
                continue
            self._todo.put(first)
            sent += 1
        return sent

    def _landed(self, *, may_wait: bool) -> "list[_Landed[R]]":
        """Those whose request was answered; waits for one, but not past what is due next."""
        next_s = max(0.0, self._due[0].at - self._clock.monotonic()) if self._due and may_wait else None
        landed: list[_Landed[R]] = []
        try:
            landed.append(self._done.get(timeout=next_s))
            while True:
                landed.append(self._done.get_nowait())
        except Empty:
            return landed

    def _schedule(
        self, name: str, flow: Flow[R], request: Request | None, result: R | None, failure: BaseException | None
    ) -> Ended[R] | None:
        if failure is not None and not isinstance(failure, LabError):
            raise failure
        if request is None:
            return Ended(name=name, result=result, failure=failure)
        self._places += 1
        at = self._clock.monotonic() + request.after_s
        heappush(self._due, _Due(at, self._places, name, flow, request))
        return None

    def _work(self) -> None:
        while self._advance(self._todo.get()):
            pass

    def _advance(self, due: "_Due[R] | None") -> bool:
        if due is not None:
            self._done.put((due, *_step(due.flow)))
        return due is not None


def _step(flow: Flow[R]) -> tuple[Request | None, R | None, BaseException | None]:
    """Let a flow send its request; what it asks for next, or its result, or its error."""
    try:
        return next(flow), None, None
    except StopIteration as end:
        return None, end.value, None
    except BaseException as exc:  # noqa: BLE001 - carried to the thread that waits, and raised or told there
        return None, None, exc


def _tell(ended: Callable[[Sequence[Ended[R]]], None], told: Sequence[Ended[R] | None]) -> None:
    over = [one for one in told if one is not None]
    if over:
        ended(over)
