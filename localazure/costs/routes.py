"""Which request goes where in Cost Management: one query, at the subscription and at a resource group.

Owns: paths, pages and headers. Leaves: who may ask to `admit`, the definition to `query.py`.
"""

import base64
import binascii
import uuid
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.bodies import BodyError, json_object
from localazure.clock import Clock
from localazure.costs.query import answer, parse_query
from localazure.costs.usage import Usage
from localazure.errors import AzureError

__all__ = ["cost_routes"]

_PROVIDER = "/providers/Microsoft.CostManagement/query"
_PAGE = 1000


def cost_routes(
    usage: Usage, clock: Clock, admit: Callable[[Request], str], *, origin: str, page: int = _PAGE
) -> list[Route]:
    """`admit` gives the scope of a request that may go on, or raises AzureError."""

    def act(request: Request, body: bytes) -> Response:
        scope = admit(request)
        try:
            definition = json_object(body)
        except BodyError as error:
            message = f"The request content was invalid and could not be deserialized: {error}."
            raise AzureError(400, "InvalidRequestContent", message) from error
        query = parse_query(definition, clock.now())
        columns, rows = answer(query, usage.rows(scope, query.start, query.end))
        start = _start(request.query_params.get("$skiptoken"))
        name = str(uuid.uuid4())
        link = None
        if start + page < len(rows):
            version = request.query_params["api-version"]
            token = base64.urlsafe_b64encode(str(start + page).encode()).decode()
            link = f"{origin}{scope}{_PROVIDER}?api-version={version}&$skiptoken={token}"
        found = {"nextLink": link, "columns": columns, "rows": rows[start : start + page]}
        document = {
            "id": f"{scope.lstrip('/')}{_PROVIDER}/{name}",
            "name": name,
            "type": "Microsoft.CostManagement/query",
            "location": None,
            "sku": None,
            "eTag": None,
            "properties": found,
        }
        consumed = {"x-ms-ratelimit-microsoft.costmanagement-qpu-consumed": "1"}
        return JSONResponse(document, headers=consumed)

    async def query(request: Request) -> Response:
        return await run_in_threadpool(act, request, await request.body())

    scopes = ("/subscriptions/{subscription}", "/subscriptions/{subscription}/resourceGroups/{group}")
    return [Route(scope + _PROVIDER, query, methods=["POST"]) for scope in scopes]


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error):
        raise AzureError(400, "BadRequest", "The skiptoken is not one of ours.") from None
