"""Throttling as ARM does it: a token bucket per subscription, principal and kind of operation.

Owns: the buckets, in memory; a restart fills them.
"""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from localazure.clock import Clock
from localazure.errors import AzureError

__all__ = ["AZURE_RATES", "Rate", "Rates", "Throttle", "kind_of", "scaled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A bucket's size and how many tokens come back each second."""

    size: float
    per_s: float


Rates = Mapping[str, Rate]
"""By kind of operation."""

# Microsoft's published limits since 2024: for each subscription and principal, and 15 times that for a subscription.
AZURE_RATES: Rates = {
    "reads": Rate(size=250, per_s=25),
    "writes": Rate(size=200, per_s=10),
    "deletes": Rate(size=200, per_s=10),
}
_ALL_PRINCIPALS = 15
_MOST_BUCKETS = 10_000


def kind_of(method: str) -> str:
    """reads, writes or deletes; POST counts as a write."""
    return {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


def scaled(factor: float) -> Rates:
    """Azure's rates times a factor, with room for one request at least: what tests of throttled clients need."""
    return {
        kind: Rate(size=max(1.0, rate.size * factor), per_s=rate.per_s * factor) for kind, rate in AZURE_RATES.items()
    }


class Throttle:
    """Takes one token per request, from the principal's bucket and from the subscription's."""

    def __init__(self, clock: Clock, rates: Rates = AZURE_RATES) -> None:
        self._clock = clock
        self._rates = rates
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, subscription: str, object_id: str, kind: str) -> int:
        """What remains for the principal; AzureError 429 with Retry-After when either bucket is empty."""
        rate = self._rates[kind]
        now = self._clock.monotonic()
        with self._lock:
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.clear()
            own = self._filled((subscription.lower(), object_id, kind), rate, 1, now)
            everybody = self._filled((subscription.lower(), "", kind), rate, _ALL_PRINCIPALS, now)
            if own.tokens >= 1 and everybody.tokens >= 1:
                own.tokens -= 1
                everybody.tokens -= 1
                return int(own.tokens)
            wait_s = max((1 - own.tokens) / rate.per_s, (1 - everybody.tokens) / (rate.per_s * _ALL_PRINCIPALS))
        whole_s = max(1, math.ceil(wait_s))
        raise AzureError(
            429,
            "SubscriptionRequestsThrottled",
            f"Number of '{kind}' requests for subscription '{subscription}' actor '{object_id}' exceeded. "
            f"Please try again after '{whole_s}' seconds after additional tokens are available.",
            headers={"Retry-After": str(whole_s)},
        )

    def _filled(self, name: tuple[str, str, str], rate: Rate, times: int, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(name, _Bucket(rate.size * times, now))
        bucket.tokens = min(rate.size * times, bucket.tokens + (now - bucket.at) * rate.per_s * times)
        bucket.at = now
        return bucket
