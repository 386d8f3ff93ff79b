"""When the local Azure is removed, its courses are planned only, and nothing of others is touched."""

from dataclasses import replace
from pathlib import Path

from automation.course import SeatState, Shared, read_course, write_course
from automation.course.forgetting import courses_on_local, forget_local_courses
from automation.course.seat_progress import SeatProgress, journal_file, read_progress
from automation.workflow.journal import Journal
from tests.automation.azure.fakes import FakeClock
from tests.automation.course.course_builders import a_course, a_seat


def test_a_course_on_local_is_planned_anew_and_one_on_azure_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    anna = a_seat("anna-x7q2aa", applied="f", failure="x")
    here = a_course(tmp_path, anna, a_seat("gone-y8r3bb", state=SeatState.GONE))
    there = a_course(tmp_path, a_seat("anna-x7q2aa", applied="f"), name="botany-2", stack="course")
    for course in (here, there):
        write_course(course)
    (home / "stacks").mkdir()
    names = (
        "botany.shared.json",
        "botany.anna-x7q2aa.json",
        "botany.other-1.json",
        "botany-2.shared.json",
        "azure.json",
    )
    for name in names:
        (home / "stacks" / name).write_text("{}")
    journal = Journal(journal_file(here, anna), clock=FakeClock())
    journal.start("provision", "f")

    removed = forget_local_courses(home, FakeClock())

    assert [path.name for path in removed] == ["botany.anna-x7q2aa.json", "botany.shared.json"]
    assert sorted(path.name for path in (home / "stacks").iterdir()) == sorted(names[2:])
    now = "2026-11-20T12:00:00+00:00"
    planned = replace(anna, state=SeatState.PLANNED, applied=None, failure=None, changed=now)
    assert read_course(home, "botany") == replace(here, seats=(planned, here.seats[1]), shared=Shared())
    assert read_course(home, "botany-2") == there
    assert read_progress(journal_file(here, anna), ()) == SeatProgress()
    assert [course.name for course in courses_on_local(home)] == ["botany"]
