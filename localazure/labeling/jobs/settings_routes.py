"""The project's document and its settings over HTTP.

Owns: those routes, and what a change of settings brings with it. Leaves: names and bounds to `project_settings.py`.
"""

from starlette.responses import JSONResponse, Response

from localazure.errors import AzureError
from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.errors import user_error
from localazure.labeling.jobs.project_document import dump_whole
from localazure.labeling.jobs.wire import parse_json
from localazure.labeling.people.roles import PROJECTS_READ, PROJECTS_WRITE
from localazure.labeling.project_settings import ProjectSettings, dump_settings, parse_settings
from localazure.labeling.service import LabelingService
from localazure.labeling.types import AnnotationType, Project

__all__ = ["SETTINGS_ROWS"]

_PRIVATE = {"Cache-Control": "no-store"}


def _document(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    settings = service.settings.read(project.number)
    text = service.instructions.text(project, settings)
    body = dump_whole(project, service.projects.counts(project), settings, call.asker, text)
    return JSONResponse(body, headers=_PRIVATE)


def _get(service: LabelingService, call: DataCall) -> Response:
    return JSONResponse(dump_settings(service.settings.read(call.project(service).number)), headers=_PRIVATE)


def _put(service: LabelingService, call: DataCall) -> Response:
    project, body = call.project(service), parse_json(call.body)
    with service.tables.write() as db:
        old = service.settings.read(project.number)
        new = parse_settings(body, old)
        _check_classes(project, new)
        if new.overlap > 1 and project.spec.annotation_type is AnnotationType.INSTANCE_SEGMENTATION:
            raise user_error("overlap must be 1: there is no consensus on polygons.", target="overlap")
        if new != old:
            service.settings.write(project.number, new)
            before, after = dump_settings(old), dump_settings(new)
            changed = {key: value for key, value in after.items() if value != before[key]}
            if "instructions" in changed:
                changed["instructions"] = f"{len(new.instructions)} characters"
            service.history.add(db, project.number, call.asker.identity, "settings", detail=changed)
    return JSONResponse(dump_settings(new), headers=_PRIVATE)


SETTINGS_ROWS: tuple[DataRow, ...] = (
    ("GET", "", PROJECTS_READ, _document),
    ("GET", "/settings", PROJECTS_READ, _get),
    ("PUT", "/settings", PROJECTS_WRITE, _put),
)


def _check_classes(project: Project, settings: ProjectSettings) -> None:
    known = {key for key, _ in project.spec.class_names()}
    for key in settings.assist.classes:
        if key not in known:
            raise AzureError(400, "UnknownClass", f"The project has no class '{key[:80]}'.", target="assist.classes")
