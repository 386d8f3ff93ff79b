"""`visionlab cleanup plan`: what it shows, what it writes, what it refuses."""

from pathlib import Path

import pytest

from automation.cleanup.plan_file import read_plan
from tests.automation.azure.fakes import FakeClock, a_cloud
from tests.automation.cleanup.small_azure import SUBSCRIPTION, SmallAzure
from tests.automation.cli.cleanup_saying import Say, sayer


@pytest.fixture
def azure() -> SmallAzure:
    return SmallAzure()


@pytest.fixture
def say(azure: SmallAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    return sayer(azure, tmp_path, monkeypatch, capsys)


def test_a_plan_is_shown_and_written_and_nothing_is_deleted(say: Say, azure: SmallAzure, tmp_path: Path) -> None:
    group = azure.a_lab("fruit", locked=True)
    azure.live[azure.add(group, "Microsoft.Storage/storageAccounts", "payroll")]["tags"] = {}
    result = say("plan", "--lab", "fruit")
    assert result.code == 0
    assert result.out.splitlines()[0] == "to be deleted, in this order: lab fruit on local"
    assert [line.split("  ")[0] for line in result.out.splitlines()[2:8]] == [
        "lock",
        "ML workspace",
        "AI account",
        "key vault",
        "Log Analytics workspace",
        "storage account",
    ]
    assert "payroll   rg-fruit  foreign: visionlab did not make it" in result.out
    assert "the group rg-fruit stays: it holds payroll (foreign)" in result.out
    assert result.out.splitlines()[-1] == ("to do it: visionlab cleanup run plan.json   (it asks for the name fruit)")
    made = read_plan(tmp_path / "plan.json", cloud=a_cloud(), clock=FakeClock())
    assert (made.confirm, len(made.items), azure.writes) == ("fruit", 6, [])


def test_the_json_is_the_plan_and_its_file(say: Say, azure: SmallAzure) -> None:
    azure.a_lab("fruit")
    found = say("plan", "--group", "rg-fruit", "--out", "friday.json", "--valid-for", "2w", "--json").json
    assert (found["file"], found["valid_until"]) == ("friday.json", "2026-12-04T12:00:00+00:00")
    assert found["target"] == {"kind": "group", "name": "", "values": ["rg-fruit"], "days": 0}
    assert found["items"][0]["monthly"]["amount"] == "0"
    assert {item["why"] for item in found["items"]} == {"belongs to resource group rg-fruit"}


def test_nothing_to_delete_is_said(say: Say) -> None:
    result = say("plan", "--course", "botany")
    assert result.out.splitlines()[0] == "nothing to delete: course botany on local"


def test_the_lab_file_is_the_target_where_none_is_named(say: Say, azure: SmallAzure, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("name: fruit\n")
    azure.a_lab("fruit")
    assert say("plan", "--json").json["target"] == {"kind": "lab", "name": "fruit", "values": ["local"], "days": 0}


WRONG = [
    ((), "lab.yaml is not there: say what is to be cleaned up"),
    (("--lab", "a", "--group", "b"), "--lab and --group are two things"),
    (("--seat", "ana"), "--seat needs --course NAME"),
    (("--tag", "env"), "--tag is NAME=VALUE"),
    (("--older-than", "soon"), "'soon' is no number of days"),
    (("--older-than", "0"), "a clean-up of older-than has to be told which"),
    (("--expired",), "no blocklist says what must stay"),
    (("--expired", "--blocklist", " "), "no blocklist says what must stay"),
    (("--tag", "env=test"), "no blocklist says what must stay"),
    (("--lab", "a", "--valid-for", "91d"), "a plan is valid for 1 to 90 days, not 91"),
    (("--lab", "a", "--blocklist-file", "nowhere"), "does not exist"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_usage_is_told(say: Say, words: tuple[str, ...], said: str) -> None:
    result = say("plan", *words)
    assert (result.code, said in result.text) == (2, True), result.text


@pytest.mark.parametrize(
    "given", [("--blocklist", "rg-fruit"), ("--blocklist-file", "keep.txt"), ()], ids=["option", "file", "variable"]
)
def test_a_blocklist_comes_from_an_option_a_file_or_a_variable(
    say: Say, azure: SmallAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...]
) -> None:
    (tmp_path / "keep.txt").write_text("\ufeff# ours\nrg-fruit  # the lab\n\n")
    if not given:
        monkeypatch.setenv("VISIONLAB_BLOCKLIST", "other, RG-FRUIT")
    group = azure.a_lab("fruit")
    azure.groups[group]["tags"]["visionlab:expires"] = "2026-11-01"
    found = say("plan", "--expired", *given, "--json").json
    assert found["items"] == []
    assert {kept["reason"] for kept in found["kept"]} == {"blocklisted"}
    assert found["confirm"] == SUBSCRIPTION


def test_a_file_that_is_no_plan_is_not_written_over(say: Say, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"mine": 1}')
    result = say("plan", "--lab", "fruit")
    assert (result.code, (tmp_path / "plan.json").read_text()) == (2, '{"mine": 1}')
    assert say("plan", "--lab", "fruit", "--out", "other.json").code == 0
    assert say("plan", "--lab", "fruit", "--out", "other.json").code == 0


def test_another_subscription_is_refused_before_anything_is_looked_at(say: Say, azure: SmallAzure) -> None:
    result = say("plan", "--lab", "fruit", "--subscription", "other")
    assert (result.code, azure.requests) == (1, 0)
    assert f"the local subscription is {SUBSCRIPTION}, not other" in result.text


@pytest.mark.parametrize("part", ["/resources", "/resourceGroups", "/locks", "roleAssignments", "deletedVaults"])
def test_what_cannot_be_listed_stops_the_plan(say: Say, azure: SmallAzure, tmp_path: Path, part: str) -> None:
    azure.a_lab("fruit")
    azure.unreadable.add(part)
    result = say("plan", "--lab", "fruit")
    assert (result.code, (tmp_path / "plan.json").exists()) == (1, False)


def test_a_resource_that_cannot_be_read_stops_the_plan(say: Say, azure: SmallAzure) -> None:
    azure.a_lab("fruit")
    azure.unreadable.add("vaults/kv-fruit")
    assert say("plan", "--lab", "fruit").code == 1


def test_names_cannot_move_the_cursor(say: Say, azure: SmallAzure) -> None:
    group = azure.group("rg-x", lab="fruit")
    azure.live[azure.add(group, "Microsoft.Storage/storageAccounts", "s")]["name"] = "s\x1b[2J"
    azure.live[next(iter(azure.live))]["tags"] = {"visionlab:lab": "fruit"}
    assert "\x1b[2J" not in say("plan", "--lab", "fruit").out
