"""Which request goes where in a vault, which is told by the host name.

Owns: paths, api-versions and paging of the secrets API; 501 for keys, certificates and storage.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Route, Router

from localazure.bodies import BodyError, json_object
from localazure.errors import AzureError
from localazure.vault import wire
from localazure.vault.backups import Backups
from localazure.vault.errors import bad_parameter
from localazure.vault.seams import Need, Vault
from localazure.vault.service import Secrets
from localazure.vault.types import Page

__all__ = ["Door", "vault_routes"]

_API_VERSION = re.compile(r"7\.[0-6](-preview\.\d)?|2016-10-01|20(2[5-9]|[3-9]\d)-\d{2}-\d{2}(-preview)?")
_MOST_ROWS = 25
_OTHERS = ("keys", "deletedkeys", "certificates", "deletedcertificates", "storage", "deletedstorage", "rng", "security")


class Door(Protocol):
    """The vault of a request's host name; AzureError 404 without one, 401 without a token, 403 without permission.

    `need` None asks for a valid token alone.
    """

    def __call__(self, request: Request, need: Need | None, secret: str | None = None) -> Vault: ...


def vault_routes(secrets: Secrets, backups: Backups, door: Door) -> list[Host]:
    """Everything below https://{vault}.vault.localhost."""
    api = _Api(secrets, backups, door)
    every = ["GET", "PUT", "POST", "PATCH", "DELETE"]
    router = Router(
        routes=[
            Route("/secrets", api.listing(deleted=False), methods=["GET"]),
            Route("/secrets/restore", api.restore, methods=["POST"]),
            Route("/secrets/{name}/backup", api.backup, methods=["POST"]),
            Route("/secrets/{name}/versions", api.versions, methods=["GET"]),
            *_with_and_without_slash("/secrets/{name}", api.put, "PUT"),
            *_with_and_without_slash("/secrets/{name}", api.get, "GET"),
            *_with_and_without_slash("/secrets/{name}", api.patch, "PATCH"),
            *_with_and_without_slash("/secrets/{name}", api.delete, "DELETE"),
            Route("/secrets/{name}/{version}", api.get, methods=["GET"]),
            Route("/secrets/{name}/{version}", api.patch, methods=["PATCH"]),
            Route("/deletedsecrets", api.listing(deleted=True), methods=["GET"]),
            *_with_and_without_slash("/deletedsecrets/{name}", api.get_deleted, "GET"),
            *_with_and_without_slash("/deletedsecrets/{name}", api.purge, "DELETE"),
            Route("/deletedsecrets/{name}/recover", api.recover, methods=["POST"]),
            Route("/{rest:path}", api.other, methods=every),
        ]
    )
    return [Host("{vault}.vault.localhost", app=router)]


class _Api:
    """The handlers: each lets the request in, reads it, calls the service, and writes the answer."""

    def __init__(self, secrets: Secrets, backups: Backups, door: Door) -> None:
        self._secrets = secrets
        self._backups = backups
        self._door = door

    def _admit(self, request: Request, need: Need, *, named: bool = True) -> tuple[Vault, str]:
        name = request.path_params["name"] if named else None
        vault = self._door(request, need, name)
        _check_version(request)
        return vault, wire.check_name(name) if name is not None else ""

    async def put(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.SET)
        change = wire.parse_set(await _json(request))
        return _answer(wire.dump_bundle(vault, await run_in_threadpool(self._secrets.set, vault, name, change)))

    async def get(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.GET)
        shown = await run_in_threadpool(self._secrets.get, vault, name, request.path_params.get("version"))
        return _answer(wire.dump_bundle(vault, shown))

    async def patch(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.UPDATE)
        change = wire.parse_change(await _json(request))
        version = request.path_params.get("version")
        return _answer(
            wire.dump_bundle(vault, await run_in_threadpool(self._secrets.update, vault, name, version, change))
        )

    async def delete(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.DELETE)
        return _answer(wire.dump_bundle(vault, await run_in_threadpool(self._secrets.delete, vault, name)))

    async def get_deleted(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.LOOK)
        return _answer(wire.dump_bundle(vault, await run_in_threadpool(self._secrets.get_deleted, vault, name)))

    async def recover(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.RECOVER)
        return _answer(wire.dump_bundle(vault, await run_in_threadpool(self._secrets.recover, vault, name)))

    async def purge(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.PURGE)
        await run_in_threadpool(self._secrets.purge, vault, name)
        return Response(status_code=204)

    async def backup(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.BACKUP)
        return _answer({"value": await run_in_threadpool(self._backups.make, vault, name)})

    async def restore(self, request: Request) -> Response:
        vault, _ = self._admit(request, Need.RESTORE, named=False)
        text = wire.parse_backup(await _json(request))
        return _answer(wire.dump_bundle(vault, await run_in_threadpool(self._backups.restore, vault, text)))

    def listing(self, *, deleted: bool) -> Callable[[Request], Any]:
        async def rows(request: Request) -> Response:
            vault, _ = self._admit(request, Need.LIST, named=False)
            after, size = _window(request)
            page = await run_in_threadpool(self._secrets.page, vault, deleted=deleted, after=after, size=size)
            return _answer(_listed(request, vault, page))

        return rows

    async def versions(self, request: Request) -> Response:
        vault, name = self._admit(request, Need.LIST)
        after, size = _window(request)
        page = await run_in_threadpool(self._secrets.page_of_versions, vault, name, after=after, size=size)
        return _answer(_listed(request, vault, page, with_version=True))

    async def other(self, request: Request) -> Response:
        """A token is asked for first, whatever the path: clients take their challenge from any answer."""
        self._door(request, None)
        word = request.url.path.strip("/").split("/")[0].lower()
        if word not in _OTHERS:
            raise AzureError(404, "NotFound", f"A vault has nothing at '{request.url.path}'.")
        raise AzureError(
            501,
            "NotImplementedByLocalAzure",
            f"Vaults of the local Azure hold secrets only: '{word}' is not implemented.",
        )


def _with_and_without_slash(path: str, handler: Callable[[Request], Any], method: str) -> list[Route]:
    """Clients that name no version ask for /secrets/{name}/ with nothing behind the slash."""
    return [Route(path, handler, methods=[method]), Route(f"{path}/", handler, methods=[method])]


def _check_version(request: Request) -> None:
    version = request.query_params.get("api-version")
    if not version:
        raise bad_parameter("api-version must be specified")
    if not _API_VERSION.fullmatch(version):
        raise bad_parameter(f"The specified version ({version[:50]}) is not recognized.")


async def _json(request: Request) -> dict[str, Any]:
    try:
        return json_object(await request.body())
    except BodyError as error:
        raise bad_parameter(f"The request body is not valid: {error}.") from error


def _window(request: Request) -> tuple[str | None, int]:
    """Behind which row a page starts, and how many rows it may have."""
    size = request.query_params.get("maxresults", str(_MOST_ROWS))
    if not size.isdecimal() or not 1 <= int(size) <= _MOST_ROWS:
        raise bad_parameter(f"'maxresults' is a whole number from 1 to {_MOST_ROWS}.")
    token = request.query_params.get("$skiptoken")
    try:
        after = None if token is None else base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise bad_parameter("The $skiptoken is invalid.") from error
    return after, int(size)


def _listed(request: Request, vault: Vault, page: Page, *, with_version: bool = False) -> dict[str, Any]:
    rows = [wire.dump_item(vault, row, with_version=with_version) for row in page.rows]
    if page.after is None:
        return {"value": rows, "nextLink": None}
    kept = {name: value for name, value in request.query_params.items() if name != "$skiptoken"}
    query = urlencode({**kept, "$skiptoken": base64.urlsafe_b64encode(page.after.encode()).decode()})
    return {"value": rows, "nextLink": f"{vault.uri.rstrip('/')}{request.url.path}?{query}"}


def _answer(document: dict[str, Any]) -> Response:
    return JSONResponse(document, headers={"Cache-Control": "no-cache"})
