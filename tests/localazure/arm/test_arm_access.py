from typing import Any

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
LABELER = "c6decf44-fd0a-444c-a844-d653c394e7ab"
SEAT = "55555555-5555-4555-8555-555555555555"
FIRST, SECOND = "66666666-6666-4666-8666-666666666666", "77777777-7777-4777-8777-777777777777"
READ_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"


def assign(lab: Any, scope: str, role: str, name: str = FIRST, **more: object) -> Any:
    definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"principalId": SEAT, "roleDefinitionId": definition, "principalType": "User", **more}
    given = {key: value for key, value in properties.items() if value is not None}
    return lab.put(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", {"properties": given})


def lock(lab: Any, scope: str, level: str) -> str:
    path = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    assert lab.put(path, {"properties": {"level": level}}).status_code == 201
    return path


def test_data_actions_are_apart_from_actions_and_inherited(lab: Any) -> None:
    path = lab.storage()
    assign(lab, lab.group(), BLOB_READER)
    container = f"{path}/blobServices/default/containers/pictures"
    allowed = lab.azure.authorization.allowed
    assert allowed(SEAT, container, READ_BLOBS, data=True) is False
    lab.pass_s(2)
    assert allowed(SEAT, container, READ_BLOBS, data=True) is True
    assert allowed(SEAT, container, READ_BLOBS.replace("read", "write"), data=True) is False
    assert allowed(SEAT, path, "Microsoft.Storage/storageAccounts/read", data=False) is False
    assert allowed(lab.settings.object_id, container, READ_BLOBS, data=True) is False


def test_not_actions_withhold(lab: Any) -> None:
    group = lab.group()
    assign(lab, group, CONTRIBUTOR)
    lab.pass_s(2)
    allowed = lab.azure.authorization.allowed
    assert allowed(SEAT, group, "Microsoft.Storage/storageAccounts/write", data=False) is True
    assert allowed(SEAT, group, "Microsoft.Authorization/roleAssignments/write", data=False) is False


def test_the_same_assignment_twice_is_409_under_another_name(lab: Any, error: Any) -> None:
    group = lab.group()
    assert assign(lab, group, LABELER).status_code == 201
    assert assign(lab, group, LABELER).status_code == 200
    assert error(assign(lab, group, LABELER, SECOND)) == (409, "RoleAssignmentExists")


def test_assignments_and_definitions_say_who_wrote_them(lab: Any, error: Any) -> None:
    role = {"roleName": "Watcher", "permissions": [{"actions": ["*/read"]}]}
    path = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{FIRST}"
    assert [lab.put(path, {"properties": role}).status_code for _ in range(2)] == [201, 201]
    for document in (lab.get(path).json(), assign(lab, lab.group(), FIRST).json()):
        signed = {name: document["properties"][name] for name in ("createdBy", "updatedBy")}
        assert signed == {"createdBy": lab.settings.object_id, "updatedBy": lab.settings.object_id}
        assert "systemData" not in document
    assert error(lab.send("DELETE", path)) == (400, "RoleDefinitionHasAssignments")
    lab.send("DELETE", f"{lab.group()}/providers/Microsoft.Authorization/roleAssignments/{FIRST}")
    assert lab.send("DELETE", path).status_code == 200


def test_bad_assignments_are_refused(lab: Any, error: Any) -> None:
    group = lab.group()
    assert error(assign(lab, group, LABELER, "my-name")) == (400, "InvalidRoleAssignmentId")
    assert error(assign(lab, group, SECOND)) == (404, "RoleDefinitionDoesNotExist")
    assert error(assign(lab, group, LABELER, principalType=None)) == (400, "PrincipalNotFound")
    assert error(assign(lab, group, LABELER, principalId="nobody")) == (400, "InvalidPrincipalId")
    assign(lab, group, LABELER)
    assert error(assign(lab, group, BLOB_READER)) == (400, "RoleAssignmentUpdateNotPermitted")


def test_the_identity_of_a_resource_needs_no_principal_type(lab: Any) -> None:
    principal = lab.get(lab.vision()).json()["identity"]["principalId"]
    assert assign(lab, lab.group(), BLOB_READER, principalId=principal, principalType=None).status_code == 201


def test_assignments_are_listed_by_scope_and_principal(lab: Any) -> None:
    group, other = lab.group(), lab.group("other")
    assign(lab, group, LABELER)
    assign(lab, other, LABELER, SECOND)
    base = f"{group}/providers/Microsoft.Authorization/roleAssignments"
    mine = lab.get(base, **{"$filter": f"principalId eq '{SEAT}'"}).json()["value"]
    everything = lab.get(f"{lab.subscription}/providers/Microsoft.Authorization/roleAssignments").json()["value"]
    at_subscription = lab.get(
        f"{lab.subscription}/providers/Microsoft.Authorization/roleAssignments", **{"$filter": "atScope()"}
    ).json()["value"]
    assert ([a["name"] for a in mine], len(everything), len(at_subscription)) == ([FIRST], 3, 1)


def test_roles_are_found_by_name_and_custom_ones_work(lab: Any, error: Any) -> None:
    base = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    found = lab.get(base, **{"$filter": "roleName eq 'Storage Blob Data Reader'"}).json()["value"]
    assert [role["name"] for role in found] == [BLOB_READER]
    read = {"actions": ["Microsoft.Resources/subscriptions/resourceGroups/read"], "notActions": []}
    role = {"roleName": "Group Looker", "permissions": [read], "assignableScopes": [lab.subscription]}
    assert lab.put(f"{base}/{SECOND}", {"properties": role}).status_code == 201
    assert error(lab.put(f"{base}/{FIRST}", {"properties": role})) == (409, "RoleDefinitionWithSameNameExists")
    group = lab.group()
    assign(lab, group, SECOND)
    lab.pass_s(2)
    assert lab.send("GET", group, who=SEAT).status_code == 200


def test_a_lock_on_the_group_keeps_everything_below(lab: Any, error: Any) -> None:
    path = lab.storage()
    held = lock(lab, lab.group(), "CanNotDelete")
    assert error(lab.send("DELETE", path)) == (409, "ScopeLocked")
    assert error(lab.send("DELETE", lab.group())) == (409, "ScopeLocked")
    assert lab.send("PATCH", path, {"tags": {"a": "b"}}).status_code == 200
    assert lab.send("DELETE", held).status_code == 200
    assert lab.send("DELETE", path).status_code == 200


def test_a_lock_inside_keeps_the_group_and_read_only_keeps_from_writing(lab: Any, error: Any) -> None:
    path = lab.storage()
    group = lab.group()
    lock(lab, path, "ReadOnly")
    assert error(lab.send("DELETE", group)) == (409, "ScopeLocked")
    assert error(lab.send("PATCH", path, {"tags": {}})) == (409, "ScopeLocked")
    assert error(lab.put(f"{path}/blobServices/default/containers/abc", {})) == (409, "ScopeLocked")
    assert lab.get(path).status_code == 200


def test_the_tags_api_merges_replaces_and_deletes(lab: Any, error: Any) -> None:
    tags = f"{lab.storage()}/providers/Microsoft.Resources/tags/default"

    def patched(operation: str, **given: str) -> Any:
        return lab.send("PATCH", tags, {"operation": operation, "properties": {"tags": given}})

    lab.put(tags, {"properties": {"tags": {"a": "1"}}})
    assert patched("Merge", b="2").json()["properties"]["tags"] == {"a": "1", "b": "2"}
    assert patched("Delete", a="1").json()["properties"]["tags"] == {"b": "2"}
    assert patched("Replace", c="3").json()["properties"]["tags"] == {"c": "3"}
    assert error(patched("Mix")) == (400, "InvalidTagPatchOperation")
    assert lab.get(tags).json()["properties"]["tags"] == {"c": "3"}
    assert lab.send("DELETE", tags).status_code == 200
    assert lab.get(tags).json()["properties"]["tags"] == {}


def test_vision_answers_head_as_get_to_a_role(lab: Any) -> None:
    lab.vision()
    url = "/cognitiveservices/cv1/computervision/datasets"
    headers = {"Authorization": f"Bearer {lab.token(audience='https://cognitiveservices.azure.com')}"}
    answers = [lab.send(method, url, version="2023-04-01-preview", headers=headers) for method in ("GET", "HEAD")]
    assert [answer.status_code for answer in answers] == [401, 401]


def test_what_somebody_may_do_at_a_scope_is_told_role_by_role(lab: Any, error: Any) -> None:
    group, base = lab.group(), "providers/Microsoft.Authorization/permissions"
    assign(lab, group, CONTRIBUTOR)
    assign(lab, f"{lab.subscription}/resourceGroups/rg", BLOB_READER, SECOND)
    lab.pass_s(2)
    told = lab.send("GET", f"{lab.storage()}/{base}", who=SEAT).json()["value"]
    assert sorted((len(each["actions"]), each["dataActions"]) for each in told) == [(1, []), (2, [READ_BLOBS])]
    assert error(lab.send("GET", f"{lab.group('other')}/{base}", who=SEAT)) == (403, "AuthorizationFailed")
    assert lab.get(f"{group}/providers/Microsoft.Authorization/denyAssignments").json() == {"value": []}
