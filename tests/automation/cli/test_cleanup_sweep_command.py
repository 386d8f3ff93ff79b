"""`visionlab cleanup sweep` and `extend`: a schedule's view of them."""

from pathlib import Path

import pytest

from automation.workflow.lock import lab_lock
from tests.automation.azure.fakes import FakeClock
from tests.automation.cleanup.small_azure import SUBSCRIPTION
from tests.automation.cleanup.tagged_azure import TaggedAzure
from tests.automation.cli.cleanup_saying import Say, sayer

DAY_S = 86400.0
PLACE = ("--subscription", SUBSCRIPTION, "--blocklist", "production")
SURE = (*PLACE, "--confirm", SUBSCRIPTION)


@pytest.fixture
def azure() -> TaggedAzure:
    return TaggedAzure()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()  # noon of 2026-11-20


@pytest.fixture
def say(
    azure: TaggedAzure,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Say:
    return sayer(azure, tmp_path, monkeypatch, capsys, clock)


def test_the_first_sweep_marks_the_second_deletes_and_proves(say: Say, azure: TaggedAzure, clock: FakeClock) -> None:
    group = azure.expiring("fruit", "2026-11-10")
    azure.expiring("pets", "2026-12-31")
    first = say("sweep", *SURE, "--json").json
    assert [(mark["name"], mark["owner"], mark["due"]) for mark in first["marked"]] == [
        ("rg-fruit", "fruit@example.org", "2026-11-27")
    ]
    assert (first["owners"], first["due"], first["receipt"]) == (["fruit@example.org"], [], None)
    again = say("sweep", *SURE, "--json").json
    assert (again["marked"], [mark["due"] for mark in again["waiting"]]) == ([], ["2026-11-27"])
    clock.sleep(7 * DAY_S)
    last = say("sweep", *SURE, "--json").json
    assert (last["receipt"]["proved"], len(last["receipt"]["gone"])) == (True, 2)
    assert group not in azure.groups
    assert [at.rpartition("/")[2] for at in azure.groups] == ["rg-pets"]
    nothing = say("sweep", *SURE)
    assert (nothing.code, nothing.out) == (0, "nothing has expired\n")


def test_a_dry_run_writes_nothing_and_asks_nothing(say: Say, azure: TaggedAzure) -> None:
    azure.expiring("fruit", "2026-11-10")
    azure.expiring("pets", "2026-11-01", sweep="2026-11-08")
    result = say("sweep", *PLACE, "--dry-run")
    assert (result.code, azure.writes) == (0, [])
    assert result.out.splitlines() == [
        "rg-fruit of fruit@example.org, expired 2026-11-10: would be marked to go on 2026-11-27",
        "stpets: would be deleted, expired on 2026-11-01",
        "rg-pets: would be deleted, expired on 2026-11-01",
    ]


@pytest.mark.parametrize("words", [PLACE, (*PLACE, "--confirm", "yes"), (*PLACE, "--json")])
def test_where_nobody_confirms_nothing_is_written(say: Say, azure: TaggedAzure, words: tuple[str, ...]) -> None:
    azure.expiring("fruit", "2026-11-10")
    azure.expiring("pets", "2026-11-01", sweep="2026-11-08")
    assert (say("sweep", *words).code, azure.writes) == (1, [])


def test_a_sweep_that_finds_nothing_needs_no_confirmation(say: Say) -> None:
    assert say("sweep", *PLACE).code == 0


@pytest.mark.parametrize("words", [("--blocklist", "x"), ("--subscription", SUBSCRIPTION), (*PLACE, "--grace", "soon")])
def test_a_sweep_without_its_subscription_or_blocklist_is_wrong_usage(say: Say, words: tuple[str, ...]) -> None:
    assert say("sweep", *words).code == 2


def test_protection_wins_over_a_due_mark_and_is_told(say: Say, azure: TaggedAzure) -> None:
    azure.expiring("fruit", "2026-11-01", sweep="2026-11-08", protect="2026-12-31")
    result = say("sweep", *SURE)
    assert result.code == 0
    assert result.out == "rg-fruit: stays, protected until 2026-12-31, though it expired on 2026-11-01\n"
    assert azure.writes == []


def test_a_tag_that_cannot_be_written_is_told_and_the_rest_goes_on(say: Say, azure: TaggedAzure) -> None:
    azure.untaggable.add(azure.expiring("fruit", "2026-11-10"))
    azure.expiring("old", "2026-11-01", sweep="2026-11-08")
    result = say("sweep", *SURE)
    assert (result.code, [at.rpartition("/")[2] for at in azure.groups]) == (1, ["rg-fruit"])
    assert "rg-fruit of fruit@example.org, expired 2026-11-10: NOT MARKED, " in result.out


def test_a_deletion_that_fails_is_told_and_the_marks_are_set(say: Say, azure: TaggedAzure) -> None:
    group = azure.expiring("fruit", "2026-11-10")
    azure.expiring("old", "2026-11-01", sweep="2026-11-08")
    azure.refuse["resourceGroups/rg-old"] = "Conflict"
    result = say("sweep", *SURE)
    assert (result.code, azure.tags(group)["sweep"]) == (1, "2026-11-27")
    assert "FAILED: " in result.out


def test_a_listing_that_fails_stops_a_sweep_before_it_writes(say: Say, azure: TaggedAzure) -> None:
    azure.expiring("fruit", "2026-11-01", sweep="2026-11-08")
    azure.unreadable.add("deletedAccounts")
    assert (say("sweep", *SURE).code, azure.writes) == (1, [])


def test_two_sweeps_at_once_are_one_and_a_refusal(say: Say, azure: TaggedAzure, tmp_path: Path) -> None:
    azure.expiring("fruit", "2026-11-10")
    lock = tmp_path / ".visionlab" / "cleanup" / "sweep.lock"
    with lab_lock(lock, command="another", clock=FakeClock(), what="the sweep"):
        result = say("sweep", *SURE)
        assert (result.code, azure.writes) == (1, [])
        assert say("sweep", *PLACE, "--dry-run").code == 0
    assert say("sweep", *SURE).code == 0


def test_extend_moves_the_day_and_the_sweep_leaves_it(say: Say, azure: TaggedAzure, clock: FakeClock) -> None:
    azure.expiring("fruit", "2026-11-10")
    say("sweep", *SURE)
    result = say("extend", "fruit", "--days", "5w")
    assert result.out.splitlines() == [
        "rg-fruit: expires on 2026-12-25, not 2026-11-10; the mark of 2026-11-27 is off",
        "set `expires` in lab.yaml or the course too: the next `up` writes the tag that stands there",
    ]
    clock.sleep(30 * DAY_S)
    swept = say("sweep", *SURE, "--json").json
    assert (swept["marked"], swept["due"]) == ([], [])
    moved = say("extend", "fruit", "--until", "2026-12-25", "--json").json
    assert moved["moves"][0]["until"] is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fruit", "--until", "soon"), 2),
        (("fruit",), 2),
        (("fruit", "--until", "2026-12-24", "--days", "3"), 2),
        (("fruit", "--until", "2026-11-19"), 1),
        (("pets", "--days", "3"), 1),
    ],
)
def test_wrong_extensions_are_refused(say: Say, azure: TaggedAzure, words: tuple[str, ...], code: int) -> None:
    azure.expiring("fruit", "2026-11-10")
    assert (say("extend", *words).code, azure.writes) == (code, [])
