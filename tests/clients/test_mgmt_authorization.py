"""azure-mgmt-authorization: who may do what, by built-in and own roles, and what happens without them."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.clients.signed_in import owner, somebody_else

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


@pytest.fixture
def client(azure: Any, environment: Mapping[str, str]) -> Any:
    return azure.management(AuthorizationManagementClient, owner(environment))


@pytest.fixture
def groups(azure: Any, environment: Mapping[str, str]) -> Any:
    return azure.management(ResourceManagementClient, owner(environment)).resource_groups


def definition(scope: str, role: str) -> str:
    return f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def assign(client: Any, scope: str, role: str, who: str, name: str | None = None) -> Any:
    properties = {"roleDefinitionId": definition(scope, role), "principalId": who, "principalType": "ServicePrincipal"}
    return client.role_assignments.create(scope, name or str(uuid.uuid4()), {"properties": properties})


def test_built_in_roles_are_found_by_name(azure: Any, client: Any) -> None:
    scope = f"/subscriptions/{azure.subscription_id}"
    found = list(client.role_definitions.list(scope, filter="roleName eq 'Reader'"))
    assert [(role.name, role.role_type, role.permissions[0].actions) for role in found] == [
        (READER, "BuiltInRole", ["*/read"])
    ]
    assert client.role_definitions.get(scope, READER).role_name == "Reader"
    names = {role.role_name for role in client.role_definitions.list(scope)}
    assert {"Owner", "Contributor", "Key Vault Secrets User", "Data Labeling - Labeler"} <= names


def test_an_own_role_gives_what_it_says_where_it_is_assigned(
    azure: Any, environment: Mapping[str, str], client: Any, groups: Any
) -> None:
    groups.create_or_update("rg-given", {"location": "eastus"})
    groups.create_or_update("rg-not", {"location": "eastus"})
    subscription = f"/subscriptions/{azure.subscription_id}"
    role = str(uuid.uuid4())
    body = {
        "properties": {
            "roleName": "Tagger",
            "description": "Sees groups and tags them.",
            "permissions": [
                {"actions": ["Microsoft.Resources/subscriptions/resourceGroups/*"], "notActions": ["*/delete"]}
            ],
            "assignableScopes": [subscription],
        }
    }
    made = client.role_definitions.create_or_update(subscription, role, body)
    assert (made.role_name, made.role_type, made.assignable_scopes) == ("Tagger", "CustomRole", [subscription])
    somebody = somebody_else(environment, "tagger")
    theirs = azure.management(ResourceManagementClient, somebody.credential).resource_groups
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        theirs.update("rg-given", {"tags": {"a": "b"}})
    scope = f"{subscription}/resourceGroups/rg-given"
    given = assign(client, scope, role, somebody.object_id)
    assert theirs.update("rg-given", {"tags": {"a": "b"}}).tags == {"a": "b"}
    mine = next(iter(client.permissions.list_for_resource_group("rg-given")))
    assert (mine.actions, mine.not_actions) == (["*"], [])
    assert list(client.deny_assignments.list_for_scope(scope)) == []
    for refused in (lambda: theirs.update("rg-not", {"tags": {}}), lambda: theirs.begin_delete("rg-given")):
        with pytest.raises(HttpResponseError) as caught:
            refused()
        assert (caught.value.status_code, caught.value.error and caught.value.error.code) == (
            403,
            "AuthorizationFailed",
        )
    own = azure.management(AuthorizationManagementClient, somebody.credential)
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        assign(own, scope, READER, somebody.object_id)
    client.role_assignments.delete(scope, given.name)
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        theirs.get("rg-given")
    client.role_definitions.delete(subscription, role)
    with pytest.raises(ResourceNotFoundError):
        client.role_definitions.get(subscription, role)


def test_assignments_are_listed_by_place_and_person_page_by_page(
    azure: Any, environment: Mapping[str, str], client: Any, groups: Any
) -> None:
    scopes: list[str] = []
    somebody = somebody_else(environment, "reader")
    for number in range(3):
        groups.create_or_update(f"rg-list-{number}", {"location": "eastus"})
        scopes.append(f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-list-{number}")
        assign(client, scopes[-1], READER, somebody.object_id)
    person = f"principalId eq '{somebody.object_id}'"
    everywhere = client.role_assignments.list_for_subscription(filter=person)
    assert sorted(row.scope for row in everywhere) == scopes
    here = client.role_assignments.list_for_scope(scopes[0], filter="atScope()")
    assert sorted(row.scope for row in here) == [f"/subscriptions/{azure.subscription_id}", scopes[0]]
    in_group = client.role_assignments.list_for_resource_group("rg-list-1", filter=person)
    assert [row.scope for row in in_group] == [scopes[1]]


def test_conflicts_and_mistakes_have_their_exception_types(
    azure: Any, environment: Mapping[str, str], client: Any, groups: Any
) -> None:
    groups.create_or_update("rg-twice", {"location": "eastus"})
    scope = f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-twice"
    somebody = somebody_else(environment, "twice")
    name = str(uuid.uuid4())
    assert assign(client, scope, READER, somebody.object_id, name).name == name
    with pytest.raises(ResourceExistsError) as twice:
        assign(client, scope, READER, somebody.object_id)
    assert (twice.value.error and twice.value.error.code) == "RoleAssignmentExists"
    with pytest.raises(ResourceNotFoundError, match="RoleDefinitionDoesNotExist"):
        assign(client, scope, str(uuid.uuid4()), somebody.object_id)
    with pytest.raises(HttpResponseError, match="InvalidRoleAssignmentId"):
        assign(client, scope, READER, somebody.object_id, "my-name")
    nobody = {"properties": {"roleDefinitionId": definition(scope, READER), "principalId": str(uuid.uuid4())}}
    with pytest.raises(HttpResponseError, match="PrincipalNotFound"):
        client.role_assignments.create(scope, str(uuid.uuid4()), nobody)
    assert client.role_assignments.get(scope, name).principal_id == somebody.object_id
    groups.begin_delete("rg-twice").result(30)
    with pytest.raises(ResourceNotFoundError):
        client.role_assignments.get(scope, name)
