"""JSON of the queue: what comes is typed and bounded here, what goes is spelled here.

Owns: field names, and how much one request may ask for. Leaves: a task's own JSON to `task_json.py`, rules to
`queue.py`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from localazure.errors import AzureError
from localazure.labeling.errors import user_error
from localazure.labeling.queue.accepting import Given
from localazure.labeling.queue.agreement_report import AgreementReport
from localazure.labeling.queue.checks import GivenLabel, check_labels
from localazure.labeling.queue.leases import Lease
from localazure.labeling.queue.queue import Submitted, Taken
from localazure.labeling.queue.task_json import dump_task
from localazure.labeling.tasks import dump_progress
from localazure.labeling.types import Project

__all__ = [
    "AssignBody",
    "HeldBody",
    "SubmitBody",
    "TakeBody",
    "dump_agreement",
    "dump_renewed",
    "dump_submitted",
    "dump_taken",
    "given_answers",
    "parse_body",
]

_MOST_SEEN = 1_000
_MOST_ANSWERS = 64
_LONGEST_TOKEN = 100
_Id = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Token = Annotated[str, msgspec.Meta(max_length=_LONGEST_TOKEN)]
T = TypeVar("T")


class TakeBody(msgspec.Struct, frozen=True):
    """`seen`: what the page holds already and does not want again."""

    count: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    seen: Annotated[frozenset[_Id], msgspec.Meta(max_length=_MOST_SEEN)] = frozenset()


class _Held(msgspec.Struct, frozen=True):
    id: _Id
    lease: _Token


class HeldBody(msgspec.Struct, frozen=True):
    """Tasks with their leases, to be given back or prolonged."""

    tasks: Annotated[tuple[_Held, ...], msgspec.Meta(max_length=_MOST_ANSWERS)]

    @property
    def pairs(self) -> list[tuple[int, str]]:
        return [(one.id, one.lease) for one in self.tasks]


class _Answer(msgspec.Struct, frozen=True):
    task: _Id
    lease: _Token
    version: _Id
    state: Literal["labeled", "skipped"]
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    labels: tuple[GivenLabel, ...] = ()


class SubmitBody(msgspec.Struct, frozen=True):
    """`submission` is any id that the client makes once and sends again when it does not know how it ended."""

    submission: Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST_TOKEN)]
    answers: Annotated[tuple[_Answer, ...], msgspec.Meta(min_length=1, max_length=_MOST_ANSWERS)]


class AssignBody(msgspec.Struct, frozen=True):
    """Which tasks: named ones, a number of them, or a share of all."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=320)] | None
    tasks: Annotated[tuple[_Id, ...], msgspec.Meta(max_length=500_000)] | None = None
    count: Annotated[int, msgspec.Meta(ge=0, le=500_000)] | None = None
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


def parse_body(body: bytes, kind: type[T]) -> T:
    """One of the types above; AzureError 400 that says where the body is wrong. An empty body is an empty object."""
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise user_error(f"The body cannot be taken: {error}.") from None


def given_answers(project: Project, body: SubmitBody) -> list[Given]:
    """With labels that are checked; AzureError 400 whose target is the task."""
    given: list[Given] = []
    for one in body.answers:
        try:
            labels = check_labels(project, one.state, one.labels)
        except AzureError as error:
            where = f"{error.target}: " if error.target else ""
            raise AzureError(error.status, error.code, f"{where}{error.message}", target=str(one.task)) from None
        given.append(
            Given(
                task=one.task,
                lease=one.lease,
                version=one.version,
                state=one.state,
                seconds=one.seconds,
                labels=labels,
            )
        )
    return given


def dump_agreement(report: AgreementReport, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "method": report.method,
        "project": {"agreement": report.project, "tasks": report.pictures},
        "classes": [
            {"class": key, "name": names.get(key, key), "agreement": value} for key, value in report.classes.items()
        ],
        "people": [
            {"email": who, "answers": report.answers.get(who, 0), "agreement": value}
            for who, value in report.people.items()
        ],
    }


def dump_taken(taken: Taken, *, api: str, names: Mapping[str, str], may_read: bool) -> dict[str, Any]:
    tasks = [
        dump_task(view, api=api, names=names, may_read=may_read)
        | {"rejected": view.number in taken.rejected, "lease": {"token": lease.token, "until": lease.until}}
        for view, lease in taken.tasks
    ]
    return {"tasks": tasks, "progress": dump_progress(taken.counts), "remaining": taken.remaining}


def dump_submitted(submitted: Submitted) -> dict[str, Any]:
    tasks = [{"id": done.id, "state": done.state, "version": done.version} for done in submitted.tasks]
    return {"tasks": tasks, "progress": dump_progress(submitted.counts), "remaining": submitted.remaining}


def dump_renewed(leases: list[Lease]) -> dict[str, Any]:
    return {"tasks": [{"id": lease.task, "until": lease.until} for lease in leases]}
