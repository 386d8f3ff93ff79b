"""One HTTP exchange over httpx: the only module of automation that knows the library.

Owns: the client, TLS trust, time-outs of one attempt, and the translation of all that httpx can raise.
Leaves: retries, tokens and the meaning of answers to `rest.py`. The first request loads it, for `visionlab --help`
must not wait for it.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import httpx

from automation.azure.cloud import Cloud
from automation.azure.redaction import redact
from automation.errors import ConfigError, LabError, TransportError

__all__ = ["Connection", "Exchange", "NoAnswerError", "translate"]

CONNECT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An answer as it came; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


class NoAnswerError(Exception):
    """No answer came; `error` is what the caller will see."""

    def __init__(self, error: LabError, *, sent: bool, hopeless: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.sent = sent
        """Whether the service may have seen the request."""
        self.hopeless = hopeless
        """Whether asking again cannot help."""
        self.refused = False
        """Whether nobody listens there at all."""


class Connection:
    """A pool of connections to one cloud; threads may share it."""

    def __init__(self, cloud: Cloud, *, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            transport=transport,
            verify=True if transport else _trust(cloud),
            trust_env=not cloud.is_local,  # a proxy is for Azure, never for this machine
            follow_redirects=False,  # a bearer token goes where we sent it and nowhere else
        )

    def exchange(
        self,
        method: str,
        url: str,
        *,
        operation: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        content: bytes | None,
        timeout_s: float,
    ) -> Exchange:
        """Send one request and read its answer, whatever the status. Raises NoAnswerError."""
        try:
            answer = self._client.request(
                method,
                _with_query(url, params),
                headers=dict(headers),
                content=content,
                timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S)),
            )
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict) as exc:
            raise translate(exc, operation=operation) from exc
        return Exchange(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            content=answer.content,
        )

    def close(self) -> None:
        self._client.close()


# The first that fits: the reason, whether the service may have seen the request, whether trying again is hopeless.
_REASONS: tuple[tuple[type[Exception], str, bool, bool], ...] = (
    (httpx.ConnectTimeout, "no connection in time", False, False),
    (httpx.PoolTimeout, "no connection in time", False, False),
    (httpx.TimeoutException, "timed out", True, False),
    (httpx.LocalProtocolError, "the request cannot be put on the wire", False, True),
    (httpx.DecodingError, "the answer cannot be read: {said}", True, True),
    (httpx.TooManyRedirects, "redirected without end", True, True),
    (Exception, "the connection broke: {said}", True, False),
)


def translate(exc: Exception, *, operation: str) -> NoAnswerError:
    """Say in our words what httpx raised."""
    if isinstance(exc, httpx.InvalidURL | httpx.UnsupportedProtocol):
        wrong = ConfigError(f"{operation}: the address is not usable ({_said(exc)})", hint="check the endpoint")
        return NoAnswerError(wrong, sent=False, hopeless=True)
    if isinstance(exc, httpx.ConnectError | httpx.ProxyError):
        return _unconnected(exc, operation)
    reason, sent, hopeless = next(row[1:] for row in _REASONS if isinstance(exc, row[0]))
    return _no_answer(operation, reason.format(said=_said(exc)), sent=sent, hopeless=hopeless)


def _unconnected(exc: Exception, operation: str) -> NoAnswerError:
    said = _said(exc)
    if "CERTIFICATE_VERIFY_FAILED" in said or "certificate verify failed" in said:
        hint = "the server's certificate is not trusted; behind a proxy, point SSL_CERT_FILE at its authority"
        return _no_answer(operation, "TLS: certificate not trusted", sent=False, hopeless=True, hint=hint)
    if "refused" in said:
        hint = "is it running? `visionlab local status`"
        nobody = _no_answer(operation, "connection refused", sent=False, hint=hint)
        nobody.refused = True
        return nobody
    return _no_answer(operation, said, sent=False)


def _no_answer(
    operation: str, reason: str, *, sent: bool, hopeless: bool = False, hint: str | None = None
) -> NoAnswerError:
    return NoAnswerError(TransportError(operation, reason, hint=hint), sent=sent, hopeless=hopeless)


def _said(exc: Exception) -> str:
    return redact(str(exc)) or type(exc).__name__


def _with_query(url: str, params: Mapping[str, str]) -> str:
    if not params:
        return url
    # Spaces as %20: not every service reads "+" as a space inside $filter.
    return url + ("&" if "?" in url else "?") + urlencode(params, quote_via=quote, safe="$'()*,:/")


def _trust(cloud: Cloud) -> ssl.SSLContext | bool:
    if cloud.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(cloud.ca_file))
    except (OSError, ssl.SSLError) as exc:
        raise ConfigError(
            f"the certificate authority {cloud.ca_file} cannot be read: {exc.strerror or exc}",
            hint="run `visionlab local stop` and `visionlab local start`",
        ) from exc
