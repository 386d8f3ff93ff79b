"""Which request goes where for the review: lists of tasks, one task, decisions, corrections, gold, statistics, events.

Owns: paths, the shape of bodies, who may do which decision. Leaves: filters to `filters.py`, rules to `review.py`.
"""

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from starlette.responses import JSONResponse, Response

from localazure.errors import AzureError
from localazure.labeling.data_plane import DataCall, DataRow, number
from localazure.labeling.errors import user_error
from localazure.labeling.jobs import wire
from localazure.labeling.people.roles import (
    LABELS_APPROVE,
    LABELS_READ,
    LABELS_REJECT,
    LABELS_UPDATE,
    PROJECTS_READ,
    PROJECTS_WRITE,
    SUMMARY_READ,
)
from localazure.labeling.queue.checks import GivenLabel, check_labels
from localazure.labeling.queue.task_json import TaskView, dump_task, read_tasks
from localazure.labeling.review.filters import count_tasks, find_tasks, parse_filter, parse_filter_body
from localazure.labeling.review.review import Pick
from localazure.labeling.review.task_detail import as_seen_by, dump_detail
from localazure.labeling.service import LabelingService

__all__ = ["ROWS"]

_MOST_AT_ONCE = 1_000
_DEFAULT_PAGE = 100
_NEEDS = {
    "approve": LABELS_APPROVE,
    "unapprove": LABELS_APPROVE,
    "acceptSkip": LABELS_APPROVE,
    "reject": LABELS_REJECT,
    "reopen": LABELS_REJECT,
}
_Number = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
T = TypeVar("T")


class _GivenPick(msgspec.Struct, frozen=True):
    id: _Number
    version: _Number


class _Decision(msgspec.Struct, frozen=True):
    action: Literal["approve", "unapprove", "acceptSkip", "reject", "reopen"]
    tasks: list[_GivenPick] | None = None
    filter: dict[str, Any] | None = None


class _Correction(msgspec.Struct, frozen=True):
    version: _Number
    state: Literal["labeled", "skipped"]
    labels: list[GivenLabel] = []


class _Known(msgspec.Struct, frozen=True):
    labels: list[GivenLabel] | None = None


def _list(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    wanted = parse_filter(call.query)
    skip = number(call.query.get("skip"), 0, least=0)
    top = min(number(call.query.get("top"), _DEFAULT_PAGE, least=1), _MOST_AT_ONCE)
    names = dict(project.spec.class_names())
    with service.tables.read() as db:
        found = find_tasks(db, project.number, wanted, skip=skip, top=top)
        views = read_tasks(db, project.number, [task for task, _ in found])
        count = count_tasks(db, project.number, wanted)
    values = [
        dump_task(view, api=call.api, names=names, may_read=True) | {"url": project.place.url(view.path)}
        for view in views
    ]
    next_link = None
    if skip + top < count:
        next_link = str(call.request.url.include_query_params(skip=skip + top, top=top))
    return JSONResponse(wire.dump_page(values, next_link) | {"count": count})


def _get(service: LabelingService, call: DataCall) -> Response:
    """Everything for who may read labels; for a labeler the own part of what is this person's own."""
    project = call.project(service)
    names = dict(project.spec.class_names())
    with service.tables.read() as db:
        view = next(iter(read_tasks(db, project.number, [call.task])), None)
        if call.asker.may(LABELS_READ):
            if view is None:
                raise _no_task(call.task)
            events = service.history.of_task(project.number, call.task)
            return JSONResponse(dump_detail(db, project.number, view, events, api=call.api, names=names))
        seen = None if view is None else as_seen_by(db, project.number, view, call.asker.identity)
    if seen is None:
        raise AzureError(403, "AuthorizationFailed", f"Task {call.task} is not one of {call.asker.identity}'s.")
    return JSONResponse(dump_task(seen, api=call.api, names=names, may_read=False))


def _correct(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    body = _parse(call, _Correction)
    labels = check_labels(project, body.state, body.labels)
    pick = Pick(task=call.task, version=body.version)
    try:
        service.review.correct(project.number, pick, body.state, labels, who=call.asker.identity)
    except AzureError as error:
        if error.code != "VersionConflict":
            raise
        return JSONResponse(error.body() | {"current": _shown(service, call)}, error.status)
    return JSONResponse(_shown(service, call))


def _decide(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    body = _parse(call, _Decision)
    if (body.tasks is None) == (body.filter is None):
        raise user_error("Give either tasks or filter.")
    needed = _NEEDS[body.action]
    if not call.asker.may(needed):
        raise AzureError(403, "AuthorizationFailed", f"{call.asker.identity} may not perform '{needed}' here.")
    who = call.asker.identity
    if body.filter is not None:
        outcome = service.review.act_on_all(project.number, body.action, parse_filter_body(body.filter), who=who)
    else:
        picks = [Pick(task=one.id, version=one.version) for one in body.tasks or ()]
        outcome = service.review.act(project.number, body.action, picks, who=who)
    refused = [{"id": one.task, "code": one.code, "message": one.message} for one in outcome.refused]
    return JSONResponse({"done": outcome.done, "refused": refused})


def _make_gold(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    given = _parse(call, _Known).labels
    labels = None if given is None else check_labels(project, "labeled", given)
    service.review.make_gold(project.number, call.task, labels, who=call.asker.identity)
    return JSONResponse(_shown(service, call))


def _unmake_gold(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    service.review.unmake_gold(project.number, call.task, who=call.asker.identity)
    return Response(status_code=204)


def _statistics(service: LabelingService, call: DataCall) -> Response:
    return Response(service.statistics.document(call.project(service)), media_type="application/json")


def _events(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    return service.events.response(project.number, lambda: service.statistics.document(project))


ROWS: tuple[DataRow, ...] = (
    ("GET", "/tasks", LABELS_READ, _list),
    ("GET", "/tasks/{task}", PROJECTS_READ, _get),
    ("PUT", "/tasks/{task}", LABELS_UPDATE, _correct),
    ("PUT", "/tasks/{task}/gold", PROJECTS_WRITE, _make_gold),
    ("DELETE", "/tasks/{task}/gold", PROJECTS_WRITE, _unmake_gold),
    ("POST", "/review", PROJECTS_READ, _decide),
    ("GET", "/statistics", SUMMARY_READ, _statistics),
    ("GET", "/events", SUMMARY_READ, _events),
)


def _shown(service: LabelingService, call: DataCall) -> dict[str, Any]:
    project = call.project(service)
    with service.tables.read() as db:
        views: list[TaskView] = read_tasks(db, project.number, [call.task])
    if not views:
        raise _no_task(call.task)
    names = dict(project.spec.class_names())
    return dump_task(views[0], api=call.api, names=names, may_read=True)


def _parse(call: DataCall, kind: type[T]) -> T:
    try:
        return msgspec.convert(wire.parse_json(call.body) if call.body else {}, kind)
    except msgspec.ValidationError as error:
        raise user_error(f"The body is not as it should be: {error}.") from None


def _no_task(task: int) -> AzureError:
    return AzureError(404, "TaskNotFound", f"The project has no task {task}.")
