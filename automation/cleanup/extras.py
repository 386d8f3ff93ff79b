"""What belongs to the target outside of its groups: role assignments and datastores elsewhere, and deployments of the
subscription.

Owns: which of them are the target's. Pure.
A role assignment is, when visionlab wrote the lab into its description, or when the identity that has it goes. What is
in a group that goes whole goes with it; what belongs to a lab of which something stays, stays too.
"""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from automation.cleanup.claims import expiry_of
from automation.cleanup.kinds import ROLE
from automation.cleanup.protection import Blocklist, lock_scope, protected_words
from automation.cleanup.reading import in_group
from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.types import Fate, Item, Kept, Reason, Resource, RoleAssignment, Rules, Stage, Survey
from automation.lab_tags import COURSE_TAG, LAB_TAG, SEAT_TAG, STACK_TAG, is_made_by_visionlab, tag_of

__all__ = ["described", "select_extras"]

_DESCRIPTION = re.compile(r"Made by visionlab for lab (?P<lab>[^\s,]+), stack (?P<stack>[^\s,]+)", re.ASCII)
_NAMED = frozenset({TargetKind.LAB, TargetKind.COURSE, TargetKind.SEATS})


def select_extras(
    found: Survey,
    target: Target,
    rules: Rules,
    today: date,
    *,
    items: Sequence[Item],
    fates: Sequence[Fate],
) -> tuple[list[Item], list[Kept]]:
    """What goes outside of the groups, given what goes in them, and what of it stays."""
    going, kept = list[Item](), list[Kept]()
    blocklist = Blocklist(rules.blocklist)
    locks = sorted(
        (*found.locks, *(k for entry in found.groups for k in entry.locks)), key=lambda lock: lock.id.lower()
    )
    for item in _Extras(found, target, rules, today, items=items, fates=fates).all():
        lock = next((lock for lock in locks if in_group(item.id, lock_scope(lock))), None)
        if pattern := blocklist.match(resource_id=item.id):
            reason, words = Reason.BLOCKLISTED, f"the blocklist has {pattern}"
        elif lock is not None:
            reason, words = Reason.LOCKED, f"{lock.id.rpartition('/')[2]} locks where it is"
        elif item.type != ROLE and (protected := protected_words(item.tags, today)):
            reason, words = Reason.PROTECTED, protected
        else:
            going.append(item)
            continue
        kept.append(Kept(id=item.id, type=item.type, name=item.name, group=item.group, reason=reason, words=words))
    return going, kept


def described(role: RoleAssignment) -> dict[str, str]:
    """Whose a role assignment is, as tags, by the description that infra gives it; a seat's stack is course.seat."""
    match = _DESCRIPTION.match(role.description)
    if match is None:
        return {}
    course, _, seat = match["stack"].partition(".")
    tags = {LAB_TAG: match["lab"], STACK_TAG: match["stack"]}
    return tags | ({COURSE_TAG: course, SEAT_TAG: seat} if seat else {})


class _Extras:
    def __init__(
        self,
        found: Survey,
        target: Target,
        rules: Rules,
        today: date,
        *,
        items: Sequence[Item],
        fates: Sequence[Fate],
    ) -> None:
        self._found, self._target, self._rules, self._today = found, target, rules, today
        whole = {fate.id.lower() for fate in fates if fate.whole}
        self._going = whole | {item.id.lower() for item in items if not item.is_deleted}
        groups = [entry.group for entry in found.groups if entry.group is not None]
        self._staying = {_lab_of(group.tags) for group in groups if group.id.lower() not in whole}
        self._ending = {_lab_of(group.tags) for group in groups} - self._staying
        self._leaving = {
            principal: resource
            for entry in found.groups
            for resource in entry.resources
            if resource.id.lower() in self._going
            for principal in resource.principals
        }

    def all(self) -> Iterator[Item]:
        for role in self._found.roles:
            if _is_at_or_below(role.id, self._going):
                continue
            bearer = self._leaving.get(role.principal)
            if bearer is not None and _is_named_by_us(role):
                yield self._item(_as_resource(role), bearer.tags, f"{bearer.name}, which has it, goes")
                continue
            tags = self._found.known.get(role.id.lower()) or described(role)
            if tags and self._belongs(role.id, tags):
                yield self._item(_as_resource(role), tags, f"a role of {_owner(tags)} outside of its group")
        for resource in self._found.elsewhere:
            if _is_at_or_below(resource.id, self._going) or not is_made_by_visionlab(resource.tags):
                continue
            if self._belongs(resource.id, resource.tags) or self._is_due(resource):
                yield self._item(resource, resource.tags, f"belongs to {_owner(resource.tags)}")

    def _belongs(self, at: str, tags: Mapping[str, str]) -> bool:
        lab = _lab_of(tags)
        if lab in self._staying:
            return False
        named = self._target.kind in _NAMED and self._target.owns(tags)
        return named or lab in self._ending or at.lower() in self._found.known

    def _is_due(self, resource: Resource) -> bool:
        """Whether what outlived its lab is due by its own tags."""
        if self._target.kind is TargetKind.TAG:
            return self._target.owns(resource.tags) and _lab_of(resource.tags) not in self._staying
        expiry = expiry_of(resource)
        return (
            self._target.kind is TargetKind.EXPIRED
            and isinstance(expiry, date)
            and (self._today - expiry) > timedelta(days=self._rules.grace_days)
            and _lab_of(resource.tags) not in self._staying
        )

    @staticmethod
    def _item(resource: Resource, tags: Mapping[str, str], why: str) -> Item:
        parts = resource.id.strip("/").split("/")
        return Item(
            id=resource.id,
            type=resource.type,
            name=resource.name,
            location=resource.location,
            group=parts[3] if parts[2:3] and parts[2].lower() == "resourcegroups" else "",
            stage=Stage.EXTRAS,
            why=why,
            tags=dict(tags),
        )


def _as_resource(role: RoleAssignment) -> Resource:
    return Resource(id=role.id, type=ROLE, name=role.name, location="")


def _lab_of(tags: Mapping[str, str]) -> tuple[str | None, str | None]:
    return tag_of(tags, LAB_TAG), tag_of(tags, STACK_TAG)


def _owner(tags: Mapping[str, str]) -> str:
    return f"lab {tag_of(tags, LAB_TAG) or tag_of(tags, COURSE_TAG)}"


def _is_at_or_below(resource_id: str, going: Collection[str]) -> bool:
    parts = resource_id.lower().rstrip("/").split("/")
    return any("/".join(parts[:count]) in going for count in range(5, len(parts) + 1))


def _is_named_by_us(role: RoleAssignment) -> bool:
    """Whether its name is the one that infra derives from what it grants."""
    said = f"{role.scope}\n{role.principal}\n{role.role}".lower()
    return role.name.lower() == str(uuid.uuid5(uuid.NAMESPACE_URL, said))
