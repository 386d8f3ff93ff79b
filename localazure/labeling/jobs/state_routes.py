"""Pausing and resuming from the pages.

Owns: POST pause and resume of the data plane. Leaves: the states to `projects.py`; Resource Manager has its own routes.
"""

from starlette.responses import JSONResponse, Response

from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.people.roles import PROJECTS_WRITE
from localazure.labeling.service import LabelingService

__all__ = ["STATE_ROWS"]


def _pause(service: LabelingService, call: DataCall) -> Response:
    project = service.projects.pause(call.workspace_id, call.name, who=call.asker.identity)
    return JSONResponse({"status": project.status.value})


def _resume(service: LabelingService, call: DataCall) -> Response:
    """202 while it is on its way: the project's document says when it runs."""
    project, operation = service.projects.resume(call.workspace_id, call.name, who=call.asker.identity)
    return JSONResponse({"status": project.status.value}, 200 if operation is None else 202)


STATE_ROWS: tuple[DataRow, ...] = (
    ("POST", "/pause", PROJECTS_WRITE, _pause),
    ("POST", "/resume", PROJECTS_WRITE, _resume),
)
