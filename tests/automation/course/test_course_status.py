"""How a course stands: rows out of file, Azure and journals, and every difference between them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from automation.cost import Money
from automation.course import Exercise, Seat, SeatState
from automation.course.seat_progress import SeatProgress, close_journals, exercise_steps, journal_file, read_progress
from automation.course.seats_in_azure import SeatInAzure, Tagged, list_seats
from automation.course.status import course_status
from automation.errors import ServiceError
from automation.workflow.journal import Journal
from tests.automation.azure.fakes import FakeClock, an_arm
from tests.automation.course.course_builders import a_course, a_seat, a_tagged

STEPS = ("provision", "images", "train", "report")


def no_progress(seat: Seat) -> SeatProgress:
    return SeatProgress(steps=STEPS)


def in_azure(seat: str, *, expires: str | None = "2026-12-24", groups: int = 1, resources: int = 2) -> SeatInAzure:
    tags = {"visionlab:seat": seat} | ({"VisionLab:Expires": expires} if expires else {})
    thing = Tagged(id="i", name="n", type="t", tags=tags)
    return SeatInAzure(seat=seat, groups=(thing,) * groups, resources=(thing,) * resources)


def test_one_listing_of_groups_and_one_of_resources_find_all_seats() -> None:
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(parse_qsl(request.url.query.decode())))
        other = {"id": "/x", "name": "x", "tags": {"visionlab:course": "botany"}}
        seats = [a_tagged("anna-x7q2aa"), a_tagged("bert-y8r3bb", expires=None), a_tagged("shared"), other]
        return httpx.Response(200, json={"value": seats if "resourcegroups" in request.url.path else seats[:1]})

    found = list_seats(an_arm(answer), subscription_id="s", course="botany")

    assert [query["$filter"] for query in asked] == ["tagName eq 'visionlab:course' and tagValue eq 'botany'"] * 2
    assert {name: (len(seat.groups), len(seat.resources)) for name, seat in found.items()} == {
        "anna-x7q2aa": (1, 1),
        "bert-y8r3bb": (1, 0),
        "shared": (1, 0),
    }
    assert [seat.groups[0].expires for seat in found.values()] == ["2026-12-24", None, "2026-12-24"]


def test_a_listing_that_fails_is_no_empty_course() -> None:
    arm = an_arm(lambda _: httpx.Response(400, json={"error": {"code": "Bad", "message": "no"}}))
    with pytest.raises(ServiceError):
        list_seats(arm, subscription_id="s", course="botany")


def test_a_course_that_is_as_its_file_says_has_no_drift(tmp_path: Path) -> None:
    course = a_course(tmp_path, a_seat(), a_seat("bert-y8r3bb", state=SeatState.GONE))
    cost = Money(amount=Decimal("1.5"), currency="USD", per="course", dated=date(2026, 11, 20))

    shown = course_status(
        course,
        {"anna-x7q2aa": in_azure("anna-x7q2aa"), "shared": in_azure("shared")},
        progress_of=no_progress,
        costs={"anna-x7q2aa": cost},
    )

    assert not shown.has_drift
    assert [(seat.seat, seat.state, seat.cost) for seat in shown.seats] == [("anna-x7q2aa", "up", cost)]
    assert shown.shared == "up"


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (None, "up by the course's file, and Azure has nothing of it"),
        (in_azure("a", groups=0), "its resource group is gone, or has lost its tags"),
        (in_azure("a", resources=0), "its resource group is empty"),
        (in_azure("a", expires="2027-01-01"), "expires 2026-12-24 by the course's file, 2027-01-01 by its tag"),
        (in_azure("a", expires=None), "expires 2026-12-24 by the course's file, no day by its tag"),
    ],
)
def test_what_azure_has_otherwise_is_said_of_the_seat(tmp_path: Path, there: SeatInAzure | None, said: str) -> None:
    found = {"shared": in_azure("shared")} | ({"anna-x7q2aa": there} if there else {})

    shown = course_status(a_course(tmp_path, a_seat()), found, progress_of=no_progress)

    (row,) = shown.seats
    assert row.drift == (said,)
    assert row.state == ("up" if there else "missing")
    assert row.cost is None


def test_a_seat_that_is_not_up_yet_may_have_another_day_in_azure(tmp_path: Path) -> None:
    course = a_course(tmp_path, a_seat(state=SeatState.FAILED), a_seat("bert-y8r3bb", state=SeatState.PLANNED))
    found = {seat.id: in_azure(seat.id, expires="2027-01-01") for seat in course.seats}

    failed, planned = course_status(course, found, progress_of=no_progress).seats

    assert failed.drift == ()
    assert planned.drift == ("planned only by the course's file, and Azure has 1 group and 2 resources of it",)


def test_what_the_file_does_not_know_is_said_of_the_course(tmp_path: Path) -> None:
    course = a_course(tmp_path, a_seat("bert-y8r3bb", state=SeatState.GONE))

    shown = course_status(
        course, {"bert-y8r3bb": in_azure("b"), "carl-z9s4cc": in_azure("c", resources=1)}, progress_of=no_progress
    )

    assert shown.shared == "missing"
    assert shown.drift == (
        "the shared parts are up by the course's file, and Azure has none of them",
        "bert-y8r3bb: Azure has 1 group and 2 resources of it, and the course's file says that it is gone",
        "carl-z9s4cc: Azure has 1 group and 1 resource of it, and the course's file does not know it",
    )
    assert shown.seats == ()


def test_progress_comes_from_the_journal_beside_the_seats_file(tmp_path: Path) -> None:
    seat = a_seat()
    path = journal_file(a_course(tmp_path, seat), seat)
    assert path == tmp_path / "home/courses/botany/seats/anna-x7q2aa/.visionlab/journal/botany-anna-x7q2aa-local.jsonl"
    assert read_progress(path, STEPS) == SeatProgress(steps=STEPS)

    journal = Journal(path, clock=FakeClock())
    for step in ("provision", "images"):
        journal.start(step, "f")
        journal.finish(step, {}, 1.0)
    journal.start("train", "f")
    journal.fail("train", "the service said no")

    found = read_progress(path, STEPS)
    assert (found.done, found.next, found.failed, found.failure) == (
        ("provision", "images"),
        "train",
        "train",
        "the service said no",
    )
    assert found.last == datetime(2026, 11, 20, 12, tzinfo=UTC)
    path.write_text('{"event": "started"}\n{"event": 7, "at": 1}\n')
    assert read_progress(path, STEPS) == SeatProgress(steps=STEPS)


def test_the_steps_are_those_of_the_exercise(tmp_path: Path) -> None:
    lab_file = tmp_path / "lab.yaml"
    course = replace(a_course(tmp_path), exercise=Exercise(lab_file=lab_file))
    assert exercise_steps(a_course(tmp_path)) == exercise_steps(course) == ()
    lab_file.write_text("name: fruit")
    assert exercise_steps(course) == ("provision", "report")


def test_a_seat_that_has_ended_leaves_its_next_owner_nothing_done(tmp_path: Path) -> None:
    seat = a_seat()
    course = a_course(tmp_path, seat)
    path = journal_file(course, seat)
    journal = Journal(path, clock=FakeClock())
    journal.start("provision", "f")
    journal.finish("provision", {}, 1.0)

    close_journals(course, seat.id, FakeClock())
    close_journals(course, seat.id, FakeClock())
    close_journals(course, "never-there", FakeClock())

    assert read_progress(path, STEPS) == SeatProgress(steps=STEPS)
    assert [found.name for found in path.parent.iterdir()] == [
        "botany-anna-x7q2aa-local.20261120T120000000000.closed.jsonl"
    ]
