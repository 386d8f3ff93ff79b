"""Which request goes where: labelingJobs below a workspace, their operations, and our own data plane.

Owns: paths, methods, status codes, headers of long-running operations, paging. Leaves: JSON to `wire.py`, rules to the
services.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.errors import AzureError
from localazure.identity import Caller
from localazure.labeling.assist.assist_routes import ROWS as ASSIST
from localazure.labeling.data_plane import DataGate, DataRow, data_routes, number
from localazure.labeling.jobs import wire
from localazure.labeling.jobs.class_routes import CLASS_ROWS
from localazure.labeling.jobs.refresh_routes import REFRESH_ROWS
from localazure.labeling.jobs.settings_routes import SETTINGS_ROWS
from localazure.labeling.jobs.state_routes import STATE_ROWS
from localazure.labeling.people.people_routes import PEOPLE_ROWS
from localazure.labeling.people.session_routes import session_routes
from localazure.labeling.pictures.picture_routes import PICTURE_ROWS
from localazure.labeling.queue.queue_routes import ROWS as QUEUE
from localazure.labeling.review.review_routes import ROWS as REVIEW
from localazure.labeling.service import LabelingService
from localazure.labeling.transfer.export_order import parse_arm_order
from localazure.labeling.transfer.transfer_routes import TRANSFER_ROWS
from localazure.labeling.types import Project, ProvisioningState

__all__ = ["ArmGate", "labeling_routes"]

ArmGate = Callable[[Request], Caller]
"""Token, api-version, role: raises AzureError when the caller may not."""

_WORKSPACE = "/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}"
_JOBS = f"{_WORKSPACE}/labelingJobs"
_OPERATIONS = "/subscriptions/{sub}/providers/Microsoft.MachineLearningServices/locations/{location}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One admitted request."""

    request: Request
    caller: Caller
    body: bytes
    query: Mapping[str, str]

    @property
    def workspace_id(self) -> str:
        given = self.request.path_params
        return _WORKSPACE.format(sub=given["sub"], group=given["group"], ws=given["ws"])

    @property
    def name(self) -> str:
        return self.request.path_params["id"]

    @property
    def version(self) -> str:
        return self.query.get("api-version", "")

    def operation(self, segment: str, operation_id: str) -> str:
        """The address of an operation's status or result."""
        given = self.request.path_params
        path = _OPERATIONS.format(sub=given["sub"], location=given.get("location", "local"))
        return f"{str(self.request.base_url).rstrip('/')}{path}/{segment}/{operation_id}?api-version={self.version}"


_Work = Callable[[LabelingService, _Call], Response]


def labeling_routes(service: LabelingService, arm_gate: ArmGate, data_gate: DataGate) -> list[Route]:
    """All routes. ARM's parts of a path match without case; mount them before ARM's own."""
    arm: list[tuple[str, str, _Work]] = [
        ("GET", _JOBS, _list),
        ("GET", _JOBS + "/{id}", _get),
        ("PUT", _JOBS + "/{id}", _put),
        ("PATCH", _JOBS + "/{id}", _refuse_patch),
        ("DELETE", _JOBS + "/{id}", _delete),
        ("POST", _JOBS + "/{id}/pause", _pause),
        ("POST", _JOBS + "/{id}/resume", _resume),
        ("POST", _JOBS + "/{id}/exportLabels", _export),
        ("GET", _OPERATIONS + "/mfeOperationsStatus/{operation}", _operation_status),
        ("GET", _OPERATIONS + "/mfeOperationResults/{operation}", _operation_result),
    ]
    data: list[DataRow] = [
        *CLASS_ROWS,
        *PEOPLE_ROWS,
        *REFRESH_ROWS,
        *PICTURE_ROWS,
        *SETTINGS_ROWS,
        *STATE_ROWS,
        *QUEUE,
        *ASSIST,
        *TRANSFER_ROWS,
    ]
    return [
        *(
            _caseless(Route(path, _arm_endpoint(service, arm_gate, work), methods=[method]))
            for method, path, work in arm
        ),
        *session_routes(service),
        *data_routes(service, data_gate, [*data, *REVIEW]),
    ]


def _caseless(route: Route) -> Route:
    route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return route


def _arm_endpoint(service: LabelingService, gate: ArmGate, work: _Work) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        caller = await run_in_threadpool(gate, request)
        query = {key.lower(): value for key, value in request.query_params.items()}
        if query.get("api-version") not in wire.API_VERSIONS:
            raise AzureError(
                400,
                "NoRegisteredProviderFound",
                f"No registered resource provider found for API version '{query.get('api-version', '')}' for type "
                f"'workspaces/labelingJobs'. The supported api-versions are '{', '.join(wire.API_VERSIONS)}'.",
            )
        call = _Call(request=request, caller=caller, body=await request.body(), query=query)
        return await run_in_threadpool(work, service, call)

    return endpoint


def _list(service: LabelingService, call: _Call) -> Response:
    skip, top = number(call.query.get("$skip"), 0, least=0), number(call.query.get("$top"), 30, least=1)
    projects = service.projects.list(call.workspace_id)
    values = [_dump(service, project, call) for project in projects[skip : skip + top]]
    next_link = None
    if skip + top < len(projects):
        next_link = _next_link(call.request, {"api-version": call.version, "$skip": skip + top, "$top": top})
    return JSONResponse(wire.dump_page(values, next_link))


def _get(service: LabelingService, call: _Call) -> Response:
    return JSONResponse(_dump(service, service.projects.get(call.workspace_id, call.name), call))


def _put(service: LabelingService, call: _Call) -> Response:
    """201 with an operation for a new job, 200 for a change."""
    spec = wire.parse_project(wire.parse_json(call.body), call.version, call.workspace_id)
    project = service.projects.put(call.workspace_id, wire.check_name(call.name), spec, caller=call.caller.object_id)
    body = _dump(service, project, call)
    if project.provisioning is not ProvisioningState.IN_PROGRESS or project.operation_id is None:
        return JSONResponse(body)
    headers = {
        "Azure-AsyncOperation": call.operation("mfeOperationsStatus", project.operation_id),
        "x-ms-async-operation-timeout": "PT1H",
        **_SOON,
    }
    return JSONResponse(body, 201, headers=headers)


def _refuse_patch(_service: LabelingService, call: _Call) -> Response:
    path = call.request.url.path
    raise AzureError(405, "MethodNotAllowed", f"The request method 'PATCH' is not allowed on '{path}'.")


def _delete(service: LabelingService, call: _Call) -> Response:
    return Response(status_code=200 if service.projects.delete(call.workspace_id, call.name) else 204)


def _pause(service: LabelingService, call: _Call) -> Response:
    return _properties(service, service.projects.pause(call.workspace_id, call.name, who=call.caller.object_id), call)


def _resume(service: LabelingService, call: _Call) -> Response:
    project, operation_id = service.projects.resume(call.workspace_id, call.name, who=call.caller.object_id)
    if operation_id is None:
        return _properties(service, project, call)
    return _accepted(call, operation_id)


def _export(service: LabelingService, call: _Call) -> Response:
    order = parse_arm_order(wire.parse_json(call.body))
    project = service.projects.get(call.workspace_id, call.name)
    return _accepted(call, service.exporter.start(project, order, who=call.caller.object_id))


def _operation_status(service: LabelingService, call: _Call) -> Response:
    operation = service.operations.get(call.request.path_params["operation"])
    body: dict[str, Any] = {"id": call.request.url.path, "name": operation.id, "status": operation.status}
    body["startTime"] = wire.arm_time(operation.started)
    if operation.ended is not None:
        body["endTime"] = wire.arm_time(operation.ended)
    if operation.error is not None:
        body["error"] = operation.error
    return JSONResponse(body, headers=_SOON if operation.ended is None else None)


def _operation_result(service: LabelingService, call: _Call) -> Response:
    """202 until it has ended; then what it made: an export's summary, a resumed job's properties."""
    operation = service.operations.get(call.request.path_params["operation"])
    if operation.status == "InProgress":
        return _accepted(call, operation.id)
    if operation.error is not None:
        status = 500 if operation.error.get("code") in ("ExportFailed", "InternalServerError") else 409
        return JSONResponse({"error": operation.error}, status)
    if operation.kind == "labeling.resume":
        project = service.projects.get(operation.payload["workspace"], operation.payload["name"])
        return _properties(service, project, call)
    return JSONResponse(operation.result or {})


# Retry-After 0 makes azure-core wait its default of 30 s; the header in milliseconds is the precise one.
_SOON = {"Retry-After": "1", "x-ms-retry-after-ms": "150"}


def _accepted(call: _Call, operation_id: str) -> Response:
    return Response(status_code=202, headers={"Location": call.operation("mfeOperationResults", operation_id), **_SOON})


def _dump(service: LabelingService, project: Project, call: _Call) -> dict[str, Any]:
    return wire.dump_project(project, service.projects.counts(project), call.version)


def _properties(service: LabelingService, project: Project, call: _Call) -> Response:
    return JSONResponse(wire.dump_properties(project, service.projects.counts(project), call.version))


def _next_link(request: Request, query: Mapping[str, object]) -> str:
    return str(request.url.replace(query=urlencode(query, safe="$")))
