"""What the Pulumi program is told of a course's shared parts and of each seat.

Owns: settings, and what tells two sets of them apart. Leaves: what they mean to the program.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import cast

from automation.course.types import Course, Seat, shared_stack

__all__ = ["fingerprint", "lab_name", "seat_settings", "shared_settings"]

# What the stacks' file says for one lab, and is not for thirty unless the course's own settings say so: somebody as an
# example, and a cluster, for which hardly any subscription has the quota that often.
_NOT_FOR_ALL: dict[str, object] = {"dataScientists": "", "computeCluster": ""}


def lab_name(course: str, seat_id: str) -> str:
    """The name of the lab that a seat is."""
    return f"{course}-{seat_id}"


def shared_settings(course: Course) -> dict[str, object]:
    """Of the parts that all seats share. A small one among the course's seats needs the shared ML workspace.

    An empty text is "not set": it keeps what the stacks' file says as an example from being taken.
    """
    said = _NOT_FOR_ALL | dict(course.settings) | {"budget": ""}
    implied = {
        "course": course.name,
        "sharedWorkspace": any(seat.is_there and seat.size == "small" for seat in course.seats),
        "owner": course.owner or "",
        "expires": _last_day(course) or "",
    }
    return _without_none(said | implied)


def seat_settings(course: Course, seat: Seat, *, containers: Sequence[str]) -> dict[str, object]:
    """Of one seat.

    Args:
        course: Its course.
        seat: The seat.
        containers: The exercise's, which the seat's storage has.
    """
    person = seat.person
    settings = {name: value for name, value in course.settings.items() if name != "containerRegistry"}
    settings = _NOT_FOR_ALL | settings | {"budget": _budget(course, seat)}
    implied = {
        "course": course.name,
        "seat": seat.id,
        "sharedStack": shared_stack(course.name),
        "containers": list(containers),
        "sharedWorkspace": seat.size == "small",
        "person": {"objectId": person.object_id, "principalType": "User", "email": person.email},
        "owner": course.owner or "",
        "expires": "" if seat.expires is None else seat.expires.isoformat(),
    }
    return _without_none(settings | implied)


def fingerprint(settings: Mapping[str, object]) -> str:
    """What tells settings from all others."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _budget(course: Course, seat: Seat) -> object:
    """The seat's own, of which the owner and the person hear."""
    asked = course.settings.get("budget")
    if not isinstance(asked, Mapping) or seat.since is None:
        return ""
    emails = [address for address in (course.owner, seat.person.email) if address and "@" in address]
    first = seat.since.replace(day=1).isoformat()
    return {**cast("Mapping[str, object]", asked), "emails": list(dict.fromkeys(emails)), "startDate": first}


def _last_day(course: Course) -> str | None:
    """The shared parts outlive every seat."""
    days = [seat.expires for seat in course.seats if seat.is_there]
    if course.expires is None or None in days:
        return None
    return max(course.expires, *(day for day in days if day)).isoformat() if days else course.expires.isoformat()


def _without_none(settings: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in settings.items() if value is not None}
