"""HTTP for managed identities: IMDS and the App Service endpoint, plain http on a loopback port of their own.

Owns: who may ask. App Service style needs the secret of this start's environment; IMDS, which has none, exists only
when it was asked for, since every program on the machine can reach it. Names other than this machine's are refused,
so that no web page gets here by a name that it points at us. Leaves: tokens to `managed.py`.
"""

import hmac

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.entra.errors import EntraError
from localazure.entra.managed import ManagedTokens

__all__ = ["identity_app"]

_NAMES = {"127.0.0.1", "localhost"}
_IMDS_VERSIONS = ("2018-02-01", "2019-11-01", "2021-02-01")


def identity_app(tokens: ManagedTokens, *, secret: str, imds: bool) -> Starlette:
    """`secret` is what IDENTITY_HEADER holds."""

    async def app_service(request: Request) -> Response:
        refused = _check_app_service(request, secret)
        if refused is not None:
            return refused
        try:
            answer = await run_in_threadpool(tokens.token, dict(request.query_params))
        except EntraError as error:
            return _app_service_no(error.status, str(error))
        return JSONResponse({name: answer[name] for name in _APP_SERVICE_FIELDS})

    async def instance_metadata(request: Request) -> Response:
        refused = _check_imds(request)
        if refused is not None:
            return refused
        try:
            answer = await run_in_threadpool(tokens.token, dict(request.query_params))
        except EntraError as error:
            return _imds_no(error.status, error.error, str(error))
        return JSONResponse(answer)

    routes = [Route("/msi/token", app_service, methods=["GET"])]
    if imds:
        routes.append(Route("/metadata/identity/oauth2/token", instance_metadata, methods=["GET"]))
    return Starlette(routes=routes)


_APP_SERVICE_FIELDS = ("access_token", "client_id", "expires_on", "resource", "token_type")


def _check_app_service(request: Request, secret: str) -> Response | None:
    given = request.headers.get("x-identity-header", "").encode()
    if not _is_for_us(request) or not secret or not hmac.compare_digest(given, secret.encode()):
        return _app_service_no(401, "The X-IDENTITY-HEADER is missing or wrong.")
    if request.query_params.get("api-version") != "2019-08-01":
        return _app_service_no(400, "The api-version is missing or not supported: 2019-08-01.")
    return None


def _check_imds(request: Request) -> Response | None:
    if not _is_for_us(request) or "x-forwarded-for" in request.headers:
        return _imds_no(400, "invalid_request", "The request was not sent to this machine directly.")
    if request.headers.get("metadata", "").lower() != "true":
        return _imds_no(400, "bad_request_102", "Required metadata header not specified")
    if request.query_params.get("api-version") not in _IMDS_VERSIONS:
        shown = ", ".join(_IMDS_VERSIONS)
        return _imds_no(400, "bad_request", f"The api-version is missing or not supported: {shown}.")
    return None


def _is_for_us(request: Request) -> bool:
    return request.url.hostname in _NAMES


def _app_service_no(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status)


def _imds_no(status: int, error: str, message: str) -> Response:
    return JSONResponse({"error": error, "error_description": message}, status)
