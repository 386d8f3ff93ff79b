"""`visionlab cleanup run` and `verify`: a typed name, a receipt, and exit codes that schedules can use."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.cleanup.targets import Target
from tests.automation.azure.fakes import FakeClock
from tests.automation.cleanup.small_azure import ACCOUNT, STORAGE, SmallAzure
from tests.automation.cli.cleanup_saying import Say, sayer

DAY_S = 86_400.0


@pytest.fixture
def azure() -> SmallAzure:
    made = SmallAzure()
    made.a_lab("fruit")
    made.a_lab("pets")
    return made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def say(
    azure: SmallAzure,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Say:
    """The command, with a plan for the lab fruit in plan.json."""
    made = sayer(azure, tmp_path, monkeypatch, capsys, clock)
    assert made("plan", "--lab", "fruit").code == 0
    return made


def test_nothing_but_the_name_confirms(say: Say, azure: SmallAzure) -> None:
    nobody = say("run", "plan.json")
    assert (nobody.code, "add --confirm fruit when you mean it" in nobody.text) == (1, True)
    wrong = say("run", "plan.json", "--confirm", "yes")
    assert (wrong.code, "--confirm says 'yes', and the plan asks for 'fruit'" in wrong.text) == (1, True)
    assert say("run", "plan.json", "--yes").code == 2
    assert azure.writes == []


def test_a_plan_is_run_proved_and_on_a_receipt(say: Say, azure: SmallAzure, tmp_path: Path) -> None:
    result = say("run", "plan.json", "--confirm", "fruit", "--json").json
    assert (result["proved"], result["failed"], result["open"], result["left_behind"]) == (True, [], [], [])
    assert len(result["gone"]) == 6
    assert {*azure.groups} == {at for at in azure.groups if at.endswith("/rg-pets")}
    receipt = Path(result["receipt"])
    assert receipt.parent == tmp_path / ".visionlab" / "cleanup"
    assert Path(result["receipt_page"]).read_text("utf-8").startswith("<!doctype html>")
    again = say("verify", str(receipt), "--json").json
    assert (again["proved"], again["left_behind"]) == (True, [])
    chain = say("verify", str(receipt), "--chain", "--seal", again["seal"], "--json").json
    assert (chain["unchanged"], chain["added"], chain["seal"]) == (True, 0, again["seal"])
    older = say("verify", str(receipt), "--chain", "--seal", result["seal"], "--json").json
    assert (older["unchanged"], older["added"]) == (True, 1)


def test_a_strange_seal_and_a_changed_receipt_are_refused(say: Say) -> None:
    result = say("run", "plan.json", "--confirm", "fruit", "--json").json
    receipt = Path(result["receipt"])
    strange = say("verify", str(receipt), "--chain", "--seal", "00")
    assert (strange.code, "no record of" in strange.text) == (1, True)
    document = json.loads(receipt.read_text("utf-8"))
    document["outcome"]["left_behind"] = ["something"]
    receipt.write_text(json.dumps(document), "utf-8")
    changed = say("verify", str(receipt), "--chain")
    assert (changed.code, "was changed since it was written: its summary does not fit" in changed.text) == (1, True)


def test_a_frozen_plan_deletes_days_later_what_is_still_there_and_unprotected(
    say: Say, azure: SmallAzure, clock: FakeClock
) -> None:
    clock.sleep(2 * DAY_S)
    store = next(at for at in azure.live if at.endswith("st-fruit"))
    azure.live[store]["tags"]["visionlab:protect"] = "2027-01-01"
    done = say("run", "plan.json", "--confirm", "fruit")
    assert done.code == 0
    assert "stays: storage account st-fruit" in done.text
    assert [at for at in azure.live if "fruit" in at] == [store]


REFUSED: dict[str, Callable[[dict[str, Any]], object]] = {
    "was changed since it was written": lambda plan: plan["items"].pop(),
    "is no plan and no receipt|is no clean-up plan": lambda plan: plan.update(format="other"),
}


@pytest.mark.parametrize("words", REFUSED)
def test_a_plan_edited_by_hand_deletes_nothing(say: Say, azure: SmallAzure, words: str) -> None:
    document = json.loads(Path("plan.json").read_text("utf-8"))
    REFUSED[words](document)
    Path("plan.json").write_text(json.dumps(document), "utf-8")
    said = say("run", "plan.json", "--confirm", "fruit")
    assert said.code != 0
    assert any(word in said.text for word in words.split("|"))
    assert azure.writes == []


def test_a_plan_past_its_limit_deletes_nothing(say: Say, azure: SmallAzure, clock: FakeClock) -> None:
    clock.sleep(8 * DAY_S)
    said = say("run", "plan.json", "--confirm", "fruit")
    assert (said.code, "was valid until" in said.text) == (1, True)
    assert azure.writes == []


def test_what_failed_is_named_and_the_same_command_goes_on(say: Say, azure: SmallAzure) -> None:
    azure.refuse["deletedAccounts"] = "AuthorizationFailed"
    said = say("run", "plan.json", "--confirm", "fruit")
    assert said.code == 1
    for words in ("FAILED: AI account cv-fruit", "purging needs a role on the subscription", "LEFT BEHIND"):
        assert words in said.text
    assert "to go on: visionlab cleanup run plan.json" in said.text
    azure.refuse.clear()
    assert say("run", "plan.json", "--confirm", "fruit", "--json").json["proved"] is True


def test_without_waiting_a_later_look_ends_it(say: Say, azure: SmallAzure) -> None:
    begun = say("run", "plan.json", "--confirm", "fruit", "--no-wait", "--json").json
    assert ([entry["outcome"] for entry in begun["open"]], begun["checked"]) == (["begun", "begun"], [])
    azure.settle()
    looked = say("verify", "plan.json", "--json").json
    assert (looked["proved"], looked["open"]) == (True, [])


def test_what_azure_is_still_at_is_no_failure(say: Say, azure: SmallAzure) -> None:
    azure.slowness = 10**9
    said = say("run", "plan.json", "--confirm", "fruit")
    assert said.code == 3
    assert "BEGUN: ML workspace mlw-fruit" in said.text
    azure.settle()
    azure.slowness = 3
    assert say("run", "plan.json", "--confirm", "fruit").code == 0


def test_verify_says_what_is_left_and_what_cannot_be_seen(say: Say, azure: SmallAzure) -> None:
    left = say("verify", "plan.json")
    assert left.code == 1
    assert "LEFT BEHIND: resource group rg-fruit" in left.text
    azure.unreadable.add("deletedVaults")
    blind = say("verify", "plan.json")
    assert (blind.code, "LEFT BEHIND" in blind.text) == (1, False)
    assert azure.writes == []


def test_verify_names_new_things_of_the_lab_and_states_on_this_machine(
    say: Say, azure: SmallAzure, tmp_path: Path
) -> None:
    plan = azure.plan(Target.lab("fruit"))
    say("run", "plan.json", "--confirm", "fruit")
    late = azure.add(azure.group("rg-late"), ACCOUNT, "late", lab="fruit", stack="local")
    state = {"deployment": {"resources": [{"id": plan.items[0].id}, {"id": f"{late}-other"}, {"urn": "x"}]}}
    (tmp_path / ".visionlab" / "stacks").mkdir(parents=True)
    (tmp_path / ".visionlab" / "stacks" / "local.json").write_text(json.dumps(state), "utf-8")
    said = say("verify", "plan.json", "--json")
    assert said.code == 1
    assert json.loads(said.out)["left_behind"] == [
        f"AI account late ({late})",
        "the state of stack local still lists 1 of them: visionlab lab refresh, or lab down",
    ]


def test_a_foreign_thing_keeps_its_group_and_its_life(say: Say, azure: SmallAzure) -> None:
    group = next(at for at in azure.groups if at.endswith("/rg-fruit"))
    foreign = azure.add(group, STORAGE, "payroll")
    said = say("run", "plan.json", "--confirm", "fruit", "--json")
    assert [at for at in azure.live if "fruit" in at] == [foreign]
    kept = {entry["id"]: entry["words"] for entry in json.loads(said.out)["kept"]}
    assert list(kept) == [group]
