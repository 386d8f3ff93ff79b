"""Staying below ARM's limits of requests, by what its answers say is left.

Owns: how long a request waits before it is sent, when several processes share one principal's limit.
Leaves: waiting after a refusal (429) to `retry.py`, which is how those end that do not know of each other.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Pace"]

# Requests that come back each second, for one principal in one subscription, as Microsoft documents it.
_PER_S: Final = {"reads": 25.0, "writes": 10.0, "deletes": 10.0}
_KINDS: Final = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
_LEFT: Final = "x-ms-ratelimit-remaining-subscription-"
_RESERVE: Final = 10


@dataclass(slots=True)
class _Limit:
    left: float | None = None
    under_way: int = 0
    free_at: float = 0.0


class Pace:
    """One sharer's part of the limits; threads may share it.

    Args:
        sharers: How many send at the same time, this one included: each takes its part when little is left.
    """

    def __init__(self, sharers: int) -> None:
        self._sharers = max(1, sharers)
        self._lock = threading.Lock()
        self._limits = {kind: _Limit() for kind in _PER_S}

    def begin(self, method: str, now: float) -> float:
        """Seconds to wait before a request is sent; `end` has to follow.

        Args:
            method: Of HTTP.
            now: Of a clock that only goes forward, in seconds.
        """
        kind = _KINDS.get(method.upper(), "writes")
        with self._lock:
            limit = self._limits[kind]
            limit.under_way += 1
            others = (limit.under_way - 1) * self._sharers  # as many as this one has under way, so have the others
            if limit.left is None or limit.left - others > _RESERVE + self._sharers:
                return 0.0
            turn = max(now, limit.free_at)
            limit.free_at = turn + self._sharers / _PER_S[kind]
            return turn - now

    def end(self, method: str, headers: Mapping[str, str]) -> None:
        """The request was answered, with these headers in lower case, or not at all, with none."""
        kind = _KINDS.get(method.upper(), "writes")
        left = headers.get(f"{_LEFT}{kind}", "")
        with self._lock:
            limit = self._limits[kind]
            limit.under_way -= 1
            if left.isdecimal():
                limit.left = float(left)
