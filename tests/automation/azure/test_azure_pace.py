"""Requests that wait for their turn when little is left of a limit."""

from hypothesis import given
from hypothesis import strategies as st

from automation.azure import Pace

WRITES = "x-ms-ratelimit-remaining-subscription-writes"


def test_with_much_left_or_nothing_known_nobody_waits() -> None:
    pace = Pace(4)
    assert [pace.begin("PUT", 0.0) for _ in range(5)] == [0.0] * 5
    for left in ("199", "198", "197", "196", "195"):
        pace.end("PUT", {WRITES: left})
    assert [pace.begin("POST", 1.0) for _ in range(5)] == [0.0] * 5


def test_with_little_left_each_sharer_takes_its_part_of_what_comes_back() -> None:
    pace = Pace(4)
    pace.begin("PUT", 0.0)
    pace.end("PUT", {WRITES: "10"})
    assert [pace.begin("PUT", 0.0) for _ in range(3)] == [0.0, 0.4, 0.8]
    assert pace.begin("PUT", 7.0) == 0.0
    assert [pace.begin(method, 7.0) for method in ("GET", "DELETE")] == [0.0, 0.0]  # limits of their own


def test_what_is_under_way_counts_as_spent_by_all_sharers() -> None:
    pace = Pace(4)
    pace.begin("PUT", 0.0)
    pace.end("PUT", {WRITES: "23"})
    waits = [pace.begin("PUT", 0.0) for _ in range(5)]
    assert waits == [0.0, 0.0, 0.0, 0.0, 0.4]  # three at once, and then turns, of which the first is now


def test_an_answer_without_a_number_changes_nothing() -> None:
    pace = Pace(1)
    pace.begin("GET", 0.0)
    pace.end("GET", {"x-ms-ratelimit-remaining-subscription-reads": "few"})
    assert pace.begin("GET", 0.0) == 0.0


@given(sharers=st.integers(1, 8), seats=st.integers(1, 30))
def test_sharers_that_only_write_are_never_refused(sharers: int, seats: int) -> None:
    """A bucket of 200 that gets 10 a second, and sharers that send one after the other as fast as they may."""
    paces = [Pace(sharers) for _ in range(sharers)]
    tokens, now, refused = 200.0, 0.0, 0
    turns = [0.0] * sharers
    for _ in range(seats * 20):
        who = min(range(sharers), key=turns.__getitem__)
        at = turns[who] + paces[who].begin("PUT", turns[who])
        tokens, now = min(200.0, tokens + max(0.0, at - now) * 10), max(now, at)
        refused += tokens < 1
        tokens -= 1
        paces[who].end("PUT", {WRITES: str(max(0, int(tokens)))})
        turns[who] = at + 0.02
    assert refused == 0
