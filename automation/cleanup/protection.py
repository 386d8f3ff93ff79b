"""What nobody may delete, whatever has expired: blocklist, locks, what others manage, and protection tags.

Owns: these four rules, in this order, and their words. Pure.
Leaves: ownership, targets and dates of expiry to `select.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fnmatch import translate

from automation.cleanup.reading import in_group
from automation.cleanup.types import GroupSurvey, Lock, Reason, Resource
from automation.lab_tags import KEEP_TAG, PROTECT_TAG, as_day, tag_of

__all__ = ["LOCK_NOTES", "Blocklist", "Guard", "is_our_lock", "lock_scope", "protected_words"]

LOCK_NOTES = "Made by visionlab"  # infra writes this into the lock it makes
_OFF = frozenset({"false", "no", "0", ""})


class Blocklist:
    """Names or ids of groups, ids of resources; * and ? stand for any text and any one character."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [
            (pattern, re.compile(translate(pattern.strip().rstrip("/").lower())))
            for pattern in patterns
            if pattern.strip()
        ]

    def match(self, *, resource_id: str) -> str | None:
        """The pattern that keeps it: one that fits the group's name, or the id of it or of anything above it."""
        parts = resource_id.strip("/").lower().split("/")
        ids = ["/" + "/".join(parts[:count]) for count in range(2, len(parts) + 1)]
        names = [*parts[3:4], *ids] if parts[2:3] == ["resourcegroups"] else ids
        return next((said for said, pattern in self._patterns if any(pattern.match(name) for name in names)), None)


def lock_scope(lock: Lock) -> str:
    """What a lock is on."""
    return lock.id[: lock.id.lower().rindex("/providers/microsoft.authorization/locks/")]


def is_our_lock(lock: Lock, group_id: str) -> bool:
    """Whether visionlab made it, in this group: one further up is not ours, whatever its notes say."""
    return lock.notes.startswith(LOCK_NOTES) and in_group(lock.id, group_id)


def protected_words(tags: Mapping[str, str], today: date) -> str | None:
    """Why tags protect what has them, or None. A value that says neither yes, no nor a date protects too."""
    if (keep := tag_of(tags, KEEP_TAG)) is not None and keep.strip().lower() != "false":
        return f"its tag {KEEP_TAG} says so"
    said = tag_of(tags, PROTECT_TAG)
    if said is None or said.strip().lower() in _OFF:
        return None
    until = as_day(said)
    if until is None:
        return (
            f"its tag {PROTECT_TAG} says so"
            if said.strip().lower() == "true"
            else f"its tag {PROTECT_TAG} is {said!r}, which is no date"
        )
    return f"protected until {until}" if today <= until else None


class Guard:
    """The four rules for one group and everything in it."""

    def __init__(self, entry: GroupSurvey, *, blocklist: Blocklist, locks: Sequence[Lock], today: date) -> None:
        self._group, self._managed_by = entry.group, entry.managed_by
        self._by_id = {resource.id.lower(): resource for resource in entry.resources}
        self._blocklist, self._today = blocklist, today
        group_id = entry.group.id if entry.group else ""
        foreign = [lock for lock in (*locks, *entry.locks) if not (group_id and is_our_lock(lock, group_id))]
        self._locks = sorted(foreign, key=lambda lock: lock.id.lower())

    def why_kept(self, resource: Resource) -> tuple[Reason, str] | None:
        """Why a resource, or the group itself, must stay; None when it need not."""
        if pattern := self._blocklist.match(resource_id=resource.id):
            return Reason.BLOCKLISTED, f"the blocklist has {pattern}"
        if lock := self._lock_on(resource.id):
            return Reason.LOCKED, f"locked by {lock.id.rpartition('/')[2]}, which visionlab did not make"
        if managed := self._manager_of(resource):
            return Reason.MANAGED, f"managed by {managed}"
        return self._protected(resource)

    def _lock_on(self, resource_id: str) -> Lock | None:
        """A lock of others on it, above it, or on a part of it."""
        for lock in self._locks:
            scope = lock_scope(lock)
            if in_group(resource_id, scope) or in_group(scope, resource_id):
                return lock
        return None

    def _manager_of(self, resource: Resource) -> str:
        if self._managed_by or self._group is None:
            return self._managed_by
        return "" if in_group(resource.managed_by, self._group.id) else resource.managed_by

    def _protected(self, resource: Resource) -> tuple[Reason, str] | None:
        for owner in self._at_and_above(resource):
            if words := protected_words(owner.tags, self._today):
                return Reason.PROTECTED, words if owner is resource else f"{words} (by {owner.name})"
        return None

    def _at_and_above(self, resource: Resource) -> Iterator[Resource]:
        yield resource
        parts = resource.id.lower().split("/")
        for count in range(len(parts) - 2, 0, -2):
            if (above := self._by_id.get("/".join(parts[:count]))) is not None:
                yield above
        if self._group is not None and self._group is not resource:
            yield self._group
