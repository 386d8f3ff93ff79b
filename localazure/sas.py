"""Shared access signatures for a container, as the storage REST documentation defines them. Pure.

Owns: the string that is signed and the query that carries it. Leaves: which key signs to whoever asks.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import urlencode

__all__ = ["container_sas"]

_VERSION = "2021-12-02"
_CONTAINER = "c"


def container_sas(*, account: str, key: str, container: str, permissions: str, expires: datetime) -> str:
    """The query of a URL that may do `permissions` (letters in the order racwdl) over HTTPS until `expires`."""
    expiry = expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    unused = ("", "", "", "", "", "", "")  # snapshot, encryption scope, and the five response headers
    resource = f"/blob/{account}/{container}"
    signed = (permissions, "", expiry, resource, "", "", "https", _VERSION, _CONTAINER, *unused)
    digest = hmac.new(base64.b64decode(key), "\n".join(signed).encode(), hashlib.sha256).digest()
    return urlencode(
        {
            "sv": _VERSION,
            "spr": "https",
            "se": expiry,
            "sr": _CONTAINER,
            "sp": permissions,
            "sig": base64.b64encode(digest).decode(),
        }
    )
