"""An expiry moves, and a sweep's mark comes off."""

from datetime import date

import pytest

from automation.cleanup.extend import Extension, extend
from automation.errors import ConfigError, Refused
from tests.automation.azure.fakes import FakeClock
from tests.automation.cleanup.small_azure import STORAGE, SUBSCRIPTION
from tests.automation.cleanup.tagged_azure import TaggedAzure

LATER = date(2026, 12, 24)


def move(
    azure: TaggedAzure, name: str, *, until: date | None = None, days: int = 0, clock: FakeClock | None = None
) -> tuple[Extension, ...]:
    return extend(azure.arm(), name, subscription=SUBSCRIPTION, clock=clock or FakeClock(), until=until, days=days)


def test_a_lab_gets_a_later_day_and_loses_its_mark() -> None:
    azure = TaggedAzure()
    group = azure.expiring("fruit", "2026-11-01", sweep="2026-11-20", env="class")
    other = azure.expiring("pets", "2026-11-01", sweep="2026-11-20")
    (moved,) = move(azure, "fruit", until=LATER)
    assert (moved.name, moved.owner, moved.before, moved.until, moved.mark) == (
        "rg-fruit", "fruit@example.org", "2026-11-01", LATER, "2026-11-20",
    )  # fmt: skip
    assert azure.tags(group) == {
        "lab": "fruit", "stack": "local", "expires": "2026-12-24", "owner": "fruit@example.org", "env": "class",
    }  # fmt: skip
    assert azure.tags(other)["sweep"] == "2026-11-20"


@pytest.mark.parametrize(
    ("before", "after"), [("2026-12-01", "2026-12-11"), ("2026-11-01", "2026-11-30"), ("soon", "2026-11-30")]
)
def test_days_count_from_the_last_day_or_from_today(before: str, after: str) -> None:
    azure = TaggedAzure()
    group = azure.expiring("fruit", before)
    move(azure, "fruit", days=10)
    assert azure.tags(group)["expires"] == after


def test_a_day_is_never_made_earlier_and_none_is_invented() -> None:
    azure = TaggedAzure()
    azure.expiring("fruit", "2027-01-01")
    azure.group("rg-free", lab="free", stack="local")
    (later,) = move(azure, "fruit", until=LATER)
    (free,) = move(azure, "free", until=LATER)
    assert (later.until, later.words) == (None, "it expires later already, on 2027-01-01")
    assert (free.until, free.words) == (None, "it has no date of expiry")
    assert azure.writes == []


def test_a_second_time_changes_nothing() -> None:
    azure = TaggedAzure()
    azure.expiring("fruit", "2026-11-01", sweep="2026-11-20")
    move(azure, "fruit", until=LATER)
    azure.writes.clear()
    move(azure, "fruit", until=LATER)
    assert azure.writes == []


def test_a_course_a_seat_and_a_group_are_found_by_their_names() -> None:
    azure = TaggedAzure()
    for seat in ("ana", "ben"):
        azure.expiring(f"botany-{seat}", "2026-11-01", course="botany", seat=seat)
    assert [moved.name for moved in move(azure, "botany", until=LATER)] == ["rg-botany-ana", "rg-botany-ben"]
    assert [moved.name for moved in move(azure, "botany/ben", days=1)] == ["rg-botany-ben"]
    assert [moved.name for moved in move(azure, "RG-Botany-Ana", days=1)] == ["rg-botany-ana"]


def test_a_name_that_means_two_things_has_to_say_which() -> None:
    azure = TaggedAzure()
    lab = azure.expiring("botany", "2026-11-01")
    seat = azure.expiring("botany-ana", "2026-11-01", course="botany", seat="ana")
    with pytest.raises(Refused) as caught:
        move(azure, "botany", until=LATER)
    assert (str(caught.value), caught.value.hint) == (
        "'botany' is a course and a lab",
        "say course:botany, for example",
    )
    move(azure, "lab:botany", until=LATER)
    assert (azure.tags(lab)["expires"], azure.tags(seat)["expires"]) == ("2026-12-24", "2026-11-01")


def test_what_lies_in_a_group_of_somebody_else_is_extended_alone() -> None:
    azure = TaggedAzure()
    group = azure.group("theirs")
    azure.add(group, STORAGE, "store", lab="fruit", stack="local", expires="2026-11-01")
    assert [moved.name for moved in move(azure, "fruit", until=LATER)] == ["store"]


@pytest.mark.parametrize("name", ["nothing", "group:theirs", "theirs", "botany/nobody", ""])
def test_what_visionlab_did_not_make_is_not_found(name: str) -> None:
    azure = TaggedAzure()
    azure.group("theirs", expires="2026-11-01")
    with pytest.raises(Refused):
        move(azure, name, until=LATER)
    assert azure.writes == []


def test_a_day_in_the_past_in_utc_is_refused() -> None:
    azure = TaggedAzure()
    azure.expiring("fruit", "2026-11-01")
    with pytest.raises(Refused) as caught:
        move(azure, "fruit", until=date(2026, 11, 19))
    assert str(caught.value) == "2026-11-19 is in the past: today is 2026-11-20 in UTC"
    with pytest.raises(ConfigError):
        move(azure, "fruit", until=LATER, days=3)
    with pytest.raises(ConfigError):
        move(azure, "fruit")
