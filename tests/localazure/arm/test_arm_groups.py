from typing import Any


def test_a_group_is_201_when_new_and_200_after(lab: Any) -> None:
    path = f"{lab.subscription}/resourceGroups/rg"
    first = lab.put(path, {"location": "East US", "tags": {"a": "b"}})
    second = lab.put(path, {"location": "eastus"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {
        "id": path,
        "name": "rg",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "eastus",
        "tags": {"a": "b"},
        "properties": {"provisioningState": "Succeeded"},
    }
    assert second.json()["tags"] == {}


def test_ids_compare_without_case_and_keep_theirs(lab: Any) -> None:
    lab.group("MyGroup")
    shown = lab.get(f"{lab.subscription}/resourcegroups/mygroup")
    assert shown.json()["id"] == f"{lab.subscription}/resourceGroups/MyGroup"


def test_head_tells_existence_by_status(lab: Any) -> None:
    path = lab.group()
    missing = lab.send("HEAD", f"{lab.subscription}/resourceGroups/other")
    assert (lab.send("HEAD", path).status_code, missing.status_code) == (204, 404)


def test_a_group_cannot_move(lab: Any, error: Any) -> None:
    path = lab.group()
    assert error(lab.put(path, {"location": "westus"})) == (409, "InvalidResourceGroupLocation")


def test_bad_groups_are_refused(lab: Any, error: Any) -> None:
    base = f"{lab.subscription}/resourceGroups"
    assert error(lab.put(f"{base}/rg", {})) == (400, "LocationRequired")
    assert error(lab.put(f"{base}/rg", {"location": "moon"})) == (400, "LocationNotAvailableForResourceGroup")
    assert error(lab.put(f"{base}/rg.", {"location": "eastus"})) == (400, "InvalidResourceGroupName")
    assert error(lab.get(f"{base}/rg")) == (404, "ResourceGroupNotFound")
    assert error(lab.send("DELETE", f"{base}/rg")) == (404, "ResourceGroupNotFound")


def test_patch_replaces_tags_only(lab: Any) -> None:
    path = lab.group()
    lab.send("PATCH", path, {"tags": {"x": "1"}})
    assert (lab.get(path).json()["tags"], lab.get(path).json()["location"]) == ({"x": "1"}, "eastus")


def test_deleting_a_group_takes_time_and_everything_inside(lab: Any, error: Any) -> None:
    storage = lab.storage()
    lab.vision()
    group = lab.group()
    answer = lab.send("DELETE", group)
    location = answer.headers["location"].removeprefix("https://localhost:8443")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
    assert "azure-asyncoperation" not in answer.headers
    assert lab.get(group).json()["properties"]["provisioningState"] == "Deleting"
    assert error(lab.put(storage, {"location": "eastus"})) == (409, "ResourceGroupBeingDeleted")
    assert lab.get(location).status_code == 202
    lab.pass_s(2)
    assert (lab.get(location).status_code, error(lab.get(group))) == (200, (404, "ResourceGroupNotFound"))
    assert lab.get(f"{lab.subscription}/resources").json() == {"value": []}
    assert lab.published == {}
    gone = lab.get(f"{lab.subscription}/providers/Microsoft.CognitiveServices/deletedAccounts").json()["value"]
    assert [account["name"] for account in gone] == ["cv1"]


def test_groups_are_listed_with_filter_and_pages(lab: Any) -> None:
    for name in ("a", "b", "c"):
        lab.group(name)
    lab.send("PATCH", lab.group("b"), {"tags": {"team": "x"}})
    lab.send("PATCH", f"{lab.subscription}/resourceGroups/b", {"tags": {"team": "x"}})
    base = f"{lab.subscription}/resourceGroups"
    first = lab.get(base, **{"$top": "2"}).json()
    second = lab.get(first["nextLink"].removeprefix("https://localhost:8443")).json()
    tagged = lab.get(base, **{"$filter": "tagName eq 'team' and tagValue eq 'x'"}).json()
    assert [g["name"] for g in first["value"]] == ["a", "b"]
    assert ([g["name"] for g in second["value"]], "nextLink" in second) == (["c"], False)
    assert [g["name"] for g in tagged["value"]] == ["b"]


def test_a_page_begins_after_the_one_before_though_that_is_gone(lab: Any, error: Any) -> None:
    for name in "abcdef":
        lab.group(name)
    base = f"{lab.subscription}/resourceGroups"
    seen: list[str] = []
    link = f"{base}?$top=2"
    while link:
        answer = lab.get(link.removeprefix("https://localhost:8443")).json()
        seen += [group["name"] for group in answer["value"]]
        for group in answer["value"]:
            lab.send("DELETE", group["id"])
        lab.pass_s(2)
        link = answer.get("nextLink")
    assert seen == list("abcdef")
    for token in ("x", "MQ==", "e30="):
        assert error(lab.get(base, **{"$skiptoken": token})) == (400, "InvalidSkipToken")


def test_fault_rules_make_a_deletion_stick_and_a_name_taken(lab: Any, error: Any) -> None:
    group, vault = lab.group(), lab.vault()
    stuck = {"kind": "stuck", "path": "/resourceGroups/rg$", "seconds": 60, "count": 1}
    lab.azure.faults.replace({"rules": [stuck, {"kind": "soft-deleted", "path": "kv-new", "count": 1}]})
    body = {name: lab.get(vault).json()[name] for name in ("location", "properties")}
    new = vault.replace("kv-lab-1", "kv-new-1")
    assert error(lab.put(new, body)) == (409, "ConflictError")
    assert lab.put(new, body).status_code == 200
    lab.pass_s(2)
    assert lab.send("DELETE", group).status_code == 202
    lab.pass_s(59)
    assert lab.get(group).json()["properties"]["provisioningState"] == "Deleting"
    lab.pass_s(5)
    assert lab.get(group).status_code == 404


def test_what_is_not_there_says_so(lab: Any, error: Any) -> None:
    for action in ("moveResources", "validateMoveResources", "exportTemplate"):
        assert error(lab.send("POST", f"{lab.group()}/{action}", {})) == (501, "NotImplementedByLocalAzure")
