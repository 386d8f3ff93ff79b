"""Proves that a clean-up is done: looks for everything again, live and soft-deleted, and says what it found.

Owns: what is looked for, and the sentences of the proof. Whatever cannot be listed is an error, and no proof.
Leaves: reading lists to `survey.py`; stacks and local state to whoever keeps them.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC

from automation.azure import Arm
from automation.cleanup.kinds import GROUP, LOGS, ML, SOFT_KINDS
from automation.cleanup.reading import in_group, read_group, read_resource, reading
from automation.cleanup.removal import LOGS_STAY
from automation.cleanup.select import intersect, select
from automation.cleanup.survey import RESOURCES_API, deleted_in, survey
from automation.cleanup.targets import TargetKind
from automation.cleanup.types import CleanupPlan, DeletedResource, Proof, Reason, Resource, Selection, Stage
from automation.cleanup.wording import label_of
from automation.clock import Clock, SystemClock
from automation.progress import Progress, silent

__all__ = ["verify_cleanup", "with_local"]

_SYSTEM_CLOCK = SystemClock()
FEW = 5
# Of these, whatever is there by now was to go too; what has expired or grown old since is another plan's.
_NAMED = frozenset({TargetKind.LAB, TargetKind.COURSE, TargetKind.SEATS})
Local = Callable[[], Sequence[str]]


def verify_cleanup(
    plan: CleanupPlan,
    arm: Arm,
    *,
    local: Local | None = None,
    progress: Progress = silent,
    clock: Clock = _SYSTEM_CLOCK,
) -> Proof:
    """Look for what was planned, and for whatever else the target has by now.

    What the plan itself kept, and what is protected or locked by now, is not left behind: it stays, and is said so.

    Args:
        plan: What was to go.
        arm: Of the plan's subscription.
        local: Names stacks and local state that are left; None when somebody else sees to them.
        progress: Hears what is looked at.
        clock: For the day by which dates are read.

    Raises:
        ServiceError: Something could not be listed; then nothing is proved.
    """
    subscription = f"/subscriptions/{plan.subscription}"
    live = [
        reading(read_resource, entry, "list resources")
        for entry in arm.list(f"{subscription}/resources", api_version=RESOURCES_API)
    ]
    groups = [
        reading(read_group, entry, "list resource groups")[0]
        for entry in arm.list(f"{subscription}/resourceGroups", api_version=RESOURCES_API)
    ]
    found = survey(
        arm,
        plan.target,
        subscription=plan.subscription,
        known=plan.items,
        rules=plan.rules,
        progress=progress,
    )
    now = select(found, plan.target, plan.rules, clock.now().astimezone(UTC).date())
    look = _Look(plan, live=live, groups=groups, deleted=deleted_in(arm, plan.subscription), now=now)
    return look.proof() if local is None else with_local(look.proof(), local())


def with_local(proof: Proof, left: Sequence[str]) -> Proof:
    """The proof with what a machine's own files still say of what was deleted."""
    if left:
        return Proof(checked=proof.checked, left_behind=(*proof.left_behind, *left))
    return Proof(checked=(*proof.checked, "no stack and no local state"), left_behind=proof.left_behind)


class _Look:
    def __init__(
        self,
        plan: CleanupPlan,
        *,
        live: Sequence[Resource],
        groups: Sequence[Resource],
        deleted: Sequence[DeletedResource],
        now: Selection,
    ) -> None:
        self._plan, self._now = plan, now
        self._live, self._groups, self._deleted = live, groups, deleted
        self._planned = {item.id.lower(): item for item in plan.items}
        self._whole = [item for item in plan.items if item.type == GROUP]
        by_plan = {kept.id.lower() for kept in plan.kept}
        changed = intersect(plan.items, now).kept
        self._stays = by_plan | {kept.id.lower() for kept in changed if kept.reason is not Reason.CHANGED}

    def proof(self) -> Proof:
        left = dict.fromkeys([*self._left_live(), *self._left_deleted(), *self._left_elsewhere()])
        return Proof(checked=tuple(self._checked()), left_behind=tuple(left))

    def _left_live(self) -> Iterator[str]:
        """Planned things that are there, and what a planned group holds."""
        for group in self._groups:
            if group.id.lower() in self._planned and group.id.lower() not in self._stays:
                yield f"resource group {group.name}"
        for resource in self._live:
            at = resource.id.lower()
            inside = any(in_group(at, group.id) for group in self._whole if group.id.lower() not in self._stays)
            if (at in self._planned or inside) and at not in self._stays:
                new = "" if at in self._planned else ", not in the plan"
                yield f"{label_of(resource.type)} {resource.name} ({resource.id}{new})"

    def _left_deleted(self) -> Iterator[str]:
        for entry in self._deleted:
            at = entry.original_id.lower()
            if at not in self._stays and not self._ends_by_itself(entry) and self._is_ours(entry):
                yield f"{label_of(entry.type)} {entry.name} (soft-deleted in {entry.location})"

    def _ends_by_itself(self, entry: DeletedResource) -> bool:
        """Whether nobody can purge it, whoever asks: protected, or a log workspace whose group is gone."""
        there = any(in_group(entry.original_id, group.id) for group in self._groups)
        return entry.purge_protected or (entry.type == LOGS and not there)

    def _left_elsewhere(self) -> Iterator[str]:
        """What the target has by now and the plan had not, roles and deployments outside of the groups among it."""
        for item in self._now.items:
            wanted = item.id.lower() in self._planned or self._plan.target.kind in _NAMED
            if item.with_group or not wanted or item.id.lower() in self._stays:
                continue
            if item.stage is Stage.EXTRAS or not (item.is_deleted or item.id.lower() in self._planned):
                yield f"{label_of(item.type)} {item.name} ({item.id})"

    def _is_ours(self, entry: DeletedResource) -> bool:
        if entry.original_id.lower() in self._planned:
            return True
        inside = any(in_group(entry.original_id, group.id) for group in self._whole)
        return self._plan.target.owns(entry.tags) if entry.tags else inside

    def _checked(self) -> Iterator[str]:
        there = {each.id.lower() for each in (*self._groups, *self._live)}
        gone = [group.name for group in self._whole if group.id.lower() not in there]
        if len(gone) > FEW:
            yield f"{len(gone)} resource groups are gone, and everything in them"
        else:
            yield from (f"resource group {name} is gone, and everything in it" for name in gone)
        if not any(at in self._planned for at in there):
            yield f"none of {len(self._plan.items)} planned things is among the resources of the subscription"
        of_type = {entry.type.lower() for entry in self._deleted if self._is_ours(entry)}
        for kind in SOFT_KINDS:
            if kind.deleted_path is not None and kind.type.lower() not in of_type:
                yield f"no soft-deleted {kind.label}"
        if any(item.type == ML for item in self._plan.items):
            yield "Azure has no list of soft-deleted ML workspaces: the receipt says of each how it went"
        if not any(item.stage is Stage.EXTRAS for item in self._now.items):
            yield "no role assignment and no deployment outside of the groups"
        for entry in self._deleted:
            if entry.type == LOGS and self._is_ours(entry) and self._ends_by_itself(entry):
                yield f"stays: {label_of(entry.type)} {entry.name}: {LOGS_STAY}"
        stays = [kept for kept in self._now.kept if kept.id.lower() in self._stays]
        yield from (f"stays: {label_of(kept.type)} {kept.name}: {kept.words}" for kept in stays)
