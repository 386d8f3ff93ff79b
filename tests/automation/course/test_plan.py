"""What a roster changes in a course, from values alone."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from automation.course.plan import Act, CoursePlan, Wish, plan_course
from automation.course.roster import Enrolled
from automation.course.stack_settings import fingerprint, seat_settings, shared_settings
from automation.course.types import Course, Person, Seat, SeatState, Shared

EMPTY = Course(name="botany", folder=Path("home/courses/botany"))
DAY = date(2027, 1, 31)
CONTAINERS = ("training-images",)


def enrolled(who: str, **said: object) -> Enrolled:
    return Enrolled(line=2, email=f"{who}@example.org", **said)  # pyright: ignore[reportArgumentType] (a test's keywords)


def plan(course: Course, *people: Enrolled, wish: Wish | None = None, repair: bool = False) -> CoursePlan:
    return plan_course(course, people, wish=wish, containers=CONTAINERS, repair=repair)


def done(planned: CoursePlan) -> Course:
    """The course after the plan has been carried out, removals too."""
    gone = {change.seat.id for change in planned.of(Act.REMOVE)}

    def after(seat: Seat) -> Seat:
        if seat.id in gone:
            return replace(seat, state=SeatState.GONE)
        if not seat.is_there:
            return seat
        marks = fingerprint(seat_settings(planned.course, seat, containers=CONTAINERS))
        return replace(seat, state=SeatState.UP, applied=marks, failure=None)

    shared = Shared(state=SeatState.UP, applied=planned.shared_fingerprint)
    return replace(planned.course, shared=shared, seats=tuple(map(after, planned.course.seats)))


def acts(planned: CoursePlan) -> dict[str, tuple[str, bool]]:
    return {change.seat.person.email[0]: (change.act.value, change.runs) for change in planned.changes}


def test_people_are_added_kept_changed_removed_and_come_back() -> None:
    course = done(plan(EMPTY, enrolled("a"), enrolled("b"), enrolled("c")))
    second = plan(course, enrolled("d"), enrolled("c", expires=DAY), enrolled("a"))
    assert acts(second) == {"a": ("keep", False), "b": ("remove", False), "c": ("change", True), "d": ("add", True)}
    assert [change.why for change in second.of(Act.CHANGE)] == [("expiry: none -> 2027-01-31",)]
    third = plan(done(second), enrolled("b"), enrolled("a"))
    assert acts(third) == {"a": ("keep", False), "b": ("add", True), "c": ("remove", False), "d": ("remove", False)}
    assert {seat.person.email: seat.id for seat in third.course.seats}.items() >= {
        seat.person.email: seat.id for seat in course.seats
    }.items()


def test_a_new_name_changes_no_stack_and_a_small_size_loses_a_workspace() -> None:
    course = done(plan(EMPTY, enrolled("a"), enrolled("b")))
    second = plan(course, enrolled("a", name="Ann", team="red"), enrolled("b", size="small"))
    assert [(c.act, c.why, c.runs, c.loses) for c in second.changes] == [
        (Act.CHANGE, ("name: none -> Ann", "team: none -> red"), False, False),
        (Act.CHANGE, ("size: standard -> small",), True, True),
    ]
    assert second.shared is Act.CHANGE  # the small seat needs the shared workspace


def test_failed_and_unfinished_seats_run_again_and_repair_runs_all() -> None:
    course = done(plan(EMPTY, enrolled("a"), enrolled("b"), enrolled("c")))
    first, second, third = course.seats
    broken = (
        replace(first, state=SeatState.FAILED, failure="no quota"),
        replace(second, state=SeatState.PLANNED),
        third,
    )
    course = replace(course, seats=broken)
    people = [enrolled(name) for name in "abc"]
    again = plan(course, *people)
    assert acts(again) == {"a": ("repair", True), "b": ("repair", True), "c": ("keep", False)}
    assert again.changes[0].why == ("was failed: no quota",)
    assert [change.runs for change in plan(course, *people, repair=True).changes] == [True, True, True]


def test_settings_of_the_course_change_every_seat() -> None:
    course = done(plan(EMPTY, enrolled("a"), enrolled("b")))
    second = plan(replace(course, settings={"visionSku": "S1"}), enrolled("a"), enrolled("b"))
    assert [(c.act, c.why) for c in second.changes] == [(Act.CHANGE, ("settings",))] * 2


def test_what_the_roster_leaves_open_comes_from_the_wish_then_stays() -> None:
    wish = Wish(size="small", expires=DAY)
    course = done(plan(EMPTY, enrolled("a"), enrolled("b", size="standard"), wish=wish))
    assert [(seat.size, seat.expires) for seat in course.seats] == [("small", DAY), ("standard", DAY)]
    assert {c.act for c in plan(course, enrolled("a"), enrolled("b")).changes} == {Act.KEEP}


def test_settings_of_a_seat_name_its_person_and_those_who_hear_of_its_budget() -> None:
    course = replace(EMPTY, settings={"budget": {"amount": 5}, "containerRegistry": True},
                     owner="teacher@example.org")  # fmt: skip
    seat = Seat(
        id="a-xyz", person=Person(email="a@example.org", object_id="guid"), expires=DAY, since=date(2026, 11, 21)
    )
    course = replace(course, seats=(seat,))
    assert seat_settings(course, seat, containers=CONTAINERS) == {
        "course": "botany",
        "seat": "a-xyz",
        "sharedStack": "botany.shared",
        "dataScientists": "",
        "computeCluster": "",
        "containers": ["training-images"],
        "sharedWorkspace": False,
        "person": {"objectId": "guid", "principalType": "User", "email": "a@example.org"},
        "owner": "teacher@example.org",
        "expires": "2027-01-31",
        "budget": {
            "amount": 5,
            "startDate": "2026-11-01",
            "emails": ["teacher@example.org", "a@example.org"],
        },
    }
    assert shared_settings(course) == {
        "course": "botany",
        "containerRegistry": True,
        "dataScientists": "",
        "computeCluster": "",
        "budget": "",
        "sharedWorkspace": False,
        "owner": "teacher@example.org",
        "expires": "",
    }


def test_a_seats_budget_begins_with_the_month_in_which_the_seat_does() -> None:
    planned = plan_course(EMPTY, [enrolled("a")], today=date(2026, 11, 21))
    course = done(planned)
    assert course.seats[0].since == date(2026, 11, 21)
    later = plan_course(course, [enrolled("a"), enrolled("b")], containers=CONTAINERS, today=date(2027, 1, 3))
    assert [seat.since for seat in later.course.seats] == [date(2026, 11, 21), date(2027, 1, 3)]
    unset = replace(course, settings={"budget": None})
    assert seat_settings(unset, course.seats[0], containers=())["budget"] == ""


NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4), st.randoms())
def test_any_series_of_rosters_ends_with_the_last_one_whatever_its_order(
    rosters: list[list[str]], random: object
) -> None:
    course = EMPTY
    for names in rosters:
        planned = plan(course, *map(enrolled, names))
        assert {change.seat.person.email for change in planned.to_run} <= {f"{name}@example.org" for name in names}
        course = done(planned)
    last = rosters[-1]
    assert {seat.person.email[0] for seat in course.seats if seat.is_there} == set(last)
    again = plan(course, *map(enrolled, reversed(last)))
    assert {change.act for change in again.changes} <= {Act.KEEP}
    assert again.course == course
