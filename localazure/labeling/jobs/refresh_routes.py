"""Looking into a project's folder on demand.

Owns: POST refresh. Leaves: looking to `projects.py`.
"""

from starlette.responses import JSONResponse, Response

from localazure.errors import AzureError
from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.errors import wrong_state
from localazure.labeling.people.roles import PROJECTS_WRITE
from localazure.labeling.service import LabelingService
from localazure.labeling.types import ProvisioningState

__all__ = ["REFRESH_ROWS"]


def _refresh(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    if project.provisioning is not ProvisioningState.SUCCEEDED:
        raise wrong_state(f"The labeling job '{project.name}' is {project.status.value}.")
    filled = service.projects.look_again(project)
    if filled is None:
        fresh = call.project(service)
        reason = next((one.message for one in fresh.messages if one.code == "DataRefreshFailed"), "")
        raise AzureError(409, "DataRefreshFailed", f"The folder of the pictures cannot be listed: {reason}")
    body = {"added": filled.added, "missing": filled.missing, "total": filled.total}
    with service.tables.write() as db:
        service.history.add(db, project.number, call.asker.identity, "refreshed", detail=body)
    return JSONResponse(body)


REFRESH_ROWS: tuple[DataRow, ...] = (("POST", "/refresh", PROJECTS_WRITE, _refresh),)
