"""A teardown takes everything of the lab, for good, and nothing of anybody else's."""

from collections.abc import Callable

import pytest

from automation.cleanup import Proof, TeardownPlan, plan_teardown, run_teardown, verify_gone
from automation.errors import Conflict, Refused, ServiceError, Unauthorized
from tests.automation.azure.fakes import FakeClock
from tests.automation.cleanup.fake_subscription import (
    ACCOUNT,
    LOGS,
    ML,
    OURS,
    STORAGE,
    VAULT,
    FakeSubscription,
    G,
    S,
    a_lab,
)


def plan(subscription: FakeSubscription, *, include_foreign: bool = False, known: tuple[str, ...] = ()) -> TeardownPlan:
    return plan_teardown(
        subscription.arm(),
        resource_group_id=G,
        lab="fruit",
        stack="local",
        include_foreign=include_foreign,
        known_workspaces=known,
    )


def tear_down(subscription: FakeSubscription, clock: FakeClock | None = None) -> Proof:
    made = plan(subscription)
    run_teardown(made, subscription.arm(), clock=clock or FakeClock())
    return verify_gone(subscription.arm(), made)


def test_the_plan_names_everything_in_order_and_changes_nothing() -> None:
    subscription = a_lab()
    subscription.lock("fruit-lock", "Made by visionlab: ...")
    assert [str(step) for step in plan(subscription).steps] == [
        "remove lock fruit-lock",
        "delete and purge ML workspace fruit-ml",
        "delete and purge AI account fruit-vision",
        "delete and purge key vault fruit-kv",
        "delete and purge Log Analytics workspace fruit-logs",
        "delete resource group rg-fruit with everything in it",
    ]
    assert subscription.writes == []


def test_a_whole_lab_goes_and_is_proved_gone() -> None:
    subscription = a_lab()
    subscription.lock("fruit-lock", "Made by visionlab: ...")
    proof = tear_down(subscription)
    assert proof == Proof(
        checked=(
            "resource group rg-fruit is gone, and everything in it",
            "no resource of the subscription is tagged visionlab:lab = fruit in stack local",
            "every ML workspace was deleted with its purge; Azure lists none that are soft-deleted",
            "no soft-deleted AI account of rg-fruit",
            "no soft-deleted key vault of rg-fruit",
            "no soft-deleted Log Analytics workspace of rg-fruit",
            "no role assignment at rg-fruit or below",
        ),
        left_behind=(),
    )
    assert (subscription.live, subscription.deleted, subscription.locks) == ({}, {}, {})


def test_stages_follow_each_other_and_purges_follow_deletions() -> None:
    subscription = a_lab()
    subscription.lock("fruit-lock", "Made by visionlab: ...")
    tear_down(subscription)
    at = {write.split(" {")[0]: number for number, write in enumerate(subscription.writes)}
    group = "/resourceGroups/rg-fruit"
    lock = at[f"DELETE {group}/providers/Microsoft.Authorization/locks/fruit-lock"]
    workspace = at[f"DELETE {group}/providers/{ML}/fruit-ml"]
    account = at[f"DELETE {group}/providers/{ACCOUNT}/fruit-vision"]
    account_purge = at[
        f"DELETE /providers/Microsoft.CognitiveServices/locations/eastus{group}/deletedAccounts/fruit-vision"
    ]
    vault = at[f"DELETE {group}/providers/{VAULT}/fruit-kv"]
    vault_purge = at["POST /providers/Microsoft.KeyVault/locations/eastus/deletedVaults/fruit-kv/purge"]
    whole = at[f"DELETE {group}"]
    assert lock < workspace < min(account, vault)
    assert account < account_purge < whole
    assert vault < vault_purge < whole
    assert f"DELETE {group}/providers/{ML}/fruit-ml {{'forceToPurge': 'true'}}" in subscription.writes
    assert f"DELETE {group}/providers/{LOGS}/fruit-logs {{'force': 'true'}}" in subscription.writes


def test_progress_counts_the_steps() -> None:
    subscription, seen = a_lab(), list[tuple[float, float | None, str]]()

    def progress(done: float, total: float | None, message: str) -> None:
        seen.append((done, total, message))

    run_teardown(plan(subscription), subscription.arm(), progress=progress, clock=FakeClock())
    assert seen[0] == (0, 5, "delete and purge ML workspace fruit-ml")
    assert seen[-1] == (5, 5, "done")


def test_a_second_teardown_finds_nothing_and_proves_it() -> None:
    subscription = a_lab()
    tear_down(subscription)
    subscription.writes.clear()
    assert plan(subscription).steps == ()
    assert tear_down(subscription).left_behind == ()
    assert subscription.writes == []


def test_what_an_earlier_teardown_left_soft_deleted_is_purged() -> None:
    subscription = a_lab()
    subscription.arm().delete(G, api_version="2021-04-01")  # as somebody does in the portal
    workspace = f"{G}/providers/{ML}/fruit-ml"
    assert sorted(subscription.deleted) == sorted(
        [
            f"{G}/providers/{ACCOUNT}/fruit-vision",
            f"{G}/providers/{VAULT}/fruit-kv",
            f"{G}/providers/{LOGS}/fruit-logs",
            workspace,
        ]
    )
    made = plan(subscription, known=(workspace,))
    assert [str(step) for step in made.steps] == [
        "purge ML workspace fruit-ml, should it be soft-deleted",
        "purge deleted AI account fruit-vision",
        "purge deleted key vault fruit-kv",
        "purge deleted Log Analytics workspace fruit-logs",
    ]
    run_teardown(made, subscription.arm(), clock=FakeClock())
    assert subscription.deleted == {}


@pytest.mark.parametrize("stop_after", range(9))
def test_a_teardown_stopped_anywhere_is_finished_by_the_next(stop_after: int) -> None:
    subscription = a_lab()
    subscription.lock("fruit-lock", "Made by visionlab: ...")
    calls = [call for step in plan(subscription).steps for call in step.calls]
    arm = subscription.arm()
    for call in calls[:stop_after]:
        if call.method == "DELETE":
            arm.delete(call.path, api_version=call.api_version, params=call.params)
        else:
            arm.post(call.path, api_version=call.api_version)
    assert tear_down(subscription).left_behind == ()
    assert (subscription.live, subscription.deleted) == ({}, {})


def test_what_is_made_while_we_delete_is_purged_too() -> None:
    subscription = a_lab()
    made = plan(subscription)
    subscription.add(ACCOUNT, "late-vision")
    run_teardown(made, subscription.arm(), clock=FakeClock())
    assert subscription.deleted == {}


FOREIGN: dict[str, Callable[[FakeSubscription], object]] = {
    "Microsoft.Storage/storageAccounts/payroll": lambda s: s.add(STORAGE, "payroll", tags=None),
    "Microsoft.CognitiveServices/accounts/other": lambda s: s.add(ACCOUNT, "other", tags={"visionlab:lab": "pets"}),
    "Microsoft.KeyVault/vaults/other": lambda s: s.add(VAULT, "other", tags=OURS | {"visionlab:stack": "azure"}),
    "Microsoft.Insights/actionGroups/Alarms": lambda s: s.add("Microsoft.Insights/actionGroups", "Alarms", tags=None),
    "the resource group itself (its tag visionlab:lab is not set)": lambda s: s.group and s.group.update(tags={}),
}


@pytest.mark.parametrize("named", list(FOREIGN))
def test_foreign_resources_stop_the_teardown_and_are_named(named: str) -> None:
    subscription = a_lab()
    FOREIGN[named](subscription)
    with pytest.raises(Refused) as caught:
        plan(subscription)
    assert str(caught.value) == f"rg-fruit holds what is not lab fruit's: {named}"
    assert subscription.writes == []
    assert plan(subscription, include_foreign=True).foreign == (named,)


def test_what_azure_made_beside_the_labs_resources_is_not_foreign() -> None:
    subscription = a_lab()
    subscription.add(
        "microsoft.alertsmanagement/smartDetectorAlertRules", "Failure Anomalies - fruit-insights", tags=None
    )
    subscription.add("microsoft.insights/actiongroups", "Application Insights Smart Detection", tags=None)
    endpoint = f"{G}/providers/{ML}/fruit-ml/onlineEndpoints/e1"
    subscription.live[endpoint] = {"id": endpoint, "type": f"{ML}/onlineEndpoints", "name": "e1"}
    registry = subscription.add("Microsoft.ContainerRegistry/registries", "a1b2c3", tags=None)
    subscription.add(ML, "fruit-ml", containerRegistry=registry.upper())
    assert plan(subscription).foreign == ()


def test_tags_compare_without_case_in_their_names() -> None:
    subscription = a_lab()
    subscription.add(STORAGE, "store2", tags={"VisionLab:Lab": "fruit"})
    assert plan(subscription).foreign == ()


@pytest.mark.parametrize("include_foreign", [False, True])
def test_a_lock_of_somebody_else_is_respected_whatever_is_asked(include_foreign: bool) -> None:
    subscription = a_lab()
    subscription.lock("do-not-touch", "finance")
    with pytest.raises(Refused) as caught:
        plan(subscription, include_foreign=include_foreign)
    assert str(caught.value) == "resource group rg-fruit is locked by do-not-touch, which visionlab did not make"


def test_a_lock_at_the_subscription_is_not_ours_whatever_its_notes_say() -> None:
    subscription = a_lab()
    lock_id = f"{S}/providers/Microsoft.Authorization/locks/all"
    subscription.locks[lock_id] = {"id": lock_id, "properties": {"notes": "Made by visionlab"}}
    with pytest.raises(Refused):
        plan(subscription)


def test_a_group_that_another_resource_manages_is_left_alone() -> None:
    subscription = a_lab()
    assert subscription.group is not None
    subscription.group["managedBy"] = "/subscriptions/s1/x"
    with pytest.raises(Refused):
        plan(subscription, include_foreign=True)


@pytest.mark.parametrize(
    "part", ["/resources", "/locks", "/deletedAccounts", "/deletedVaults", "/deletedWorkspaces", "vaults/fruit-kv"]
)
def test_not_being_able_to_look_is_never_nothing(part: str) -> None:
    subscription = a_lab()
    subscription.forbidden.add(part)
    with pytest.raises(Unauthorized):
        plan(subscription)


@pytest.mark.parametrize("part", ["/resources", "/roleAssignments", "/deletedAccounts", "/deletedVaults"])
def test_what_cannot_be_listed_is_not_proved(part: str) -> None:
    subscription = a_lab()
    made = plan(subscription)
    run_teardown(made, subscription.arm(), clock=FakeClock())
    subscription.forbidden.add(part)
    with pytest.raises(Unauthorized):
        verify_gone(subscription.arm(), made)


def test_an_unreadable_entry_of_a_listing_is_an_error() -> None:
    subscription = a_lab()
    subscription.deleted[f"{G}/providers/{LOGS}/x"] = {"type": LOGS, "name": "x"}
    with pytest.raises(ServiceError) as caught:
        plan(subscription)
    assert str(caught.value) == "list deleted Log Analytics workspaces: an entry cannot be read ('id')"


def test_a_lock_that_was_removed_may_block_for_a_while() -> None:
    subscription, clock = a_lab(), FakeClock()
    subscription.lock("fruit-lock", "Made by visionlab: ...")
    subscription.slow_lock = 3
    assert tear_down(subscription, clock).left_behind == ()
    assert sum(clock.slept) == 15.0


def test_a_lock_that_stays_ends_the_teardown() -> None:
    subscription, clock = a_lab(), FakeClock()
    subscription.lock("fruit-lock", "Made by visionlab: ...")
    subscription.slow_lock = 1000
    with pytest.raises(Conflict) as caught:
        tear_down(subscription, clock)
    assert (caught.value.code, len(clock.slept)) == ("ScopeLocked", 11)


def test_only_locks_are_waited_for() -> None:
    subscription, clock = a_lab(), FakeClock()
    subscription.lock("fruit-lock", "Made by visionlab: ...")
    subscription.busy.add(f"{VAULT}/fruit-kv")
    with pytest.raises(Conflict) as caught:
        tear_down(subscription, clock)
    assert (caught.value.code, clock.slept) == ("VaultInUse", [])


def test_without_a_lock_of_ours_a_locked_scope_is_not_waited_for() -> None:
    subscription, clock = a_lab(), FakeClock()
    subscription.slow_lock = 1
    with pytest.raises(Conflict):
        tear_down(subscription, clock)
    assert clock.slept == []


def test_a_failing_step_lets_the_others_of_its_stage_finish_and_stops_the_next_stage() -> None:
    subscription = a_lab()
    made = plan(subscription)
    subscription.forbidden.add("locations/eastus")  # both purges
    with pytest.raises(Unauthorized) as caught:
        run_teardown(made, subscription.arm(), clock=FakeClock())
    hint = str(caught.value.hint)
    assert hint.startswith("purging needs a role on the subscription, not only on the group")
    assert "also failed: " in hint
    assert subscription.group is not None
    assert f"{G}/providers/{LOGS}/fruit-logs" not in subscription.live
    subscription.forbidden.clear()
    assert tear_down(subscription).left_behind == ()


def test_a_purge_protected_vault_is_named_and_not_fought() -> None:
    subscription = a_lab()
    subscription.add(VAULT, "fruit-kv", enablePurgeProtection=True)
    made = plan(subscription)
    assert made.kept == ("key vault fruit-kv: purge protection keeps it until its retention ends",)
    assert "delete key vault fruit-kv" in [str(step) for step in made.steps]
    run_teardown(made, subscription.arm(), clock=FakeClock())
    assert verify_gone(subscription.arm(), made).left_behind == ("key vault fruit-kv (soft-deleted in eastus)",)


def test_what_another_lab_left_in_a_group_of_this_name_is_not_ours() -> None:
    subscription = a_lab()
    other = subscription.add(ACCOUNT, "pets-vision", tags={"visionlab:lab": "pets"})
    subscription.deleted[other] = subscription.live.pop(other)
    assert tear_down(subscription).left_behind == ()
    assert list(subscription.deleted) == [other]


def test_the_proof_names_everything_that_is_left() -> None:
    subscription = a_lab()
    moved = subscription.add(STORAGE, "moved", group=f"{S}/resourceGroups/elsewhere")
    subscription.add(
        STORAGE, "other-stack", group=f"{S}/resourceGroups/elsewhere", tags=OURS | {"visionlab:stack": "azure"}
    )
    role = f"{G}/providers/{STORAGE}/fruitstore/providers/Microsoft.Authorization/roleAssignments/r1"
    subscription.roles = [role, f"{S}/providers/Microsoft.Authorization/roleAssignments/r2"]
    gone = subscription.add(ACCOUNT, "old-vision")
    subscription.deleted[gone] = subscription.live.pop(gone)
    proof = verify_gone(subscription.arm(), plan(subscription))
    assert proof.left_behind == (
        "resource group rg-fruit",
        "Microsoft.Storage/storageAccounts/fruitstore",
        "Microsoft.CognitiveServices/accounts/fruit-vision",
        "Microsoft.KeyVault/vaults/fruit-kv",
        "Microsoft.OperationalInsights/workspaces/fruit-logs",
        "Microsoft.Insights/components/fruit-insights",
        "Microsoft.MachineLearningServices/workspaces/fruit-ml",
        f"Microsoft.Storage/storageAccounts/moved (in another group: {moved})",
        "AI account old-vision (soft-deleted in eastus)",
        f"role assignment {role}",
    )
    assert proof.checked == (
        "every ML workspace was deleted with its purge; Azure lists none that are soft-deleted",
        "no soft-deleted key vault of rg-fruit",
        "no soft-deleted Log Analytics workspace of rg-fruit",
    )


def test_a_group_whose_name_only_begins_like_ours_is_another_group() -> None:
    subscription = a_lab()
    other = subscription.add(ACCOUNT, "other", group=f"{G}-2", tags=None)
    subscription.deleted[other] = subscription.live.pop(other)
    assert tear_down(subscription).left_behind == ()
    assert list(subscription.deleted) == [other]
