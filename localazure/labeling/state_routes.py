"""Pausing and resuming from the pages.

Owns: POST pause and resume of the data plane. Leaves: the states to `projects.py`; Resource Manager has its own routes.
"""

from starlette.responses import JSONResponse, Response

from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.roles import PROJECTS_WRITE
from localazure.labeling.service import LabelingService
from localazure.labeling.types import JobStatus

__all__ = ["STATE_ROWS"]


def _pause(service: LabelingService, call: DataCall) -> Response:
    before = call.project(service)
    project = service.projects.pause(call.workspace_id, call.name)
    if before.status is not project.status:
        _note(service, call, project.number, "paused")
    return JSONResponse({"status": project.status.value})


def _resume(service: LabelingService, call: DataCall) -> Response:
    """202 while it is on its way: the project's document says when it runs."""
    project, operation = service.projects.resume(call.workspace_id, call.name)
    if operation is None:
        return JSONResponse({"status": JobStatus.RUNNING.value})
    _note(service, call, project.number, "resumed")
    return JSONResponse({"status": project.status.value}, 202)


def _note(service: LabelingService, call: DataCall, number: int, what: str) -> None:
    with service.tables.write() as db:
        service.history.add(db, number, call.asker.identity, what)


STATE_ROWS: tuple[DataRow, ...] = (
    ("POST", "/pause", PROJECTS_WRITE, _pause),
    ("POST", "/resume", PROJECTS_WRITE, _resume),
)
