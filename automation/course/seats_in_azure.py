"""What Azure has of a course: its seats' groups and resources, by two listings of the whole subscription.

Owns: the listings by tag. Leaves: what a difference means to `status.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from automation.azure import Arm
from automation.lab_tags import COURSE_TAG, EXPIRES_TAG, SEAT_TAG, tag_of

__all__ = ["SeatInAzure", "Tagged", "list_seats"]

RESOURCES_API = "2021-04-01"
GROUP_TYPE = "Microsoft.Resources/resourceGroups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A group or resource, and its tags."""

    id: str
    name: str
    type: str
    tags: Mapping[str, str]

    @property
    def expires(self) -> str | None:
        """Its last day as the tag has it, whatever stands there."""
        return tag_of(self.tags, EXPIRES_TAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatInAzure:
    """One seat as Azure has it; `shared` is what all seats share."""

    seat: str
    groups: tuple[Tagged, ...] = ()
    resources: tuple[Tagged, ...] = ()


def list_seats(arm: Arm, *, subscription_id: str, course: str) -> dict[str, SeatInAzure]:
    """Every seat of which Azure has anything, by the seat's id.

    Raises:
        ServiceError: Something could not be listed: then nothing is known, which is not the same as nothing there.
    """
    asked = {"$filter": f"tagName eq '{COURSE_TAG}' and tagValue eq '{course}'"}
    root = f"/subscriptions/{subscription_id}"

    def listed(collection: str, kind: str) -> list[Tagged]:
        entries = arm.list(f"{root}/{collection}", api_version=RESOURCES_API, params=asked)
        return [_tagged(entry, kind) for entry in entries]

    groups, resources = listed("resourcegroups", GROUP_TYPE), listed("resources", "")
    by_seat: dict[str, tuple[list[Tagged], list[Tagged]]] = {}
    for place, found in ((0, groups), (1, resources)):
        for thing in found:
            seat, of_course = tag_of(thing.tags, SEAT_TAG), tag_of(thing.tags, COURSE_TAG)
            if seat and of_course == course:  # asked for, and looked at: seats of two courses may have one id
                by_seat.setdefault(seat, ([], []))[place].append(thing)
    return {
        seat: SeatInAzure(seat=seat, groups=tuple(mine[0]), resources=tuple(mine[1]))
        for seat, mine in sorted(by_seat.items())
    }


def _tagged(entry: Mapping[str, Any], kind: str) -> Tagged:
    tags: object = entry.get("tags")
    found: Mapping[str, object] = cast("Mapping[str, object]", tags) if isinstance(tags, Mapping) else {}
    return Tagged(
        id=str(entry.get("id", "")),
        name=str(entry.get("name", "")),
        type=str(entry.get("type") or kind),
        tags={name: str(value) for name, value in found.items()},
    )
