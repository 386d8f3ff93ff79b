"""What holds for every survey: protection wins, strangers stay, order does not matter, a run does what was planned."""

import random
from datetime import date, timedelta
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from automation.cleanup.protection import is_our_lock, lock_scope
from automation.cleanup.reading import in_group
from automation.cleanup.select import intersect, select
from automation.cleanup.targets import Target
from automation.cleanup.types import DeletedResource, GroupSurvey, Lock, Resource, Rules, Selection, Survey
from automation.lab_tags import is_made_by_visionlab, tag_of
from tests.automation.cleanup.surveys import ACCOUNT, FRUIT, ML, STORAGE, TODAY, VAULT, S, a_lock

T = TypeVar("T")
DAYS = ["2026-11-20", "2026-11-21", "2026-11-22", "soon", ""]
ANY_TAGS = st.fixed_dictionaries(
    {},
    optional={
        "visionlab:lab": st.sampled_from(["fruit", "pets"]),
        "visionlab:stack": st.sampled_from(["azure", "local"]),
        "visionlab:course": st.just("botany"),
        "visionlab:seat": st.sampled_from(["ana", "ben"]),
        "visionlab:expires": st.sampled_from(DAYS),
        "VisionLab:Protect": st.sampled_from([*DAYS, "true", "false"]),
        "DoNotDelete": st.sampled_from(["", "true", "False"]),
        "visionlab:sweep": st.sampled_from(DAYS),
        "env": st.just("test"),
    },
)
# What would go by itself is frequent, so that what keeps it is what is tested.
OURS = FRUIT | {"visionlab:course": "botany", "visionlab:seat": "ana", "visionlab:expires": "2026-11-01", "env": "test"}
TAGS = st.sampled_from([False, False, True]).flatmap(lambda anything: ANY_TAGS if anything else st.just(OURS))
CREATED = st.sampled_from([date(2026, 1, 1), date(2026, 1, 1), date(2026, 11, 20), None])
TARGETS = st.sampled_from(
    [
        Target.lab("fruit"),
        Target.lab("fruit", stack="azure"),
        Target.course("botany"),
        Target.seats("botany", "ana"),
        Target.groups("rg-0", "rg-1"),
        Target.expired(),
        Target.tagged("env", "test"),
        Target.older_than(30),
    ]
)
RULES = st.builds(
    Rules,
    include_foreign=st.booleans(),
    blocklist=st.sampled_from([("none",), ("rg-1",), ("*/n0",), ("rg-*",)]),
    grace_days=st.sampled_from([0, 3]),
    marked=st.booleans(),
)


@st.composite
def groups(draw: st.DrawFn, number: int) -> GroupSurvey:
    at = f"{S}/resourceGroups/rg-{number}"
    ids = [f"{at}/providers/{kind}/n{i}" for i, kind in enumerate((STORAGE, ACCOUNT, VAULT, ML))]
    ids.append(f"{ids[3]}/computes/c")
    live = draw(st.lists(st.sampled_from(ids), unique=True))
    resources = tuple(
        Resource(
            id=at,
            type="/".join(at.split("/")[6:8]) if "/computes/" not in at else f"{ML}/computes",
            name=at.rpartition("/")[2],
            location="eastus",
            tags=draw(TAGS),
            created=draw(CREATED),
            needs=(ids[0],) if at == ids[3] else (),
            managed_by=draw(st.sampled_from(["", "", "/other"])),
        )
        for at in live
    )
    deleted = tuple(
        DeletedResource(original_id=at, type=ACCOUNT, name="n1", location="eastus", tags=draw(TAGS))
        for at in draw(st.lists(st.just(ids[1]), max_size=1))
    )
    own = Resource(id=at, type="group", name=f"rg-{number}", location="eastus", tags=draw(TAGS))
    return GroupSurvey(
        group=draw(st.sampled_from([own, own, own, None])),
        managed_by=draw(st.sampled_from(["", "", "", "/manager"])),
        resources=resources,
        locks=tuple(
            a_lock(scope, f"lock{i}", notes=draw(st.sampled_from(["finance", "Made by visionlab: x"])))
            for i, scope in enumerate(draw(st.lists(st.sampled_from([at, *ids]), max_size=2, unique=True)))
        ),
        deleted=deleted,
    )


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    locks: tuple[Lock, ...] = (a_lock(S),) if draw(st.integers(0, 9)) == 0 else ()
    return Survey(subscription="s1", groups=tuple(draw(groups(n)) for n in range(draw(st.integers(1, 3)))), locks=locks)


def ids_of(chosen: Selection) -> set[str]:
    return {item.id.lower() for item in chosen.items}


def shuffled(found: Survey, seed: int) -> Survey:
    dice = random.Random(seed)

    def mix(values: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(dice.sample(values, len(values)))

    mixed = tuple(
        GroupSurvey(
            group=entry.group,
            managed_by=entry.managed_by,
            resources=mix(entry.resources),
            locks=mix(entry.locks),
            deleted=mix(entry.deleted),
        )
        for entry in mix(found.groups)
    )
    return Survey(subscription=found.subscription, groups=mixed, locks=mix(found.locks))


def is_protected(resource: Resource) -> bool:
    """The rule once more, in other words."""
    keep, said = tag_of(resource.tags, "donotdelete"), tag_of(resource.tags, "visionlab:protect")
    if keep is not None and keep.lower() != "false":
        return True
    return said not in {None, "", "false", "2026-11-20"}


@settings(max_examples=60, deadline=None)
@given(found=surveys(), target=TARGETS, rules=RULES)
def test_protection_always_wins(found: Survey, target: Target, rules: Rules) -> None:
    going = ids_of(select(found, target, rules, TODAY))
    for entry in found.groups:
        own = [entry.group] if entry.group else []
        stay = [r for r in entry.resources if r.id.lower() not in going]
        held = {need.lower() for r in stay for need in r.needs}
        assert not any(
            r.id.lower() in held or any(in_group(s.id, r.id) for s in stay) for r in entry.resources if r not in stay
        )
        foreign = [*found.locks, *(k for k in entry.locks if not (own and is_our_lock(k, own[0].id)))]
        for resource in entry.resources:
            at = resource.id.lower()
            above = [*own, *(r for r in entry.resources if in_group(resource.id, r.id))]
            if (
                any(is_protected(owner) for owner in above)
                or entry.managed_by
                or any(in_group(at, lock_scope(lock)) for lock in foreign)
                or "rg-*" in rules.blocklist
                or (own and own[0].name in rules.blocklist)
            ):
                assert at not in going
                assert not own or own[0].id.lower() not in going


@settings(max_examples=60, deadline=None)
@given(found=surveys(), target=TARGETS, rules=RULES)
def test_what_visionlab_did_not_make_never_goes_without_the_flag(found: Survey, target: Target, rules: Rules) -> None:
    chosen = select(found, target, Rules(blocklist=rules.blocklist, marked=rules.marked), TODAY)
    going = ids_of(chosen)
    for entry in found.groups:
        strangers = [r for r in entry.resources if not is_made_by_visionlab(r.tags) and r.tags]
        assert not any(r.id.lower() in going for r in strangers)
        if entry.group is not None and (strangers or not is_made_by_visionlab(entry.group.tags)):
            assert entry.group.id.lower() not in going


@settings(max_examples=60, deadline=None)
@given(found=surveys(), target=TARGETS, rules=RULES, seed=st.integers(0, 9))
def test_the_order_of_what_was_found_does_not_matter(found: Survey, target: Target, rules: Rules, seed: int) -> None:
    assert select(shuffled(found, seed), target, rules, TODAY) == select(found, target, rules, TODAY)


@settings(max_examples=60, deadline=None)
@given(found=surveys(), target=TARGETS, rules=RULES)
def test_everything_of_a_group_either_goes_or_stays_with_a_reason(found: Survey, target: Target, rules: Rules) -> None:
    chosen = select(found, target, rules, TODAY)
    going, kept = ids_of(chosen), {k.id.lower() for k in chosen.kept}
    assert not going & kept
    for fate in chosen.groups:
        entry = next(e for e in found.groups if e.group is not None and e.group.id == fate.id)
        there = {r.id.lower() for r in entry.resources}
        assert there <= going | kept
        assert fate.whole == (fate.id.lower() in going)
        assert not fate.whole or there <= going
        assert not fate.whole or all(k.group != fate.name for k in chosen.kept if k.id.lower() in there)


@settings(max_examples=60, deadline=None)
@given(before=surveys(), after=surveys(), target=TARGETS, rules=RULES, later=st.integers(0, 5))
def test_what_is_done_was_planned_and_is_selected_now(
    before: Survey, after: Survey, target: Target, rules: Rules, later: int
) -> None:
    planned = select(before, target, rules, TODAY)
    assert intersect(planned.items, planned) == planned
    now = select(after, target, rules, TODAY + timedelta(days=later))
    done = intersect(planned.items, now)
    assert ids_of(done) <= ids_of(planned) & ids_of(now)
    assert ids_of(done) | {k.id.lower() for k in done.kept} >= ids_of(now)
    for fate in done.groups:
        if fate.whole:
            whole = next(e for e in after.groups if e.group is not None and e.group.id == fate.id)
            assert {r.id.lower() for r in whole.resources} <= ids_of(done)
        else:
            assert not any(item.with_group for item in done.items if item.group == fate.name)
