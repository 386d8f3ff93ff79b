"""Many flows go side by side, below the limits, and one that fails keeps none of the others."""

import threading

import pytest

from automation.cleanup.flight import Ended, Flight, Flow, Pace, Request
from automation.clock import SystemClock
from automation.errors import Refused
from tests.automation.azure.fakes import FakeClock


def a_flow(seen: list[str], name: str, *kinds: Request, fail: Exception | None = None) -> Flow[str]:
    for kind in kinds:
        yield kind
        seen.append(f"{name}:{kind.kind}")
    if fail is not None:
        raise fail
    return name


DELETE, READ = Request(kind="deletes"), Request(kind="reads", after_s=2.0)


def test_all_are_begun_before_anything_is_looked_at() -> None:
    seen, over, clock = list[str](), list[Ended[str]](), FakeClock()
    flows = [(name, a_flow(seen, name, DELETE, READ)) for name in "abc"]
    Flight[str](clock, workers=0).run(flows, over.extend)
    assert seen == ["a:deletes", "b:deletes", "c:deletes", "a:reads", "b:reads", "c:reads"]
    assert [one.result for one in over] == ["a", "b", "c"]
    assert clock.slept_s == pytest.approx(2.0)


def test_requests_stay_below_the_limit_of_their_kind() -> None:
    clock, flows = FakeClock(), list[tuple[str, Flow[str]]]()
    flows = [(str(n), a_flow([], str(n), DELETE)) for n in range(240)]
    Flight[str](clock, workers=0).run(flows, lambda _: None)
    assert clock.slept_s == pytest.approx((240 - 150) / 9, abs=0.2)


def test_a_bucket_fills_again_and_never_over_its_brim() -> None:
    clock = FakeClock()
    pace = Pace(clock, {"reads": (2, 1)})
    assert [pace.wait_s("reads") for _ in range(3)] == [0.0, 0.0, 1.0]
    clock.sleep(100)
    assert [pace.wait_s("reads") for _ in range(3)] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_a_refusal_ends_its_own_flow_only(workers: int) -> None:
    over = list[Ended[str]]()
    quick = Request(kind="reads", after_s=0.001)
    flows = [(n, a_flow([], n, DELETE, quick, fail=Refused("no") if n == "b" else None)) for n in "abcdef"]
    Flight[str](SystemClock(), workers=workers).run(flows, over.extend)
    assert {one.name: (one.result, str(one.failure or "")) for one in over} == {
        n: (None, "no") if n == "b" else (n, "") for n in "abcdef"
    }


@pytest.mark.parametrize("workers", [0, 4])
def test_a_bug_leaves_at_once(workers: int) -> None:
    flows = [("a", a_flow([], "a", DELETE, fail=ZeroDivisionError("bug"))), ("b", a_flow([], "b", DELETE))]
    with pytest.raises(ZeroDivisionError):
        Flight[str](SystemClock(), workers=workers).run(flows, lambda _: None)


def test_its_threads_end_with_it() -> None:
    before = threading.active_count()
    Flight[str](SystemClock(), workers=4).run([(n, a_flow([], n, DELETE)) for n in "abcd"], lambda _: None)
    for thread in threading.enumerate():
        if thread.name == "cleanup":
            thread.join(timeout=5)
    assert threading.active_count() <= before
