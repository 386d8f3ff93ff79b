"""Values of the vault service: what is asked for, what is kept, what is shown.

Owns: these types. Secret values appear in no repr. Leaves: field names of the wire to `wire.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Change", "Page", "Secret", "Shown", "Version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a request sets; None leaves a part as it is. Times are seconds since 1970."""

    value: str | None = field(default=None, repr=False)
    content_type: str | None = None
    tags: Mapping[str, str] | None = None
    enabled: bool | None = None
    not_before: int | None = None
    expires: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version as it is kept. `sealed` is the encrypted value."""

    id: str
    number: int
    sealed: str = field(repr=False)
    content_type: str | None
    tags: dict[str, str]
    enabled: bool
    not_before: int | None
    expires: int | None
    created: int
    updated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A name with versions. `deleted` and `purge` are when it was deleted and when it will be gone for good, `expiry`
    the operation that sees to it.
    """

    name: str
    current: str
    versions: int
    deleted: int | None = None
    purge: int | None = None
    expiry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An answer: a secret with one of its versions; the value only where it was asked for."""

    secret: Secret
    version: Version
    value: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a listing. `after` is where the next page starts, None after the last one."""

    rows: tuple[Shown, ...]
    after: str | None
