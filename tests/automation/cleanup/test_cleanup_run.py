"""A run deletes what was planned and still may go, for good and once, whatever happens to it on the way."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.azure import Arm
from automation.cleanup.receipt import DONE, Outcome, Receipt, with_proof
from automation.cleanup.removal import LOGS_STAY
from automation.cleanup.run import run_cleanup
from automation.cleanup.targets import Target
from automation.cleanup.types import CleanupPlan
from automation.cleanup.verify import verify_cleanup
from automation.errors import Unauthorized
from tests.automation.azure.fakes import FakeClock
from tests.automation.cleanup.small_azure import ACCOUNT, LOGS, ML, STORAGE, VAULT, KilledError, SmallAzure

FRUIT = Target.lab("fruit", stack="local")


def run(
    azure: SmallAzure, plan: CleanupPlan, folder: Path, *, clock: FakeClock | None = None, wait: bool = True
) -> Receipt:
    clock, journal = clock or FakeClock(), folder / f"{plan.id}.jsonl"
    return run_cleanup(plan, azure.arm(clock), journal=journal, clock=clock, workers=0, wait=wait)


def verified(azure: SmallAzure, receipt: Receipt, arm: Arm | None = None) -> Receipt:
    proof = verify_cleanup(receipt.plan, arm or azure.arm(), clock=FakeClock())
    return with_proof(receipt, proof, clock=FakeClock())


def outcomes(receipt: Receipt) -> dict[str, Outcome]:
    return {entry.item.name: entry.outcome for entry in receipt.entries}


def words_of(receipt: Receipt, name: str) -> str:
    return next(entry.words for entry in receipt.entries if entry.item.name == name)


def test_a_whole_lab_goes_for_good_in_order_and_is_proved_gone(tmp_path: Path) -> None:
    azure = SmallAzure()
    azure.a_lab("fruit", locked=True)
    azure.a_lab("pets")
    pets = {part: {at for at in ids if "pets" in at} for part, ids in azure.state().items()}
    receipt = verified(azure, run(azure, azure.plan(FRUIT), tmp_path))
    assert outcomes(receipt) == {
        "keep": Outcome.DELETED,
        "mlw-fruit": Outcome.PURGED,
        "cv-fruit": Outcome.PURGED,
        "kv-fruit": Outcome.PURGED,
        "log-fruit": Outcome.PURGED,
        "st-fruit": Outcome.DELETED,
        "rg-fruit": Outcome.DELETED,
    }
    assert receipt.is_proved
    assert azure.state() == pets
    group = "/resourceGroups/rg-fruit"
    at = {write: place for place, write in enumerate(azure.writes)}
    order = [
        f"DELETE {group}/providers/Microsoft.Authorization/locks/keep",
        f"DELETE {group}/providers/{ML}/mlw-fruit",
        f"DELETE {group}/providers/{VAULT}/kv-fruit",
        "POST /providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-fruit/purge",
        f"DELETE {group}",
    ]
    assert sorted(order, key=at.__getitem__) == order


def test_all_of_a_stage_is_begun_before_anything_is_waited_for(tmp_path: Path) -> None:
    azure = SmallAzure(slowness=50)
    for name in ("a", "b", "c"):
        azure.add(azure.group(f"rg-{name}", course="botany"), ML, f"mlw-{name}", course="botany")
    clock = FakeClock()
    run(azure, azure.plan(Target.course("botany")), tmp_path, clock=clock)
    kinds = [write.rpartition("/")[2] for write in azure.writes]
    assert kinds == ["mlw-a", "mlw-b", "mlw-c", "rg-a", "rg-b", "rg-c"]
    assert clock.slept_s < 60


def test_only_what_is_planned_and_still_there_and_unprotected_goes(tmp_path: Path) -> None:
    azure = SmallAzure()
    group = azure.a_lab("fruit")
    plan = azure.plan(FRUIT)
    del azure.live[f"{group}/providers/{VAULT}/kv-fruit"]
    azure.live[f"{group}/providers/{STORAGE}/st-fruit"]["tags"]["DoNotDelete"] = "yes"
    late = azure.add(group, ACCOUNT, "late", lab="fruit", stack="local")
    receipt = run(azure, plan, tmp_path)
    assert {*azure.live} == {f"{group}/providers/{STORAGE}/st-fruit", late}
    assert group in azure.groups
    assert outcomes(receipt) == {
        "mlw-fruit": Outcome.PURGED,
        "cv-fruit": Outcome.PURGED,
        "kv-fruit": Outcome.GONE,
        "log-fruit": Outcome.PURGED,
        "st-fruit": Outcome.KEPT,
        "rg-fruit": Outcome.KEPT,
    }
    assert "DoNotDelete" in words_of(receipt, "st-fruit")
    proof = verify_cleanup(plan, azure.arm(), clock=FakeClock())
    assert proof.left_behind == (f"AI account late ({late})",)


def test_what_is_made_while_the_run_goes_on_keeps_its_group(tmp_path: Path) -> None:
    azure = SmallAzure()
    group = azure.a_lab("fruit")
    plan = azure.plan(FRUIT)
    arm = azure.arm()
    made: list[str] = []

    def progress(done: float, total: float | None, message: str) -> None:
        del total, message
        if done == 3 and not made:
            made.append(azure.add(group, STORAGE, "foreign"))

    receipt = run_cleanup(plan, arm, journal=tmp_path / "j", clock=FakeClock(), workers=0, progress=progress)
    assert {*azure.live} == {*made}
    assert outcomes(receipt)["rg-fruit"] is Outcome.KEPT
    assert outcomes(receipt)["st-fruit"] is Outcome.DELETED


def test_a_failure_is_reported_keeps_its_own_group_and_lets_the_rest_go_on(tmp_path: Path) -> None:
    azure = SmallAzure()
    for name in ("a", "b"):
        azure.add(azure.group(f"rg-{name}", course="botany"), ACCOUNT, f"cv-{name}", course="botany")
    azure.refuse["deletedAccounts/cv-a"] = "AuthorizationFailed"
    plan = azure.plan(Target.course("botany"))
    clock = FakeClock()
    receipt = run(azure, plan, tmp_path, clock=clock)
    assert outcomes(receipt) == {
        "cv-a": Outcome.FAILED, "cv-b": Outcome.PURGED, "rg-a": Outcome.WAITING, "rg-b": Outcome.DELETED,
    }  # fmt: skip
    assert "purging needs a role on the subscription" in words_of(receipt, "cv-a")
    assert words_of(receipt, "rg-a") == "cv-a failed first"
    assert azure.writes.count("DELETE /providers/Microsoft.CognitiveServices/locations/eastus/resourceGroups/rg-a/"
                              "deletedAccounts/cv-a") == 1  # fmt: skip
    azure.refuse.clear()
    again = verified(azure, run(azure, plan, tmp_path))
    assert {*outcomes(again).values()} <= DONE
    assert again.is_proved
    assert azure.state() == {"groups": set(), "live": set(), "deleted": set(), "roles": set()}


def test_only_a_lock_that_we_removed_is_waited_out(tmp_path: Path) -> None:
    azure, clock = SmallAzure(), FakeClock()
    azure.a_lab("fruit", locked=True)
    plan = azure.plan(FRUIT)
    azure.lock_echo = 3
    assert {*outcomes(run(azure, plan, tmp_path, clock=clock)).values()} <= DONE
    assert clock.slept.count(5.0) >= 1

    other = SmallAzure()
    other.a_lab("fruit")
    plan = other.plan(FRUIT)
    other.lock_echo = 1
    assert outcomes(run(other, plan, tmp_path / "b"))["mlw-fruit"] is Outcome.FAILED


def test_a_lock_that_never_ends_is_given_up(tmp_path: Path) -> None:
    azure, clock = SmallAzure(), FakeClock()
    azure.a_lab("fruit", locked=True)
    plan = azure.plan(FRUIT)
    azure.lock_echo = 1000
    receipt = run(azure, plan, tmp_path, clock=clock)
    assert outcomes(receipt)["mlw-fruit"] is Outcome.FAILED
    assert "ScopeLocked" in words_of(receipt, "mlw-fruit")
    assert clock.slept_s == pytest.approx(55.0)
    assert azure.writes.count(f"DELETE /resourceGroups/rg-fruit/providers/{ML}/mlw-fruit") == 12


def test_a_stuck_workspace_is_said_with_words(tmp_path: Path) -> None:
    azure = SmallAzure()
    group = azure.a_lab("fruit")
    azure.stuck.add(f"{group}/providers/{ML}/mlw-fruit")
    receipt = run(azure, azure.plan(FRUIT), tmp_path)
    assert outcomes(receipt)["mlw-fruit"] is Outcome.FAILED
    assert "Azure holds it half-deleted" in words_of(receipt, "mlw-fruit")
    assert group in azure.groups


def test_a_workspace_that_somebody_else_deleted_is_not_called_purged(tmp_path: Path) -> None:
    azure = SmallAzure()
    group = azure.a_lab("fruit")
    plan = azure.plan(FRUIT)
    del azure.live[f"{group}/providers/{ML}/mlw-fruit"]
    receipt = run(azure, plan, tmp_path)
    assert outcomes(receipt)["mlw-fruit"] is Outcome.GONE
    assert "no list of soft-deleted ML workspaces" in words_of(receipt, "mlw-fruit")


def test_without_waiting_the_groups_are_begun_and_a_later_look_proves_them_gone(tmp_path: Path) -> None:
    azure = SmallAzure()
    azure.a_lab("fruit")
    azure.slowness = 3
    receipt = run(azure, azure.plan(FRUIT), tmp_path, wait=False)
    assert {name for name, outcome in outcomes(receipt).items() if outcome is Outcome.BEGUN} == {"rg-fruit", "st-fruit"}
    assert receipt.is_complete is False
    azure.settle()
    later = verified(azure, receipt)
    assert (later.is_complete, later.is_proved) == (True, True)
    assert {*outcomes(later).values()} <= DONE


def test_a_purge_protected_vault_is_deleted_and_said_to_stay_soft_deleted(tmp_path: Path) -> None:
    azure = SmallAzure()
    group = azure.a_lab("fruit")
    vault = f"{group}/providers/{VAULT}/kv-fruit"
    azure.live[vault]["properties"]["enablePurgeProtection"] = True
    receipt = verified(azure, run(azure, azure.plan(FRUIT), tmp_path))
    assert outcomes(receipt)["kv-fruit"] is Outcome.DELETED
    assert {*azure.deleted} == {vault}
    assert not any("/purge" in write for write in azure.writes)
    assert receipt.proof is not None
    assert receipt.proof.left_behind == ()
    assert any(said.startswith("stays: key vault kv-fruit") for said in receipt.proof.checked)


def test_a_soft_deleted_log_workspace_is_brought_back_to_be_deleted_with_force(tmp_path: Path) -> None:
    azure = SmallAzure()
    group = azure.a_lab("fruit")
    logs = f"{group}/providers/{LOGS}/log-fruit"
    azure.deleted[logs] = azure.live.pop(logs)
    receipt = verified(azure, run(azure, azure.plan(FRUIT), tmp_path))
    assert outcomes(receipt)["log-fruit"] is Outcome.PURGED
    assert receipt.is_proved
    assert azure.deleted == {}
    writes = [write.partition(" ")[0] for write in azure.writes if write.endswith("/log-fruit")]
    assert writes == ["PUT", "DELETE"]


def test_a_log_workspace_that_has_lost_its_group_is_left_to_its_end(tmp_path: Path) -> None:
    azure = SmallAzure()
    group = azure.a_lab("fruit")
    logs = f"{group}/providers/{LOGS}/log-fruit"
    azure.deleted[logs] = azure.live[logs]
    azure.groups.clear()
    azure.live.clear()
    receipt = verified(azure, run(azure, azure.plan(FRUIT), tmp_path))
    assert outcomes(receipt) == {"log-fruit": Outcome.KEPT}
    assert receipt.is_proved
    assert azure.writes == []
    assert receipt.proof is not None
    stays = [said for said in receipt.proof.checked if said.startswith("stays: ")]
    assert stays == [f"stays: Log Analytics workspace log-fruit: {LOGS_STAY}"]


def test_what_takes_longer_than_its_deadline_is_said_to_go_on(tmp_path: Path) -> None:
    azure = SmallAzure()
    azure.a_lab("fruit")
    plan = azure.plan(FRUIT)
    azure.slowness = 10**9
    receipt = run(azure, plan, tmp_path)
    assert outcomes(receipt)["mlw-fruit"] is Outcome.BEGUN
    assert "is still accepted after 1800 s" in words_of(receipt, "mlw-fruit")
    assert words_of(receipt, "rg-fruit") == "mlw-fruit failed first"
    azure.settle()
    azure.slowness = 3
    assert {*outcomes(run(azure, plan, tmp_path)).values()} <= DONE


LOOKS = ["/resources", "/resourceGroups", "/locks", "/roleAssignments", "/deployments", "/deletedVaults"]


@pytest.mark.parametrize("part", LOOKS)
def test_what_cannot_be_looked_at_stops_a_run_before_it_deletes(tmp_path: Path, part: str) -> None:
    azure = SmallAzure()
    azure.a_lab("fruit")
    plan = azure.plan(FRUIT)
    azure.unreadable.add(part)
    with pytest.raises(Unauthorized):
        run(azure, plan, tmp_path)
    assert azure.writes == []
    with pytest.raises(Unauthorized):
        verify_cleanup(plan, azure.arm(), clock=FakeClock())


FATES = ["there", "gone", "protected", "other"]


@settings(max_examples=30, deadline=None)
@given(fates=st.lists(st.sampled_from(FATES), min_size=6, max_size=6), late=st.booleans())
def test_what_is_deleted_is_what_was_planned_and_is_still_there_and_still_ours_and_unprotected(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str], late: bool
) -> None:
    azure = SmallAzure()
    groups = [azure.group(f"rg-{name}", course="botany") for name in "ab"]
    kinds = (ACCOUNT, VAULT, STORAGE)
    ids = [
        azure.add(group, kind, f"r{n}{group[-1]}", course="botany") for group in groups for n, kind in enumerate(kinds)
    ]
    plan = azure.plan(Target.course("botany"))
    for at, fate in zip(ids, fates, strict=True):
        if fate == "gone":
            del azure.live[at]
        elif fate == "protected":
            azure.live[at]["tags"]["visionlab:protect"] = "true"
        elif fate == "other":
            azure.live[at]["tags"] = {"visionlab:course": "zoology"}
    added = {azure.add(groups[0], STORAGE, "late", course="botany")} if late else set[str]()
    receipt = run(azure, plan, tmp_path_factory.mktemp("executed"))

    stay = {at for at, fate in zip(ids, fates, strict=True) if fate in {"protected", "other"}} | added
    assert {*azure.live} == stay
    assert {*azure.groups} == {group for group in groups if any(at.startswith(group) for at in stay)}
    assert azure.deleted == {}
    done = {e.item.id for e in receipt.with_outcome(Outcome.PURGED, Outcome.DELETED)} - {*groups}
    assert done == {at for at, fate in zip(ids, fates, strict=True) if fate == "there"}
    assert done | {*groups} <= {item.id for item in plan.items}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kills=st.lists(st.integers(1, 70), min_size=1, max_size=4), settles=st.booleans(), locked=st.booleans())
def test_a_run_killed_anywhere_and_run_again_leaves_no_orphan_and_touches_nothing_foreign(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int], settles: bool, locked: bool
) -> None:
    azure = SmallAzure()
    azure.a_lab("fruit", locked=locked)
    azure.a_lab("pets")
    shared = azure.add(azure.group("rg-shared"), STORAGE, "shared")
    foreign = azure.role(shared, "somebody")
    azure.role(shared, "seat", "Made by visionlab for lab fruit, stack local")
    before = azure.state()
    plan, folder = azure.plan(FRUIT), tmp_path_factory.mktemp("killed")
    for kill in kills:
        azure.kill_at = azure.requests + kill
        try:
            run(azure, plan, folder)
        except KilledError:
            if settles:
                azure.settle()
    azure.kill_at = 0
    receipt = verified(azure, run(azure, plan, folder))
    assert receipt.is_proved
    assert {*outcomes(receipt).values()} <= DONE
    assert Outcome.GONE not in outcomes(receipt).values()
    left = {part: {at for at in ids if "fruit" not in at and "seat" not in at} for part, ids in before.items()}
    assert azure.state() == left
    assert foreign in azure.roles
    assert [write for write in azure.writes if "fruit" not in write and not write.endswith("/seat")] == []
