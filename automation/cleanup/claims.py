"""Whose a resource is, whether the target means it, and whether it is due: by tags, by what it belongs to, by dates.

Owns: these rules for one group and everything in it, and their words. Pure; days are days in UTC.
Leaves: protection, which comes first, to `protection.py`.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from automation.cleanup.kinds import row_of
from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.types import GroupSurvey, Reason, Resource, Rules
from automation.lab_tags import (
    COURSE_TAG,
    EXPIRES_TAG,
    LAB_TAG,
    SWEEP_TAG,
    as_day,
    is_made_by_visionlab,
    tag_of,
)

__all__ = ["Claims", "expiry_of"]

_COMPONENTS = "microsoft.insights/components"
_NOTHING: Mapping[str, Mapping[str, str]] = {}
_OWN_NAMES = frozenset({TargetKind.LAB, TargetKind.COURSE, TargetKind.SEATS})


def expiry_of(*tagged: Resource) -> date | str | None:
    """The latest day that these say they are kept; the value itself when one is no date; None when there is none."""
    said = [value for resource in tagged if (value := tag_of(resource.tags, EXPIRES_TAG)) is not None]
    days = [as_day(value) for value in said]
    if None in days:
        return said[days.index(None)]
    return max((day for day in days if day is not None), default=None)


class Claims:
    """The claims on one group and everything in it.

    `known` are ids that a plan has, in lower case, with their tags then: what it took for a companion of something is
    one still, when that has gone already.
    """

    def __init__(
        self,
        entry: GroupSurvey,
        target: Target,
        rules: Rules,
        today: date,
        *,
        known: Mapping[str, Mapping[str, str]] = _NOTHING,
    ) -> None:
        self._known = known
        self._group, self._target, self._rules, self._today = entry.group, target, rules, today
        self._live = {resource.id.lower() for resource in entry.resources}
        self._group_is_meant = entry.group is not None and self._means_group(entry.group)
        owned = {r.id.lower(): r for r in entry.resources if self._owns(r)}
        foreign_components = any(r.type.lower() == _COMPONENTS and r.id.lower() not in owned for r in entry.resources)
        components = any(r.type.lower() == _COMPONENTS for r in owned.values())
        self._azure_adds = not foreign_components and (components or self._group_is_ours())
        self._owned = frozenset(owned)
        self._linked = frozenset(link.lower() for r in owned.values() for link in r.linked)
        self._youngest = self._youngest_of([r for r in entry.resources if self._is_ours(r)])

    def why_kept(self, resource: Resource) -> tuple[Reason, str] | None:
        """Why a resource, or the group itself, is none of the target's or not due; None when it may go."""
        if not self._is_ours(resource) and not self._is_taken(resource):
            if not is_made_by_visionlab(resource.tags):
                return Reason.FOREIGN, "visionlab did not make it"
            return Reason.NOT_TARGETED, f"belongs to {_owner(resource)}"
        match self._target.kind:
            case TargetKind.EXPIRED:
                return self._not_expired(resource)
            case TargetKind.OLDER_THAN:
                return self._too_young(resource)
            case _:
                return None

    def why_in(self, resource: Resource) -> str:
        """Why something goes that nothing keeps."""
        if not self._is_ours(resource):
            return "visionlab did not make it, and foreign resources are included"
        due = self.due_words(resource)
        if due:
            return due
        if resource is not self._group and not self._owns(resource):
            return "made beside what goes"
        return f"belongs to {self._target}"

    def due_words(self, resource: Resource) -> str:
        """What makes it due, where the target asks for that; empty where it is not due."""
        match self._target.kind:
            case TargetKind.EXPIRED:
                expiry = self._expiry(resource)
                return f"expired on {expiry}" if isinstance(expiry, date) and expiry < self._today else ""
            case TargetKind.OLDER_THAN:
                born = self._born(resource)
                return f"was made on {born}" if born is not None and self._is_old(born) else ""
            case _:
                return ""

    def _means_group(self, group: Resource) -> bool:
        """Whether the target means the whole group, not only something in it."""
        kind = self._target.kind
        if self._target.names_group(group.name):
            return True
        if kind is TargetKind.GROUP:
            return False
        if self._rules.include_foreign and kind is TargetKind.OLDER_THAN:
            return True
        if self._rules.include_foreign and kind is TargetKind.EXPIRED and tag_of(group.tags, EXPIRES_TAG) is not None:
            return True
        return self._target.owns(group.tags)

    def _group_is_ours(self) -> bool:
        return self._group_is_meant and self._group is not None and is_made_by_visionlab(self._group.tags)

    def _owns(self, resource: Resource) -> bool:
        """Whether its own tags make it the target's."""
        if self._target.kind in _OWN_NAMES:
            return self._target.owns(resource.tags)
        if not is_made_by_visionlab(resource.tags):
            return False
        if self._target.kind is TargetKind.GROUP:
            return self._group_is_meant
        return self._group_is_meant or self._target.owns(resource.tags)

    def _is_ours(self, resource: Resource) -> bool:
        """Whether it is the target's: by its tags, or as a part or a companion of what is."""
        if resource is self._group:
            return self._group_is_ours()
        if self._owns(resource):
            return True
        if resource.tags or resource.id.lower() not in self._live:
            return False
        if resource.id.lower() in self._linked or self._is_below_owned(resource):
            return True
        if self._known.get(resource.id.lower()) == {}:
            return True  # it had no tags in the plan either; what made it may have gone since
        row = row_of(resource.type)
        by_itself = row is not None and row.by_itself and resource.name.lower().startswith(row.by_itself)
        return bool(by_itself) and self._azure_adds

    def _is_below_owned(self, resource: Resource) -> bool:
        parts = resource.id.lower().split("/")
        return any("/".join(parts[:count]) in self._owned for count in range(len(parts) - 2, 7, -2))

    def _is_taken(self, resource: Resource) -> bool:
        """Whether foreign things are asked for, and this one is foreign, and in a group that the target means."""
        return self._rules.include_foreign and self._group_is_meant and not is_made_by_visionlab(resource.tags)

    def _expiry(self, resource: Resource) -> date | str | None:
        around = [self._group] if self._group is not None and self._group_is_meant else []
        return expiry_of(*around, resource)

    def _not_expired(self, resource: Resource) -> tuple[Reason, str] | None:
        expiry = self._expiry(resource)
        if expiry is None:
            return Reason.NOT_EXPIRED, "it has no date of expiry"
        if isinstance(expiry, str):
            return Reason.BAD_DATE, f"its tag {EXPIRES_TAG} is {expiry!r}, which is no date"
        if self._today <= expiry:
            return Reason.NOT_EXPIRED, f"it expires on {expiry}"
        if self._rules.marked and self._can_be_marked(resource):
            return self._not_marked(resource, expiry)
        last = _plus(expiry, self._rules.grace_days)
        if self._today <= last:
            return Reason.GRACE, f"it expired on {expiry}; grace until {last}"
        return None

    def _can_be_marked(self, resource: Resource) -> bool:
        return resource is self._group or resource.id.lower() in self._live

    def _not_marked(self, resource: Resource, expiry: date) -> tuple[Reason, str] | None:
        bearer = self._group if self._group is not None and self._group_is_meant else resource
        said = tag_of(bearer.tags, SWEEP_TAG)
        if said is None:
            return Reason.GRACE, f"it expired on {expiry}; no sweep has marked it yet"
        mark = as_day(said)
        if mark is None:
            return Reason.BAD_DATE, f"its tag {SWEEP_TAG} is {said!r}, which is no date"
        if mark <= expiry:
            return Reason.GRACE, f"it expired on {expiry}; its mark of {mark} is from before"
        if self._today < mark:
            return Reason.GRACE, f"it expired on {expiry}; marked to go on {mark}"
        return None

    def _born(self, resource: Resource) -> date | None:
        """The youngest of the group speaks for all of it; alone among strangers a resource speaks for itself."""
        return self._youngest if self._group_is_meant else resource.created

    def _youngest_of(self, ours: list[Resource]) -> date | None:
        days = [resource.created for resource in ours]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None

    def _is_old(self, born: date) -> bool:
        return born <= self._today - timedelta(days=self._target.days)

    def _too_young(self, resource: Resource) -> tuple[Reason, str] | None:
        born = self._born(resource)
        if born is None:
            return Reason.TOO_YOUNG, "Azure does not say how old it is"
        return None if self._is_old(born) else (Reason.TOO_YOUNG, f"the youngest part was made on {born}")


def _owner(resource: Resource) -> str:
    lab, course = tag_of(resource.tags, LAB_TAG), tag_of(resource.tags, COURSE_TAG)
    return f"lab {lab}" if lab else f"course {course}"


def _plus(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
