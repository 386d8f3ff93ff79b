"""One question to the local Azure over TLS: are you there, and are you the one I mean?

Owns: the requests to `/_local/*` that start, stop, hosts and estimates need. Leaves: sending them to `admin.py`.
"""

import urllib.parse
from collections.abc import Mapping
from typing import cast

from automation.errors import TransportError
from automation.local.admin import ask_admin

__all__ = ["ask_hosts", "ask_shutdown", "ask_training_s", "health"]


def health(connection: Mapping[str, object]) -> dict[str, object] | None:
    """What it says of itself, or None when nobody answers or a stranger does."""
    answer = _ask(connection, "GET", "/_local/health")
    return answer if answer is not None and answer.get("instance") == connection.get("instance") else None


def ask_shutdown(connection: Mapping[str, object]) -> bool:
    """Ask it to stop; False when it could not be asked."""
    return health(connection) is not None and _ask(connection, "POST", "/_local/shutdown") is not None


def ask_hosts(connection: Mapping[str, object]) -> list[str]:
    """The names by which clients reach its storage accounts and vaults. Raises TransportError without an answer."""
    found = (_ask(connection, "GET", "/_local/hosts") or {}).get("hosts")
    if not isinstance(found, list):
        raise TransportError(operation="asking the local Azure for its host names", reason="it gave no answer")
    return [str(name) for name in cast("list[object]", found)]


def ask_training_s(
    connection: Mapping[str, object], *, kind: str, pictures: int, classes: int, budget_hours: int
) -> tuple[float | None, float] | None:
    """How many seconds a training takes there within a budget (None: it is too small), and the least there is.

    None without an answer. `kind` is "detector" or "classifier".
    """
    query = urllib.parse.urlencode(
        {"kind": kind, "pictures": pictures, "classes": classes, "budgetHours": budget_hours}
    )
    found = _ask(connection, "GET", f"/_local/training-estimate?{query}") or {}
    seconds, least = found.get("seconds"), found.get("leastSeconds")
    if not isinstance(least, float | int):
        return None
    return (float(seconds) if isinstance(seconds, float | int) else None), float(least)


def _ask(connection: Mapping[str, object], method: str, path: str) -> dict[str, object] | None:
    status, body = ask_admin(connection, method, path) or (0, None)
    return cast("dict[str, object]", body) if 0 < status < 300 and isinstance(body, dict) else None
