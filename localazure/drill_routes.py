"""Drills over HTTP, below /_local, and what they act on in Resource Manager.

Owns: the routes, with the admin token's check; locks that are somebody else's.
Leaves: which drills there are to `drills.py`.
"""

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.admin_token import check_admin
from localazure.arm.authorization import Authorization
from localazure.arm.locks import LOCKS
from localazure.arm.resources import GROUP_TYPE, Resources
from localazure.bodies import BodyError, json_object
from localazure.drills import Drills, Stage
from localazure.errors import AzureError
from localazure.operations import Operations
from localazure.store import Store

__all__ = ["LOCK_NAME", "build_stage", "drill_routes"]

LOCK_NAME = "held-by-the-platform-team"
_NOTES = "Held by the platform team: ask them before you delete anything here."


def drill_routes(*, admin_token: str, drills: Drills) -> list[Route]:
    """Every one asks for the admin token as a bearer token."""

    async def show(request: Request) -> Response:
        check_admin(request, admin_token)
        return JSONResponse({"drills": drills.shown()})

    async def begin(request: Request) -> Response:
        check_admin(request, admin_token)
        content = await request.body()
        try:
            options = json_object(content) if content else {}
        except BodyError as error:
            raise AzureError(400, "InvalidRequestContent", f"The request content was invalid: {error}.") from error
        return JSONResponse(drills.begin(request.path_params["name"], options))

    async def end(request: Request) -> Response:
        check_admin(request, admin_token)
        return JSONResponse(drills.end(request.path_params["name"]))

    async def end_all(request: Request) -> Response:
        check_admin(request, admin_token)
        return JSONResponse({"drills": drills.end_all()})

    return [
        Route("/_local/drills", show, methods=["GET"]),
        Route("/_local/drills", end_all, methods=["DELETE"]),
        Route("/_local/drills/{name}", begin, methods=["PUT"]),
        Route("/_local/drills/{name}", end, methods=["DELETE"]),
    ]


def build_stage(
    *,
    store: Store,
    resources: Resources,
    authorization: Authorization,
    operations: Operations,
    publish_grants: Callable[[], None],
) -> Stage:
    """What drills act on: locks of groups, the pace of role assignments, deletions that are held up."""

    def held() -> list[str]:
        return [lock["id"] for lock in resources.of_type(LOCKS) if lock["name"] == LOCK_NAME]

    def lock() -> int:
        groups = resources.of_type(GROUP_TYPE)
        with store.transaction():
            for group in groups:
                scope = re.sub(r"/+$", "", group["id"])
                properties = {"level": "CanNotDelete", "notes": _NOTES}
                at = f"{scope}/providers/{LOCKS}/{LOCK_NAME}"
                resources.put({"id": at, "name": LOCK_NAME, "type": LOCKS, "properties": properties})
        return len(groups)

    def unlock() -> int:
        found = held()
        with store.transaction():
            for at in found:
                resources.delete(at)
        return len(found)

    def slow_roles(seconds: float | None) -> None:
        authorization.slow_down(seconds)
        publish_grants()

    return Stage(
        lock=lock,
        unlock=unlock,
        locked=lambda: len(held()),
        slow_roles=slow_roles,
        roles_slow_s=lambda: authorization.slow_s,
        release=lambda: operations.hasten(lambda payload: payload.get("stuck") is True),
    )
