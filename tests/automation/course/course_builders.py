"""Courses as values, with defaults, for tests."""

from datetime import date
from pathlib import Path
from typing import Any

from automation.course import Course, Person, Seat, SeatState, Shared

__all__ = ["EXPIRES", "a_course", "a_seat", "a_tagged"]

EXPIRES = date(2026, 12, 24)


def a_seat(seat_id: str = "anna-x7q2aa", **changes: Any) -> Seat:
    """A seat that is up."""
    email = changes.pop("email", f"{seat_id.rpartition('-')[0]}@example.org")
    name = changes.pop("name", None)
    fields: dict[str, Any] = {"state": SeatState.UP, "expires": EXPIRES}
    return Seat(id=seat_id, person=Person(email=email, name=name), **(fields | changes))


def a_course(tmp_path: Path, *seats: Seat, **changes: Any) -> Course:
    """A course whose shared parts are up; nothing of it is on disk."""
    fields: dict[str, Any] = {"name": "botany", "shared": Shared(state=SeatState.UP), "expires": EXPIRES}
    merged = fields | changes
    folder = tmp_path / "home" / "courses" / str(merged["name"])
    return Course(folder=folder, seats=tuple(seats), **merged)


def a_tagged(
    seat: str, *, expires: str | None = "2026-12-24", name: str = "", course: str = "botany"
) -> dict[str, Any]:
    """A group as ARM lists it."""
    tags = {"visionlab:course": course, "visionlab:seat": seat}
    found = name or f"rg-{course}-{seat}"
    return {
        "id": f"/subscriptions/s/resourceGroups/{found}",
        "name": found,
        "tags": tags | ({"visionlab:expires": expires} if expires else {}),
    }
