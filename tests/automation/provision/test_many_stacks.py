"""Many stacks at once: bounded, each its turn, stopped in good order."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from automation.errors import Cancelled, ConfigError
from automation.provision import LabStack, OnEvent, ResourceEvent, Stack, StackJob, StackOutcome, Summary, run_many
from automation.provision.project import Project
from tests.automation.provision.conftest import World

EVENT = ResourceEvent(op="create", urn="urn:x", type="t", name="x", state="done")
SUMMARY = Summary(changes={"create": 1}, seconds=1.0)


@dataclass
class FakeStack:
    """A stack whose run is a function."""

    work: Callable[[OnEvent], Summary]

    def up(self, on_event: OnEvent) -> Summary:
        return self.work(on_event)

    preview = refresh = destroy = up


def job(name: str, work: Callable[[OnEvent], Summary]) -> StackJob:
    return StackJob(stack=name, open=lambda: cast("LabStack", FakeStack(work)))


def failed(outcomes: list[StackOutcome]) -> dict[str, str]:
    return {one.stack: type(one.failure).__name__ for one in outcomes if one.failure is not None}


def test_no_more_run_at_a_time_than_asked_and_all_have_their_turn() -> None:
    lock, now, most = threading.Lock(), [0], [0]
    both = threading.Barrier(2, timeout=30)  # with fewer than two at once it breaks

    def work(_: OnEvent) -> Summary:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        both.wait()
        with lock:
            now[0] -= 1
        return SUMMARY

    told: list[tuple[float, float | None]] = []
    outcomes = run_many(
        [job(f"s{index}", work) for index in range(6)],
        parallel=2,
        progress=lambda done, total, message: told.append((done, total)),
    )
    assert [one.stack for one in outcomes] == [f"s{index}" for index in range(6)]
    assert [one.summary for one in outcomes] == [SUMMARY] * 6
    assert most == [2]
    assert told == [(float(done), 6) for done in range(1, 7)]


def test_a_failure_is_the_jobs_own_and_the_others_go_on() -> None:
    def bad(_: OnEvent) -> Summary:
        raise ConfigError("no such region")

    def broken() -> Any:
        raise ZeroDivisionError

    jobs = [job("a", bad), StackJob(stack="b", open=broken), job("c", lambda _: SUMMARY)]
    heard: list[str] = []
    outcomes = run_many(jobs, parallel=1, on_done=lambda one: heard.append(one.stack))
    assert failed(outcomes) == {"a": "ConfigError", "b": "ZeroDivisionError"}
    assert (outcomes[2].summary, heard) == (SUMMARY, ["a", "b", "c"])


def test_a_stop_ends_what_runs_by_its_listener_and_begins_nothing_more() -> None:
    stop = threading.Event()

    def work(on_event: OnEvent) -> Summary:
        on_event(EVENT)
        stop.set()
        on_event(EVENT)
        raise AssertionError("the listener did not say that it is over")

    outcomes = run_many([job("a", work), job("b", work)], parallel=1, stop=stop)
    assert failed(outcomes) == {"a": "Cancelled", "b": "Cancelled"}
    assert outcomes[1].seconds == 0


def test_ctrl_c_is_heard_by_what_runs_and_the_second_one_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    import automation.provision.many as module

    waits, real = [0], module.wait
    begun, go_on = threading.Event(), threading.Event()

    def interrupted(*args: Any, **options: Any) -> Any:
        waits[0] += 1
        if waits[0] == 1:
            begun.wait(30)
            raise KeyboardInterrupt
        go_on.set()
        return real(*args, **options)

    def work(on_event: OnEvent) -> Summary:
        begun.set()
        go_on.wait(30)
        on_event(EVENT)
        return SUMMARY

    monkeypatch.setattr(module, "wait", interrupted)
    outcomes = run_many([job("a", work), job("b", work)], parallel=1)
    assert failed(outcomes) == {"a": "Cancelled", "b": "Cancelled"}
    assert all(isinstance(one.failure, Cancelled) for one in outcomes)


def test_stacks_share_a_settings_file_and_nothing_else(world: World) -> None:
    (world.folder / "Pulumi.seat.yaml").write_text("config:\n  lab:size: small\n")
    world.program('config = pulumi.Config()\npulumi.export("is", [config.get("size"), config.get("seat")])\n')

    def seat(name: str) -> Stack:
        project = Project(name="lab", program=world.folder / "program.py", stacks=world.folder)
        return Stack(
            name=f"course.{name}",
            settings="seat",
            project=project,
            config={"seat": name} if name == "anna" else {},
            state_file=world.state_file.with_name(f"course.{name}.json"),
            providers=world.providers,
            passphrase="password",
        )

    jobs = [StackJob(stack=name, open=lambda name=name: seat(name)) for name in ("anna", "ben")]
    assert [one.failure for one in run_many(jobs, parallel=2)] == [None, None]
    found = {
        name: [item["outputs"] for item in seat(name).export()["deployment"]["resources"] if "outputs" in item]
        for name in ("anna", "ben")
    }
    assert found == {"anna": [{"is": ["small", "anna"]}], "ben": [{"is": ["small", None]}]}
