"""The local Azure's own endpoints below /_local: health, host names, faults, shutdown. None of this exists in Azure.

Owns: these routes and the admin token's check.
"""

import hmac
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.bodies import BodyError, json_object
from localazure.errors import AzureError
from localazure.faults import Faults

__all__ = ["local_routes"]


def local_routes(
    *,
    admin_token: str,
    faults: Faults,
    health: Callable[[], dict[str, object]],
    hosts: Callable[[], list[str]],
    shutdown: Callable[[], None],
) -> list[Route]:
    """Every one asks for the admin token as a bearer token. `hosts` gives the names that clients may connect to."""

    def check(request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {admin_token}".encode()):
            raise AzureError(401, "AuthenticationFailed", "The admin token of endpoint.json is needed here.")

    async def show_health(request: Request) -> Response:
        check(request)
        return JSONResponse(health())

    async def show_hosts(request: Request) -> Response:
        check(request)
        return JSONResponse({"hosts": hosts()})

    async def list_faults(request: Request) -> Response:
        check(request)
        return JSONResponse({"rules": faults.rules()})

    async def put_faults(request: Request) -> Response:
        check(request)
        try:
            document = json_object(await request.body())
        except BodyError as error:
            raise AzureError(400, "InvalidRequestContent", f"The request content was invalid: {error}.") from error
        return JSONResponse({"rules": faults.replace(document)})

    async def clear_faults(request: Request) -> Response:
        check(request)
        faults.clear()
        return Response(status_code=204)

    async def stop(request: Request) -> Response:
        check(request)
        shutdown()
        return Response(status_code=202)

    return [
        Route("/_local/health", show_health, methods=["GET"]),
        Route("/_local/hosts", show_hosts, methods=["GET"]),
        Route("/_local/faults", list_faults, methods=["GET"]),
        Route("/_local/faults", put_faults, methods=["PUT"]),
        Route("/_local/faults", clear_faults, methods=["DELETE"]),
        Route("/_local/shutdown", stop, methods=["POST"]),
    ]
