"""A later last day: decided for each seat, tagged on all it has, never made shorter."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.course import SeatState
from automation.course.extending import NewDay, plan_extension, tag_seats, with_days
from automation.course.seats_in_azure import SeatInAzure, Tagged
from automation.errors import ConfigError
from tests.automation.azure.fakes import an_arm
from tests.automation.course.course_builders import EXPIRES, a_course, a_seat

TODAY = date(2026, 11, 21)
LATER = date(2027, 2, 1)


def test_a_day_for_all_leaves_those_that_live_longer() -> None:
    seats = [a_seat("a-1"), a_seat("b-2", expires=date(2027, 3, 1)), a_seat("c-3", expires=None)]
    plan = plan_extension(seats, today=TODAY, until=LATER)
    assert plan.days == (NewDay(seat="a-1", old=EXPIRES, new=LATER),)
    assert plan.kept == (("b-2", "it lives until 2027-03-01 already"), ("c-3", "it never expires"))


def test_days_count_from_the_seats_day_or_from_today() -> None:
    seats = [a_seat("a-1"), a_seat("b-2", expires=date(2026, 11, 1))]
    plan = plan_extension(seats, today=TODAY, days=7)
    assert [change.new for change in plan.days] == [date(2026, 12, 31), date(2026, 11, 28)]


@pytest.mark.parametrize(
    ("until", "days", "said"),
    [
        (date(2026, 11, 20), None, "2026-11-20 has passed"),
        (date(2126, 1, 1), None, "2126-01-01 is more than 3660 days away"),
        (None, None, "one of a day and a number of days is needed"),
        (LATER, 7, "one of a day and a number of days is needed"),
    ],
)
def test_days_that_make_no_sense_are_refused(until: date | None, days: int | None, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        plan_extension([], today=TODAY, until=until, days=days)


@given(st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400)), st.dates(TODAY, TODAY + timedelta(days=400)))
def test_nothing_is_ever_made_shorter(old: date, until: date) -> None:
    seat = a_seat(expires=old)
    course = a_course(Path("/nowhere"), seat)
    later = with_days(course, plan_extension([seat], today=TODAY, until=until).days)
    assert later.seats[0].expires == max(old, until)


def test_a_course_that_all_its_seats_outlive_lives_as_long_as_they(tmp_path: Path) -> None:
    seats = [a_seat("a-1"), a_seat("b-2"), a_seat("gone-3", state=SeatState.GONE)]
    course = a_course(tmp_path, *seats)
    one = with_days(course, [NewDay(seat="a-1", old=EXPIRES, new=LATER)])
    assert one.expires == EXPIRES
    assert with_days(one, [NewDay(seat="b-2", old=EXPIRES, new=LATER)]).expires == LATER
    assert with_days(replace(course, expires=None), []).expires is None


def a_thing(name: str, *, expires: str = "2026-12-24", **tags: str) -> Tagged:
    return Tagged(id=f"/subscriptions/s/{name}", name=name, type="t", tags={"visionlab:expires": expires, **tags})


class Azure:
    """Takes tags; refuses those of some."""

    def __init__(self, *refused: str) -> None:
        self.refused, self.set = refused, dict[str, list[tuple[str, object]]]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/")[3]
        if name in self.refused:
            return httpx.Response(409, json={"error": {"code": "ScopeLocked", "message": "a lock is on it"}})
        body = json.loads(request.content)
        self.set.setdefault(name, []).append((body["operation"], body["properties"]["tags"]))
        return httpx.Response(200, json={"properties": {"tags": {}}})


def test_every_group_and_resource_gets_the_day_and_loses_the_mark_of_a_sweep(tmp_path: Path) -> None:
    azure = Azure()
    marked = {"visionlab:sweep": "2026-12-28"}
    things = (a_thing("st"), a_thing("ok", expires="2027-02-01"))
    found = {
        "a-1": SeatInAzure(seat="a-1", groups=(a_thing("rg", **marked),), resources=things),
        "shared": SeatInAzure(seat="shared", groups=(a_thing("rg-shared"),)),
    }
    days = [NewDay(seat="a-1", old=EXPIRES, new=LATER)]
    course = with_days(a_course(tmp_path, a_seat("a-1")), days)

    outcomes = tag_seats(an_arm(azure), course, found, days)

    assert [(found.seat, found.tagged, found.failure) for found in outcomes] == [("a-1", 3, None), ("shared", 1, None)]
    day = ("Merge", {"visionlab:expires": "2027-02-01"})
    assert azure.set == {"rg": [day, ("Delete", marked)], "st": [day], "rg-shared": [day]}


def test_what_could_not_be_tagged_is_that_seats_alone(tmp_path: Path) -> None:
    found = {
        "a-1": SeatInAzure(seat="a-1", groups=(a_thing("rg-a"),), resources=(a_thing("st-a"),)),
        "b-2": SeatInAzure(seat="b-2", groups=(a_thing("rg-b"),)),
    }
    days = [NewDay(seat=seat, old=EXPIRES, new=LATER) for seat in ("a-1", "b-2", "c-3")]
    days.append(NewDay(seat="d-4", old=EXPIRES, new=LATER))
    seats = [a_seat("a-1"), a_seat("b-2"), a_seat("c-3"), a_seat("d-4", state=SeatState.PLANNED)]
    course = with_days(a_course(tmp_path, *seats), days)

    one, two, three, planned, shared = tag_seats(an_arm(Azure("st-a")), course, found, days)

    assert one.failure is not None
    assert one.failure.startswith("st-a: ")
    assert "a lock is on it" in one.failure
    assert (two.tagged, two.failure) == (1, None)
    assert (planned.tagged, planned.failure) == (0, None)
    assert (three.failure, shared.failure) == ("Azure has nothing of it",) * 2
