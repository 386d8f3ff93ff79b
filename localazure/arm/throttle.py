"""Throttling as ARM does it: a token bucket per subscription, principal and kind of operation.

Owns: the buckets, in memory; a restart fills them.
"""

import threading
from dataclasses import dataclass

from localazure.clock import Clock
from localazure.errors import AzureError

__all__ = ["Throttle", "kind_of"]

_RATES: dict[str, tuple[float, float]] = {"reads": (250, 25), "writes": (200, 10), "deletes": (200, 10)}
_MOST_BUCKETS = 10_000


def kind_of(method: str) -> str:
    """reads, writes or deletes; POST counts as a write."""
    return {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Throttle:
    """Takes one token per request."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, subscription: str, object_id: str, kind: str) -> int:
        """What remains in the bucket; AzureError 429 with Retry-After when it is empty."""
        size, per_second = _RATES[kind]
        now = self._clock.monotonic()
        with self._lock:
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets.setdefault((subscription.lower(), object_id, kind), _Bucket(size, now))
            bucket.tokens = min(size, bucket.tokens + (now - bucket.at) * per_second)
            bucket.at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return int(bucket.tokens)
        raise AzureError(
            429,
            "SubscriptionRequestsThrottled",
            f"Number of '{kind}' requests for subscription '{subscription}' actor '{object_id}' exceeded. "
            "Please try again after '1' seconds after additional tokens are available.",
            headers={"Retry-After": "1"},
        )
