"""Who is signed in: a random cookie, of which only the SHA-256 is kept.

Owns: the table `session`, and how long one lasts: a week without use, thirty days in all. Leaves: the cookie to
`cookies.py`, what the person may do to `door.py`, which looks it up at every request.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from localazure.clock import Clock
from localazure.labeling.people.invites import hash_of, new_token
from localazure.labeling.tables import Tables
from localazure.labeling.times import stamp

__all__ = ["LONGEST_S", "Session", "Sessions"]

LONGEST_S = 30 * 24 * 3600
_IDLE = timedelta(days=7)
_LONGEST = timedelta(seconds=LONGEST_S)
_NOTED_EVERY = timedelta(minutes=5)
_MOST_PER_PERSON = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`workspace` is in lower case."""

    workspace: str
    email: str


class Sessions:
    """Safe to share between threads."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def open(self, workspace: str, email: str) -> str:
        """A new token for the cookie. Of many sessions of one person the oldest end."""
        token, now = new_token(), self._clock.now()
        with self._tables.write() as db:
            db.execute("DELETE FROM session WHERE expires<=?", (stamp(now),))
            db.execute(
                "DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE workspace=? AND email=?"
                " ORDER BY seen DESC LIMIT -1 OFFSET ?)",
                (workspace.lower(), email, _MOST_PER_PERSON - 1),
            )
            db.execute(
                "INSERT INTO session (hash, workspace, email, created, expires, seen) VALUES (?, ?, ?, ?, ?, ?)",
                (hash_of(token), workspace.lower(), email, stamp(now), stamp(now + _IDLE), stamp(now)),
            )
        return token

    def find(self, token: str) -> Session | None:
        """Whose it is; None when it is unknown or over. Using it makes it last, and is noted every few minutes."""
        known, now = hash_of(token), self._clock.now()
        with self._tables.read() as db:
            row = db.execute(
                "SELECT hash, workspace, email, created, expires, seen FROM session WHERE hash=?", (known,)
            ).fetchone()
        if row is None or not hmac.compare_digest(row[0], known) or row[4] <= stamp(now):
            return None
        _, workspace, email, created, _, seen = row
        if datetime.fromisoformat(seen) <= now - _NOTED_EVERY:
            expires = min(now + _IDLE, datetime.fromisoformat(created) + _LONGEST)
            with self._tables.write() as db:
                db.execute("UPDATE session SET seen=?, expires=? WHERE hash=?", (stamp(now), stamp(expires), known))
        return Session(workspace=workspace, email=email)

    def close(self, token: str) -> None:
        with self._tables.write() as db:
            db.execute("DELETE FROM session WHERE hash=?", (hash_of(token),))

    def close_all(self, workspace: str, email: str) -> int:
        """All of a person's sessions end; returns how many there were."""
        with self._tables.write() as db:
            return db.execute("DELETE FROM session WHERE workspace=? AND email=?", (workspace.lower(), email)).rowcount

    def last_seen(self, workspace: str) -> dict[str, str]:
        """By e-mail, to a few minutes: when a session was last used (UTC in ISO form)."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT email, max(seen) FROM session WHERE workspace=? GROUP BY email", (workspace.lower(),)
            ).fetchall()
        return dict(rows)
