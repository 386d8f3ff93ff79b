"""A course's shared parts stay as long as a seat stays that uses them: its pictures, its log, a small seat's workspace.

Owns: this one rule, after everything else is selected. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace

from automation.cleanup.types import Fate, Item, Kept, Reason, Resource, Survey
from automation.lab_tags import COURSE_TAG, SEAT_TAG, SHARED_SEAT, tag_of

__all__ = ["keep_shared"]

# A seat of which something stays for one of these is still used; what only strangers left in it is not.
_IN_USE = frozenset(
    {
        Reason.BLOCKLISTED,
        Reason.LOCKED,
        Reason.MANAGED,
        Reason.PROTECTED,
        Reason.BAD_DATE,
        Reason.NOT_EXPIRED,
        Reason.TOO_YOUNG,
        Reason.GRACE,
    }
)


def keep_shared(
    found: Survey, items: Sequence[Item], kept: Sequence[Kept], fates: Sequence[Fate]
) -> tuple[list[Item], list[Kept], list[Fate]]:
    """The same selection, without the shared parts of courses of which a seat stays."""
    groups = {entry.group.name.lower(): entry.group for entry in found.groups if entry.group is not None}
    staying: dict[str, str] = {}
    for one in sorted(kept, key=lambda one: one.id.lower(), reverse=True):
        group = groups.get(one.group.lower())
        course = tag_of(group.tags, COURSE_TAG) if group is not None else None
        if group is not None and course and one.reason in _IN_USE and not _is_shared(group):
            staying[course] = group.name
    held = {
        name: staying[course]
        for name, group in groups.items()
        if _is_shared(group) and (course := tag_of(group.tags, COURSE_TAG)) in staying
    }
    words = {name: f"{seat} stays and uses the course's shared parts" for name, seat in held.items()}
    return (
        [item for item in items if item.group.lower() not in held],
        [
            *kept,
            *(_kept(item, words[item.group.lower()]) for item in items if item.group.lower() in held),
        ],
        [
            replace(f, whole=False, words=words[f.name.lower()]) if f.whole and f.name.lower() in held else f
            for f in fates
        ],
    )


def _is_shared(group: Resource) -> bool:
    return tag_of(group.tags, SEAT_TAG) == SHARED_SEAT


def _kept(item: Item, words: str) -> Kept:
    return Kept(id=item.id, type=item.type, name=item.name, group=item.group, reason=Reason.HOLDS_KEPT, words=words)
