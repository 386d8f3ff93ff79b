"""course.json: what is known of a course, written so that a kill at any moment leaves the old text or the new one.

Owns: the format and its version. Leaves: what the states mean to `types.py`, the lock to `place.py`.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

from automation.course.types import SIZES, Course, Exercise, Person, Seat, SeatState, Shared
from automation.errors import ConfigError
from automation.whole_file import write_whole

__all__ = ["COURSE_FILE", "course_folder", "list_courses", "read_course", "write_course"]

COURSE_FILE = "course.json"
FORMAT = "visionlab-course"
VERSION = 1


def course_folder(home: Path, name: str) -> Path:
    """Where a course's files are."""
    return home / "courses" / name


def list_courses(home: Path) -> list[str]:
    """The names of the courses that this state folder knows."""
    return sorted(path.parent.name for path in (home / "courses").glob(f"*/{COURSE_FILE}"))


def read_course(home: Path, name: str) -> Course:
    """The course.

    Raises:
        ConfigError: There is none by this name, or its file cannot be read.
    """
    path = course_folder(home, name) / COURSE_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError as exc:
        known = ", ".join(list_courses(home))
        hint = f"the courses here are {known}" if known else "run `visionlab course up roster.csv`"
        raise ConfigError(f"there is no course {name!r} in {home}", hint=hint) from exc
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}", hint="check its permissions") from exc
    try:
        return _parse(cast("Mapping[str, Any]", json.loads(content)), path.parent)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(
            f"{path} is no file of a course: {exc}", hint="it is written by visionlab alone; put its copy back"
        ) from exc


def write_course(course: Course) -> None:
    """Put the course's file in its place, whole and on the disk."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "name": course.name,
        "stack": course.stack,
        "roster": None if course.roster is None else str(course.roster),
        "settings": dict(course.settings),
        "owner": course.owner,
        "expires": _written(course.expires),
        "exercise": None if course.exercise is None else {"lab_file": str(course.exercise.lab_file)},
        "shared": {
            "state": course.shared.state.value,
            "failure": course.shared.failure,
            "applied": course.shared.applied,
        },
        "seats": {seat.id: _seat_document(seat) for seat in course.seats},
    }
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(course.folder / COURSE_FILE, text.encode())


def _seat_document(seat: Seat) -> dict[str, object]:
    person = seat.person
    return {
        "email": person.email,
        "name": person.name,
        "team": person.team,
        "object_id": person.object_id,
        "guest": person.guest,
        "state": seat.state.value,
        "expires": _written(seat.expires),
        "size": seat.size,
        "failure": seat.failure,
        "applied": seat.applied,
        "changed": seat.changed,
        "since": _written(seat.since),
    }


def _parse(found: Mapping[str, Any], folder: Path) -> Course:
    if found["format"] != FORMAT or found["version"] != VERSION:
        raise ValueError(f"format {found['format']!r}, version {found['version']!r}")
    exercise = found.get("exercise")
    shared = found["shared"]
    seats = cast("Mapping[str, Mapping[str, Any]]", found["seats"])
    return Course(
        name=str(found["name"]),
        folder=folder,
        stack=str(found["stack"]),
        roster=Path(found["roster"]) if found.get("roster") else None,
        settings=dict(found["settings"]),
        owner=found.get("owner"),
        expires=_read_date(found.get("expires")),
        exercise=Exercise(lab_file=Path(exercise["lab_file"])) if exercise else None,
        shared=Shared(state=SeatState(shared["state"]), failure=shared.get("failure"), applied=shared.get("applied")),
        seats=tuple(_parse_seat(seat_id, seats[seat_id]) for seat_id in sorted(seats)),
    )


def _parse_seat(seat_id: str, found: Mapping[str, Any]) -> Seat:
    return Seat(
        id=seat_id,
        person=Person(
            email=str(found["email"]),
            name=found.get("name"),
            team=found.get("team"),
            object_id=found.get("object_id"),
            guest=bool(found.get("guest")),
        ),
        state=SeatState(found["state"]),
        expires=_read_date(found.get("expires")),
        size=str(found.get("size") or SIZES[0]),
        failure=found.get("failure"),
        applied=found.get("applied"),
        changed=found.get("changed"),
        since=_read_date(found.get("since")),
    )


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read_date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
