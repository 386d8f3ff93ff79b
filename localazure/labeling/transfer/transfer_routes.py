"""Labels in and out of a project by our own data plane: imports, and exports with their list.

Owns: paths, status codes, the report of an import. Leaves: the work to `importing.py` and `exporting.py`.
"""

import dataclasses

from starlette.responses import JSONResponse, Response

from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.errors import wrong_state
from localazure.labeling.jobs import wire
from localazure.labeling.people.roles import EXPORT, PROJECTS_WRITE
from localazure.labeling.service import LabelingService
from localazure.labeling.transfer.export_order import parse_order
from localazure.labeling.transfer.import_request import parse_import
from localazure.labeling.types import ProvisioningState

__all__ = ["TRANSFER_ROWS"]

_FINDINGS_SHOWN = 500
_SOON = {"Retry-After": "1", "x-ms-retry-after-ms": "150"}


def _import(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    if project.provisioning is not ProvisioningState.SUCCEEDED:
        raise wrong_state(f"The labeling job '{project.name}' is {project.status.value}.")
    report = service.importer.run(project, parse_import(call.body), who=call.asker.identity)
    body = {
        "labeled": report.labeled,
        "annotations": report.annotations,
        "ignored": report.ignored,
        "unmatched": report.unmatched,
        "findings": [dataclasses.asdict(finding) for finding in report.findings[:_FINDINGS_SHOWN]],
        "findingsTotal": len(report.findings),
    }
    return JSONResponse(body)


def _start_export(service: LabelingService, call: DataCall) -> Response:
    order = parse_order(wire.parse_json(call.body))
    export = service.exporter.start(call.project(service), order, who=call.asker.identity)
    url = str(call.request.url.replace(path=f"{call.request.url.path}/{export}", query=""))
    return Response(status_code=202, headers={"Location": url, **_SOON})


def _exports(service: LabelingService, call: DataCall) -> Response:
    return JSONResponse(wire.dump_page(service.exporter.list(call.project(service)), None))


def _export(service: LabelingService, call: DataCall) -> Response:
    """As an operation's result: 202 until it has ended."""
    found = service.exporter.get(call.project(service), call.request.path_params["export"])
    if found["state"] == "InProgress":
        return Response(status_code=202, headers={"Location": str(call.request.url), **_SOON})
    if "error" in found:
        ours = found["error"].get("code") in {"ExportFailed", "InternalServerError"}
        return JSONResponse({"error": found["error"]}, 500 if ours else 409)
    return JSONResponse(found)


TRANSFER_ROWS: tuple[DataRow, ...] = (
    ("POST", "/labels:import", PROJECTS_WRITE, _import),
    ("POST", "/exports", EXPORT, _start_export),
    ("GET", "/exports", EXPORT, _exports),
    ("GET", "/exports/{export}", EXPORT, _export),
)
