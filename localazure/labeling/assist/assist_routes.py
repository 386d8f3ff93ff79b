"""Experiments and the order of the queue, as the data plane answers them.

Owns: four routes and their bodies. Leaves: who may ask to the data plane, the work to `assist`.
"""

from typing import Any, cast

import msgspec
from starlette.responses import JSONResponse, Response

from localazure.errors import AzureError
from localazure.labeling.assist.experiments import Kind
from localazure.labeling.data_plane import DataCall, DataRow, number
from localazure.labeling.errors import user_error, wrong_state
from localazure.labeling.people.roles import EXPERIMENTS_READ, PROJECTS_WRITE
from localazure.labeling.project_settings import ORDERS
from localazure.labeling.service import LabelingService
from localazure.labeling.types import Project, ProvisioningState

__all__ = ["ROWS"]


def _list(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    return JSONResponse({"value": service.assist.shown(project.number), "assist": service.assist.outlook(project)})


def _start(service: LabelingService, call: DataCall) -> Response:
    """202 and the number; what is asked for and not done yet is not asked for twice."""
    body = _body(call, ("kind",))
    asked = body.get("kind", Kind.TRAINING.value)
    kind = next((kind for kind in Kind if kind.value == asked), None)
    if kind is None:
        raise user_error(f"kind must be one of {', '.join(kind.value for kind in Kind)}.", target="kind")
    experiment = service.assist.ask(_ready(service, call), kind)
    return JSONResponse({"number": experiment.number, "kind": experiment.kind.value}, 202)


def _cancel(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    wanted = number(call.request.path_params["number"], 0, least=1)
    if not service.assist.cancel(project.number, wanted):
        raise AzureError(404, "ExperimentNotFound", f"There is no experiment {wanted}.")
    return Response(status_code=204)


def _order(service: LabelingService, call: DataCall) -> Response:
    order = _body(call, ("order",)).get("order")
    if order not in ORDERS:
        raise user_error(f"order must be one of {', '.join(ORDERS)}.", target="order")
    service.assist.set_order(_ready(service, call), str(order))
    return Response(status_code=204)


def _ready(service: LabelingService, call: DataCall) -> Project:
    project = call.project(service)
    if project.provisioning is not ProvisioningState.SUCCEEDED:
        raise wrong_state(f"The labeling job '{project.name}' is {project.status.value}.")
    return project


def _body(call: DataCall, known: tuple[str, ...]) -> dict[str, Any]:
    try:
        body: object = msgspec.json.decode(call.body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise user_error("The body is no JSON.") from None
    if not isinstance(body, dict):
        raise user_error("The body must be an object.")
    named = cast("dict[str, Any]", body)
    for key in named:
        if key not in known:
            raise user_error(f"There is no '{key[:50]}'; there is {', '.join(known)}.", target=key[:50])
    return named


ROWS: tuple[DataRow, ...] = (
    ("GET", "/experiments", EXPERIMENTS_READ, _list),
    ("POST", "/experiments", PROJECTS_WRITE, _start),
    ("POST", "/experiments/{number}/cancel", PROJECTS_WRITE, _cancel),
    ("PUT", "/order", PROJECTS_WRITE, _order),
)
