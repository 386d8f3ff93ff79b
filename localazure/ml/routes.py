"""Which request goes where: discovery, and run history below a workspace.

Owns: paths, methods, which role's action each needs. Leaves: the documents to `history.py`.
"""

import re
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.bodies import BodyError, json_object
from localazure.errors import AzureError
from localazure.identity import Caller
from localazure.ml.history import RunHistory

__all__ = ["Gate", "ml_routes"]

Gate = Callable[[Request, str, str], Caller]
"""The request, the workspace's id and the action below it: AzureError 401, 403 or 404 when the caller may not."""

_HISTORY = "/history/v1.0{workspace:path}"
_RUN = f"{_HISTORY}/runs/{{run}}"
_READ, _WRITE = "experiments/runs/read", "experiments/runs/write"
_Work = Callable[[RunHistory, str, dict[str, str], dict[str, Any]], dict[str, Any]]


def ml_routes(history: RunHistory, gate: Gate, origin: str) -> list[Route]:
    """Everything that clients of machine learning ask for beside Resource Manager."""

    async def discovery(_request: Request) -> Response:
        """Where a workspace's services are; asked for without a token."""
        return JSONResponse({"api": origin, "history": origin})

    async def absent(request: Request) -> Response:
        path = request.url.path.rsplit("/workspaces/", 1)[-1].partition("/")[2] or request.url.path
        message = f"Run history's '{request.method} {path}' is not implemented by the local Azure."
        raise AzureError(501, "NotImplementedByLocalAzure", message)

    return [
        Route("/discovery", discovery, methods=["GET"]),
        *(
            _route(path, _endpoint(history, gate, action, work), method)
            for method, path, action, work in (
                ("GET", f"{_RUN}/details", _READ, _details),
                ("GET", f"{_RUN}/children", _READ, _children),
                ("GET", f"{_RUN}/serviceinstances/{{node}}", _READ, _services),
                ("GET", _RUN, _READ, _run),
                ("POST", f"{_HISTORY}/rundata", _READ, _run_data),
                ("PATCH", f"{_HISTORY}/experiments/{{experiment}}/runs/{{run}}", _WRITE, _change),
            )
        ),
        Route("/history/{rest:path}", absent, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]


def _route(path: str, endpoint: Callable[[Request], Any], method: str) -> Route:
    route = Route(path, endpoint, methods=[method])
    route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return route


def _endpoint(history: RunHistory, gate: Gate, action: str, work: _Work) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        workspace = request.path_params["workspace"]
        await run_in_threadpool(gate, request, workspace, action)
        try:
            body = json_object(await request.body() or b"{}")
        except BodyError as error:
            raise AzureError(400, "UserError", f"The request content was invalid: {error}.") from error
        return JSONResponse(await run_in_threadpool(work, history, workspace, dict(request.path_params), body))

    return endpoint


def _run(history: RunHistory, workspace: str, names: dict[str, str], _body: dict[str, Any]) -> dict[str, Any]:
    return history.run(workspace, names["run"])


def _details(history: RunHistory, workspace: str, names: dict[str, str], _body: dict[str, Any]) -> dict[str, Any]:
    return history.details(workspace, names["run"])


def _children(history: RunHistory, workspace: str, names: dict[str, str], _body: dict[str, Any]) -> dict[str, Any]:
    """A job that was never run has no children."""
    history.check(workspace, names["run"])
    return {"value": []}


def _services(history: RunHistory, workspace: str, names: dict[str, str], _body: dict[str, Any]) -> dict[str, Any]:
    """Nor does it serve anything."""
    history.check(workspace, names["run"])
    return {"instances": {}}


def _run_data(history: RunHistory, workspace: str, _names: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    return {"runMetadata": history.run(workspace, str(body.get("runId", "")))}


def _change(history: RunHistory, workspace: str, names: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    return history.change(workspace, names["run"], names["experiment"], body)
