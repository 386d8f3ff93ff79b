"""Secrets by Resource Manager: vaults/{vault}/secrets, where templates and Pulumi put them. Values never come back.

Owns: these four operations over the secrets of the data plane. Leaves: token and role to the gate, vaults to `arm`.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.bodies import BodyError, json_object
from localazure.errors import AzureError
from localazure.vault import wire
from localazure.vault.seams import Vault
from localazure.vault.service import Secrets
from localazure.vault.types import Change, Shown

__all__ = ["vault_arm_routes"]

_TYPE = "Microsoft.KeyVault/vaults/secrets"
_PATH = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}/secrets"
_MOST_ROWS = 25

Gate = Callable[[Request], object]
FindVault = Callable[[str], Vault | None]


def vault_arm_routes(secrets: Secrets, gate: Gate, find: FindVault) -> list[Route]:
    """`find` gives a live vault by its id."""

    def vault_of(request: Request) -> Vault:
        gate(request)
        vault_id = request.url.path.split("/secrets", 1)[0]
        vault = find(vault_id)
        if vault is None:
            raise AzureError(404, "ParentResourceNotFound", f"The parent resource '{vault_id}' could not be found.")
        return vault

    async def put(request: Request) -> Response:
        vault, name = vault_of(request), wire.check_name(request.path_params["name"])
        body = await _json(request)
        change = wire.parse_set(_properties(body))
        shown, made = await run_in_threadpool(_put, secrets, vault, name, _tagged(change, body))
        return JSONResponse(_document(vault, shown), 201 if made else 200)

    async def patch(request: Request) -> Response:
        """With a value a new version, without one the current version changed."""
        vault, name = vault_of(request), wire.check_name(request.path_params["name"])
        body = await _json(request)
        properties = _properties(body)
        await run_in_threadpool(secrets.look, vault, name)
        if properties.get("value") is None:
            change = _tagged(wire.parse_change(properties), body)
            shown = await run_in_threadpool(secrets.update, vault, name, None, change)
        else:
            change = _tagged(wire.parse_set(properties), body)
            shown = await run_in_threadpool(secrets.set, vault, name, change)
        return JSONResponse(_document(vault, shown))

    async def get(request: Request) -> Response:
        vault, name = vault_of(request), request.path_params["name"]
        return JSONResponse(_document(vault, await run_in_threadpool(secrets.look, vault, name)))

    async def rows(request: Request) -> Response:
        vault = vault_of(request)
        after, size = _window(request)
        page = await run_in_threadpool(secrets.page, vault, deleted=False, after=after, size=size)
        answer: dict[str, Any] = {"value": [_document(vault, row) for row in page.rows]}
        if page.after is not None:
            token = base64.urlsafe_b64encode(page.after.encode()).decode()
            answer["nextLink"] = str(request.url.include_query_params(**{"$skiptoken": token}))
        return JSONResponse(answer)

    return [
        Route(_PATH, rows, methods=["GET"]),
        Route(f"{_PATH}/{{name}}", put, methods=["PUT"]),
        Route(f"{_PATH}/{{name}}", patch, methods=["PATCH"]),
        Route(f"{_PATH}/{{name}}", get, methods=["GET"]),
    ]


def _put(secrets: Secrets, vault: Vault, name: str, change: Change) -> tuple[Shown, bool]:
    shown = secrets.set(vault, name, change)
    return shown, shown.version.number == 1


async def _json(request: Request) -> dict[str, Any]:
    try:
        return json_object(await request.body())
    except BodyError as error:
        raise AzureError(400, "InvalidRequestContent", f"The request content was invalid: {error}.") from error


def _properties(body: dict[str, Any]) -> dict[str, Any]:
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise AzureError(400, "InvalidRequestContent", "The required property 'properties' is missing.")
    return {name: value for name, value in properties.items() if name != "tags"}  # pyright: ignore[reportUnknownVariableType] JSON


def _tagged(change: Change, body: dict[str, Any]) -> Change:
    """Tags stand beside the properties here."""
    tags = wire.parse_change({"tags": body.get("tags")}).tags
    return replace(change, tags=tags)


def _window(request: Request) -> tuple[str | None, int]:
    top, token = request.query_params.get("$top", str(_MOST_ROWS)), request.query_params.get("$skiptoken")
    if not top.isdecimal() or int(top) < 1:
        raise AzureError(400, "InvalidTopParameter", f"The value '{top}' of $top is invalid: a whole number above 0.")
    try:
        after = None if token is None else base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise AzureError(400, "InvalidSkipToken", "The $skiptoken is invalid.") from error
    return after, min(int(top), _MOST_ROWS)


def _document(vault: Vault, shown: Shown) -> dict[str, Any]:
    data = wire.dump_bundle(vault, Shown(secret=shown.secret, version=shown.version))
    attributes = {name: data["attributes"][name] for name in ("enabled", "nbf", "exp", "created", "updated")
                  if name in data["attributes"]}  # fmt: skip
    return {
        "id": f"{vault.id}/secrets/{shown.secret.name}",
        "name": shown.secret.name,
        "type": _TYPE,
        "location": vault.location,
        "tags": data["tags"],
        "properties": {
            "attributes": attributes,
            **({"contentType": data["contentType"]} if "contentType" in data else {}),
            "secretUri": f"{vault.uri}secrets/{shown.secret.name}",
            "secretUriWithVersion": data["id"],
        },
    }
