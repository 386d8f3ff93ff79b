"""What the token endpoint asks about an application, and how a client secret is proved.

Owns: the value types and the comparison of secrets. Leaves: where applications are kept to whoever implements
`Applications`, assertions to `assertions.py`.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

__all__ = ["Application", "Applications", "Certificate", "Federation", "Secret", "digest_of"]


def digest_of(secret: str) -> str:
    """What is kept of a secret. Ours are long and random, so one round of a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One client secret of an application."""

    digest: str = field(repr=False)
    starts: datetime | None = None
    ends: datetime | None = None

    def is_it(self, secret: str) -> bool:
        return hmac.compare_digest(self.digest, digest_of(secret))

    def is_over(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate registered on an application, DER."""

    der: bytes = field(repr=False)
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """One federated identity credential: whose tokens stand for the application."""

    issuer: str
    subject: str
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application as the token endpoint sees it. Without a service principal `object_id` is None."""

    client_id: str
    object_id: str | None
    enabled: bool = True
    roles: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    federations: tuple[Federation, ...] = ()


class Applications(Protocol):
    """Where applications are looked up."""

    def find(self, client_id: str) -> Application | None: ...
