"""The local Azure's own endpoints below /_local: health, host names, faults, shutdown. None of this exists in Azure.

Owns: these routes and the admin token's check.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.admin_token import check_admin
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

    async def show_health(request: Request) -> Response:
        check_admin(request, admin_token)
        return JSONResponse(health())

    async def show_hosts(request: Request) -> Response:
        check_admin(request, admin_token)
        return JSONResponse({"hosts": hosts()})

    async def list_faults(request: Request) -> Response:
        check_admin(request, admin_token)
        return JSONResponse({"rules": faults.rules()})

    async def put_faults(request: Request) -> Response:
        check_admin(request, admin_token)
        try:
            document = json_object(await request.body())
        except BodyError as error:
            raise AzureError(400, "InvalidRequestContent", f"The request content was invalid: {error}.") from error
        return JSONResponse({"rules": faults.replace(document)})

    async def clear_faults(request: Request) -> Response:
        check_admin(request, admin_token)
        faults.clear()
        return Response(status_code=204)

    async def stop(request: Request) -> Response:
        check_admin(request, admin_token)
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
