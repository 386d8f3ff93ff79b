"""HTTP for Graph: the token, the permission, the path, the answer, and Graph's envelopes.

Owns: these. Leaves: what paths there are to `endpoints.py`.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.bodies import BodyError, json_object
from localazure.errors import AzureError
from localazure.graph.directory import APPLICATIONS, PRINCIPALS, USERS
from localazure.graph.endpoints import ENDPOINTS, Asked, Endpoint, Reply, Services
from localazure.graph.errors import bad_request, denied, not_found, not_here
from localazure.graph.listing import Paging
from localazure.graph.seed import READ_ALL, READ_WRITE_ALL
from localazure.identity import Caller

__all__ = ["graph_routes"]

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_ALTERNATE = re.compile(
    r"/(?P<kind>users|applications|servicePrincipals)\((?:(?P<field>\w+)=)?'(?P<value>(?:[^']|'')*)'\)", re.IGNORECASE
)
_KEYS = {"users": (USERS, "userPrincipalName"), "applications": (APPLICATIONS, "appId")}
_KEYS["serviceprincipals"] = (PRINCIPALS, "appId")


def graph_routes(
    services: Services, *, origin: str, own_object_id: str, verify: Callable[[str | None], Caller]
) -> list[Route]:
    """Everything below /graph. `own_object_id` is the local Azure's own principal, which may do anything here."""
    base = f"{origin}/graph/v1.0"

    def check(caller: Caller, endpoint: Endpoint) -> None:
        if endpoint.template.startswith("/me"):
            return
        reading = endpoint.reads or endpoint.method == "GET"
        enough = {READ_ALL, READ_WRITE_ALL} if reading else {READ_WRITE_ALL}
        if caller.object_id != own_object_id and not enough & {*caller.roles}:
            raise denied()

    def answer(request: Request, path: str, body: bytes) -> Reply:
        caller = verify(request.headers.get("authorization"))
        endpoint, parts = _route(request.method, path)
        check(caller, endpoint)
        path = _by_alternate_key(services, path)
        endpoint, parts = _route(request.method, path)
        asked = Asked(
            parts=parts,
            body=_json(body),
            paging=Paging(
                query=dict(request.query_params),
                url=f"{base}{path}",
                eventual=request.headers.get("consistencylevel", "").lower() == "eventual",
            ),
        )
        with _whole(services, request.method):
            return endpoint.handle(services, asked)

    async def graph(request: Request) -> Response:
        path = "/" + request.path_params["rest"].rstrip("/")
        try:
            reply = await run_in_threadpool(answer, request, path, await request.body())
        except AzureError as error:
            return _refusal(error, services.directory.now(), request)
        if reply.body is None:
            return Response(status_code=reply.status)
        context = {} if reply.context is None else {"@odata.context": f"{base}/$metadata#{reply.context}"}
        content = json.dumps({**context, **reply.body}, separators=(",", ":")).encode()
        return Response(content, reply.status, media_type="application/json")

    async def beta(request: Request) -> Response:
        error = not_here("beta version; ask v1.0")
        return _refusal(error, services.directory.now(), request)

    return [
        Route("/graph/v1.0/{rest:path}", graph, methods=_METHODS),
        Route("/graph/beta/{rest:path}", beta, methods=_METHODS),
    ]


def _route(method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
    known = False
    for endpoint in ENDPOINTS:
        found = endpoint.pattern.fullmatch(_ALTERNATE.sub(r"/\g<kind>/x", path))
        if found is None:
            continue
        known = True
        if endpoint.method == method:
            exact = endpoint.pattern.fullmatch(path)
            return endpoint, (exact or found).groupdict()
    if known:
        raise AzureError(405, "Request_BadRequest", f"Specified HTTP method {method} is not allowed for '{path}'.")
    raise AzureError(
        501, "NotImplementedByLocalAzure", f"The local Azure's directory has nothing at '{path}' for {method}."
    )


def _by_alternate_key(services: Services, path: str) -> str:
    """`/applications(appId='...')` as `/applications/{id}`."""
    found = _ALTERNATE.match(path)
    if found is None:
        return path
    kind, field = _KEYS[found["kind"].lower()]
    asked, value = found["field"], found["value"].replace("''", "'")
    entry = None
    if asked is None or asked.lower() == field.lower():
        entry = services.directory.find(kind, field, value)
    if entry is None and asked is None:
        entry = services.directory.get(kind, value)
    if entry is None:
        raise not_found(value)
    return f"/{kind}/{entry['id']}{path[found.end() :]}"


def _json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        return json_object(body)
    except BodyError as error:
        raise bad_request(f"Unable to read JSON request payload: {error}.", code="BadRequest") from error


def _whole(services: Services, method: str) -> AbstractContextManager[None]:
    """A request that writes does all or nothing."""
    return nullcontext() if method == "GET" else services.directory.transaction()


def _refusal(error: AzureError, now: str, request: Request) -> Response:
    code = "InvalidAuthenticationToken" if error.status == 401 else error.code
    request_id = str(uuid.uuid4())
    inner = {
        "date": now.rstrip("Z"),
        "request-id": request_id,
        "client-request-id": request.headers.get("client-request-id", request_id),
    }
    body = {"error": {"code": code, "message": error.message, "innerError": inner}}
    return JSONResponse(body, error.status, headers={**error.headers, "request-id": request_id})
