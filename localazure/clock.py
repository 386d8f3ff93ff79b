"""Time as a seam: services ask a Clock, tests hand in one that they move.

Owns: the Protocol, the system's clock, the two ways in which Azure writes a time.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "SystemClock", "arm_time"]


class Clock(Protocol):
    """What the local Azure asks about time."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(tz=UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def arm_time(moment: datetime) -> str:
    """A time as ARM writes it: 2026-11-20T20:43:03.1234567Z (seven digits)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
