"""Moves an expiry: a lab, a course, a seat or a group gets a later day, and a sweep's mark comes off.

Owns: whom a name means, the new day, and writing both tags. Only the group's tag is written, where the group is the
lab's own: of a group's and a resource's day the later one counts.
Leaves: lab.yaml and the course's file, which say the day too, to their owners.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta

from automation.azure import Arm
from automation.cleanup.claims import expiry_of
from automation.cleanup.survey import survey
from automation.cleanup.tagging import set_tags, unset_tags
from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.types import Resource, Survey
from automation.clock import Clock
from automation.errors import ConfigError, Refused
from automation.lab_tags import (
    COURSE_TAG,
    EXPIRES_TAG,
    LAB_TAG,
    OWNER_TAG,
    SEAT_TAG,
    SWEEP_TAG,
    is_made_by_visionlab,
    tag_of,
)
from automation.progress import Progress, silent

__all__ = ["Extension", "extend", "find_target", "plan_extension"]

_KINDS = {"lab": TargetKind.LAB, "course": TargetKind.COURSE, "seat": TargetKind.SEATS, "group": TargetKind.GROUP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A group, or a resource among strangers, whose day moves.

    Attributes:
        before: The value of its tag now.
        until: The new last day; None: it stays as it is, and `words` say why.
        mark: The sweep's mark that comes off; empty where it has none.
    """

    id: str
    name: str
    owner: str
    before: str
    until: date | None
    mark: str = ""
    words: str = ""


def extend(
    arm: Arm,
    name: str,
    *,
    subscription: str,
    clock: Clock,
    until: date | None = None,
    days: int = 0,
    progress: Progress = silent,
) -> tuple[Extension, ...]:
    """Move the expiry of what a name means: to a day, or by days from its last day or today, whichever is later.

    Args:
        arm: Of the subscription's cloud.
        name: A lab, a course, course/seat, or a group; "lab:x", "course:x", "seat:x/y", "group:x" when two are alike.
        subscription: Its id.
        clock: Its day in UTC is today.
        until: The new last day.
        days: Or how many days more.
        progress: Hears what is done.

    Raises:
        Refused: The name means nothing, or two things; the day is in the past.
        ConfigError: Neither a day nor days, or both.
        ServiceError: Something could not be listed, or a tag not be written; those before it are written.
    """
    if (until is None) == (days < 1):
        raise ConfigError("an expiry moves to a day or by days", hint="say either --until DATE or --days N")
    today = clock.now().astimezone(UTC).date()
    if until is not None and until < today:
        raise Refused(f"{until} is in the past: today is {today} in UTC", hint="name a day from today on")
    progress(0, None, "looking for it")
    found = survey(arm, Target.expired(), subscription=subscription)
    target = find_target(found, name)
    moves = plan_extension(found, target, today=today, until=until, days=days)
    for done, move in enumerate(moves):
        progress(done, len(moves), move.name)
        if move.until is not None:
            set_tags(arm, move.id, {EXPIRES_TAG: move.until.isoformat()})
        if move.mark and not move.words:
            unset_tags(arm, move.id, {SWEEP_TAG: move.mark})
    return moves


def find_target(found: Survey, name: str) -> Target:
    """What a name means among what visionlab made. Raises Refused for nothing, or for two things."""
    prefix, colon, rest = name.partition(":")
    kind = _KINDS.get(prefix) if colon else None
    wanted = rest if kind else name
    means = {target for bearer in _all_of(found) for target in _readings(bearer, wanted)}
    if kind is not None:
        means = {target for target in means if target.kind is kind}
    if not means:
        raise Refused(
            f"there is no lab, course, seat or group {wanted!r} of visionlab here",
            hint="`visionlab cleanup plan --expired --blocklist none` lists what there is; a seat is COURSE/SEAT",
        )
    if len(means) > 1:
        kinds = sorted(next(word for word, of in _KINDS.items() if of is target.kind) for target in means)
        raise Refused(
            f"{wanted!r} is {' and '.join(f'a {word}' for word in kinds)}", hint=f"say {kinds[0]}:{wanted}, for example"
        )
    return means.pop()


def plan_extension(
    found: Survey, target: Target, *, today: date, until: date | None = None, days: int = 0
) -> tuple[Extension, ...]:
    """What changes, in the order of names. Pure."""
    moves: list[Extension] = []
    for bearer in _bearers(found, target):
        expiry = expiry_of(bearer)
        said = tag_of(bearer.tags, EXPIRES_TAG) or ""
        last = expiry if isinstance(expiry, date) else None
        new = until if until is not None else max(today, last or today) + timedelta(days=days)
        one = Extension(
            id=bearer.id,
            name=bearer.name,
            owner=tag_of(bearer.tags, OWNER_TAG) or "",
            before=said,
            until=new,
            mark=tag_of(bearer.tags, SWEEP_TAG) or "",
        )
        if expiry is None:
            one = replace(one, until=None, words="it has no date of expiry")
        elif last is not None and last >= new:
            one = replace(one, until=None, words="" if last == new else f"it expires later already, on {last}")
        moves.append(one)
    return tuple(sorted(moves, key=lambda move: move.id.lower()))


def _bearers(found: Survey, target: Target) -> Iterator[Resource]:
    for entry in found.groups:
        named = entry.group is not None and target.names_group(entry.group.name)
        if entry.group is not None and (
            named or (target.kind is not TargetKind.GROUP and target.owns(entry.group.tags))
        ):
            yield entry.group
            continue
        if target.kind is not TargetKind.GROUP:
            yield from (resource for resource in entry.resources if target.owns(resource.tags))


def _all_of(found: Survey) -> Iterator[Resource]:
    for entry in found.groups:
        own = [entry.group] if entry.group is not None else []
        yield from (each for each in (*own, *entry.resources) if is_made_by_visionlab(each.tags))


def _readings(bearer: Resource, name: str) -> Iterator[Target]:
    lab, course, seat = (tag_of(bearer.tags, tag) for tag in (LAB_TAG, COURSE_TAG, SEAT_TAG))
    if lab == name:
        yield Target.lab(name)
    if course == name:
        yield Target.course(name)
    if course and seat and name == f"{course}/{seat}":
        yield Target.seats(course, seat)
    if bearer.id.count("/") == 4 and bearer.name.lower() == name.lower():  # a group's id
        yield Target.groups(bearer.name)
