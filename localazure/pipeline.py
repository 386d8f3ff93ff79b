"""The request pipeline: what every request passes before a service sees it, and every answer on its way back.

Owns: request ids, `//` in paths, casing of ARM's fixed words, body bounds, faults, error envelopes.
Leaves: authentication to the services' gates, composition to `app.py`.
"""

import asyncio
import logging
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localazure.errors import DISK_FULL, AzureError, is_disk_full
from localazure.faults import Fault, Faults

__all__ = ["Pipeline", "error_handlers", "render"]

_MB = 1024 * 1024
# The largest body by path; the first match counts. Labels come as one COCO file, images as bytes.
_LIMITS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"labels:import$"), 256 * _MB),
    (re.compile(r"/imageanalysis:"), 20 * _MB + _MB),
    (re.compile(r""), 4 * _MB),
)
# Whose accounts there are, as resources only.
_LACKING: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(/cognitiveservices/[^/]+)?/customvision/"),
        "Custom Vision's own API; it trains with Image Analysis",
    ),
    (re.compile(r"(/cognitiveservices/[^/]+)?/openai/"), "language models; their deployments are records"),
)
_log = logging.getLogger(__name__)


class Pipeline:
    """ASGI middleware around all routes."""

    def __init__(self, app: ASGIApp, *, faults: Faults, canonical: Callable[[str], str]) -> None:
        """`canonical` gives an ARM path the casing that routes expect."""
        self._app = app
        self._faults = faults
        self._canonical = canonical

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        encoded_slash = b"%2f" in scope.get("raw_path", b"").lower()
        path = re.sub(r"/{2,}", "/", scope["path"])
        if path.lower().startswith("/subscriptions/"):
            path = self._canonical(path)
        state: dict[str, object] = {}
        scope = {**scope, "path": path, "raw_path": path.encode(), "state": state}
        headers = dict(scope["headers"])
        answer = _answer_with_ids(send, state, headers.get(b"x-ms-client-request-id"))
        fault = None if path.startswith("/_local/") else self._faults.strike(scope["method"], path)
        if fault is not None and await _inflict(fault, scope, receive, answer):
            return
        if encoded_slash:
            await render(_slash_in_name())(scope, receive, answer)
            return
        limit = next(size for pattern, size in _LIMITS if pattern.search(path))
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            await render(_too_large(limit))(scope, receive, answer)
            return
        await self._app(scope, _bounded(receive, limit), answer)


def render(error: AzureError) -> Response:
    """Azure's envelope."""
    return JSONResponse(error.body(), error.status, headers={**error.headers, "x-ms-error-code": error.code})


def error_handlers() -> dict[int | type[Exception], Callable[[Request, Exception], Response]]:
    """For Starlette: our own errors, its 404 and 405, and bugs."""

    def own(_request: Request, error: Exception) -> Response:
        return render(error) if isinstance(error, AzureError) else bug(_request, error)

    def routing(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            message = f"The method {request.method} is not allowed on '{request.url.path}'."
            return render(AzureError(405, "MethodNotAllowed", message))
        for pattern, what in _LACKING:
            if pattern.match(request.url.path):
                return render(AzureError(501, "NotImplementedByLocalAzure", f"The local Azure lacks {what}."))
        return render(AzureError(status, "NotFound", f"The local Azure has nothing at '{request.url.path}'."))

    def bug(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        if is_disk_full(error):
            return render(AzureError(HTTPStatus.INSUFFICIENT_STORAGE, "InsufficientStorage", DISK_FULL))
        return render(AzureError(500, "InternalServerError", "The local Azure stumbled; its log says over what."))

    def hung_up(_request: Request, _error: Exception) -> Response:
        """The body ended before its end: most likely nobody reads this."""
        return render(AzureError(400, "InvalidRequestContent", "The request content ended too early."))

    return {AzureError: own, HTTPException: routing, ClientDisconnect: hung_up, Exception: bug}


def _answer_with_ids(send: Send, state: dict[str, object], client_id: bytes | None) -> Send:
    request_id = str(uuid.uuid4()).encode()

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            headers += [
                (b"x-ms-request-id", request_id),
                (b"x-ms-correlation-request-id", request_id),
                (b"apim-request-id", request_id),
                (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
                (b"x-content-type-options", b"nosniff"),
            ]
            if client_id is not None:
                headers.append((b"x-ms-client-request-id", client_id))
            added = state.get("answer_headers")
            if isinstance(added, dict):
                headers += [(str(k).encode(), str(v).encode()) for k, v in added.items()]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] set by gates
            message = {**message, "headers": headers}
        await send(message)

    return answer


async def _inflict(fault: Fault, scope: Scope, receive: Receive, send: Send) -> bool:
    """True when the fault was the whole answer."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return False
    if fault.kind == "cut":
        # A promised body that never comes makes the server close the connection.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})
        return True
    await render(fault.error())(scope, receive, send)
    return True


def _bounded(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return bounded


def _slash_in_name() -> AzureError:
    return AzureError(400, "InvalidRequestUri", "The path holds an encoded slash (%2F); no name has one.")


def _too_large(limit: int) -> AzureError:
    return AzureError(413, "RequestContentTooLarge", f"The request body is larger than {limit // _MB} MB.")
