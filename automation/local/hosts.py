"""Host names below `localhost`: which the local Azure has, which of them this machine resolves, and lines for the rest.

Owns: the look-up and the form of a hosts file. Leaves: writing /etc/hosts to the machine's owner.
Why at all: some clients make host names from an account's or a vault's name (azure-ai-ml, azure-keyvault-secrets, az),
and the C library does not resolve names below `localhost` by itself; systemd-resolved and nss-myhostname do.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["HostName", "look_up", "write_hosts"]

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName:
    """A name by which clients connect to the local Azure."""

    address: str = ADDRESS
    name: str
    resolves: bool


def look_up(names: Iterable[str], *, resolve: Callable[[str], bool] | None = None) -> list[HostName]:
    """Each name, with whether this machine knows that it means the machine itself."""
    known = resolve or _resolves
    return [HostName(name=name, resolves=known(name)) for name in names]


def write_hosts(found: Iterable[HostName]) -> str:
    """Lines as /etc/hosts has them."""
    return "\n".join(f"{host.address} {host.name}" for host in found)


def _resolves(name: str) -> bool:
    try:
        found = socket.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(place[4][0] == ADDRESS for place in found)
