"""What every route of the labeling data plane has in common: who asks is settled first, then the work is done.

Owns: the address of a project, the admitted request, turning rows of (method, path, action, work) into routes.
Leaves: tokens and sessions to the gate, which is handed in; rules to the services.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localazure.labeling.errors import user_error
from localazure.labeling.people.roles import Asker
from localazure.labeling.service import LabelingService
from localazure.labeling.types import Project

__all__ = ["PROJECT", "DataCall", "DataGate", "DataRow", "DataWork", "data_routes", "number"]

_SMALL_BYTES = 256 * 1024

DataGate = Callable[[Request, str, str], Asker]
"""The workspace's id and the action below it, such as labeling/labels/read; the project is in the request's path.
AzureError when whoever asks may not."""

PROJECT = "/labeling/v1.0{workspace:path}/projects/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCall:
    """One admitted request. `query` has its keys in lower case."""

    request: Request
    asker: Asker
    body: bytes
    query: Mapping[str, str]

    @property
    def workspace_id(self) -> str:
        return self.request.path_params["workspace"]

    @property
    def name(self) -> str:
        """The project's."""
        return self.request.path_params["name"]

    @property
    def task(self) -> int:
        """The task's number in the path."""
        return number(self.request.path_params["task"], 0, least=1)

    @property
    def api(self) -> str:
        """The path of the project's data plane."""
        return PROJECT.replace("{workspace:path}", self.workspace_id).replace("{name}", self.name)

    def project(self, service: LabelingService) -> Project:
        """AzureError 404 when there is none."""
        return service.projects.get(self.workspace_id, self.name)


DataWork = Callable[[LabelingService, DataCall], Response]
DataRow = tuple[str, str, str, DataWork]
"""Method, path below the project ("/settings"), action, work."""


def data_routes(service: LabelingService, gate: DataGate, rows: Sequence[DataRow]) -> list[Route]:
    return [
        Route(PROJECT + path, _endpoint(service, gate, action, work), methods=[method])
        for method, path, action, work in rows
    ]


def number(text: str | None, default: int, *, least: int) -> int:
    """A whole number in a path or a query; AzureError 400."""
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise user_error(f"'{text[:50]}' is no whole number from {least}.")
    return int(text)


def _endpoint(service: LabelingService, gate: DataGate, action: str, work: DataWork) -> Callable[[Request], Any]:
    def admitted(request: Request) -> Asker:
        return gate(request, request.path_params["workspace"], action)

    def done(request: Request, asker: Asker, body: bytes) -> Response:
        query = {key.lower(): value for key, value in request.query_params.items()}
        return work(service, DataCall(request=request, asker=asker, body=body, query=query))

    def at_once(request: Request, body: bytes) -> Response:
        return done(request, admitted(request), body)

    async def endpoint(request: Request) -> Response:
        """What is small is read first, which saves a change of threads; what is large only from who may send it."""
        if _is_small(request):
            return await run_in_threadpool(at_once, request, await request.body())
        asker = await run_in_threadpool(admitted, request)
        return await run_in_threadpool(done, request, asker, await request.body())

    return endpoint


def _is_small(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    if not length:
        return "transfer-encoding" not in request.headers
    return length.isascii() and length.isdigit() and int(length) <= _SMALL_BYTES
