"""Who may do what: several principals, custom roles, groups, scopes from the root to a resource."""

from datetime import UTC, datetime
from typing import Any

import pytest

from localazure.arm.authorization import ASSIGNMENTS, DEFINITIONS, Authorization
from localazure.arm.blob_access import blob_access
from localazure.arm.resources import Resources
from localazure.store import Store

READER, LABELER = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "c6decf44-fd0a-444c-a844-d653c394e7ab"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
ANNA, BERT = "55555555-5555-4555-8555-555555555551", "55555555-5555-4555-8555-555555555552"
CLASS = "55555555-5555-4555-8555-55555555555c"
CUSTOM = "66666666-6666-4666-8666-666666666660"
ROOT = "/subscriptions/s/resourceGroups/rg"


def name_of(number: int) -> str:
    return f"77777777-7777-4777-8777-{number:012d}"


def assign(lab: Any, scope: str, who: str, role: str, number: int, **more: object) -> Any:
    definition = f"{lab.subscription}/providers/{DEFINITIONS}/{role}"
    properties = {"principalId": who, "roleDefinitionId": definition, "principalType": "User", **more}
    return lab.put(f"{scope}/providers/{ASSIGNMENTS}/{name_of(number)}", {"properties": properties})


def define(lab: Any, *permissions: object, **more: object) -> Any:
    properties = {"roleName": "Own", "permissions": list(permissions), "assignableScopes": [lab.subscription], **more}
    return lab.put(f"{lab.subscription}/providers/{DEFINITIONS}/{CUSTOM}", {"properties": properties})


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["value"]]


def test_a_seat_sees_its_own_group_only_in_every_list(lab: Any, error: Any) -> None:
    lab.storage("stanna1", "anna")
    lab.vision("cv-bert", "bert")
    assign(lab, lab.group("anna"), ANNA, READER, 1)
    assign(lab, lab.group("bert"), BERT, READER, 2)
    lab.pass_s(2)
    accounts = f"{lab.subscription}/providers/Microsoft.Storage/storageAccounts"
    assert names(lab.send("GET", f"{lab.subscription}/resourceGroups", who=ANNA)) == ["anna"]
    assert names(lab.send("GET", f"{lab.subscription}/resources", who=ANNA)) == ["stanna1"]
    assert names(lab.send("GET", accounts, who=ANNA)) == ["stanna1"]
    assert names(lab.send("GET", accounts, who=BERT)) == []
    assert names(lab.send("GET", f"{lab.subscription}/resources", who=BERT)) == ["cv-bert"]
    other = f"{lab.subscription}/resourceGroups/bert"
    assert error(lab.send("GET", other, who=ANNA)) == (403, "AuthorizationFailed")
    vision = f"{other}/providers/Microsoft.CognitiveServices/accounts/cv-bert"
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert error(lab.send(method, vision, {"tags": {}}, who=ANNA)) == (403, "AuthorizationFailed")
    assert error(lab.send("POST", f"{vision}/listKeys", who=ANNA)) == (403, "AuthorizationFailed")
    assert error(lab.send("POST", f"{vision}/listKeys", who=BERT)) == (403, "AuthorizationFailed")  # reading is not it
    missing = f"{lab.subscription}/resourceGroups/nowhere"
    assert error(lab.send("GET", missing, who=ANNA)) == (403, "AuthorizationFailed")  # nobody learns what exists


def test_a_labeler_labels_and_deletes_nothing(lab: Any, error: Any) -> None:
    workspace = lab.workspace()
    assign(lab, lab.group(), ANNA, LABELER, 1)
    lab.pass_s(2)
    allowed, ml = lab.azure.authorization.allowed, "Microsoft.MachineLearningServices/workspaces"
    assert allowed(ANNA, workspace, f"{ml}/labeling/labels/write", data=False) is True
    assert allowed(ANNA, workspace, f"{ml}/labeling/projects/delete", data=False) is False
    assert error(lab.send("DELETE", workspace, who=ANNA)) == (403, "AuthorizationFailed")
    assert error(lab.send("DELETE", f"{workspace}/labelingJobs/j", who=ANNA)) == (403, "AuthorizationFailed")
    assert lab.send("GET", workspace, who=ANNA).status_code == 200


def test_custom_roles_have_all_four_lists(lab: Any) -> None:
    path, prefix = lab.storage(), "Microsoft.Storage/storageAccounts"
    blobs = f"{prefix}/blobServices/containers/blobs"
    permission = {
        "actions": [f"{prefix}/*"],
        "notActions": [f"{prefix}/delete"],
        "dataActions": [f"{blobs}/*"],
        "notDataActions": [f"{blobs}/DELETE"],
    }
    assert define(lab, permission).status_code == 201
    assign(lab, path, ANNA, CUSTOM, 1)
    lab.pass_s(2)
    allowed = lab.azure.authorization.allowed
    assert [allowed(ANNA, path, f"{prefix}/{verb}", data=False) for verb in ("read", "delete")] == [True, False]
    assert [allowed(ANNA, path, f"{blobs}/{verb}", data=True) for verb in ("write", "delete")] == [True, False]
    assert allowed(ANNA, f"{path}2", f"{prefix}/read", data=False) is False


def test_a_changed_role_counts_at_once_for_all_who_have_it(lab: Any) -> None:
    group = lab.group()
    define(lab, {"actions": ["*/read"]})
    assign(lab, group, ANNA, CUSTOM, 1)
    lab.pass_s(2)
    assert lab.send("GET", group, who=ANNA).status_code == 200
    assert define(lab, {"actions": ["Microsoft.Storage/*"]}).status_code < 300
    assert lab.send("GET", group, who=ANNA).status_code == 403


def test_two_permissions_of_a_role_do_not_withhold_from_each_other(lab: Any) -> None:
    group = lab.group()
    define(lab, {"actions": ["*"], "notActions": ["*/read"]}, {"actions": ["Microsoft.Resources/*"]})
    assign(lab, group, ANNA, CUSTOM, 1)
    lab.pass_s(2)
    assert lab.send("GET", group, who=ANNA).status_code == 200


def test_an_assignment_at_the_root_reaches_everything(lab: Any) -> None:
    group = lab.group()
    path = f"/providers/{ASSIGNMENTS}/{name_of(1)}"
    properties = {"principalId": ANNA, "roleDefinitionId": f"/providers/{DEFINITIONS}/{READER}"}
    assert lab.put(path, {"properties": {**properties, "principalType": "User"}}).status_code == 403  # nobody's here
    resources = lab.azure.authorization.grants._resources
    created = {"scope": "/", "createdOn": "2026-01-01T00:00:00Z"}
    resources.put({"id": path, "name": name_of(1), "type": ASSIGNMENTS, "properties": {**properties, **created}})
    assert lab.send("GET", group, who=ANNA).status_code == 200


@pytest.mark.parametrize("condition", ["((!(ActionMatches{'x'})))", "@Resource[x] StringEquals 'a'"])
def test_conditions_are_refused_since_nothing_evaluates_them(lab: Any, error: Any, condition: str) -> None:
    given = {"condition": condition, "conditionVersion": "2.0"}
    answer = assign(lab, lab.group(), ANNA, READER, 1, **given)
    assert error(answer) == (501, "NotImplementedByLocalAzure")
    assert "conditions of role assignments" in answer.json()["error"]["message"]
    assert error(define(lab, {"actions": ["*"], **given})) == (501, "NotImplementedByLocalAzure")


def test_a_custom_role_is_assigned_inside_its_scopes_only(lab: Any, error: Any) -> None:
    mine, other = lab.group("mine"), lab.group("mine-too")
    define(lab, {"actions": ["*/read"]}, assignableScopes=[mine.upper().replace("/SUBSCRIPTIONS", "/subscriptions")])
    assert assign(lab, mine, ANNA, CUSTOM, 1).status_code == 201
    refused = (400, "RoleAssignmentScopeNotAssignableToRoleDefinition")
    assert error(assign(lab, other, ANNA, CUSTOM, 2)) == refused
    assert error(assign(lab, lab.subscription, ANNA, CUSTOM, 3)) == refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"permissions": [{"actions": [7]}]},
        {"permissions": [{"dataActions": "Microsoft.Storage/*"}]},
        {"permissions": [{"notActions": [None]}]},
        {"permissions": ["*"]},
        {"assignableScopes": []},
        {"assignableScopes": "/"},
        {"assignableScopes": ["everywhere"]},
    ],
)
def test_roles_that_cannot_be_read_are_refused(lab: Any, error: Any, wrong: dict[str, object]) -> None:
    assert error(define(lab, {"actions": ["*"]}, **wrong)) == (400, "InvalidRequestContent")


class Now:
    def now(self) -> datetime:
        return datetime(2026, 6, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def test_members_have_what_their_groups_have() -> None:
    store = Store(None)
    resources = Resources(store, (ASSIGNMENTS, DEFINITIONS))
    members: dict[str, list[str]] = {ANNA: [CLASS.upper()]}
    roles = Authorization(resources, Now(), delay_s=0, groups_of=lambda who: members.get(who, []))
    read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    assignment = {
        "id": f"{ROOT}/providers/{ASSIGNMENTS}/{name_of(1)}",
        "name": name_of(1),
        "type": ASSIGNMENTS,
        "properties": {
            "principalId": CLASS,
            "roleDefinitionId": f"/x/{BLOB_CONTRIBUTOR}",
            "scope": ROOT,
            "createdOn": "2026-06-01T00:00:00.0000000Z",
        },
    }
    resources.put(assignment)
    assert [roles.allowed(who, f"{ROOT}/x", read, data=True) for who in (ANNA, BERT, CLASS)] == [True, False, True]
    access = blob_access(roles, lambda group: [ANNA.upper()] if group == CLASS else [])
    assert access.groups == {ANNA: [CLASS]}
    (grant,) = access.grants[CLASS]
    assert (grant.scope, grant.since_ms) == (f"{ROOT.lower()}/", 1780272000000)
    assert set(grant.allows) == {
        "containers/read",
        "containers/write",
        "containers/delete",
        "generateUserDelegationKey/action",
        "containers/blobs/read",
        "containers/blobs/write",
        "containers/blobs/delete",
        "containers/blobs/add/action",
    }
    members.clear()
    assert roles.allowed(ANNA, ROOT, read, data=True) is False
    store.close()
