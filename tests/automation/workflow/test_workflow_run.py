"""The run: what is done stays done, what stopped goes on, and each failure has its exit code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from automation.errors import ConfigError, LabError, NotFound, Refused, StepFailed, TransportError, WaitTimeout
from automation.workflow import Lab
from automation.workflow.events import EventKind, RunEvent
from automation.workflow.journal import Journal
from automation.workflow.run import RunReport, Step, StepContext, run_steps


class TickingClock:
    """Every look at it takes a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        self.seconds += 1
        return self.seconds

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@dataclass
class FakeBench:
    where: str = "local"
    deaths: int = 0
    revived: int = 0

    def identity(self) -> Mapping[str, str]:
        return {"where": self.where}

    def revive(self) -> bool:
        if self.deaths == 0:
            return False
        self.deaths -= 1
        self.revived += 1
        return True


@dataclass
class Job:
    """Two steps that count how often they are done, and do what they are told."""

    folder: Path
    bench: FakeBench = field(default_factory=FakeBench)
    inputs: dict[str, object] = field(default_factory=lambda: {"first": 1, "second": 1})
    acts: list[str] = field(default_factory=list[str])
    raises: dict[str, list[BaseException]] = field(default_factory=dict[str, list[BaseException]])
    events: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    notes: list[object] = field(default_factory=list[object])
    there: object = None
    made: object = None

    def look(self, bench: FakeBench, lab: Lab) -> object:
        if isinstance(self.there, LabError):
            raise self.there
        return self.there

    def act(self, context: StepContext[FakeBench]) -> Mapping[str, object]:
        self.acts.append(context.step)
        self.notes.append(dict(context.notes))
        context.note("begun", len(self.acts))
        if self.raises.get(context.step):
            raise self.raises[context.step].pop(0)
        return {"summary": f"{context.step} is done", "saw": list(context.results), "content": self.made}

    def run(self, **options: object) -> RunReport:
        def step(name: str, after: tuple[str, ...]) -> Step[FakeBench]:
            return Step(
                name=name,
                title=name,
                after=after,
                wanted=lambda lab: True,
                inputs=lambda lab: self.inputs[name],
                act=self.act,
                looks=self.look if name == "first" and self.there is not None else None,
            )

        steps = [step("first", ()), step("second", ("first",))]
        clock = TickingClock()
        lab = Lab(path=self.folder / "lab.yaml", name="fruit", stack="local")
        journal = Journal(self.folder / "journal.jsonl", clock=clock)
        return run_steps(lab, self.bench, steps, journal=journal, clock=clock, tell=self.hear, **options)  # pyright: ignore[reportArgumentType] # the test's own options

    def hear(self, event: RunEvent) -> None:
        if event.kind in (EventKind.DONE, EventKind.SKIPPED, EventKind.FAILED, EventKind.NOTE):
            self.events.append((event.kind.value, event.step))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def refused() -> LabError:
    return NotFound("no such container", operation="upload", status=404, hint="make it")


def test_a_second_run_does_nothing_and_knows_the_results(job: Job) -> None:
    first = job.run()
    again = job.run()

    assert job.acts == ["first", "second"]
    assert job.events[2:] == [("skipped", "first"), ("skipped", "second")]
    assert again.results == first.results
    assert [(step.name, step.seconds, step.skipped) for step in again.steps] == [
        ("first", 0.0, True),
        ("second", 0.0, True),
    ]


def test_changed_inputs_are_done_again_with_all_that_hangs_on_them(job: Job) -> None:
    job.run()
    job.inputs["second"] = 2
    job.run()
    assert job.acts == ["first", "second", "second"]
    job.inputs["first"] = 2
    job.run()
    assert job.acts[3:] == ["first", "second"]


def test_what_people_changed_in_azure_is_done_again_and_the_rest_only_when_it_made_another_thing(job: Job) -> None:
    job.there, job.made = 1, "a"
    job.run()
    job.run()
    assert job.acts == ["first", "second"]
    job.there = 2
    job.run()
    assert job.acts[2:] == ["first"]
    job.there, job.made = 3, "b"
    job.run()
    job.run()
    assert job.acts[3:] == ["first", "second"]


def test_what_cannot_be_looked_at_is_left_to_the_step(job: Job) -> None:
    job.there = 1
    job.run()
    job.there, job.raises = refused(), {"first": [refused()]}
    with pytest.raises(StepFailed, match="step first failed: upload: no such container"):
        job.run()


def test_work_done_in_another_azure_does_not_count(job: Job) -> None:
    job.run()
    job.bench.where = "elsewhere"
    job.run()
    assert job.acts == ["first", "second", "first", "second"]


def test_a_failed_step_is_done_again_with_its_notes_and_the_others_are_kept(job: Job) -> None:
    job.raises["second"] = [refused()]
    with pytest.raises(StepFailed):
        job.run()
    job.run()
    assert job.acts == ["first", "second", "second"]
    assert job.notes == [{}, {}, {"begun": 2}]


def test_until_stops_after_the_step_and_unknown_steps_are_named(job: Job) -> None:
    job.run(until="first")
    assert job.acts == ["first"]
    with pytest.raises(ConfigError, match="there is no step 'frist'") as caught:
        job.run(until="frist")
    assert caught.value.hint == "did you mean 'first'?"


def test_fresh_does_everything_again(job: Job) -> None:
    job.run()
    job.run(fresh=True)
    assert job.acts == ["first", "second", "first", "second"]


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (refused(), 1),
        (Refused("not this"), 1),
        (ConfigError("wrong setting"), 2),
        (WaitTimeout(resource="model m", waited_s=5, last_status="training"), 3),
        (TransportError("list", "connection refused"), 3),
    ],
)
def test_the_causes_exit_code_is_kept_when_it_says_no(job: Job, cause: LabError, code: int) -> None:
    job.raises["second"] = [cause]
    with pytest.raises(StepFailed) as caught:
        job.run()
    assert (caught.value.exit_code, caught.value.step, caught.value.__cause__) == (code, "second", cause)
    assert "`visionlab run lab.yaml --resume`" in str(caught.value.hint)


def test_a_local_azure_that_died_is_started_once_and_the_step_goes_on(job: Job) -> None:
    job.bench.deaths = 2
    job.raises["first"] = [TransportError("put", "connection refused")]
    job.run()
    assert (job.acts, job.bench.revived) == (["first", "first", "second"], 1)


def test_a_local_azure_that_dies_again_stops_the_run_resumable(job: Job) -> None:
    job.bench.deaths = 2
    job.raises["first"] = [TransportError("put", "refused"), TransportError("put", "refused")]
    with pytest.raises(StepFailed) as caught:
        job.run()
    assert (caught.value.exit_code, job.bench.revived) == (3, 1)


def test_ctrl_c_leaves_the_step_open(job: Job) -> None:
    job.raises["second"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        job.run()
    job.run()
    assert job.acts == ["first", "second", "second"]


def test_a_bug_is_not_dressed_as_a_failed_step(job: Job) -> None:
    job.raises["second"] = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        job.run()


def test_the_local_azure_is_started_again_once_a_run_not_once_a_step(job: Job) -> None:
    job.bench.deaths = 2
    job.raises = {"first": [TransportError("put", "refused")], "second": [TransportError("put", "refused")]}
    with pytest.raises(StepFailed) as caught:
        job.run()
    assert (caught.value.step, caught.value.exit_code, job.bench.revived) == ("second", 3, 1)
