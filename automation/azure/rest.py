"""REST calls to Azure: the one place where answers and failures become values and errors of ours.

Owns: tokens on requests, retries within a deadline, headers, reading answers, redaction.
Leaves: httpx to `connection.py`, envelopes to `problems.py`, long-running operations to `operations.py`.
"""

import ipaddress
import json as json_codec
import random
import sys
import threading
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from automation.azure.cloud import Cloud
from automation.azure.credentials import TokenSource
from automation.azure.pace import Pace
from automation.azure.problems import Problem, read_problem, to_error
from automation.azure.redaction import SECRET_HEADERS, redact
from automation.azure.retry import is_idempotent, pause_s, retry_after_s, worth_retrying
from automation.clock import Clock, SystemClock
from automation.errors import ConfigError, ServiceError

if TYPE_CHECKING:
    import httpx

    from automation.azure.connection import Connection, Exchange

__all__ = ["Response", "Rest", "is_loopback"]

SHORTEST_ATTEMPT_S = 5.0
LOCAL_REFUSED_S = 5.0
_SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A good answer (2xx).

    Attributes:
        status: The HTTP status.
        headers: With names in lower case.
        body: Decoded JSON when the answer is JSON, bytes when it is something else, None when it is empty.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)

    def json_object(self, operation: str) -> dict[str, Any]:
        """The body as a JSON object; a ServiceError when it is not, for then it is not the service that answers."""
        body: object = self.body
        if isinstance(body, dict):
            return cast("dict[str, Any]", body)
        kind = self.headers.get("content-type", "nothing") if self.body is not None else "nothing"
        raise ServiceError(
            f"the answer is {kind}, not a JSON object",
            operation=operation,
            status=self.status,
            request_id=_request_id(self.headers),
            hint="does a proxy or a sign-in page answer in the service's place?",
        )


class Rest:
    """Sends requests to one cloud; threads may share it. Close it, or use it as a context manager.

    Args:
        plain_loopback: Whether a secret may go to this very machine without TLS, where nobody is on the way.
        pace: Keeps several that send at the same time below ARM's limits; None sends at once.
    """

    def __init__(
        self,
        cloud: Cloud,
        tokens: TokenSource,
        clock: Clock = _SYSTEM_CLOCK,
        *,
        transport: "httpx.BaseTransport | None" = None,
        dice: Callable[[], float] = random.random,
        plain_loopback: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self.clock = clock
        self._pace = pace
        self._plain_loopback = plain_loopback
        self._cloud, self._tokens, self._transport, self._dice = cloud, tokens, transport, dice
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def __repr__(self) -> str:
        return f"Rest({self._cloud.name!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A later request opens new ones."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        scope: str | None,
        operation: str,
        params: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = 60.0,
    ) -> Response:
        """Send a request until it is answered for good or the deadline has come.

        Args:
            method: HTTP method.
            url: Absolute; https whenever a secret travels with it.
            scope: Scope of the bearer token; None sends none.
            operation: What this does, for errors ("create dataset fruit").
            params: Added to the query.
            json: Body to send as JSON.
            content: Body to send as it is; name its content-type in `headers`.
            headers: More headers; they win over ours.
            deadline_s: Seconds for all tries together, pauses included.

        Raises:
            ServiceError: Its subclass says what the service refused.
            TransportError: No answer came.
            ConfigError: The address or a header is not usable.
        """
        body = content if json is None else _encode(json)
        sent_headers = self._headers(headers or {}, has_json=json is not None)
        if scope is not None:
            sent_headers["authorization"] = f"Bearer {self._tokens.token(scope)}"
        secrets = _check_headers(sent_headers, url, operation, plain=self._plain_loopback and is_loopback(url))
        started, attempt = self.clock.monotonic(), 0
        while True:
            left_s = deadline_s - (self.clock.monotonic() - started)
            outcome = self._attempt(
                method, url, operation=operation, params=params, headers=sent_headers, content=body, left_s=left_s
            )
            if not isinstance(outcome, _Failure):
                if outcome.status < 300:
                    return _read(outcome, operation)
                outcome = self._refusal(outcome, method, operation, secrets)
            if outcome.refused and self._cloud.is_local:
                deadline_s = min(deadline_s, LOCAL_REFUSED_S)  # it died; whoever started it knows better than waiting
            pause = pause_s(attempt, asked_s=outcome.asked_s, random=self._dice())
            left_s = deadline_s - (self.clock.monotonic() - started)
            if not outcome.again or pause >= left_s:
                raise outcome.error from outcome.cause
            self.clock.sleep(pause)
            attempt += 1

    def _attempt(
        self,
        method: str,
        url: str,
        *,
        operation: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        content: bytes | None,
        left_s: float,
    ) -> "Exchange | _Failure":
        from automation.azure.connection import NoAnswerError

        # A request that may be repeated gives up at half the time, so that a hung connection gets a second chance.
        timeout_s = max(SHORTEST_ATTEMPT_S, left_s / 2) if is_idempotent(method) else left_s
        try:
            with self._turn(method) as told:
                exchange = self._open().exchange(
                    method,
                    url,
                    operation=operation,
                    params=params or {},
                    headers=headers,
                    content=content,
                    timeout_s=max(0.1, min(timeout_s, left_s)),
                )
                told.update(exchange.headers)
                return exchange
        except NoAnswerError as exc:
            again = not exc.hopeless and (not exc.sent or is_idempotent(method))
            return _Failure(error=exc.error, cause=exc.__cause__, again=again, refused=exc.refused)

    @contextmanager
    def _turn(self, method: str) -> Generator[dict[str, str]]:
        """Wait until a request may be sent; the headers of its answer go into the block's dictionary."""
        told: dict[str, str] = {}
        if self._pace is None:
            yield told
            return
        if wait_s := self._pace.begin(method, self.clock.monotonic()):
            self.clock.sleep(wait_s)
        try:
            yield told
        finally:
            self._pace.end(method, told)

    def _refusal(self, exchange: "Exchange", method: str, operation: str, secrets: tuple[str, ...]) -> "_Failure":
        problem = (
            Problem(message="the answer is a redirect, and we do not follow one")
            if exchange.status < 400
            else read_problem(status=exchange.status, headers=exchange.headers, content=exchange.content)
        )
        asked_s = retry_after_s(exchange.headers, now=self.clock.now())
        error = to_error(
            problem,
            operation=operation,
            status=exchange.status,
            request_id=_request_id(exchange.headers),
            retry_after_s=asked_s,
            secrets=secrets,
        )
        again = worth_retrying(status=exchange.status, method=method) and "quota" not in error.code.lower()
        return _Failure(error=error, cause=None, again=again, asked_s=asked_s)

    def _headers(self, asked: Mapping[str, str], *, has_json: bool) -> dict[str, str]:
        headers = {
            "accept": "application/json",
            "user-agent": _user_agent(),
            "x-ms-client-request-id": str(uuid.uuid4()),
        }
        if has_json:
            headers["content-type"] = "application/json"
        return headers | {name.lower(): value for name, value in asked.items()}

    def _open(self) -> "Connection":
        with self._lock:
            if self._connection is None:
                from automation.azure.connection import Connection

                self._connection = Connection(self._cloud, transport=self._transport)
            return self._connection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """One try that did not work, and whether another may."""

    error: Exception
    cause: BaseException | None
    again: bool
    asked_s: float | None = None
    refused: bool = False


def _encode(value: object) -> bytes:
    return json_codec.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _read(exchange: "Exchange", operation: str) -> Response:
    body: Any = exchange.content or None
    if body is not None and "json" in exchange.headers.get("content-type", ""):
        try:
            body = json_codec.loads(exchange.content)
        except ValueError as exc:
            raise ServiceError(
                "the answer says it is JSON and is not",
                operation=operation,
                status=exchange.status,
                request_id=_request_id(exchange.headers),
            ) from exc
    return Response(status=exchange.status, headers=exchange.headers, body=body)


def is_loopback(url: str) -> bool:
    """Whether an address is of this very machine, by its name or number."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_headers(headers: Mapping[str, str], url: str, operation: str, *, plain: bool) -> tuple[str, ...]:
    """Refuse what must not travel, and give the secrets that no message may show."""
    for name, value in headers.items():
        if not value.isprintable() or not value.isascii():
            raise ConfigError(f"{operation}: header {name} holds a character that HTTP does not allow")
    secrets = tuple(value for name, value in headers.items() if name in SECRET_HEADERS)
    if secrets and not plain and not url.startswith("https://"):
        raise ConfigError(
            f"{operation}: {redact(url.partition('?')[0])} is not https",
            hint="check the endpoint; a key or token does not travel in clear text",
        )
    return secrets + tuple(secret.partition(" ")[2] for secret in secrets if " " in secret)  # without "Bearer "


def _request_id(headers: Mapping[str, str]) -> str:
    for name in ("x-ms-request-id", "apim-request-id", "x-request-id", "x-ms-client-request-id"):
        if headers.get(name):
            return headers[name]
    return ""


@cache
def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        ours = version("visionlab")
    except PackageNotFoundError:  # run from a bare checkout
        ours = "0"
    return f"visionlab/{ours} python/{sys.version_info.major}.{sys.version_info.minor}"
