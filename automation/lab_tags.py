"""The tags of what visionlab makes, and reading them as ARM compares them: names without case.

Owns: their names, and the dates in them: whole days in UTC.
Leaves: writing them to `infra`, what a tag means for a deletion to `cleanup`.
"""

import re
from collections.abc import Mapping
from datetime import date

__all__ = [
    "COURSE_TAG",
    "EXPIRES_TAG",
    "KEEP_TAG",
    "LAB_TAG",
    "OWNER_TAG",
    "PROTECT_TAG",
    "SEAT_TAG",
    "SHARED_SEAT",
    "STACK_TAG",
    "SWEEP_TAG",
    "as_day",
    "is_made_by_visionlab",
    "tag_of",
]

LAB_TAG = "visionlab:lab"
STACK_TAG = "visionlab:stack"
OWNER_TAG = "visionlab:owner"
EXPIRES_TAG = "visionlab:expires"
COURSE_TAG = "visionlab:course"
SEAT_TAG = "visionlab:seat"
PROTECT_TAG = "visionlab:protect"
SWEEP_TAG = "visionlab:sweep"
KEEP_TAG = "DoNotDelete"

SHARED_SEAT = "shared"  # the seat tag of a course's shared parts

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def tag_of(tags: Mapping[str, str], name: str) -> str | None:
    """The value of a tag, or None where it is not set."""
    return next((value for key, value in tags.items() if key.lower() == name.lower()), None)


def is_made_by_visionlab(tags: Mapping[str, str]) -> bool:
    """Whether the tags say that visionlab made it."""
    return bool(tag_of(tags, LAB_TAG) or tag_of(tags, COURSE_TAG))


def as_day(value: str) -> date | None:
    """The day of a tag's value (YYYY-MM-DD and nothing else), or None when it is none."""
    text = value.strip()
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
