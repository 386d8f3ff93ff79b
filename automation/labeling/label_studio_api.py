"""Requests to one Label Studio server: who we are there, pages, and refusals in our words.

Owns: both kinds of token (the legacy one, and the personal one that is exchanged for access of some minutes) and where
they may travel. Leaves: HTTP to `automation.azure`, what the calls mean to `label_studio.py`.
"""

import base64
import binascii
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from automation.azure import Cloud, Response, Rest, is_loopback
from automation.clock import Clock, SystemClock
from automation.errors import ConfigError, NotFound, ServiceError, TransportError, Unauthorized

__all__ = ["TOKEN_VARIABLE", "StudioApi", "open_studio", "url_problem"]

TOKEN_VARIABLE = "LABEL_STUDIO_API_KEY"  # noqa: S105 # the name of a variable
URL_HINT = "write it like https://labels.example.com; without TLS only for this machine, as http://localhost:8080"
PAGE = 200
MOST_PAGES = 100_000
EARLY_S = 30.0
SHORTEST_ACCESS_S = 60.0

_CLOCK = SystemClock()


class _NoTokens:
    """Azure's tokens are no business of Label Studio's."""

    def token(self, scope: str) -> str:
        raise ServiceError(f"no token for {scope} here", operation="call Label Studio", status=0)


def url_problem(url: str) -> str | None:
    """Why a token would not go there, or None. The address itself is not repeated: it may hold a secret."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return "it is no address"
    if not usable or parts.username or parts.password or parts.query or parts.fragment:
        return "it is to have scheme, host and, where needed, port and path, and nothing more"
    if parts.scheme == "http" and not is_loopback(url):
        return "it is not https, and the token would travel in clear text"
    return None


def open_studio(url: str, token: str | None, *, clock: Clock = _CLOCK, rest: Rest | None = None) -> "StudioApi":
    """The server at `url` for whoever owns `token`. Raises ConfigError when one of them is not usable."""
    if problem := url_problem(url):
        raise ConfigError(f"the address of Label Studio is not usable: {problem}", hint=URL_HINT)
    if not token:
        raise ConfigError(
            f"the token of Label Studio is not set: {TOKEN_VARIABLE}",
            hint=f"make one in Label Studio (Account & Settings), and export {TOKEN_VARIABLE}=...",
        )
    return StudioApi(url.rstrip("/"), token.strip(), rest or Rest(_place(url), _NoTokens(), clock, plain_loopback=True))


def _place(url: str) -> Cloud:
    """Label Studio is no Azure; but on this machine it needs no proxy and is not waited for either."""
    return Cloud(
        name="local" if is_loopback(url) else "label-studio",
        arm_endpoint=url.rstrip("/"),
        authority_host=url.rstrip("/"),
        storage_scope="",
        vision_scope="",
        ml_scope="",
        ca_file=None,
        tenant_id=None,
        subscription_id="",
    )


class StudioApi:
    """One server, and one person there. Safe to share between threads; close it at the end."""

    def __init__(self, url: str, token: str, rest: Rest) -> None:
        self.url = url
        self._token, self._rest = token, rest
        self._lock = threading.Lock()
        self._access, self._until = "", 0.0

    def __repr__(self) -> str:
        return f"StudioApi({self.url!r})"

    def close(self) -> None:
        self._rest.close()

    @property
    def clock(self) -> Clock:
        return self._rest.clock

    def call(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        params: Mapping[str, str] | None = None,
        json: object = None,
        deadline_s: float = 120.0,
    ) -> Response:
        """One request. A personal token's access that has ended is fetched again, once."""

        def send() -> Response:
            headers = {"authorization": self._authorization()}
            return self._send(method, path, operation, params=params, json=json, headers=headers, deadline_s=deadline_s)

        try:
            return send()
        except Unauthorized as exc:
            if self._access and exc.status == 401:
                with self._lock:
                    self._access = ""
                return send()
            exc.hint = f"make a new token in Label Studio (Account & Settings), and export {TOKEN_VARIABLE}=..."
            raise

    def pages(self, path: str, key: str, *, operation: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Every item of a list that comes page by page; the page behind the last is 404 or empty."""
        given = 0
        for number in range(1, MOST_PAGES):
            asked = {**params, "page": str(number), "page_size": str(PAGE)}
            try:
                body = self.call("GET", path, operation=operation, params=asked).json_object(operation)
            except NotFound:
                if number == 1:
                    raise
                return
            items = cast("list[dict[str, Any]]", body.get(key) or [])
            yield from items
            given += len(items)  # a server may give smaller pages than asked for
            if not items or given >= int(body.get("total") or body.get("count") or 0):
                return

    def _authorization(self) -> str:
        if not _is_personal(self._token):
            return f"Token {self._token}"
        with self._lock:
            now = self.clock.now().timestamp()
            if not self._access or now >= self._until:
                operation = "sign in to Label Studio"
                asked = {"refresh": self._token}
                try:
                    answer = self._send("POST", "/api/token/refresh/", operation, json=asked)
                except Unauthorized as exc:
                    exc.hint = f"{TOKEN_VARIABLE} is refused; make a new personal token in Label Studio"
                    raise
                self._access = str(answer.json_object(operation).get("access") or "")
                self._until = max(_ends(self._access) - EARLY_S, now + SHORTEST_ACCESS_S)
            return f"Bearer {self._access}"

    def _send(self, method: str, path: str, operation: str, **rest: Any) -> Response:
        try:
            return self._rest.send(method, self.url + path, scope=None, operation=operation, **rest)
        except TransportError as exc:
            exc.hint = f"is Label Studio running at {self.url}?"
            raise


def _is_personal(token: str) -> bool:
    """Whether it is a JWT: three parts, the first of them JSON."""
    return token.startswith("eyJ") and token.count(".") == 2


def _ends(token: str) -> float:
    """When a JWT ends, in seconds since 1970; 0 when it does not say."""
    try:
        payload = token.split(".")[1]
        claims: object = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(cast("dict[str, Any]", claims)["exp"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return 0.0
