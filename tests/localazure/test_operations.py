import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localazure.errors import AzureError
from localazure.operations import NotYet, Operations
from localazure.store import Store


class ManualClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def pass_s(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def test_an_operation_is_in_progress_until_it_is_due() -> None:
    clock = ManualClock()
    operations = Operations(Store(None), clock)
    operations.on("grow", lambda payload: {"size": payload["size"] * 2})
    key = operations.start("grow", {"size": 4}, seconds=1)
    assert (operations.get(key).status, operations.get(key).ended) == ("InProgress", None)
    clock.pass_s(1)
    done = operations.get(key)
    assert (done.status, done.result, done.ended) == ("Succeeded", {"size": 8}, clock.now())


def test_advance_finishes_without_a_poll_and_only_once() -> None:
    clock = ManualClock()
    operations = Operations(Store(None), clock)
    seen: list[int] = []
    operations.on("note", lambda payload: seen.append(payload["n"]))
    for n, seconds in [(2, 2.0), (1, 1.0), (3, 9.0)]:
        operations.start("note", {"n": n}, seconds=seconds)
    clock.pass_s(5)
    operations.advance()
    operations.advance()
    assert seen == [1, 2]


def test_the_timer_sleeps_until_the_next_operation_is_due() -> None:
    clock = ManualClock()
    operations = Operations(Store(None), clock)
    operations.on("note", lambda _: None)
    assert operations.idle_s() is None
    operations.start("note", {}, seconds=9)
    operations.start("note", {}, seconds=1.5)
    assert operations.idle_s() == 1.5
    clock.pass_s(2)
    assert operations.idle_s() == 0
    operations.advance()
    assert operations.idle_s() == 7
    operations.start("note", {}, seconds=0)
    operations.advance()
    clock.pass_s(8)
    operations.advance()
    operations.start("note", {}, seconds=14 * 86_400)
    assert operations.idle_s() == 60


def test_the_timer_wakes_for_what_is_started_later() -> None:
    clock, ended = ManualClock(), threading.Event()
    operations = Operations(Store(None), clock)
    operations.on("note", lambda _: ended.set())
    operations.run_timer()
    operations.start("note", {}, seconds=0)
    assert ended.wait(10)
    operations.close()


def test_an_azure_error_fails_the_operation() -> None:
    clock = ManualClock()
    operations = Operations(Store(None), clock)

    def refuse(_payload: dict[str, Any]) -> None:
        raise AzureError(409, "Conflict", "no")

    operations.on("refuse", refuse)
    key = operations.start("refuse", {}, seconds=0)
    assert (operations.get(key).status, operations.get(key).error) == ("Failed", {"code": "Conflict", "message": "no"})


def test_a_bug_in_a_handler_fails_the_operation_and_does_not_leak() -> None:
    operations = Operations(Store(None), ManualClock())

    def stumble(_payload: dict[str, Any]) -> None:
        raise KeyError("secret")

    operations.on("stumble", stumble)
    key = operations.start("stumble", {}, seconds=0)
    error = operations.get(key).error
    assert error == {"code": "InternalServerError", "message": "The operation ended in an internal error."}


def test_an_operation_continues_after_a_restart() -> None:
    store, clock = Store(None), ManualClock()
    key = Operations(store, clock).start("grow", {"size": 1}, seconds=1)
    clock.pass_s(2)
    again = Operations(store, clock)
    again.on("grow", lambda payload: payload)
    again.advance()
    assert (again.get(key).status, again.get(key).result) == ("Succeeded", {"size": 1})


def test_a_cancelled_operation_never_runs() -> None:
    clock = ManualClock()
    operations = Operations(Store(None), clock)
    key = operations.start("unknown", {}, seconds=1)
    assert (operations.cancel(key), operations.cancel(key)) == (True, False)
    clock.pass_s(2)
    operations.advance()
    assert operations.get(key).status == "Canceled"


def test_an_unknown_operation_is_404() -> None:
    with pytest.raises(AzureError) as caught:
        Operations(Store(None), ManualClock()).get("nope")
    assert (caught.value.status, caught.value.code) == (404, "OperationNotFound")


def test_the_table_of_ended_operations_is_bounded() -> None:
    store = Store(None)
    operations = Operations(store, ManualClock())
    operations.on("note", lambda _: None)
    for _ in range(2_002):
        operations.start("note", {}, seconds=0)
        operations.advance()
    assert store.count("operation") <= 2_001


def test_a_handler_that_has_more_to_do_is_called_again() -> None:
    clock = ManualClock()
    operations = Operations(Store(None), clock)
    calls: list[int] = []

    def finish(_payload: dict[str, Any]) -> dict[str, Any] | None:
        calls.append(len(calls))
        if len(calls) < 3:
            raise NotYet(5)
        return {"calls": len(calls)}

    operations.on("slow", finish)
    key = operations.start("slow", {}, seconds=1)
    seen: list[str] = []
    for _ in range(4):
        clock.pass_s(5)
        seen.append(operations.get(key).status)
    assert (seen, calls) == (["InProgress", "InProgress", "Succeeded", "Succeeded"], [0, 1, 2])
