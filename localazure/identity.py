"""Who asks: the caller of a request, and in whose name a service reads blobs.

Owns: the value types. Leaves: verifying tokens to `entra`, deciding what somebody may do to `arm.authorization`.
"""

from dataclasses import dataclass, field

__all__ = ["Anonymous", "Caller", "Identity", "LocalService", "ManagedIdentity", "SasToken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The identity behind a verified bearer token. `roles` are its application permissions on the audience."""

    object_id: str
    app_id: str
    audience: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """A resource's own identity: needs a role with the blob data action in the scope of what it touches."""

    principal_id: str


@dataclass(frozen=True, slots=True)
class SasToken:
    """A shared access signature that the user handed over; passed on as it is, never shown."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody: only what is public can be read."""


@dataclass(frozen=True, slots=True)
class LocalService:
    """The local Azure itself, in a workspace's own store: no role is asked for."""


Identity = ManagedIdentity | SasToken | Anonymous | LocalService
