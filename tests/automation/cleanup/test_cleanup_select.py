"""What goes, what stays, and which rule says so."""

import uuid
from typing import Any

import pytest

from automation.cleanup.kinds import calls_of
from automation.cleanup.select import intersect
from automation.cleanup.targets import Target
from automation.cleanup.types import DeletedResource, GroupSurvey, Reason, RoleAssignment, Rules, Stage
from tests.automation.cleanup.surveys import (
    ACCOUNT,
    FRUIT,
    LOGS,
    ML,
    STORAGE,
    VAULT,
    S,
    a_group,
    a_lock,
    a_resource,
    choose,
    group_id,
    items_of,
    kept_of,
)

WALL = Rules(blocklist=("production",))


def test_a_lab_goes_in_the_order_that_purges() -> None:
    found = a_group(
        a_resource(STORAGE, "store"),
        a_resource(LOGS, "logs"),
        a_resource(VAULT, "vault"),
        a_resource(ACCOUNT, "vision"),
        a_resource(ML, "ml"),
        locks=(a_lock(group_id(), "ours", notes="Made by visionlab: ..."),),
    )
    chosen = choose(found)
    assert [(item.stage.name, item.name, item.purge, item.with_group) for item in chosen.items] == [
        ("UNLOCK", "ours", False, False),
        ("ML_WORKSPACES", "ml", True, False),
        ("SOFT_DELETED_KINDS", "vision", True, False),
        ("SOFT_DELETED_KINDS", "vault", True, False),
        ("SOFT_DELETED_KINDS", "logs", True, False),
        ("RESOURCES", "store", False, True),
        ("GROUP", "rg-fruit", False, False),
    ]
    assert chosen.kept == ()
    assert [(fate.name, fate.whole, fate.words) for fate in chosen.groups] == [("rg-fruit", True, "")]
    assert {item.why for item in chosen.items[1:]} == {"belongs to lab fruit"}


def test_a_foreign_resource_survives_and_its_group_with_it() -> None:
    chosen = choose(a_group(a_resource(), a_resource(VAULT, "vault"), a_resource(name="payroll", tags={})))
    assert items_of(chosen) == ["vault", "store"]
    assert kept_of(chosen) == {
        "rg-fruit": "holds-kept: it holds payroll (foreign)",
        "payroll": "foreign: visionlab did not make it",
    }
    assert [len(calls_of(item, subscription="s1")) for item in chosen.items] == [2, 1]
    assert (chosen.groups[0].whole, chosen.groups[0].words) == (False, "it holds payroll (foreign)")


def test_foreign_resources_go_when_they_are_included_and_other_labs_never() -> None:
    pets = {"visionlab:lab": "pets"}
    found = a_group(a_resource(), a_resource(name="payroll", tags={}), a_resource(name="cats", tags=pets))
    chosen = choose(found, rules=Rules(include_foreign=True))
    assert items_of(chosen) == ["payroll", "store"]
    assert chosen.items[0].why == "visionlab did not make it, and foreign resources are included"
    assert kept_of(chosen)["cats"] == "not-targeted: belongs to lab pets"


def test_including_foreign_resources_ends_at_the_targets_own_groups() -> None:
    found = a_group(a_resource(), a_resource(name="payroll", tags={}), tags={})
    chosen = choose(found, rules=Rules(include_foreign=True))
    assert items_of(chosen) == ["store"]
    assert kept_of(chosen)["rg-fruit"] == "foreign: visionlab did not make it"
    assert kept_of(chosen)["payroll"] == "foreign: visionlab did not make it"


def test_a_group_that_is_named_and_not_visionlabs_needs_the_flag() -> None:
    found = a_group(a_resource(tags={}), tags={})
    named = Target.groups("RG-Fruit")
    assert choose(found, target=named).items == ()
    assert items_of(choose(found, target=named, rules=Rules(include_foreign=True))) == ["store", "rg-fruit"]


def test_another_stack_of_the_same_lab_is_not_meant() -> None:
    chosen = choose(a_group(a_resource()), target=Target.lab("fruit", stack="local"))
    assert (chosen.items, chosen.kept, chosen.groups) == ((), (), ())


SAYS = "protected: its tag visionlab:protect says so"
PROTECTED = [
    ({"visionlab:protect": "true"}, SAYS),
    ({"VisionLab:Protect": "2026-11-21"}, "protected: protected until 2026-11-21"),
    ({"visionlab:protect": "soon"}, "protected: its tag visionlab:protect is 'soon', which is no date"),
    ({"DoNotDelete": ""}, "protected: its tag DoNotDelete says so"),
    ({"donotdelete": "2020-01-01"}, "protected: its tag DoNotDelete says so"),
]


@pytest.mark.parametrize(("tags", "words"), PROTECTED)
def test_a_protection_tag_keeps_a_resource(tags: dict[str, str], words: str) -> None:
    chosen = choose(a_group(a_resource(), a_resource(name="keep", tags=FRUIT | tags)))
    assert items_of(chosen) == ["store"]
    assert kept_of(chosen)["keep"] == words


@pytest.mark.parametrize(("tags", "words"), PROTECTED)
def test_a_protection_tag_of_the_group_keeps_all_of_it(tags: dict[str, str], words: str) -> None:
    chosen = choose(a_group(a_resource(), tags=FRUIT | tags))
    assert chosen.items == ()
    assert kept_of(chosen) == {"rg-fruit": words, "store": f"{words} (by rg-fruit)"}


@pytest.mark.parametrize(
    "tags", [{"visionlab:protect": "false"}, {"visionlab:protect": "2026-11-20"}, {"DoNotDelete": "False"}]
)
def test_protection_that_is_over_or_off_does_not_protect(tags: dict[str, str]) -> None:
    assert items_of(choose(a_group(a_resource(tags=FRUIT | tags)))) == ["store", "rg-fruit"]


def test_the_parts_of_what_is_protected_stay_and_so_does_what_it_needs() -> None:
    store = a_resource(STORAGE, "store")
    workspace = a_resource(ML, "ml", tags=FRUIT | {"visionlab:protect": "true"}, needs=(store.id.upper(),))
    part = a_resource(f"{ML}/onlineEndpoints", "e1", id=f"{workspace.id}/onlineEndpoints/e1", tags={})
    chosen = choose(a_group(store, workspace, part, a_resource(VAULT, "vault")))
    assert items_of(chosen) == ["vault"]
    assert kept_of(chosen) == {
        "ml": SAYS,
        "e1": f"{SAYS} (by ml)",
        "store": "holds-kept: ml stays and needs it",
        "rg-fruit": "holds-kept: it holds ml (protected), e1 (protected), store (holds-kept)",
    }


def test_what_has_a_protected_part_stays() -> None:
    workspace = a_resource(ML, "ml")
    part = a_resource(f"{ML}/computes", "gpu", id=f"{workspace.id}/computes/gpu", tags={"DoNotDelete": "yes"})
    chosen = choose(a_group(workspace, part))
    assert kept_of(chosen)["ml"] == "holds-kept: gpu stays and needs it"
    assert chosen.items == ()


@pytest.mark.parametrize("scope", [S, group_id()])
def test_a_lock_of_others_above_keeps_everything(scope: str) -> None:
    lock = a_lock(scope)
    above: dict[str, Any] = {"locks": (lock,)} if scope == S else {}
    entry = a_group(a_resource(), locks=() if above else (lock,))
    chosen = choose(entry, rules=Rules(include_foreign=True), **above)
    assert chosen.items == ()
    assert set(kept_of(chosen).values()) == {"locked: locked by freeze, which visionlab did not make"}


def test_a_lock_of_others_on_one_resource_keeps_it_and_the_group() -> None:
    store = a_resource()
    chosen = choose(a_group(store, a_resource(VAULT, "vault"), locks=(a_lock(store.id),)))
    assert items_of(chosen) == ["vault"]
    assert {kept.reason for kept in chosen.kept} == {Reason.LOCKED}


def test_a_lock_with_our_words_at_the_subscription_is_not_ours() -> None:
    assert choose(a_group(a_resource()), locks=(a_lock(S, notes="Made by visionlab"),)).items == ()


def test_our_lock_stays_where_nothing_goes() -> None:
    ours = a_lock(group_id(), notes="Made by visionlab")
    chosen = choose(a_group(a_resource(), locks=(ours,), tags=FRUIT | {"DoNotDelete": "yes"}))
    assert chosen.items == ()


def test_a_managed_group_stays_and_so_does_a_managed_resource() -> None:
    assert choose(a_group(a_resource(), managed_by=f"{S}/x"), rules=Rules(include_foreign=True)).items == ()
    chosen = choose(a_group(a_resource(managed_by=f"{S}/resourceGroups/other/x"), a_resource(VAULT, "vault")))
    assert items_of(chosen) == ["vault"]
    assert kept_of(chosen)["store"] == f"managed: managed by {S}/resourceGroups/other/x"
    inside = a_resource(managed_by=f"{group_id().upper()}/providers/x/y/z")
    assert items_of(choose(a_group(inside))) == ["store", "rg-fruit"]


@pytest.mark.parametrize(
    "pattern", ["RG-Fruit", "rg-f*", group_id().upper(), f"{group_id()}/", S, "/subscriptions/*", "rg-frui?"]
)
def test_the_blocklist_keeps_a_group_by_name_id_or_pattern(pattern: str) -> None:
    chosen = choose(a_group(a_resource()), rules=Rules(blocklist=("other", pattern), include_foreign=True))
    assert chosen.items == ()
    assert kept_of(chosen)["store"] == f"blocklisted: the blocklist has {pattern}"


@pytest.mark.parametrize("pattern", ["store", "fruit", "rg-fruit2", "rg-", f"{group_id()}/providers/x", " "])
def test_the_blocklist_keeps_only_what_it_names(pattern: str) -> None:
    assert items_of(choose(a_group(a_resource()), rules=Rules(blocklist=(pattern,)))) == ["store", "rg-fruit"]


def test_rules_are_told_in_their_order() -> None:
    store = a_resource(tags=FRUIT | {"DoNotDelete": "yes"})
    entry = a_group(store, locks=(a_lock(store.id),), managed_by="/m")
    assert kept_of(choose(entry, rules=Rules(blocklist=("rg-*",))))["store"].startswith("blocklisted")
    assert kept_of(choose(entry))["store"].startswith("locked")
    assert kept_of(choose(a_group(store, managed_by="/m")))["store"].startswith("managed")
    assert kept_of(choose(a_group(store), target=Target.lab("fruit")))["store"].startswith("protected")


def test_what_azure_made_beside_ours_goes_with_it() -> None:
    alert = a_resource("Microsoft.AlertsManagement/smartDetectorAlertRules", "Failure Anomalies - i", tags={})
    action = a_resource("microsoft.insights/actiongroups", "Application Insights Smart Detection", tags={})
    registry = a_resource("Microsoft.ContainerRegistry/registries", "a1b2", tags={})
    workspace = a_resource(ML, "ml", linked=(registry.id.upper(),))
    chosen = choose(a_group(alert, action, registry, workspace, a_resource("Microsoft.Insights/components", "i")))
    assert chosen.kept == ()
    assert {item.why for item in chosen.items if item.name == "a1b2"} == {"made beside what goes"}
    theirs = a_group(alert, a_resource(), a_resource("Microsoft.Insights/components", "i", tags={}), tags={})
    assert items_of(choose(theirs)) == ["store"]


def test_a_registry_with_tags_of_its_own_was_not_made_by_the_workspace() -> None:
    registry = a_resource("Microsoft.ContainerRegistry/registries", "a1b2", tags={"team": "x"})
    chosen = choose(a_group(registry, a_resource(ML, "ml", linked=(registry.id,))))
    assert kept_of(chosen)["a1b2"] == "foreign: visionlab did not make it"


def a_leftover(
    kind: str = ACCOUNT, name: str = "old", tags: dict[str, str] | None = None, **more: bool
) -> DeletedResource:
    at = f"{group_id()}/providers/{kind}/{name}"
    own = FRUIT if tags is None else tags
    return DeletedResource(original_id=at, type=kind, name=name, location="East US", tags=own, **more)


def test_what_was_left_soft_deleted_is_purged_even_where_the_group_is_gone() -> None:
    gone = GroupSurvey(group=None, managed_by="", resources=(), locks=(), deleted=(a_leftover(),))
    chosen = choose(gone)
    (item,) = chosen.items
    assert (item.is_deleted, item.purge, item.why) == (True, True, "soft-deleted; belongs to lab fruit")
    (call,) = calls_of(item, subscription="s1")
    assert (call.method, call.path, call.is_purge) == (
        "DELETE",
        f"{S}/providers/Microsoft.CognitiveServices/locations/eastus/resourceGroups/rg-fruit/deletedAccounts/old",
        True,
    )


def test_soft_deleted_resources_of_others_and_of_nobody_are_left() -> None:
    entry = a_group(
        a_resource(), deleted=(a_leftover(tags={}), a_leftover(name="cats", tags={"visionlab:lab": "pets"}))
    )
    chosen = choose(entry)
    assert items_of(chosen) == ["store", "rg-fruit"]
    assert kept_of(chosen) == {
        "old": "foreign: visionlab did not make it",
        "cats": "not-targeted: belongs to lab pets",
    }


def test_purge_protection_is_named_and_not_fought() -> None:
    entry = a_group(
        a_resource(VAULT, "vault", purge_protected=True), deleted=(a_leftover(VAULT, "old", purge_protected=True),)
    )
    chosen = choose(entry)
    assert [(item.name, item.soft_deletable, item.purge) for item in chosen.items] == [
        ("vault", True, False),
        ("rg-fruit", False, False),
    ]
    assert len(calls_of(chosen.items[0], subscription="s1")) == 1
    assert kept_of(chosen) == {"old": "purge-protected: purge protection keeps it until its retention ends"}


def test_a_workspace_that_no_list_shows_is_purged_by_name() -> None:
    gone = GroupSurvey(
        group=None, managed_by="", resources=(), locks=(), deleted=(a_leftover(ML, "ml", is_listed=False),)
    )
    (item,) = choose(gone).items
    (call,) = calls_of(item, subscription="s1")
    assert (item.why, call.path, dict(call.params), call.is_purge) == (
        "may be soft-deleted, which no list shows; belongs to lab fruit",
        f"{group_id()}/providers/{ML}/ml",
        {"forceToPurge": "true"},
        True,
    )


SEAT = {"visionlab:lab": "botany-ana", "visionlab:stack": "botany.ana", "visionlab:course": "botany"}
ANA = SEAT | {"visionlab:seat": "ana"}


def a_role(
    name: str, scope: str, *, lab: str = "botany-ana", stack: str = "botany.ana", principal: str = "p"
) -> RoleAssignment:
    return RoleAssignment(
        id=f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        name=name,
        scope=scope,
        principal=principal,
        principal_type="User",
        role="r",
        description=f"Made by visionlab for lab {lab}, stack {stack}",
    )


SHARED = f"{group_id('rg-botany-shared')}/providers/{STORAGE}/pics"


def test_a_seats_roles_and_datastores_elsewhere_go_with_it_and_those_of_others_stay() -> None:
    seat = a_group(a_resource(group="rg-ana", tags=ANA), name="rg-ana", tags=ANA)
    mine, theirs = a_role("mine", SHARED), a_role("ben", SHARED, lab="botany-ben", stack="botany.ben")
    inside = a_role("inside", f"{group_id('rg-ana')}/providers/{STORAGE}/store")
    workspace = f"{group_id('rg-botany-shared')}/providers/{ML}/shared"
    datastore = a_resource(f"{ML}/datastores", "ana_pics", id=f"{workspace}/datastores/ana_pics", tags=ANA)
    found: dict[str, Any] = {"roles": (mine, theirs, inside), "elsewhere": (datastore,)}
    chosen = choose(seat, target=Target.seats("botany", "ana"), **found)
    assert items_of(chosen) == ["store", "rg-ana", "ana_pics", "mine"]
    assert [item.stage for item in chosen.items][2:] == [Stage.EXTRAS, Stage.EXTRAS]
    locked = choose(seat, target=Target.seats("botany", "ana"), locks=(a_lock(group_id("rg-botany-shared")),), **found)
    assert kept_of(locked)["mine"] == "locked: freeze locks where it is"


def test_roles_elsewhere_stay_while_something_of_the_lab_stays() -> None:
    seat = a_group(a_resource(group="rg-ana", tags=ANA | {"DoNotDelete": "1"}), name="rg-ana", tags=ANA)
    chosen = choose(seat, target=Target.seats("botany", "ana"), roles=(a_role("mine", SHARED),))
    assert chosen.items == ()


def test_a_role_that_visionlab_gave_to_an_identity_that_goes_goes_too() -> None:
    account = a_resource(ACCOUNT, "vision", principals=("who",))
    scope = f"{group_id('other')}/providers/{STORAGE}/x"
    ours = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}\nwho\nr".lower()))  # as infra names its assignments
    roles = (
        a_role(ours, scope, lab="-", stack="-", principal="who"),
        a_role("theirs", scope, lab="-", principal="who"),
    )
    assert items_of(choose(a_group(account), roles=roles)) == ["vision", "rg-fruit", ours]


def test_a_run_does_only_what_was_planned_and_is_selected_now() -> None:
    planned = choose(a_group(a_resource(), a_resource(VAULT, "vault"))).items
    now = choose(a_group(a_resource(), a_resource(name="late")))
    done = intersect(planned, now)
    assert items_of(done) == ["store"]
    assert [item.with_group for item in done.items] == [False]
    assert kept_of(done) == {
        "late": "changed: it is not in the plan",
        "rg-fruit": "changed: it holds what is not in the plan",
    }
    assert (done.groups[0].whole, done.groups[0].words) == (False, "it holds what is not in the plan")


def test_a_run_of_an_unchanged_lab_does_the_whole_plan() -> None:
    entry = a_group(a_resource(), a_resource(VAULT, "vault"), locks=(a_lock(group_id(), notes="Made by visionlab"),))
    chosen = choose(entry)
    assert intersect(chosen.items, chosen) == chosen


def test_a_lock_made_after_the_plan_keeps_what_it_locks_though_its_words_are_ours() -> None:
    planned = choose(a_group(a_resource(), a_resource(VAULT, "vault"))).items
    store = a_resource()
    locked = a_group(store, a_resource(VAULT, "vault"), locks=(a_lock(store.id, notes="Made by visionlab"),))
    done = intersect(planned, choose(locked))
    assert items_of(done) == ["vault"]
    assert kept_of(done)["store"] == "locked: it was locked after the plan was made"


def test_protection_set_after_the_plan_holds() -> None:
    planned = choose(a_group(a_resource())).items
    done = intersect(planned, choose(a_group(a_resource(tags=FRUIT | {"visionlab:protect": "true"}))))
    assert done.items == ()
    assert kept_of(done)["store"] == SAYS


def test_a_companion_is_still_one_when_what_made_it_has_gone_already() -> None:
    registry = a_resource("Microsoft.ContainerRegistry/registries", "a1b2", tags={})
    planned = choose(a_group(registry, a_resource(ML, "ml", linked=(registry.id,)))).items
    half_way = choose(a_group(registry), known={item.id.lower(): item.tags for item in planned})
    assert items_of(intersect(planned, half_way)) == ["a1b2", "rg-fruit"]
    assert items_of(choose(a_group(registry))) == []


def a_part(seat: str, **tags: str) -> GroupSurvey:
    name = f"rg-botany-{seat}"
    own = {"visionlab:lab": f"botany-{seat}", "visionlab:course": "botany", "visionlab:seat": seat, **tags}
    return a_group(a_resource(STORAGE, f"st{seat}", group=name, tags=own), name=name, tags=own)


def test_the_shared_parts_of_a_course_stay_while_a_seat_stays() -> None:
    course = Target.course("botany")
    assert len(choose(a_part("shared"), a_part("ana"), target=course).items) == 4
    chosen = choose(a_part("shared"), a_part("ana"), a_part("ben", DoNotDelete="yes"), target=course)
    assert items_of(chosen) == ["stana", "rg-botany-ana"]
    assert kept_of(chosen)["stshared"] == "holds-kept: rg-botany-ben stays and uses the course's shared parts"
    assert {fate.name: fate.whole for fate in chosen.groups}["rg-botany-shared"] is False


def test_the_shared_parts_do_not_wait_for_what_strangers_left_in_a_seat() -> None:
    seat = a_part("ana")
    assert seat.group is not None
    stranger = a_resource(name="payroll", group="rg-botany-ana", tags={})
    seat = a_group(*seat.resources, stranger, name="rg-botany-ana", tags=dict(seat.group.tags))
    chosen = choose(a_part("shared"), seat, target=Target.course("botany"))
    assert items_of(chosen) == ["stana", "stshared", "rg-botany-shared"]


def test_the_shared_parts_of_a_course_expire_after_its_last_seat() -> None:
    past, later = {"visionlab:expires": "2026-11-01"}, {"visionlab:expires": "2026-12-01"}
    expired = Target.expired()
    assert items_of(choose(a_part("shared", **past), a_part("ana", **later), target=expired)) == []
    other = a_part("ana", **later | {"visionlab:course": "zoology"})
    assert items_of(choose(a_part("shared", **past), other, target=expired)) == ["stshared", "rg-botany-shared"]


def test_what_lost_its_tags_after_the_plan_is_no_longer_ours() -> None:
    planned = choose(a_group(a_resource(), a_resource(VAULT, "vault"))).items
    known = {item.id.lower(): item.tags for item in planned}
    now = choose(a_group(a_resource(tags={}), a_resource(VAULT, "vault")), known=known)
    done = intersect(planned, now)
    assert items_of(done) == ["vault"]
    assert kept_of(done)["store"] == "foreign: visionlab did not make it"
