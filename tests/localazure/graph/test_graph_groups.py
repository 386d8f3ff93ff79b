"""Groups: members of all kinds, directly and through other groups, and what a membership is worth."""

from pathlib import Path
from typing import Any

from localazure.graph.directory import Directory
from localazure.store import Store
from tests.localazure.arm.conftest import ManualClock

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def names(answer: Any) -> list[str]:
    return sorted(entry["displayName"] for entry in answer["value"])


def test_members_are_listed_directly_and_transitively(graph: Any, error: Any) -> None:
    ada, bob = graph.user("Ada"), graph.user("Bob")
    inner = graph.group("inner", ada)
    outer = graph.group("outer", inner, bob)
    assert names(graph.get(f"/groups/{outer}/members")) == ["Bob", "inner"]
    assert names(graph.get(f"/groups/{outer}/transitiveMembers")) == ["Ada", "Bob", "inner"]
    assert names(graph.get(f"/users/{ada}/memberOf")) == ["inner"]
    assert names(graph.get(f"/users/{ada}/transitiveMemberOf")) == ["inner", "outer"]
    kinds = {entry["@odata.type"] for entry in graph.get(f"/groups/{outer}/members")["value"]}
    assert kinds == {"#microsoft.graph.user", "#microsoft.graph.group"}
    assert error(graph.add(outer, bob)) == (400, "Request_BadRequest")
    assert error(graph.add(outer, outer)) == (400, "Request_BadRequest")
    assert error(graph.add(outer, "nobody")) == (404, "Request_ResourceNotFound")
    checked = graph.post(f"/users/{ada}/checkMemberGroups", {"groupIds": [outer, bob]})
    assert checked["value"] == [outer]
    assert graph.send("DELETE", f"/groups/{outer}/members/{inner}/$ref").status_code == 204
    assert graph.post(f"/users/{ada}/getMemberGroups", {"securityEnabledOnly": False})["value"] == [inner]
    gone = graph.send("DELETE", f"/groups/{outer}/members/{inner}/$ref")
    assert error(gone) == (404, "Request_ResourceNotFound")


def test_groups_that_hold_each_other_end(graph: Any) -> None:
    first = graph.group("first")
    second = graph.group("second", first)
    assert graph.add(first, second).status_code == 204
    assert names(graph.get(f"/groups/{first}/transitiveMembers")) == ["second"]


def test_who_is_deleted_is_in_no_group(graph: Any) -> None:
    ada = graph.user("Ada")
    group = graph.group("seats", ada)
    graph.send("DELETE", f"/users/{ada}")
    assert graph.get(f"/groups/{group}/members")["value"] == []


def test_a_group_that_cannot_be_made_leaves_nothing(graph: Any, error: Any) -> None:
    base = {"displayName": "g", "mailNickname": "g", "mailEnabled": False, "securityEnabled": True}
    bound = base | {"members@odata.bind": ["https://graph.microsoft.com/v1.0/users/nobody"]}
    assert error(graph.send("POST", "/groups", bound)) == (404, "Request_ResourceNotFound")
    assert error(graph.send("POST", "/groups", base | {"mailEnabled": True})) == (501, "NotImplementedByLocalAzure")
    assert error(graph.send("POST", "/groups", {"displayName": "g"})) == (400, "Request_BadRequest")
    assert graph.get("/groups")["value"] == []


def test_owners_are_kept_apart_from_members(graph: Any) -> None:
    ada = graph.user("Ada")
    group = graph.group("seats")
    reference = {"@odata.id": f"https://localhost:8443/graph/v1.0/directoryObjects/{ada}"}
    assert graph.send("POST", f"/groups/{group}/owners/$ref", reference).status_code == 204
    assert (names(graph.get(f"/groups/{group}/owners")), graph.get(f"/groups/{group}/members")["value"]) == (
        ["Ada"],
        [],
    )
    assert graph.send("DELETE", f"/groups/{group}/owners/{ada}/$ref").status_code == 204
    assert graph.get(f"/groups/{group}/owners")["value"] == []


def test_a_role_of_a_group_counts_for_its_members_and_no_longer(graph: Any) -> None:
    lab = graph.lab
    ada = graph.user("Ada")
    group = graph.group("seats", graph.group("class", ada))
    path = f"{lab.group()}/providers/Microsoft.Authorization/roleAssignments/77777777-7777-4777-8777-777777777777"
    definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    made = lab.put(path, {"properties": {"principalId": group, "roleDefinitionId": definition}})
    assert (made.status_code, made.json()["properties"]["principalType"]) == (201, "Group")
    lab.pass_s(2)
    assert lab.send("GET", lab.group(), who=ada).status_code == 200
    inner = graph.get(f"/users/{ada}/memberOf")["value"][0]["id"]
    graph.send("DELETE", f"/groups/{inner}/members/{ada}/$ref")
    assert lab.send("GET", lab.group(), who=ada).status_code == 403


def test_who_was_deleted_has_no_group_s_role_any_more(graph: Any) -> None:
    lab = graph.lab
    ada = graph.user("Ada")
    group = graph.group("seats", ada)
    path = f"{lab.group()}/providers/Microsoft.Authorization/roleAssignments/77777777-7777-4777-8777-777777777777"
    definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    lab.put(path, {"properties": {"principalId": group, "roleDefinitionId": definition}})
    lab.pass_s(2)
    assert lab.send("GET", lab.group(), who=ada).status_code == 200
    graph.send("DELETE", f"/users/{ada}")
    assert lab.send("GET", lab.group(), who=ada).status_code == 403


def test_a_role_stays_when_its_principal_goes(graph: Any) -> None:
    lab = graph.lab
    ada = graph.user("Ada")
    base = f"{lab.group()}/providers/Microsoft.Authorization/roleAssignments"
    definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    said = {"properties": {"principalId": ada, "roleDefinitionId": definition, "principalType": "Group"}}
    name = "77777777-7777-4777-8777-777777777777"
    assert lab.put(f"{base}/{name}", said).json()["error"]["code"] == "UnmatchedPrincipalType"
    del said["properties"]["principalType"]
    assert lab.put(f"{base}/{name}", said).json()["properties"]["principalType"] == "User"
    graph.send("DELETE", f"/users/{ada}")
    assert lab.get(f"{base}/{name}").json()["properties"]["principalId"] == ada
    again = lab.put(f"{base}/88888888-8888-4888-8888-888888888888", said)
    assert again.json()["error"]["code"] == "PrincipalNotFound"


def test_a_group_counts_as_one_with_members_only_while_it_has_some(tmp_path: Path) -> None:
    store = Store(tmp_path / "directory.db")
    directory = Directory(store, ManualClock())
    directory.link("Painters", "Ada")
    directory.link("Painters", "Bob")
    assert directory.groups_with_members() == {"painters"}
    directory.unlink("Painters", "Ada")
    assert directory.groups_with_members() == {"painters"}
    directory.unlink("painters", "bob")
    assert directory.groups_with_members() == frozenset()
    store.close()
