"""Decides what goes and what stays. Pure: the dry run and the real run call the same function.

Owns: the order of the rules, and what holds what: a group goes whole only when everything in it goes.
Leaves: protection to `protection.py`, who owns what and what is due to `claims.py`, looking to `survey.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from automation.cleanup.claims import Claims
from automation.cleanup.extras import select_extras
from automation.cleanup.kinds import GROUP, KINDS, LOCK, row_of
from automation.cleanup.protection import Blocklist, Guard, is_our_lock, lock_scope
from automation.cleanup.reading import in_group
from automation.cleanup.shared_parts import keep_shared
from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.types import (
    DeletedResource,
    Fate,
    GroupSurvey,
    Item,
    Kept,
    Lock,
    Reason,
    Resource,
    Rules,
    Selection,
    Stage,
    Survey,
)
from automation.lab_tags import EXPIRES_TAG, tag_of

__all__ = ["concerns", "intersect", "select"]

_ORDER = {kind.type.lower(): place for place, kind in enumerate(KINDS)}


def concerns(target: Target, entry: GroupSurvey, rules: Rules) -> bool:
    """Whether something of a group may be the target's; of other groups nothing is selected and nothing told."""
    if any(target.owns(each.tags) for each in (*entry.resources, *entry.deleted)):
        return True
    if entry.group is None:
        return False
    if rules.include_foreign and target.kind is TargetKind.OLDER_THAN:
        return True
    if rules.include_foreign and target.kind is TargetKind.EXPIRED and tag_of(entry.group.tags, EXPIRES_TAG):
        return True
    return target.names_group(entry.group.name) or target.owns(entry.group.tags)


def select(found: Survey, target: Target, rules: Rules, today: date) -> Selection:
    """What goes, in the order of deletion, and what stays with the first rule that keeps it.

    Args:
        found: What is there.
        target: What is asked for.
        rules: How it is meant.
        today: The day in UTC.
    """
    blocklist = Blocklist(rules.blocklist)
    items: list[Item] = []
    kept: list[Kept] = []
    fates: list[Fate] = []
    above = [lock for lock in found.locks if not _group_name(lock_scope(lock))]
    for entry in found.groups:
        if not concerns(target, entry, rules):
            continue
        guard = Guard(entry, blocklist=blocklist, locks=above, today=today)
        one = _Group(entry, guard, Claims(entry, target, rules, today, known=found.known))
        one.decide()
        items += one.items
        kept += one.kept.values()
        fates += one.fates
    items, kept, fates = keep_shared(found, items, kept, fates)
    more, stay = select_extras(found, target, rules, today, items=items, fates=fates)
    return Selection(
        items=tuple(sorted([*items, *more], key=_place)),
        kept=tuple(sorted([*kept, *stay], key=lambda one: one.id.lower())),
        groups=tuple(sorted(fates, key=lambda fate: fate.id.lower())),
    )


def intersect(planned: Sequence[Item], now: Selection) -> Selection:
    """What a run of a plan may do: what was planned, and is still there, and is selected now too.

    A group goes whole only when everything that goes with it was planned; else what was planned goes one by one.
    """
    wanted = {item.id.lower() for item in planned}
    fresh = [item for item in now.items if item.id.lower() not in wanted]
    locked = [_scope_of(item) for item in fresh if item.stage is Stage.UNLOCK]
    grown = {item.group.lower() for item in fresh if not item.is_deleted and item.stage is not Stage.EXTRAS}
    kept = [*now.kept, *(_kept(item, Reason.CHANGED, "it is not in the plan") for item in fresh)]
    items: list[Item] = []
    for item in now.items:
        if item.id.lower() not in wanted:
            continue
        if any(in_group(item.id, scope) or in_group(scope, item.id) for scope in locked):
            kept.append(_kept(item, Reason.LOCKED, "it was locked after the plan was made"))
        elif item.type == GROUP and item.group.lower() in grown:
            kept.append(_kept(item, Reason.CHANGED, _GROWN))
        else:
            items.append(replace(item, with_group=item.with_group and item.group.lower() not in grown))
    fates = [
        replace(fate, whole=False, words=_GROWN) if fate.whole and fate.name.lower() in grown else fate
        for fate in now.groups
    ]
    return Selection(items=tuple(items), kept=tuple(sorted(kept, key=lambda one: one.id.lower())), groups=tuple(fates))


class _Group:
    """One group's selection, built up."""

    def __init__(self, entry: GroupSurvey, guard: Guard, claims: Claims) -> None:
        self._entry, self._guard, self._claims = entry, guard, claims
        self.items: list[Item] = []
        self.kept: dict[str, Kept] = {}
        self.fates: list[Fate] = []

    def decide(self) -> None:
        entry, group = self._entry, self._entry.group
        for resource in entry.resources:
            self._judge(resource)
        self._hold()
        whole = False
        if group is not None:
            self._judge(group, of=GROUP)
            stay = [kept for at, kept in self.kept.items() if at != group.id.lower()]
            if group.id.lower() not in self.kept and stay:
                words = f"it holds {_few(stay)}"
                self.kept[group.id.lower()] = _kept_resource(group, Reason.HOLDS_KEPT, words, of=GROUP)
            whole = group.id.lower() not in self.kept
            words = "" if whole else self.kept[group.id.lower()].words
            self.fates.append(Fate(id=group.id, name=group.name, whole=whole, words=words))
        for resource in entry.resources:
            if resource.id.lower() not in self.kept:
                self.items.append(self._item(resource, whole=whole))
        self._add_deleted()
        if whole and group is not None:
            self.items.append(self._group_item(group))
        self._add_locks()

    def _judge(self, resource: Resource, *, of: str = "") -> None:
        found = self._guard.why_kept(resource) or self._claims.why_kept(resource)
        if found:
            reason, words = found
            if reason not in _UNDUE and (due := self._claims.due_words(resource)):
                words = f"{words}, though it {due}"
            self.kept[resource.id.lower()] = _kept_resource(resource, reason, words, of=of)

    def _hold(self) -> None:
        """What stays keeps what it is part of, and what it cannot live without."""
        by_id = {resource.id.lower(): resource for resource in self._entry.resources}
        waiting = [by_id[at] for at in sorted(self.kept) if at in by_id]
        while waiting:
            stays = waiting.pop()
            for at in (*_parents(stays.id), *(need.lower() for need in stays.needs)):
                if at in by_id and at not in self.kept:
                    words = f"{stays.name} stays and needs it"
                    self.kept[at] = _kept_resource(by_id[at], Reason.HOLDS_KEPT, words)
                    waiting.append(by_id[at])

    def _item(self, resource: Resource, *, whole: bool) -> Item:
        row = row_of(resource.type)
        soft = row is not None and row.is_soft
        return Item(
            id=resource.id,
            type=resource.type,
            name=resource.name,
            location=resource.location,
            group=_group_name(resource.id),
            stage=row.stage if row is not None else Stage.RESOURCES,
            why=self._claims.why_in(resource),
            with_group=whole and not soft,
            soft_deletable=soft,
            purge=soft and not resource.purge_protected,
            api_version=resource.api_version,
            sku=resource.sku,
            tags=dict(resource.tags),
        )

    def _group_item(self, group: Resource) -> Item:
        item = self._item(group, whole=False)
        return replace(item, type=GROUP, group=group.name, stage=Stage.GROUP, api_version="")

    def _add_deleted(self) -> None:
        live = {resource.id.lower() for resource in self._entry.resources}
        for entry in self._entry.deleted:
            at = entry.original_id.lower()
            if at in live:
                continue  # made anew, or deleted while we looked
            resource = _as_resource(entry)
            if entry.purge_protected:
                found = (Reason.PURGE_PROTECTED, "purge protection keeps it until its retention ends")
            else:
                found = self._guard.why_kept(resource) or self._claims.why_kept(resource)
            if found:
                self.kept[at] = _kept_resource(resource, *found)
                continue
            why = "soft-deleted" if entry.is_listed else "may be soft-deleted, which no list shows"
            item = replace(self._item(resource, whole=False), is_deleted=True, purge=True)
            self.items.append(replace(item, why=f"{why}; {item.why}"))

    def _add_locks(self) -> None:
        """Our own locks on what goes."""
        group = self._entry.group
        if group is None:
            return
        going = [item.id for item in self.items if not item.is_deleted]
        for lock in self._entry.locks:
            scope = lock_scope(lock)
            if is_our_lock(lock, group.id) and any(in_group(at, scope) or in_group(scope, at) for at in going):
                self.items.append(
                    Item(
                        id=lock.id,
                        type=LOCK,
                        name=lock.id.rpartition("/")[2],
                        location="",
                        group=group.name,
                        stage=Stage.UNLOCK,
                        why="visionlab made it, and it holds what goes",
                        tags=dict(group.tags),
                    )
                )


_GROWN = "it holds what is not in the plan"

# Reasons beside which it is no news that something is due.
_UNDUE = frozenset({Reason.NOT_TARGETED, Reason.NOT_EXPIRED, Reason.BAD_DATE, Reason.TOO_YOUNG, Reason.GRACE})


def _place(item: Item) -> tuple[int, int, str]:
    return item.stage, _ORDER.get(item.type.lower(), len(_ORDER)), item.id.lower()


def _scope_of(lock: Item) -> str:
    return lock_scope(Lock(id=lock.id, notes=""))


def _parents(resource_id: str) -> Iterator[str]:
    parts = resource_id.lower().split("/")
    for count in range(len(parts) - 2, 7, -2):
        yield "/".join(parts[:count])


def _group_name(resource_id: str) -> str:
    parts = resource_id.strip("/").split("/")
    return parts[3] if len(parts) > 3 and parts[2].lower() == "resourcegroups" else ""


def _as_resource(entry: DeletedResource) -> Resource:
    return Resource(id=entry.original_id, type=entry.type, name=entry.name, location=entry.location, tags=entry.tags)


def _kept_resource(resource: Resource, reason: Reason, words: str, *, of: str = "") -> Kept:
    return Kept(
        id=resource.id,
        type=of or resource.type,
        name=resource.name,
        group=_group_name(resource.id),
        reason=reason,
        words=words,
    )


def _kept(item: Item, reason: Reason, words: str) -> Kept:
    return Kept(id=item.id, type=item.type, name=item.name, group=item.group, reason=reason, words=words)


def _few(kept: Iterable[Kept]) -> str:
    ordered = sorted(kept, key=lambda one: one.id.lower())
    names = ", ".join(f"{one.name} ({one.reason.value})" for one in ordered[:3])
    return names + (f" and {len(ordered) - 3} more" if len(ordered) > 3 else "")
