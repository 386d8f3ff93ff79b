"""The keys of other issuers, told to the local Azure by whoever runs it. None of this exists in Azure.

Owns: GET, PUT and DELETE /_local/issuers, with the admin token. Leaves: what keys are good for to `issuers.py`.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.admin_token import check_admin
from localazure.bodies import BodyError, json_object
from localazure.entra.issuers import Issuers
from localazure.errors import AzureError

__all__ = ["issuer_routes"]


def issuer_routes(*, admin_token: str, issuers: Issuers) -> list[Route]:
    """Every one asks for the admin token as a bearer token."""

    async def show(request: Request) -> Response:
        check_admin(request, admin_token)
        return JSONResponse({"issuers": issuers.registered()})

    async def put(request: Request) -> Response:
        check_admin(request, admin_token)
        try:
            document = json_object(await request.body())
        except BodyError as error:
            raise AzureError(400, "InvalidRequestContent", f"The request content was invalid: {error}.") from error
        return JSONResponse(issuers.register(document))

    async def delete(request: Request) -> Response:
        check_admin(request, admin_token)
        if not issuers.forget(request.query_params.get("issuer", "")):
            raise AzureError(404, "NotFound", "There are no keys of that issuer; name it by ?issuer=URL.")
        return Response(status_code=204)

    return [
        Route("/_local/issuers", show, methods=["GET"]),
        Route("/_local/issuers", put, methods=["PUT"]),
        Route("/_local/issuers", delete, methods=["DELETE"]),
    ]
