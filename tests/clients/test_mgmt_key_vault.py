"""azure-mgmt-keyvault: vaults by management; their secrets are test_key_vault_secrets.py's."""

from collections.abc import Mapping
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.clients.signed_in import owner, somebody_else


@pytest.fixture
def client(azure: Any, environment: Mapping[str, str]) -> Any:
    credential = owner(environment)
    groups = azure.management(ResourceManagementClient, credential).resource_groups
    groups.create_or_update("rg-vaults", {"location": "eastus"})
    groups.create_or_update("rg-others", {"location": "eastus"})
    return azure.management(KeyVaultManagementClient, credential)


@pytest.fixture
def body(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {"tenantId": environment["AZURE_TENANT_ID"], "sku": {"family": "A", "name": "standard"}}
    return {"location": "eastus", "properties": known | {"enableRbacAuthorization": True}}


def free(client: Any, name: str) -> tuple[bool, str | None]:
    answer = client.vaults.check_name_availability({"name": name, "type": "Microsoft.KeyVault/vaults"})
    return answer.name_available, answer.reason


def test_a_vault_is_created_changed_and_listed_page_by_page(client: Any, body: dict[str, Any]) -> None:
    assert free(client, "kv-life") == (True, None)
    made = client.vaults.begin_create_or_update("rg-vaults", "kv-life", body).result(30)
    port = made.properties.vault_uri.rsplit(":", 1)[1]
    assert (made.properties.provisioning_state, made.properties.vault_uri) == (
        "Succeeded",
        f"https://kv-life.vault.localhost:{port}",
    )
    assert (made.properties.enable_soft_delete, made.properties.soft_delete_retention_in_days) == (True, 90)
    assert free(client, "kv-life") == (False, "AlreadyExists")
    assert free(client, "1-bad--name") == (False, "AccountNameInvalid")
    changed = client.vaults.update("rg-vaults", "kv-life", {"tags": {"a": "b"}})
    assert (changed.tags, changed.properties.enable_rbac_authorization) == ({"a": "b"}, True)
    client.vaults.begin_create_or_update("rg-vaults", "kv-life-2", body).result(30)
    pages = client.vaults.list_by_resource_group("rg-vaults", top=1).by_page()
    assert [[vault.name for vault in page] for page in pages] == [["kv-life"], ["kv-life-2"]]
    assert [vault.name for vault in client.vaults.list(top=1)] == ["kv-life", "kv-life-2"]
    with pytest.raises(ResourceExistsError, match="VaultAlreadyExists"):
        client.vaults.begin_create_or_update("rg-others", "kv-life", body)


def test_a_deleted_vault_is_listed_recovered_and_purged(client: Any, body: dict[str, Any]) -> None:
    client.vaults.begin_create_or_update("rg-vaults", "kv-soft", body | {"tags": {"a": "b"}}).result(30)
    client.vaults.delete("rg-vaults", "kv-soft")
    assert [vault.name for vault in client.vaults.list_deleted()] == ["kv-soft"]
    assert client.vaults.get_deleted("kv-soft", "eastus").properties.tags == {"a": "b"}
    with pytest.raises(ResourceExistsError) as kept:
        client.vaults.begin_create_or_update("rg-others", "kv-soft", body)
    assert (kept.value.error and kept.value.error.code) == "ConflictError"
    recover = {"location": "eastus", "properties": body["properties"] | {"createMode": "recover"}}
    back = client.vaults.begin_create_or_update("rg-vaults", "kv-soft", recover).result(30)
    assert (back.tags, back.properties.create_mode) == ({"a": "b"}, None)
    with pytest.raises(ResourceNotFoundError):
        client.vaults.begin_create_or_update("rg-vaults", "kv-never", recover)
    client.vaults.delete("rg-vaults", "kv-soft")
    client.vaults.begin_purge_deleted("kv-soft", "eastus").result(30)
    with pytest.raises(ResourceNotFoundError):
        client.vaults.get_deleted("kv-soft", "eastus")
    assert free(client, "kv-soft") == (True, None)


def test_purge_protection_is_for_good(client: Any, body: dict[str, Any]) -> None:
    kept = {"location": "eastus", "properties": body["properties"] | {"enablePurgeProtection": True}}
    client.vaults.begin_create_or_update("rg-vaults", "kv-kept", kept).result(30)
    with pytest.raises(HttpResponseError, match="irreversible"):
        client.vaults.update("rg-vaults", "kv-kept", {"properties": {"enablePurgeProtection": False}})
    client.vaults.delete("rg-vaults", "kv-kept")
    with pytest.raises(HttpResponseError) as refused:
        client.vaults.begin_purge_deleted("kv-kept", "eastus")
    assert (refused.value.status_code, refused.value.error and refused.value.error.code) == (405, "MethodNotAllowed")


def test_access_policies_change_by_their_own_calls(environment: Any, client: Any, body: dict[str, Any]) -> None:
    with_policies = body["properties"] | {"enableRbacAuthorization": False, "accessPolicies": []}
    place = ("rg-vaults", "kv-policies")
    client.vaults.begin_create_or_update(*place, {"location": "eastus", "properties": with_policies}).result(30)
    who = {"tenantId": environment["AZURE_TENANT_ID"], "objectId": "55555555-5555-4555-8555-555555555555"}

    def change(how: str, *secrets: str) -> list[list[str]]:
        policies = [who | {"permissions": {"secrets": list(secrets)}}]
        client.vaults.update_access_policy(*place, how, {"properties": {"accessPolicies": policies}})
        kept = client.vaults.get(*place).properties.access_policies
        return [list(policy.permissions.secrets) for policy in kept]

    assert change("add", "get", "list") == [["get", "list"]]
    assert change("add", "set") == [["get", "list", "set"]]
    assert change("remove", "list") == [["get", "set"]]
    assert change("replace", "purge") == [["purge"]]
    assert change("remove", "purge") == []


def test_a_vault_is_not_there_for_somebody_without_a_role(
    azure: Any, environment: Mapping[str, str], client: Any, body: dict[str, Any]
) -> None:
    client.vaults.begin_create_or_update("rg-vaults", "kv-unseen", body).result(30)
    theirs = azure.management(KeyVaultManagementClient, somebody_else(environment, "stranger").credential).vaults
    assert list(theirs.list()) == []
    asked = (
        lambda: theirs.get("rg-vaults", "kv-unseen"),
        lambda: list(theirs.list_deleted()),
        lambda: theirs.delete("rg-vaults", "kv-unseen"),
    )
    for call in asked:
        with pytest.raises(HttpResponseError) as refused:
            call()
        assert (refused.value.status_code, refused.value.error and refused.value.error.code) == (
            403,
            "AuthorizationFailed",
        )


def test_secrets_by_resource_manager_never_show_their_values(client: Any, body: dict[str, Any]) -> None:
    place = ("rg-vaults", "kv-secrets")
    client.vaults.begin_create_or_update(*place, body).result(30)
    for number in range(3):
        given = {"value": "s3cret", "contentType": "text/plain", "attributes": {"enabled": True}}
        made = client.secrets.create_or_update(*place, f"s{number}", {"tags": {"a": "b"}, "properties": given})
        assert (made.name, made.tags, made.properties.value) == (f"s{number}", {"a": "b"}, None)
    first = client.secrets.get(*place, "s0").properties
    assert first.secret_uri == f"{client.vaults.get(*place).properties.vault_uri.rstrip('/')}/secrets/s0"
    changed = client.secrets.update(*place, "s0", {"properties": {"contentType": "text/html"}}).properties
    assert (changed.content_type, changed.secret_uri_with_version) == ("text/html", first.secret_uri_with_version)
    newer = client.secrets.update(*place, "s0", {"properties": {"value": "other"}}).properties
    assert newer.secret_uri_with_version != first.secret_uri_with_version
    pages = client.secrets.list(*place, top=2).by_page()
    assert [[row.name for row in page] for page in pages] == [["s0", "s1"], ["s2"]]
    with pytest.raises(ResourceNotFoundError):
        client.secrets.get(*place, "s9")
    with pytest.raises(ResourceNotFoundError):
        client.secrets.update(*place, "s9", {"properties": {"contentType": "x"}})


def test_what_is_missing_says_so(client: Any, body: dict[str, Any]) -> None:
    client.vaults.begin_create_or_update("rg-vaults", "kv-missing", body).result(30)
    for call in (
        lambda: list(client.keys.list("rg-vaults", "kv-missing")),
        lambda: list(client.managed_hsms.list_by_subscription()),
    ):
        with pytest.raises(HttpResponseError, match="ocal Azure"):
            call()
