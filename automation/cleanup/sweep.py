"""What a scheduled sweep has to do: mark what has expired with a day, and let a later sweep take what is due.

Owns: who is marked, whose mark is void, and what is told of what stays. `sweep_work` is pure; `put_marks` writes tags.
Leaves: deleting what is due to `run.py`, by a plan whose rules want the mark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from automation.azure import Arm
from automation.cleanup.claims import expiry_of
from automation.cleanup.kinds import GROUP
from automation.cleanup.select import select
from automation.cleanup.tagging import set_tags, unset_tags
from automation.cleanup.targets import Target
from automation.cleanup.types import GroupSurvey, Kept, Reason, Resource, Rules, Survey
from automation.errors import LabError
from automation.lab_tags import OWNER_TAG, SWEEP_TAG, as_day, tag_of
from automation.progress import Progress, silent

__all__ = ["Mark", "SweepWork", "put_marks", "sweep_rules", "sweep_work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One group, or one resource among strangers, that a sweep marks, has marked, or frees of its mark.

    Attributes:
        due: The day from which a sweep may delete it; None: the mark is taken off.
        set_before: The mark that it has, as it stands there; empty where it has none.
        failure: Why the tag could not be written.
    """

    id: str
    name: str
    owner: str
    expired: str
    due: date | None
    set_before: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepWork:
    """What a sweep finds to do with tags, and what it tells.

    Attributes:
        to_mark: Has expired, and no sweep has marked it yet.
        to_free: Is marked, and was extended since.
        waiting: Is marked, and its day has not come.
        kept: Has expired, and protection or a tag that is no date keeps it.
    """

    to_mark: tuple[Mark, ...]
    to_free: tuple[Mark, ...]
    waiting: tuple[Mark, ...]
    kept: tuple[Kept, ...]


def sweep_rules(blocklist: Sequence[str], grace_days: int) -> Rules:
    """The rules of what a sweep may delete: marked, due, and nothing of others."""
    return Rules(blocklist=tuple(blocklist), grace_days=grace_days, marked=True)


def sweep_work(found: Survey, rules: Rules, today: date) -> SweepWork:
    """Whom to mark and whom to free, from what was found."""
    due = today + timedelta(days=rules.grace_days)
    expired = select(found, Target.expired(), replace(rules, marked=False, grace_days=0), today)
    going = {item.id.lower() for item in expired.items if not item.is_deleted}
    groups = {item.group.lower() for item in expired.items if not item.is_deleted}
    to_mark, to_free, waiting = list[Mark](), list[Mark](), list[Mark]()
    for bearer, whole in (pair for entry in found.groups for pair in _bearers(entry)):
        said = tag_of(bearer.tags, SWEEP_TAG)
        mark, expiry = as_day(said or ""), expiry_of(bearer)
        has_expired = bearer.name.lower() in groups if whole else bearer.id.lower() in going
        if said is not None and isinstance(expiry, date) and today <= expiry:
            to_free.append(_mark(bearer, expiry, due=None))
        elif has_expired and (said is None or (mark and isinstance(expiry, date) and mark <= expiry)):
            to_mark.append(_mark(bearer, expiry, due=due))
        elif has_expired and mark and today < mark:
            waiting.append(_mark(bearer, expiry, due=mark))
    chosen = select(found, Target.expired(), rules, today)
    kept = tuple(_told(found, chosen.kept, today))
    return SweepWork(to_mark=tuple(to_mark), to_free=tuple(to_free), waiting=tuple(waiting), kept=kept)


def put_marks(arm: Arm, work: SweepWork, *, progress: Progress = silent) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """Write the tags; the marks that were set and those that were taken off, each with its failure if it has one."""
    total = len(work.to_mark) + len(work.to_free)
    done: list[Mark] = []
    for mark in (*work.to_mark, *work.to_free):
        progress(len(done), total, mark.name)
        try:
            if mark.due is not None:
                set_tags(arm, mark.id, {SWEEP_TAG: mark.due.isoformat()})
            else:
                unset_tags(arm, mark.id, {SWEEP_TAG: mark.set_before})
        except LabError as exc:
            mark = replace(mark, failure=str(exc))  # noqa: PLW2901 # the same mark, with what became of it
        done.append(mark)
    return tuple(done[: len(work.to_mark)]), tuple(done[len(work.to_mark) :])


def _bearers(entry: GroupSurvey) -> Iterator[tuple[Resource, bool]]:
    """Who bears the mark: the group, or each resource of ours in a group of somebody else."""
    target = Target.expired()
    if entry.group is not None and target.owns(entry.group.tags):
        yield entry.group, True
        return
    for resource in entry.resources:
        if target.owns(resource.tags):
            yield resource, False


def _mark(bearer: Resource, expiry: date | str | None, *, due: date | None) -> Mark:
    return Mark(
        id=bearer.id,
        name=bearer.name,
        owner=tag_of(bearer.tags, OWNER_TAG) or "",
        expired=str(expiry or ""),
        due=due,
        set_before=tag_of(bearer.tags, SWEEP_TAG) or "",
    )


_TOLD = frozenset({Reason.BLOCKLISTED, Reason.LOCKED, Reason.MANAGED, Reason.PROTECTED, Reason.HOLDS_KEPT})


def _told(found: Survey, kept: Sequence[Kept], today: date) -> Iterator[Kept]:
    """What has expired and something keeps; once for a group that stays as a whole."""
    days: dict[str, date | str | None] = {}
    for entry in found.groups:
        own = [entry.group] if entry.group is not None and Target.expired().owns(entry.group.tags) else []
        days |= {each.id.lower(): expiry_of(*own, each) for each in (*own, *entry.resources)}
    told: set[tuple[str, Reason]] = set()
    for one in kept:  # a group's id sorts before those of what is in it
        expiry = days.get(one.id.lower())
        has_expired = isinstance(expiry, date) and expiry < today
        if one.reason is not Reason.BAD_DATE and not (has_expired and one.reason in _TOLD):
            continue
        if one.type == GROUP:
            told.add((one.group, one.reason))
            yield one
        elif (one.group, one.reason) not in told:
            yield one
