"""Each drill on a whole local Azure in this process: what it does to requests, and how it ends."""

from typing import Any

import httpx
import pytest

from localazure.drills import DRILLS

ACCOUNTS = "providers/Microsoft.CognitiveServices/accounts"
WORKSPACES = "providers/Microsoft.MachineLearningServices/workspaces"


def drill(lab: Any, method: str, name: str = "", **options: Any) -> httpx.Response:
    path = f"/_local/drills/{name}" if name else "/_local/drills"
    return lab.send(method, path, options or None, headers={"Authorization": "Bearer admin"})


def on(lab: Any, name: str, **options: Any) -> dict[str, Any]:
    answer = drill(lab, "PUT", name, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def off(lab: Any, name: str) -> dict[str, Any]:
    return drill(lab, "DELETE", name).json()


def states(lab: Any) -> dict[str, bool]:
    return {one["name"]: one["on"] for one in drill(lab, "GET").json()["drills"]}


def test_every_drill_tells_what_it_does_and_how_it_ends(lab: Any) -> None:
    told = drill(lab, "GET").json()["drills"]
    assert [one["name"] for one in told] == [row.name for row in DRILLS]
    assert all(one["what"] and one["see"] and one["ends"] and one["try"] for one in told)
    assert not any("{" in one["ends"] for one in told)
    assert not any(one["on"] for one in told)
    assert lab.send("GET", "/_local/drills").status_code == 401


def test_throttling_ends_after_its_count(lab: Any) -> None:
    assert on(lab, "throttled", count=2)["ends"] == "after 2 answers"
    answers = [lab.get(f"{lab.subscription}/resourceGroups") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert states(lab)["throttled"] is False


def test_a_stuck_deletion_ends_by_time_or_by_hand(lab: Any) -> None:
    on(lab, "stuck-deletion", seconds=30)
    group = lab.group()
    assert lab.send("DELETE", group).status_code == 202
    lab.pass_s(20)
    assert lab.get(group).json()["properties"]["provisioningState"] == "Deleting"
    lab.pass_s(15)
    assert lab.get(group).status_code == 404
    on(lab, "stuck-deletion")
    group = lab.group()
    lab.send("DELETE", group)
    lab.pass_s(300)
    assert lab.get(group).status_code == 200
    assert off(lab, "stuck-deletion")["on"] is False
    lab.pass_s(0)
    assert lab.get(group).status_code == 404


def test_a_name_that_a_deleted_account_keeps_is_listed_and_can_be_purged(lab: Any, error: Any) -> None:
    on(lab, "soft-deleted-name")
    path = f"{lab.group()}/{ACCOUNTS}/cv1"
    body = {
        "location": "eastus",
        "kind": "ComputerVision",
        "sku": {"name": "S1"},
        "tags": {"visionlab:lab": "fruit"},
        "properties": {"customSubDomainName": "cv1"},
    }
    assert error(lab.put(path, body)) == (409, "FlagMustBeSetForRestore")
    assert error(lab.put(path, body)) == (409, "FlagMustBeSetForRestore")
    (gone,) = lab.get(f"{lab.subscription}/providers/Microsoft.CognitiveServices/deletedAccounts").json()["value"]
    assert (gone["name"], gone["tags"], gone["location"]) == ("cv1", {"visionlab:lab": "fruit"}, "eastus")
    assert lab.send("DELETE", gone["id"]).status_code == 202
    lab.pass_s(1)
    assert lab.put(path, body).status_code == 201
    assert states(lab)["soft-deleted-name"] is False


def test_a_vault_that_was_there_before_is_purged_by_its_name(lab: Any, error: Any) -> None:
    on(lab, "soft-deleted-name", match="/vaults/")
    path = f"{lab.group()}/providers/Microsoft.KeyVault/vaults/kv-lab-1"
    body = {
        "location": "eastus",
        "properties": {
            "tenantId": lab.settings.tenant_id,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        },
    }
    assert lab.put(path, body).status_code == 409
    place = f"{lab.subscription}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-lab-1"
    assert lab.send("POST", f"{place}/purge").status_code == 202
    lab.pass_s(1)
    assert lab.put(path, body).status_code == 200


def test_a_lock_of_somebody_else_keeps_every_group(lab: Any, error: Any) -> None:
    assert error(drill(lab, "PUT", "foreign-lock")) == (409, "NothingToLock")
    groups = [lab.group("rg-a"), lab.group("rg-b")]
    assert on(lab, "foreign-lock")["on"] is True
    assert [error(lab.send("DELETE", group)) for group in groups] == [(409, "ScopeLocked")] * 2
    (lock,) = lab.get(f"{groups[0]}/providers/Microsoft.Authorization/locks").json()["value"]
    assert (lock["name"], lock["properties"]["level"]) == ("held-by-the-platform-team", "CanNotDelete")
    assert off(lab, "foreign-lock")["on"] is False
    assert [lab.send("DELETE", group).status_code for group in groups] == [202, 202]


def test_new_role_assignments_are_slow_and_old_ones_are_not(lab: Any) -> None:
    reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    group = lab.group()

    def grant(name: str, who: str) -> None:
        definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{reader}"
        properties = {"principalId": who, "roleDefinitionId": definition, "principalType": "User"}
        path = f"{group}/providers/Microsoft.Authorization/roleAssignments/{name}"
        assert lab.put(path, {"properties": properties}).status_code == 201

    old, new = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "ab")
    grant(old, old)
    lab.pass_s(5)
    assert on(lab, "slow-roles", seconds=60)["ends"] == "when it is switched off; each assignment after 60 s"
    grant(new, new)
    lab.pass_s(10)
    assert [lab.send("GET", group, who=who).status_code for who in (old, new)] == [200, 403]
    lab.pass_s(55)
    assert lab.send("GET", group, who=new).status_code == 200
    on(lab, "slow-roles", seconds=600)
    third = "cccccccc-0000-4000-8000-000000000000"
    grant(third, third)
    lab.pass_s(10)
    assert lab.send("GET", group, who=third).status_code == 403
    assert off(lab, "slow-roles")["on"] is False
    assert lab.send("GET", group, who=third).status_code == 200


def test_a_workspace_that_nobody_can_purge_keeps_its_name(lab: Any, error: Any) -> None:
    on(lab, "purge-deadlock")
    body = {"location": "eastus", "properties": {"storageAccount": lab.storage(), "keyVault": lab.vault()}}
    path = f"{lab.group()}/{WORKSPACES}/mlw-lab"
    for _ in range(2):
        refused = lab.put(path, body)
        assert error(refused) == (400, "BadRequest")
        assert refused.json()["error"]["message"].startswith("Soft-deleted workspace exists.")
        assert error(lab.send("DELETE", path, forceToPurge="true")) == (404, "ResourceNotFound")
    assert lab.put(f"{lab.group()}/{WORKSPACES}/mlw-other", body).status_code == 202
    off(lab, "purge-deadlock")
    lab.pass_s(14 * 86400)
    assert lab.put(path, body).status_code == 202


def test_each_code_of_a_failed_training_has_a_drill(lab: Any) -> None:
    codes = ("diverged", "notEnoughBudget", "datasetCorrupt", "datasetNotFound", "unknown")
    names = [row.name for row in DRILLS if row.name.startswith("training-")]
    for name, code in zip(names, codes, strict=True):
        on(lab, name)
        assert [lab.azure.faults.training("fruit") for _ in range(2)] == [code, None]


def test_all_are_switched_off_at_once_and_fault_rules_stay(lab: Any) -> None:
    lab.group()
    admin = {"Authorization": "Bearer admin"}
    lab.send("PUT", "/_local/faults", {"rules": [{"kind": "slow", "path": "^/nothing"}]}, headers=admin)
    for row in DRILLS:
        on(lab, row.name)
    assert all(states(lab).values())
    assert not any(one["on"] for one in drill(lab, "DELETE").json()["drills"])
    assert [rule["kind"] for rule in lab.azure.faults.rules()] == ["slow"]
    lab.send("PUT", "/_local/drills/throttled", {}, headers=admin)
    lab.azure.faults.clear()
    assert states(lab)["throttled"] is True


@pytest.mark.parametrize(
    ("name", "options", "refused"),
    [
        ("gremlins", {}, (404, "DrillNotFound")),
        ("throttled", {"count": 0}, (400, "InvalidDrill")),
        ("throttled", {"count": True}, (400, "InvalidDrill")),
        ("throttled", {"seconds": 5}, (400, "InvalidDrill")),
        ("slow-roles", {"seconds": "ten"}, (400, "InvalidDrill")),
        ("slow-roles", {"seconds": -1}, (400, "InvalidDrill")),
        ("slow-roles", {"match": "x"}, (400, "InvalidDrill")),
        ("throttled", {"match": "("}, (400, "InvalidFaultRule")),
        ("throttled", {"match": 7}, (400, "InvalidDrill")),
        ("throttled", {"howmany": 7}, (400, "InvalidDrill")),
    ],
)
def test_what_a_drill_cannot_take_is_refused(
    lab: Any, error: Any, name: str, options: dict[str, Any], refused: tuple[int, str]
) -> None:
    assert error(drill(lab, "PUT", name, **options)) == refused
    assert not any(states(lab).values())
