"""course.json: what is written is what is read, and what is broken is named."""

from datetime import date
from pathlib import Path

import pytest

from automation.course import (
    Course,
    Exercise,
    Person,
    Seat,
    SeatState,
    Shared,
    course_folder,
    list_courses,
    read_course,
    write_course,
)
from automation.errors import ConfigError

GUID = "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a10"


def a_course(home: Path) -> Course:
    first = Person(email="first@example.org", name="First", team="red", object_id=GUID, guest=True)
    return Course(
        name="botany",
        folder=course_folder(home, "botany"),
        stack="course",
        roster=home.parent / "botany.csv",
        settings={"location": "westeurope", "budget": {"amount": 5}},
        owner="teacher@example.org",
        expires=date(2027, 2, 28),
        exercise=Exercise(lab_file=home / "lab.yaml"),
        shared=Shared(state=SeatState.UP, applied="abc"),
        seats=(
            Seat(id="first-abcdef", person=first, state=SeatState.FAILED, failure="no quota", size="small"),
            Seat(id="second-ghijkl", person=Person(email="second@example.org"), expires=date(2027, 1, 1)),
        ),
    )


def test_a_course_is_read_as_it_was_written(tmp_path: Path) -> None:
    home = tmp_path / ".visionlab"
    course = a_course(home)
    write_course(course)
    assert read_course(home, "botany") == course
    assert (list_courses(home), course.home) == (["botany"], home)
    assert [path.name for path in course.folder.iterdir()] == ["course.json"]


def test_a_course_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    write_course(a_course(tmp_path))
    with pytest.raises(ConfigError) as caught:
        read_course(tmp_path, "zoology")
    assert (str(caught.value), caught.value.hint) == (
        f"there is no course 'zoology' in {tmp_path}",
        "the courses here are botany",
    )


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"format": "visionlab-course", "version": 2}'])
def test_a_file_that_is_no_course_is_refused(tmp_path: Path, content: str) -> None:
    course = a_course(tmp_path)
    write_course(course)
    (course.folder / "course.json").write_text(content)
    with pytest.raises(ConfigError, match="is no file of a course"):
        read_course(tmp_path, "botany")
