"""Routes of the queue: take, release, renew, submit; giving people their share; how far they agree.

Owns: their paths and actions, and showing the task as it is to whoever comes too late. Leaves: JSON to `queue_wire.py`,
rules to `queue.py`.
"""

from typing import Any

import msgspec
from starlette.responses import Response

from localazure.errors import AzureError
from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.people.roles import LABELS_READ, LABELS_WRITE, PROJECTS_WRITE, SUMMARY_READ
from localazure.labeling.queue import queue_wire as wire
from localazure.labeling.queue.accepting import Refused
from localazure.labeling.queue.answers import FINISHED
from localazure.labeling.queue.task_json import dump_task, read_tasks
from localazure.labeling.service import LabelingService
from localazure.labeling.types import Project

__all__ = ["ROWS"]


class _Outdated(AzureError):
    """A refusal with the task as it is now beside it."""

    def __init__(self, refused: Refused, current: dict[str, Any]) -> None:
        super().__init__(refused.status, refused.code, refused.message, target=refused.target)
        self._current = current

    def body(self) -> dict[str, object]:
        return super().body() | {"current": self._current}


def _take(service: LabelingService, call: DataCall) -> Response:
    asked = wire.parse_body(call.body, wire.TakeBody)
    project = call.project(service)
    taken = service.queue.take(project, call.asker.identity, count=asked.count, seen=asked.seen)
    names = dict(project.spec.class_names())
    return _json(wire.dump_taken(taken, api=call.api, names=names, may_read=call.asker.may(LABELS_READ)))


def _release(service: LabelingService, call: DataCall) -> Response:
    tasks = wire.parse_body(call.body, wire.HeldBody).pairs
    service.queue.release(call.project(service), call.asker.identity, tasks)
    return Response(status_code=204)


def _renew(service: LabelingService, call: DataCall) -> Response:
    tasks = wire.parse_body(call.body, wire.HeldBody).pairs
    return _json(wire.dump_renewed(service.queue.renew(call.project(service), call.asker.identity, tasks)))


def _submit(service: LabelingService, call: DataCall) -> Response:
    body = wire.parse_body(call.body, wire.SubmitBody)
    project = call.project(service)
    given = wire.given_answers(project, body)
    try:
        submitted = service.queue.submit(project, call.asker.identity, body.submission, given)
    except Refused as refused:
        current = _current(service, call, project, refused.task)
        if current is None:
            raise
        raise _Outdated(refused, current) from None
    return _json(wire.dump_submitted(submitted))


def _assign(service: LabelingService, call: DataCall) -> Response:
    body = wire.parse_body(call.body, wire.AssignBody)
    project = call.project(service)
    person = None if body.email is None else body.email.strip().lower()
    if person is not None and service.people.role(call.workspace_id, person, project.number) is None:
        raise AzureError(404, "PersonNotFound", f"'{person}' is not in this project.", target="email")
    assigned = service.assigning.run(
        project.number, person, who=call.asker.identity, tasks=body.tasks, count=body.count, share=body.share
    )
    return _json({"assigned": assigned})


def _agreement(service: LabelingService, call: DataCall) -> Response:
    project = call.project(service)
    return _json(wire.dump_agreement(service.agreement.of(project), dict(project.spec.class_names())))


def _current(service: LabelingService, call: DataCall, project: Project, task: int) -> dict[str, Any] | None:
    """Labels that others made are shown only to who may read labels; of a gold picture nothing is shown."""
    may_read = call.asker.may(LABELS_READ)
    with service.tables.read() as db:
        views = read_tasks(db, project.number, [task])
    if not views or (views[0].gold and not may_read):
        return None
    theirs = views[0].state in FINISHED and not may_read and views[0].labeled_by != call.asker.identity
    names = dict(project.spec.class_names())
    return dump_task(views[0], api=call.api, names=names, may_read=may_read, labels=() if theirs else None)


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")


ROWS: tuple[DataRow, ...] = (
    ("POST", "/queue/take", LABELS_WRITE, _take),
    ("POST", "/queue/release", LABELS_WRITE, _release),
    ("POST", "/queue/renew", LABELS_WRITE, _renew),
    ("POST", "/queue/submit", LABELS_WRITE, _submit),
    ("POST", "/assign", PROJECTS_WRITE, _assign),
    ("GET", "/agreement", SUMMARY_READ, _agreement),
)
