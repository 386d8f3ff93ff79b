"""Setting a course up: who is up, who failed and why, what is written down, and what a rerun does."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from automation.course.course_file import read_course
from automation.course.plan import CoursePlan, plan_course
from automation.course.roster import Enrolled
from automation.course.types import Course, SeatState
from automation.course.up import UpReport, bring_up, words_of
from automation.errors import Cancelled, LabBusy, StepFailed
from automation.provision import LabOutputs, ProvisionFailed, ResourceFailure, SharedOutputs, Summary
from tests.automation.azure.fakes import FakeClock

NOTHING = Summary(changes={}, seconds=0.0)


def outputs_of(kind: type[Any]) -> Any:
    said: dict[str, object] = {name: f"the-{name}" for name in kind.__dataclass_fields__}
    return kind.parse({**said, "containers": ["training-images"], "datastores": {}})


@dataclass
class FakeAzure:
    """Stacks that are up once they ran; `broken` are those that fail, and how."""

    broken: dict[str, Exception] = field(default_factory=dict[str, Exception])
    ran: list[str] = field(default_factory=list[str])
    there: dict[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.lock = threading.Lock()

    def open_stack(self, name: str, config: Mapping[str, object], *, settings: str | None = None) -> Any:
        assert settings == "local"
        return FakeStack(self, name, config)

    def blobs_at(self, endpoint: str) -> Any:
        raise AssertionError(endpoint)


@dataclass
class FakeStack:
    azure: FakeAzure
    name: str
    config: Mapping[str, object]

    def up(self, _: object = None) -> Summary:
        self.azure.before(self.name)
        with self.azure.lock:
            self.azure.ran.append(self.name)
            if failure := self.azure.broken.get(self.name):
                raise failure
            self.azure.there[self.name] = self.config
        self.azure.after(self.name)
        return NOTHING

    preview = refresh = destroy = up

    def outputs(self) -> LabOutputs:
        assert self.name in self.azure.there
        return outputs_of(LabOutputs)

    def shared_outputs(self) -> SharedOutputs:
        assert self.name in self.azure.there
        return outputs_of(SharedOutputs)


def a_plan(home: Path, *names: str, course: Course | None = None, repair: bool = False) -> CoursePlan:
    course = course or Course(name="botany", folder=home / "courses" / "botany")
    people = [Enrolled(line=2, email=f"{name}@example.org", object_id=f"id-of-{name}") for name in names]
    return plan_course(course, people, containers=("training-images",), repair=repair)


def run(plan: CoursePlan, azure: FakeAzure, **more: Any) -> UpReport:
    return bring_up(plan, cast("Any", azure), **more)


def states(course: Course) -> dict[str, str]:
    return {seat.person.email.partition("@")[0]: seat.state.value for seat in course.seats}


def test_shared_parts_come_first_then_the_seats_and_the_file_says_so(tmp_path: Path) -> None:
    azure, told = FakeAzure(), list[tuple[float, float | None]]()

    def progress(done: float, total: float | None, _: str) -> None:
        told.append((done, total))

    report = run(a_plan(tmp_path, "ann", "ben"), azure, parallel=1, progress=progress)
    assert [name.partition("-")[0] for name in azure.ran] == ["botany.shared", "botany.ann", "botany.ben"]
    assert report.course == read_course(tmp_path, "botany")
    assert (states(report.course), report.course.shared.state) == ({"ann": "up", "ben": "up"}, SeatState.UP)
    assert (told[0], told[-1]) == ((0, 2), (2, 2))
    ann = report.course.seats[0]
    assert (report.course.seat_folder(ann.id) / "outputs.json").is_file()
    assert azure.there[f"botany.{ann.id}"]["person"] == {
        "objectId": "id-of-ann",
        "principalType": "User",
        "email": "ann@example.org",
    }


def test_one_failure_keeps_nobody_from_their_seat_and_a_rerun_repairs_it_alone(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, "ann", "ben", "cem")
    ben = plan.changes[1].seat.id
    urn = "urn:pulumi:botany::visionlab::azure-native:storage:StorageAccount::account"
    failed = ProvisionFailed("up", failures=[ResourceFailure(urn=urn, message="no quota\n left")], summary=NOTHING)
    azure = FakeAzure(broken={f"botany.{ben}": failed})
    report = run(plan, azure)
    assert states(report.course) == {"ann": "up", "ben": "failed", "cem": "up"}
    assert [(outcome.seat.id, outcome.failure) for outcome in report.failed] == [(ben, "account: no quota left")]
    course = read_course(tmp_path, "botany")
    azure.ran, azure.broken = [], {}
    second = run(a_plan(tmp_path, "cem", "ben", "ann", course=course), azure)
    assert (azure.ran, states(second.course)) == ([f"botany.{ben}"], {"ann": "up", "ben": "up", "cem": "up"})
    azure.ran = []
    third = run(a_plan(tmp_path, "ann", "ben", "cem", course=second.course), azure)
    assert (azure.ran, third.outcomes, third.course) == ([], (), second.course)


def test_without_the_shared_parts_no_seat_is_touched(tmp_path: Path) -> None:
    azure = FakeAzure(broken={"botany.shared": LabBusy("the stack is locked by somebody on another machine")})
    with pytest.raises(StepFailed, match="locked by somebody") as caught:
        run(a_plan(tmp_path, "ann"), azure)
    assert caught.value.exit_code == 3
    course = read_course(tmp_path, "botany")
    assert (states(course), course.shared.state, azure.ran) == ({"ann": "planned"}, SeatState.FAILED, ["botany.shared"])
    azure.broken = {}
    assert states(run(a_plan(tmp_path, "ann", course=course), azure).course) == {"ann": "up"}


def test_a_stop_ends_what_has_begun_and_leaves_the_rest_for_a_rerun(tmp_path: Path) -> None:
    stop = threading.Event()
    azure = FakeAzure(before=lambda name: stop.set() if name.startswith("botany.ann") else None)
    plan = a_plan(tmp_path, "ann", "ben", "cem")
    report = run(plan, azure, parallel=1, stop=stop)
    assert report.stopped
    assert states(report.course) == {"ann": "up", "ben": "planned", "cem": "planned"}
    again = run(
        a_plan(tmp_path, "ann", "ben", "cem", course=read_course(tmp_path, "botany")), FakeAzure(there=azure.there)
    )
    assert states(again.course) == {"ann": "up", "ben": "up", "cem": "up"}


def test_a_stop_before_the_shared_parts_is_a_stop_of_all(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        run(a_plan(tmp_path, "ann"), FakeAzure(), stop=stop)
    assert states(read_course(tmp_path, "botany")) == {"ann": "planned"}


class KilledError(BaseException):
    """Stands for kill -9: nothing of ours runs after it."""


@pytest.mark.parametrize("runs", range(5))
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_kill_around_any_run_leaves_nothing_that_a_rerun_does_not_finish(
    tmp_path: Path, runs: int, where: str
) -> None:
    left = [runs]

    def kill(_: str) -> None:
        if left[0] == 0:
            raise KilledError
        left[0] -= 1

    azure = FakeAzure(before=kill) if where == "before" else FakeAzure(after=kill)
    with pytest.raises(KilledError):
        run(a_plan(tmp_path, "ann", "ben", "cem", "dan"), azure, parallel=1)
    course = read_course(tmp_path, "botany")
    assert {f"botany.{seat.id}" for seat in course.seats} >= set(azure.there) - {"botany.shared"}  # nobody is an orphan
    azure.before = azure.after = lambda _: None
    again = run(a_plan(tmp_path, "dan", "ann", "ben", "cem", course=course), azure)
    assert states(again.course) == dict.fromkeys(("ann", "ben", "cem", "dan"), "up")
    assert set(azure.there) == {"botany.shared", *(f"botany.{seat.id}" for seat in again.course.seats)}


def test_repair_runs_what_is_up_already(tmp_path: Path) -> None:
    azure = FakeAzure()
    course = run(a_plan(tmp_path, "ann"), azure).course
    azure.ran = []
    run(a_plan(tmp_path, "ann", course=course, repair=True), azure)
    assert azure.ran == ["botany.shared", f"botany.{course.seats[0].id}"]


def test_a_seat_that_leaves_the_roster_is_not_touched_by_setting_up(tmp_path: Path) -> None:
    azure = FakeAzure()
    course = run(a_plan(tmp_path, "ann", "ben"), azure).course
    azure.ran = []
    report = run(a_plan(tmp_path, "ann", course=course), azure)
    assert (azure.ran, states(report.course)) == ([], {"ann": "up", "ben": "up"})


def test_failures_are_told_in_one_bounded_line() -> None:
    assert words_of(ValueError("a\n b")) == "ValueError: a b"
    assert len(words_of(LabBusy("x" * 5000))) == 600
    several = [ResourceFailure(urn=f"u::{name}", message="no") for name in ("first", "second", "third")]
    assert words_of(ProvisionFailed("up", failures=several, summary=NOTHING)) == "first: no (and 2 more)"


def test_a_setting_that_changes_is_told_to_the_seats_stack(tmp_path: Path) -> None:
    azure = FakeAzure()
    course = run(a_plan(tmp_path, "ann"), azure).course
    changed = replace(course, settings={"visionSku": "S1"})
    run(a_plan(tmp_path, "ann", course=changed), azure)
    assert azure.there[f"botany.{course.seats[0].id}"]["visionSku"] == "S1"
