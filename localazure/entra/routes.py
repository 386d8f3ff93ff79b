"""Which request goes where in the local Entra ID."""

import base64
import binascii
from urllib.parse import parse_qsl, unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.entra.documents import cloud_metadata, instance_discovery, openid_configuration
from localazure.entra.errors import EntraError
from localazure.entra.keys import SigningKey
from localazure.entra.service import TokenService

__all__ = ["entra_routes"]

# az looks these up when it forgets accounts; tokens are given out by the tenant itself only.
_ANY_TENANT = ("common", "organizations")
_NO_STORE = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}


def entra_routes(service: TokenService, key: SigningKey, *, blob_port: int) -> list[Route]:
    """Token endpoints (v1 and v2), openid configuration, keys, instance discovery and cloud metadata."""

    async def token(request: Request) -> Response:
        v2 = "/v2.0/" in request.url.path
        try:
            form = _form(await request.body())
            _add_basic_credentials(form, request.headers.get("authorization"))
            answer = await run_in_threadpool(service.token, request.path_params["tenant"], form, v2=v2)
        except EntraError as error:
            waiting = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
            return JSONResponse(service.refusal(error), error.status, headers=_NO_STORE | waiting)
        return JSONResponse(answer, headers=_NO_STORE)

    async def configuration(request: Request) -> Response:
        tenant = request.path_params["tenant"]
        try:
            if tenant not in _ANY_TENANT:
                service.check_tenant(tenant)
        except EntraError as error:
            return JSONResponse(service.refusal(error) | {"error": "invalid_tenant"}, error.status)
        v2 = "/v2.0/" in request.url.path
        return JSONResponse(openid_configuration(service.origin, service.tenant_id, v2=v2))

    async def keys(_request: Request) -> Response:
        issuer = {"issuer": f"{service.origin}/{service.tenant_id}/v2.0"}
        return JSONResponse({"keys": [known | issuer for known in key.jwks(service.now())]})

    async def instance(_request: Request) -> Response:
        return JSONResponse(instance_discovery(service.origin, service.tenant_id))

    async def metadata(request: Request) -> Response:
        document = cloud_metadata(service.origin, blob_port)
        listed = request.query_params.get("api-version") == "2019-05-01"
        return JSONResponse([document] if listed else document)

    return [
        Route("/metadata/endpoints", metadata, methods=["GET"]),
        Route("/common/discovery/instance", instance, methods=["GET"]),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration, methods=["GET"]),
        Route("/{tenant}/.well-known/openid-configuration", configuration, methods=["GET"]),
        Route("/{tenant}/discovery/v2.0/keys", keys, methods=["GET"]),
        Route("/{tenant}/discovery/keys", keys, methods=["GET"]),
        Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
        Route("/{tenant}/oauth2/token", token, methods=["POST"]),
    ]


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=100))
    except ValueError as error:
        message = "Invalid request. Request is malformed or invalid."
        raise EntraError(400, "invalid_request", 9002313, message) from error


def _add_basic_credentials(form: dict[str, str], authorization: str | None) -> None:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return
    form.setdefault("client_id", unquote(client_id))
    form.setdefault("client_secret", unquote(secret))
