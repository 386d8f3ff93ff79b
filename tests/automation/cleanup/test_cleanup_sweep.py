"""A sweep marks what has expired, and a later one takes what is due; protection wins and is told."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.cleanup.plan import look as look_at
from automation.cleanup.plan import make_cleanup_plan
from automation.cleanup.sweep import SweepWork, put_marks, sweep_rules, sweep_work
from automation.cleanup.targets import Target
from automation.cleanup.types import Rules
from automation.errors import ConfigError, Unauthorized
from tests.automation.azure.fakes import FakeClock, a_cloud
from tests.automation.cleanup.surveys import (
    FRUIT,
    TODAY,
    a_group,
    a_resource,
    a_survey,
    choose,
    items_of,
    kept_of,
    left_over,
)
from tests.automation.cleanup.tagged_azure import TaggedAzure

WALL = ("production",)
DAY_S = 86400.0
NO_DATES = ["soon", "2026-13-01", "20261101", "01.11.2026", "2026-11-01T00:00", "\u0662\u0660\u0662\u0666-11-01"]


def look(azure: TaggedAzure, clock: FakeClock, *, grace: int = 7) -> SweepWork:
    rules = sweep_rules(WALL, grace)
    found = look_at(azure.arm(), Target.expired(), cloud=a_cloud(), rules=rules)
    return sweep_work(found, rules, clock.now().date())


def due_of(azure: TaggedAzure, clock: FakeClock, *, grace: int = 7) -> list[str]:
    rules = sweep_rules(WALL, grace)
    plan = make_cleanup_plan(azure.arm(), Target.expired(), cloud=a_cloud(), clock=clock, rules=rules)
    return [item.name for item in plan.items]


def test_the_first_sweep_marks_and_a_later_one_takes() -> None:
    azure, clock = TaggedAzure(), FakeClock()  # noon of 2026-11-20
    group = azure.expiring("fruit", "2026-11-19")
    azure.expiring("pets", "2026-11-20")
    work = look(azure, clock)
    assert [(mark.name, mark.owner, mark.expired, str(mark.due)) for mark in work.to_mark] == [
        ("rg-fruit", "fruit@example.org", "2026-11-19", "2026-11-27")
    ]
    assert due_of(azure, clock) == []
    put_marks(azure.arm(), work)
    assert azure.tags(group)["sweep"] == "2026-11-27"
    clock.sleep(6 * DAY_S)
    assert [mark.name for mark in look(azure, clock).waiting] == ["rg-fruit"]
    assert due_of(azure, clock) == []
    clock.sleep(DAY_S)
    assert due_of(azure, clock) == ["stfruit", "rg-fruit"]
    assert [mark.name for mark in look(azure, clock).to_mark] == ["rg-pets"]


def test_an_extension_frees_what_was_marked() -> None:
    azure, clock = TaggedAzure(), FakeClock()
    group = azure.expiring("fruit", "2026-11-19")
    put_marks(azure.arm(), look(azure, clock))
    azure.groups[group]["tags"]["visionlab:expires"] = "2026-12-24"  # in the portal
    clock.sleep(30 * DAY_S)
    work = look(azure, clock)
    assert (work.to_mark, [mark.name for mark in work.to_free]) == ((), ["rg-fruit"])
    assert due_of(azure, clock) == []
    put_marks(azure.arm(), work)
    assert "sweep" not in azure.tags(group)


def test_a_mark_from_before_the_last_extension_gives_grace_anew() -> None:
    azure, clock = TaggedAzure(), FakeClock()
    azure.expiring("fruit", "2026-11-19", sweep="2026-11-01")
    assert due_of(azure, clock) == []
    assert [str(mark.due) for mark in look(azure, clock).to_mark] == ["2026-11-27"]


@pytest.mark.parametrize("tag", ["expires", "sweep"])
@pytest.mark.parametrize("value", NO_DATES)
def test_a_tag_that_is_no_date_keeps_and_is_reported(tag: str, value: str) -> None:
    azure, clock = TaggedAzure(), FakeClock()
    azure.expiring("fruit", **({"expires": "2026-11-01", "sweep": "2026-11-10"} | {tag: value}))
    work = look(azure, clock)
    assert (work.to_mark, due_of(azure, clock)) == ((), [])
    assert [(kept.name, kept.words) for kept in work.kept] == [
        ("rg-fruit", f"its tag visionlab:{tag} is {value!r}, which is no date")
    ]


@pytest.mark.parametrize("tags", [{"protect": "true"}, {"protect": "2026-11-20"}])
def test_protection_beats_expiry_and_says_so(tags: dict[str, str]) -> None:
    azure, clock = TaggedAzure(), FakeClock()
    azure.expiring("fruit", "2026-11-01", sweep="2026-11-10", **tags)
    work = look(azure, clock)
    assert (work.to_mark, due_of(azure, clock)) == ((), [])
    (kept,) = work.kept
    assert kept.words.endswith(", though it expired on 2026-11-01")


def test_a_locked_group_is_neither_marked_nor_taken() -> None:
    azure, clock = TaggedAzure(), FakeClock()
    azure.lock(azure.expiring("fruit", "2026-11-01", sweep="2026-11-10"), "finance")
    work = look(azure, clock)
    assert (work.to_mark, due_of(azure, clock)) == ((), [])
    assert [kept.words for kept in work.kept] == [
        "locked by keep, which visionlab did not make, though it expired on 2026-11-01"
    ]


def test_what_visionlab_did_not_make_is_never_swept() -> None:
    azure, clock = TaggedAzure(), FakeClock()
    group = azure.expiring("fruit", "2026-11-01", sweep="2026-11-10")
    del azure.groups[group]["tags"]["visionlab:lab"]
    for entry in azure.live.values():
        del entry["tags"]["visionlab:lab"]
    work = look(azure, clock)
    assert (work, due_of(azure, clock)) == (SweepWork(to_mark=(), to_free=(), waiting=(), kept=()), [])


def test_a_tag_that_cannot_be_written_is_told_and_the_others_are_written() -> None:
    azure, clock = TaggedAzure(), FakeClock()
    azure.untaggable.add(azure.expiring("a", "2026-11-01"))
    other = azure.expiring("b", "2026-11-01")
    marked, _ = put_marks(azure.arm(), look(azure, clock))
    assert [(mark.name, bool(mark.failure)) for mark in marked] == [("rg-a", True), ("rg-b", False)]
    assert "sweep" in azure.tags(other)


def test_a_sweep_without_a_blocklist_looks_at_nothing() -> None:
    azure = TaggedAzure()
    with pytest.raises(ConfigError):
        look_at(azure.arm(), Target.expired(), cloud=a_cloud(), rules=sweep_rules((" ",), 7))
    assert azure.requests == 0


def test_a_listing_that_fails_stops_the_sweep() -> None:
    azure = TaggedAzure()
    azure.expiring("fruit", "2026-11-01")
    azure.unreadable.add("roleAssignments")
    with pytest.raises(Unauthorized):
        look(azure, FakeClock())
    assert azure.writes == []


def test_a_resource_among_strangers_bears_its_own_mark() -> None:
    tags = FRUIT | {"visionlab:expires": "2026-11-01"}
    entry = a_group(a_resource(tags=tags), a_resource(name="payroll", tags={}), tags={})
    rules = sweep_rules(WALL, 3)
    work = sweep_work(a_survey(entry), rules, TODAY)
    assert [(mark.name, str(mark.due)) for mark in work.to_mark] == [("store", "2026-11-24")]
    marked = a_group(a_resource(tags=tags | {"visionlab:sweep": "2026-11-21"}), tags={})
    assert items_of(choose(marked, target=Target.expired(), rules=rules)) == ["store"]


def test_the_later_day_of_a_group_and_a_resource_counts() -> None:
    group = FRUIT | {"visionlab:expires": "2026-11-01"}
    entry = a_group(
        a_resource(tags=group), a_resource(name="new", tags=FRUIT | {"visionlab:expires": "2027-01-01"}), tags=group
    )
    chosen = choose(entry, target=Target.expired())
    assert items_of(chosen) == ["store"]
    assert kept_of(chosen)["new"] == "not-expired: it expires on 2027-01-01"


def test_days_are_days_in_utc() -> None:
    entry = a_group(a_resource(tags=FRUIT), tags=FRUIT | {"visionlab:expires": "2026-11-20"})
    assert items_of(choose(entry, target=Target.expired(), today=date(2026, 11, 20))) == []
    assert items_of(choose(entry, target=Target.expired(), today=date(2026, 11, 21))) == ["store", "rg-fruit"]


class FarClock(FakeClock):
    """It tells the hour of Kiritimati, fourteen hours before UTC's."""

    def now(self) -> datetime:
        return super().now().astimezone(timezone(timedelta(hours=14)))


def test_a_clock_in_another_zone_means_the_same_day() -> None:
    azure, clock = TaggedAzure(), FarClock()
    assert (clock.now().day, FakeClock().now().day) == (21, 20)
    azure.expiring("fruit", "2026-11-20")
    rules = Rules(blocklist=WALL)
    plan = make_cleanup_plan(azure.arm(), Target.expired(), cloud=a_cloud(), clock=clock, rules=rules)
    assert (plan.made.isoformat(), plan.items) == ("2026-11-20T12:00:00+00:00", ())


def test_what_outlived_its_group_is_due_after_the_grace() -> None:
    rules = sweep_rules(WALL, 7)
    chosen = choose(left_over(FRUIT | {"visionlab:expires": "2026-11-13"}), target=Target.expired(), rules=rules)
    assert items_of(chosen) == ["old"]
    assert (
        items_of(choose(left_over(FRUIT | {"visionlab:expires": "2026-11-14"}), target=Target.expired(), rules=rules))
        == []
    )


@pytest.mark.parametrize(("days", "goes"), [(30, True), (50, False)])
def test_older_than_asks_the_youngest_part(days: int, *, goes: bool) -> None:
    old = a_resource(created=TODAY - timedelta(days=100))
    young = a_resource(name="young", created=TODAY - timedelta(days=40))
    chosen = choose(a_group(old, young), target=Target.older_than(days))
    assert (len(chosen.items) == 3) is goes
    unknown = choose(a_group(old, a_resource(name="young")), target=Target.older_than(days))
    assert unknown.items == ()
    assert kept_of(unknown)["store"] == "too-young: Azure does not say how old it is"


MARKS = st.sampled_from(["", "soon", "2026-11-01", "2026-11-20", "2026-11-21", "2026-12-24"])


@settings(max_examples=60, deadline=None)
@given(expires=MARKS, sweep=MARKS, grace=st.integers(0, 9))
def test_whatever_a_sweep_takes_has_expired_and_was_marked_in_time(expires: str, sweep: str, grace: int) -> None:
    tags = FRUIT | {
        name: value for name, value in (("visionlab:expires", expires), ("visionlab:sweep", sweep)) if value
    }
    entry = a_group(a_resource(), tags=tags)
    rules = sweep_rules(WALL, grace)
    goes = bool(choose(entry, target=Target.expired(), rules=rules).items)
    assert goes == (expires in {"2026-11-01", "2026-11-20"} and expires < sweep <= "2026-11-21")
    work = sweep_work(a_survey(entry), rules, TODAY)
    assert not (goes and (work.to_mark or work.to_free or work.waiting))
