"""Personal links: a token that lets one person in, once, for some hours.

Owns: the table `invite`. The token itself is kept nowhere, only its SHA-256. Leaves: what follows a sign-in to
`sessions.py`, whom to invite to `people_routes.py`.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from localazure.clock import Clock
from localazure.errors import AzureError
from localazure.labeling.tables import Tables
from localazure.labeling.times import stamp

__all__ = ["Invite", "Invites", "hash_of", "new_token"]

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 128
_LIVING = 20
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Whom a link lets in. `workspace` is in lower case."""

    workspace: str
    email: str
    project: int


class Invites:
    """Safe to share between threads."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def create(self, workspace: str, email: str, project: int, *, hours: int) -> tuple[str, datetime]:
        """A new token and when it ends. Of many links to one person the oldest end."""
        token, now = new_token(), self._clock.now()
        expires = now + timedelta(hours=hours)
        with self._tables.write() as db:
            db.execute("DELETE FROM invite WHERE expires<?", (stamp(now - _KEPT),))
            db.execute(
                "UPDATE invite SET revoked=?4 WHERE hash IN (SELECT hash FROM invite WHERE workspace=?1 AND email=?2"
                " AND used IS NULL AND revoked IS NULL ORDER BY created DESC LIMIT -1 OFFSET ?3)",
                (workspace.lower(), email, _LIVING - 1, stamp(now)),
            )
            db.execute(
                "INSERT INTO invite (hash, workspace, email, project, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
                (hash_of(token), workspace.lower(), email, project, stamp(now), stamp(expires)),
            )
        return token, expires

    def redeem(self, token: str) -> Invite:
        """Use a token up. AzureError 401 that says why it lets nobody in."""
        if len(token) > _LONGEST_TOKEN:
            raise _refused("InvalidToken", "This link is not valid.")
        known, now = hash_of(token), stamp(self._clock.now())
        with self._tables.write() as db:
            row = db.execute(
                "SELECT hash, workspace, email, project, expires, used, revoked FROM invite WHERE hash=?", (known,)
            ).fetchone()
            if row is None or not hmac.compare_digest(row[0], known):
                raise _refused("InvalidToken", "This link is not valid. Ask for a new one.")
            _, workspace, email, project, expires, used, revoked = row
            if revoked is not None:
                raise _refused("TokenRevoked", "This link was taken back. Ask for a new one.")
            if used is not None:
                raise _refused("TokenUsed", "This link was used already: it lets in once. Ask for a new one.")
            if expires <= now:
                raise _refused("TokenExpired", "This link has expired. Ask for a new one.")
            db.execute("UPDATE invite SET used=? WHERE hash=?", (now, known))
        return Invite(workspace=workspace, email=email, project=project)

    def revoke(self, workspace: str, email: str) -> int:
        """Links to this person let nobody in any more; returns how many there were."""
        with self._tables.write() as db:
            return db.execute(
                "UPDATE invite SET revoked=? WHERE workspace=? AND email=? AND used IS NULL AND revoked IS NULL",
                (stamp(self._clock.now()), workspace.lower(), email),
            ).rowcount

    def open_until(self, workspace: str) -> dict[str, str]:
        """By e-mail: until when the latest link that still lets in is good (UTC in ISO form)."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT email, max(expires) FROM invite WHERE workspace=? AND used IS NULL AND revoked IS NULL"
                " AND expires>? GROUP BY email",
                (workspace.lower(), stamp(self._clock.now())),
            ).fetchall()
        return dict(rows)


def new_token() -> str:
    """256 random bits as text for an address or a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_of(token: str) -> str:
    """What is kept of a token. It is random and long, so that no salt and no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _refused(code: str, message: str) -> AzureError:
    return AzureError(401, code, message)
