"""When to ask again, and after how long: pure rules.

Owns: which statuses are worth another try, Retry-After in its three forms, the growing pause.
Leaves: the loop and the deadline to `rest.py` and `operations.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["is_idempotent", "pause_s", "retry_after_s", "worth_retrying"]

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 20.0

_COSTS = "x-ms-ratelimit-microsoft.costmanagement-"
_ALWAYS = frozenset({408, 429, 502, 503, 504})


def is_idempotent(method: str) -> bool:
    """Whether sending a request twice does what sending it once does."""
    return method.upper() in {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}


def worth_retrying(*, status: int, method: str) -> bool:
    return status in _ALWAYS or (status == 500 and is_idempotent(method))


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """How long the service asks us to wait: x-ms-retry-after-ms, or Retry-After as seconds or as a date.

    Cost Management has headers of its own, one for each of its quotas; the longest of them counts.

    Args:
        headers: With names in lower case.
        now: The time of day, for a date.

    Returns:
        Seconds, never negative, or None when it does not say or cannot be understood.
    """
    for name in ("x-ms-retry-after-ms", "retry-after-ms"):
        milliseconds = _number(headers.get(name, ""))
        if milliseconds is not None:
            return milliseconds / 1000
    if (longest := _cost_management_s(headers)) is not None:
        return longest
    said = headers.get("retry-after", "")
    seconds = _number(said)
    if seconds is not None:
        return seconds
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def pause_s(attempt: int, *, asked_s: float | None, random: float) -> float:
    """Seconds before the next try.

    Args:
        attempt: 0 after the first failure.
        asked_s: What the service asked for; 0 counts as not asked.
        random: 0..1; spreads clients that failed together.
    """
    if asked_s:
        return asked_s * (1 + 0.1 * random)
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempt, 16)) * (0.5 + 0.5 * random)


def _cost_management_s(headers: Mapping[str, str]) -> float | None:
    """x-ms-ratelimit-microsoft.costmanagement-{qpu,entity,tenant,clienttype}-retry-after, in seconds."""
    asked = [
        seconds
        for name, text in headers.items()
        if name.startswith(_COSTS) and name.endswith("-retry-after") and (seconds := _number(text)) is not None
    ]
    return max(asked, default=None)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
