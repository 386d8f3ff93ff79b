"""Shared Key signatures for blob requests, as the storage REST documentation defines them. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

__all__ = ["authorization"]

_STANDARD = (
    "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
    "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range",
)  # fmt: skip


def authorization(
    *, account: str, key: str, method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]
) -> str:
    """The Authorization header of a request. `path` is the encoded URL path, account included (path style)."""
    lower = {name.lower(): value for name, value in headers.items()}
    if lower.get("content-length") == "0":
        lower["content-length"] = ""
    standard = "\n".join(lower.get(name, "") for name in _STANDARD)
    own = "".join(f"{name}:{value.strip()}\n" for name, value in sorted(lower.items()) if name.startswith("x-ms-"))
    query = "".join(f"\n{name.lower()}:{unquote(value)}" for name, value in sorted(params.items()))
    text = f"{method}\n{standard}\n{own}/{account}{path}{query}"
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    return f"SharedKey {account}:{base64.b64encode(digest).decode()}"
