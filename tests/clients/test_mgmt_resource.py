"""azure-mgmt-resource: groups, resources, tags and providers, with the polling that the client does by default."""

import json
import ssl
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.clients.signed_in import owner, somebody_else

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


@pytest.fixture
def client(azure: Any, environment: Mapping[str, str]) -> Any:
    return azure.management(ResourceManagementClient, owner(environment))


def put_faults(azure: Any, *rules: Mapping[str, object]) -> None:
    """The switch beside the local Azure, of which clients know nothing."""
    endpoint = json.loads(next(Path(azure.home).glob("**/endpoint.json")).read_text())
    headers = {"Authorization": f"Bearer {endpoint['admin_token']}", "Content-Type": "application/json"}
    body = json.dumps({"rules": rules}).encode()
    request = urllib.request.Request(f"{azure.origin}/_local/faults", body, headers, method="PUT")
    context = ssl.create_default_context(cafile=azure.environment["REQUESTS_CA_BUNDLE"])
    with urllib.request.urlopen(request, context=context) as answer:
        assert answer.status == 200


def test_groups_live_and_lists_are_followed_page_by_page(client: Any) -> None:
    names = [f"rg-page-{number:02}" for number in range(11)]
    for name in names:
        client.resource_groups.create_or_update(name, {"location": "eastus", "tags": {"course": "a"}})
    pages = [[group.name for group in page] for page in client.resource_groups.list(top=4).by_page()]
    assert pages == [names[:4], names[4:8], names[8:]]
    assert [group.name for group in client.resource_groups.list(top=1)] == names
    changed = client.resource_groups.update(names[0], {"tags": {"course": "b"}})
    assert changed.tags == {"course": "b"}
    tagged = client.resource_groups.list(filter="tagName eq 'course' and tagValue eq 'b'")
    assert [group.name for group in tagged] == names[:1]
    assert client.resource_groups.check_existence(names[0]) is True
    assert client.resource_groups.check_existence("rg-none") is False
    with pytest.raises(ResourceNotFoundError) as missing:
        client.resource_groups.get("rg-none")
    assert (missing.value.error and missing.value.error.code) == "ResourceGroupNotFound"
    with pytest.raises(ResourceExistsError) as moved:
        client.resource_groups.create_or_update(names[0], {"location": "westeurope"})
    assert (moved.value.error and moved.value.error.code) == "InvalidResourceGroupLocation"
    with pytest.raises(HttpResponseError, match="InvalidResourceGroupName"):
        client.resource_groups.create_or_update("ends-with-a-dot.", {"location": "eastus"})


def test_resources_of_any_type_by_their_id(azure: Any, client: Any) -> None:
    client.resource_groups.create_or_update("rg-any", {"location": "eastus"})
    base = f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-any"
    identities = f"{base}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    version = {"api_version": "2023-01-31"}
    for number in range(5):
        body = {"location": "eastus", "tags": {"number": str(number)}}
        made = client.resources.begin_create_or_update_by_id(f"{identities}/id-{number}", body, **version).result(30)
        assert made.name == f"id-{number}"
    assert client.resources.get_by_id(f"{identities}/id-0", **version).properties["principalId"]
    changed = client.resources.begin_update_by_id(f"{identities}/id-0", {"tags": {"new": "1"}}, **version).result(30)
    assert changed.tags == {"new": "1"}
    rows = client.resources.list_by_resource_group("rg-any", top=2, expand="createdTime")
    pages = [[row.name for row in page] for page in rows.by_page()]
    assert pages == [["id-0", "id-1"], ["id-2", "id-3"], ["id-4"]]
    found = client.resources.list(filter="tagName eq 'number' and tagValue eq '3'")
    assert [row.name for row in found] == ["id-3"]
    kind = "resourceType eq 'Microsoft.ManagedIdentity/userAssignedIdentities' and resourceGroup eq 'rg-any'"
    assert len(list(client.resources.list(filter=kind))) == 5
    client.resources.begin_delete_by_id(f"{identities}/id-0", **version).result(30)
    with pytest.raises(ResourceNotFoundError):
        client.resources.get_by_id(f"{identities}/id-0", **version)
    with pytest.raises(ResourceNotFoundError, match="InvalidResourceType"):
        client.resources.get_by_id(f"{base}/providers/Microsoft.Compute/virtualMachines/vm", api_version="2024-07-01")


def test_tags_by_their_own_api(azure: Any, client: Any) -> None:
    client.resource_groups.create_or_update("rg-tags", {"location": "eastus", "tags": {"a": "1"}})
    scope = f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-tags"
    merge = {"operation": "Merge", "properties": {"tags": {"b": "2"}}}
    assert client.tags.begin_update_at_scope(scope, merge).result(30).properties.tags == {"a": "1", "b": "2"}
    less = {"operation": "Delete", "properties": {"tags": {"a": "1"}}}
    assert client.tags.begin_update_at_scope(scope, less).result(30).properties.tags == {"b": "2"}
    whole = {"properties": {"tags": {"c": "3"}}}
    assert client.tags.begin_create_or_update_at_scope(scope, whole).result(30).properties.tags == {"c": "3"}
    assert client.resource_groups.get("rg-tags").tags == {"c": "3"}
    client.tags.begin_delete_at_scope(scope).result(30)
    assert client.tags.get_at_scope(scope).properties.tags == {}


def test_providers_are_registered_from_the_start_and_missed_once_they_are_not(azure: Any, client: Any) -> None:
    client.resource_groups.create_or_update("rg-provider", {"location": "eastus"})
    assert client.providers.get("Microsoft.KeyVault").registration_state == "Registered"
    client.providers.unregister("Microsoft.ManagedIdentity")
    path = f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-provider/providers/Microsoft.ManagedIdentity"
    place = (f"{path}/userAssignedIdentities/id-1", {"location": "eastus"})
    with pytest.raises(ResourceExistsError, match="MissingSubscriptionRegistration"):
        client.resources.begin_create_or_update_by_id(*place, api_version="2023-01-31")
    client.providers.register("Microsoft.ManagedIdentity")
    client.resources.begin_create_or_update_by_id(*place, api_version="2023-01-31").result(30)


def test_a_group_is_deleted_with_what_is_in_it_unless_a_lock_forbids(azure: Any, client: Any) -> None:
    client.resource_groups.create_or_update("rg-locked", {"location": "eastus"})
    scope = f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-locked"
    lock = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    version = {"api_version": "2020-05-01"}
    client.resources.begin_create_or_update_by_id(lock, {"properties": {"level": "CanNotDelete"}}, **version)
    with pytest.raises(ResourceExistsError, match="ScopeLocked"):
        client.resource_groups.begin_delete("rg-locked")
    client.resources.begin_delete_by_id(lock, **version).result(30)
    started = time.monotonic()
    client.resource_groups.begin_delete("rg-locked").result(30)
    assert time.monotonic() - started < 10  # a Retry-After of 0, or none, would make it 30
    assert client.resource_groups.check_existence("rg-locked") is False


def test_a_throttled_client_waits_as_it_is_told(azure: Any, client: Any) -> None:
    client.resource_groups.create_or_update("rg-busy", {"location": "eastus"})
    put_faults(azure, {"kind": "throttle", "method": "GET", "path": "/resourcegroups/rg-busy$", "count": 2})
    started = time.monotonic()
    assert client.resource_groups.get("rg-busy").name == "rg-busy"
    assert 1.9 < time.monotonic() - started < 10


def test_somebody_without_a_role_sees_nothing_and_may_do_nothing(
    azure: Any, environment: Mapping[str, str], client: Any
) -> None:
    client.resource_groups.create_or_update("rg-mine", {"location": "eastus"})
    client.resource_groups.create_or_update("rg-shown", {"location": "eastus"})
    somebody = somebody_else(environment, "looker")
    theirs = azure.management(ResourceManagementClient, somebody.credential)
    assert list(theirs.resource_groups.list()) == []
    with pytest.raises(HttpResponseError) as refused:
        theirs.resource_groups.get("rg-mine")
    assert (refused.value.status_code, refused.value.error and refused.value.error.code) == (403, "AuthorizationFailed")
    scope = f"/subscriptions/{azure.subscription_id}/resourceGroups/rg-shown"
    name = "6f1d0f3e-7f0b-4d69-9a36-2f0a4cf9a1b2"
    properties = {
        "principalId": somebody.object_id,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
    }
    assignment = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    client.resources.begin_create_or_update_by_id(assignment, {"properties": properties}, api_version="2022-04-01")
    assert [group.name for group in theirs.resource_groups.list()] == ["rg-shown"]
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        theirs.resource_groups.update("rg-shown", {"tags": {}})
