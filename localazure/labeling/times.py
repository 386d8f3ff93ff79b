"""Moments as the tables keep them: text whose order is that of time.

Owns: the format. Leaves: what time it is to the clock.
"""

from datetime import UTC, datetime

__all__ = ["stamp"]


def stamp(moment: datetime) -> str:
    """In UTC, always with microseconds, so that a longer text never sorts before a shorter one."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
