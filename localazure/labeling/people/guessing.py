"""A limit for wrong links: who tries many of them waits.

Owns: counting failures by address. Kept in memory: a restart forgives. Leaves: tokens to `invites.py`.
"""

import threading
from collections import deque

from localazure.clock import Clock
from localazure.errors import AzureError

__all__ = ["Guesses"]

_MOST = 10
_WINDOW_S = 60.0
_ADDRESSES = 1_000


class Guesses:
    """Ten failures a minute from one address; what then comes is refused until the minute is over, right or wrong."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """AzureError 429 while there were too many."""
        with self._lock:
            failures = self._recent(address)
            if len(failures) >= _MOST:
                wait = max(1, round(failures[0] + _WINDOW_S - self._clock.monotonic()))
                raise AzureError(
                    429,
                    "TooManyRequests",
                    f"Too many links that let nobody in. Try again in {wait} seconds.",
                    headers={"Retry-After": str(wait)},
                )

    def failed(self, address: str) -> None:
        with self._lock:
            failures = self._recent(address)
            failures.append(self._clock.monotonic())
            self._failures[address] = failures
            while len(self._failures) > _ADDRESSES:
                del self._failures[next(iter(self._failures))]

    def _recent(self, address: str) -> deque[float]:
        failures = self._failures.pop(address, deque[float](maxlen=_MOST))
        while failures and failures[0] <= self._clock.monotonic() - _WINDOW_S:
            failures.popleft()
        if failures:
            self._failures[address] = failures
        return failures
