"""The keys of other token issuers, for federated identity credentials.

Owns: which keys an issuer has: our own, those that somebody registered here, those that a loopback issuer publishes.
No request ever leaves this machine: an issuer elsewhere counts only when its keys were registered.
"""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, cast
from urllib.parse import urlsplit

from localazure.errors import AzureError
from localazure.store import Store

__all__ = ["IssuerUnreachable", "Issuers", "fetch_loopback", "is_loopback"]

_KIND = "entra/issuer"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TIMEOUT_S = 3.0
_LARGEST = 256 * 1024

Jwk = dict[str, Any]


class IssuerUnreachable(Exception):
    """The keys of an issuer could not be had; the message says why."""


class Issuers:
    """Finds the keys of an issuer."""

    def __init__(
        self, store: Store, own: Mapping[str, Callable[[], Sequence[Jwk]]], *, fetch: Callable[[str], Any] | None = None
    ) -> None:
        """`own` gives our own keys by issuer; `fetch` reads a JSON document, from loopback alone."""
        self._store = store
        self._own = own
        self._fetch = fetch or fetch_loopback

    def keys(self, issuer: str) -> list[Jwk]:
        """The issuer's public keys. Raises IssuerUnreachable."""
        if issuer in self._own:
            return list(self._own[issuer]())
        kept = self._store.get(_KIND, issuer)
        if kept is not None:
            return list(kept["keys"])
        configuration = self._fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(configuration, dict):
            raise IssuerUnreachable("its openid-configuration is not an object")
        said = cast("dict[str, Any]", configuration)
        if said.get("issuer") != issuer:
            raise IssuerUnreachable("its openid-configuration names another issuer")
        return _keys_in(self._fetch(str(said.get("jwks_uri", ""))))

    def registered(self) -> list[dict[str, Any]]:
        return [{"issuer": issuer, "keys": doc["keys"]} for issuer, doc in self._store.list(_KIND)]

    def register(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Keep an issuer's keys: `{"issuer": ..., "keys": [...]}`, as its JWKS document has them. AzureError 400."""
        issuer = document.get("issuer")
        if not isinstance(issuer, str) or not issuer:
            raise AzureError(400, "InvalidRequestContent", "'issuer' must be the issuer's URL.")
        try:
            keys = _keys_in(document)
        except IssuerUnreachable as error:
            raise AzureError(400, "InvalidRequestContent", f"'keys' is no list of public keys: {error}.") from error
        self._store.put(_KIND, issuer, {"keys": keys})
        return {"issuer": issuer, "keys": keys}

    def forget(self, issuer: str) -> bool:
        return self._store.delete(_KIND, issuer)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and host in _LOOPBACK and parts.username is None


def fetch_loopback(url: str) -> Any:
    """A JSON document of this machine: no proxy, no redirect, no other machine. Raises IssuerUnreachable."""
    if not is_loopback(url):
        raise IssuerUnreachable(
            "the local Azure asks nobody but this machine; register the issuer's keys by PUT /_local/issuers"
        )
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect(), trust)
    try:
        with opener.open(url, timeout=_TIMEOUT_S) as answer:
            return json.loads(answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        error.close()
        raise IssuerUnreachable(f"{url} answered {error.code}") from error
    except (OSError, ValueError, HTTPException) as error:
        raise IssuerUnreachable(f"{url} gave no JSON") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead anywhere."""

    def redirect_request(  # noqa: PLR0917 the standard library's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


def _keys_in(document: object) -> list[Jwk]:
    """The RSA keys of a JWKS document, their public parts alone."""
    keys: object = cast("dict[str, object]", document).get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not keys:
        raise IssuerUnreachable("there are no keys in it")
    found: list[Jwk] = []
    for key in cast("list[object]", keys):
        if not isinstance(key, dict):
            raise IssuerUnreachable("one of its keys is no object")
        said = cast("dict[str, object]", key)
        if said.get("kty") == "RSA":
            found.append({name: said[name] for name in ("kty", "use", "kid", "n", "e") if name in said})
    if not found:
        raise IssuerUnreachable("none of its keys is an RSA key")
    return found
