"""Adding a class over HTTP, while the project is paused.

Owns: POST classes. Leaves: the classes and the three choices to `class_adding.py`.
"""

from starlette.responses import JSONResponse, Response

from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.errors import user_error
from localazure.labeling.jobs.class_adding import Choice, NewClass
from localazure.labeling.jobs.wire import parse_json
from localazure.labeling.people.names import check_class_name
from localazure.labeling.people.roles import PROJECTS_WRITE
from localazure.labeling.service import LabelingService

__all__ = ["CLASS_ROWS"]

_KNOWN = ("category", "key", "name", "parent", "choice")


def _add(service: LabelingService, call: DataCall) -> Response:
    """Answers with the key and how many pictures went back to the queue."""
    project, body = call.project(service), parse_json(call.body)
    for key in body:
        if key not in _KNOWN:
            raise user_error(f"There is no '{key[:50]}' here, only {', '.join(_KNOWN)}.", target=key[:50])
    for key in ("category", "key", "parent"):
        if not isinstance(body.get(key, ""), str | None):
            raise user_error(f"{key} must be text.", target=key)
    try:
        choice = Choice(body.get("choice", ""))
    except ValueError:
        raise user_error(f"choice must be one of {', '.join(Choice)}.", target="choice") from None
    categories = list(project.spec.categories)
    category = body.get("category") or (categories[0] if len(categories) == 1 else "")
    new = NewClass(
        category=category,
        name=check_class_name(body.get("name")),
        key=body.get("key") or None,
        parent=body.get("parent") or None,
    )
    key, reopened = service.projects.add_class(project, new, choice, who=call.asker.identity)
    return JSONResponse({"key": key, "reopened": reopened}, 201)


CLASS_ROWS: tuple[DataRow, ...] = (("POST", "/classes", PROJECTS_WRITE, _add),)
