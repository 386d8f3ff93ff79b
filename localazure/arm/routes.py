"""HTTP for ARM: reading the request, the gate, the answer."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localazure.arm import locks
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.deployments.jsonc import lenient_object
from localazure.arm.endpoints import Endpoints
from localazure.arm.gate import Admitted, Gate
from localazure.arm.resources import Resources
from localazure.bodies import BodyError, json_object
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["arm_gate", "arm_routes"]

# Deployments are sent as JSON with liberties, by az among others.
_DEPLOYMENT = re.compile(r"/Microsoft\.Resources/deployments/[^/]+(/validate|/whatIf)?$", re.IGNORECASE)
_METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]


def arm_gate(gate: Gate, resources: Resources) -> Callable[[Request], Caller]:
    """What services beside ARM call first: token, throttle, api-version, subscription, role for the path, locks."""

    def admit(request: Request) -> Caller:
        admitted = _admit(gate, request)
        gate.require(request.method, admitted)
        if request.method == "PUT":
            locks.check_write(resources, admitted.target.id)
        if request.method == "DELETE":
            locks.check_delete(resources, admitted.target.id)
        return admitted.caller

    return admit


def arm_routes(gate: Gate, endpoints: Endpoints) -> list[Route]:
    """Everything below /subscriptions, /providers and /tenants."""

    async def arm(request: Request) -> Response:
        admitted = _admit(gate, request)
        arm_request = ArmRequest(
            method=request.method,
            target=admitted.target,
            query={name.lower().removeprefix("$"): value for name, value in request.query_params.items()},
            body=await _json(request),
            caller=admitted.caller,
            api_version=admitted.api_version,
        )
        return _response(await run_in_threadpool(endpoints.dispatch, arm_request))

    handler: Callable[[Request], Awaitable[Response]] = arm
    paths = ("/subscriptions", "/subscriptions/{rest:path}", "/tenants", "/providers/{rest:path}")
    return [Route(path, handler, methods=_METHODS) for path in paths]


def _admit(gate: Gate, request: Request) -> Admitted:
    admitted = gate.admit(
        request.method,
        request.url.path,
        request.query_params.get("api-version"),
        request.headers.get("authorization"),
    )
    request.state.answer_headers = dict([admitted.remaining])
    return admitted


async def _json(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw.strip():
        return {}
    content_type = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if content_type not in {"application/json", "text/json", "application/merge-patch+json"}:
        raise AzureError(
            415,
            "UnsupportedMediaType",
            f"The content media type '{content_type}' is not supported. Send application/json.",
        )
    read = lenient_object if _DEPLOYMENT.search(request.url.path) else json_object
    try:
        return read(raw)
    except BodyError as error:
        message = f"The request content was invalid and could not be deserialized: {error}."
        raise AzureError(400, "InvalidRequestContent", message) from error


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    content = msgspec.json.encode(answer.body, enc_hook=dict)
    return Response(content, answer.status, headers, media_type="application/json; charset=utf-8")
