"""azure-keyvault-secrets: secrets of a vault that azure-mgmt-keyvault made, at the address that the vault shows."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError, ServiceRequestError
from azure.keyvault.secrets import SecretClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.clients.signed_in import owner

OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


@pytest.fixture
def credential(environment: Mapping[str, str]) -> Any:
    return owner(environment)


@pytest.fixture
def vaults(azure: Any, credential: Any, localhost_names: None) -> Any:
    groups = azure.management(ResourceManagementClient, credential).resource_groups
    groups.create_or_update("rg-secrets", {"location": "eastus"})
    return azure.management(KeyVaultManagementClient, credential).vaults


def made(vaults: Any, environment: Mapping[str, str], name: str, **properties: object) -> Any:
    known = {"tenantId": environment["AZURE_TENANT_ID"], "sku": {"family": "A", "name": "standard"}}
    body = {"location": "eastus", "properties": known | {"enableRbacAuthorization": True} | properties}
    return vaults.begin_create_or_update("rg-secrets", name, body).result(30)


def give(azure: Any, credential: Any, scope: str, role: str) -> None:
    roles = azure.management(AuthorizationManagementClient, credential)
    mine = next(iter(roles.role_assignments.list_for_subscription())).principal_id
    definition = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"principalId": mine, "roleDefinitionId": definition, "principalType": "ServicePrincipal"}
    roles.role_assignments.create(scope, str(uuid.uuid4()), {"properties": properties})


def test_a_secret_lives_by_roles(azure: Any, environment: Any, credential: Any, vaults: Any) -> None:
    vault = made(vaults, environment, "kv-by-roles")
    secrets = SecretClient(vault.properties.vault_uri, credential)
    with pytest.raises(HttpResponseError, match="ForbiddenByRbac"):
        secrets.set_secret("password", "too early")
    give(azure, credential, vault.id, OFFICER)
    until = datetime(2030, 1, 1, tzinfo=UTC)
    first = secrets.set_secret("password", "one", content_type="text/plain", tags={"a": "b"}, expires_on=until)
    second = secrets.set_secret("password", "two")
    assert (first.id or "").startswith(f"{vault.properties.vault_uri}secrets/password/")
    assert secrets.get_secret("password").value == "two"
    old = secrets.get_secret("password", first.properties.version)
    assert (old.value, old.properties.content_type, old.properties.tags) == ("one", "text/plain", {"a": "b"})
    assert (old.properties.expires_on, old.properties.enabled) == (until, True)
    versions = [row.version for row in secrets.list_properties_of_secret_versions("password")]
    assert versions == [first.properties.version, second.properties.version]
    secrets.update_secret_properties("password", enabled=False)
    with pytest.raises(HttpResponseError, match="disabled"):
        secrets.get_secret("password")
    changed = secrets.update_secret_properties("password", second.properties.version, enabled=True, tags={"c": "d"})
    assert (changed.tags, secrets.get_secret("password").value) == ({"c": "d"}, "two")
    with pytest.raises(ResourceNotFoundError):
        secrets.get_secret("never-set")
    with pytest.raises(HttpResponseError, match="invalid name"):
        secrets.set_secret("under_score", "x")


def test_a_deleted_secret_is_recovered_purged_and_restored(
    azure: Any, environment: Any, credential: Any, vaults: Any
) -> None:
    vault = made(vaults, environment, "kv-deleted")
    give(azure, credential, vault.id, OFFICER)
    secrets = SecretClient(vault.properties.vault_uri, credential)
    secrets.set_secret("token", "one")
    gone = secrets.begin_delete_secret("token").result()
    assert ((gone.recovery_id or "").rsplit("/", 2)[1:], gone.properties.recovery_level) == (
        ["deletedsecrets", "token"],
        "Recoverable+Purgeable",
    )
    with pytest.raises(ResourceExistsError, match="recovered or purged"):
        secrets.set_secret("token", "two")
    assert [row.name for row in secrets.list_deleted_secrets()] == ["token"]
    secrets.begin_recover_deleted_secret("token").wait(20)
    assert secrets.get_secret("token").value == "one"
    backup = secrets.backup_secret("token")
    with pytest.raises(ResourceExistsError):
        secrets.restore_secret_backup(backup)
    secrets.begin_delete_secret("token").wait(20)
    secrets.purge_deleted_secret("token")
    with pytest.raises(ResourceNotFoundError):
        secrets.get_deleted_secret("token")
    assert secrets.restore_secret_backup(backup).name == "token"
    assert secrets.get_secret("token").value == "one"


def test_listings_are_followed_page_by_page(azure: Any, environment: Any, credential: Any, vaults: Any) -> None:
    vault = made(vaults, environment, "kv-many")
    give(azure, credential, vault.id, OFFICER)
    secrets = SecretClient(vault.properties.vault_uri, credential)
    names = [f"secret-{number:02}" for number in range(32)]
    for name in names:
        secrets.set_secret(name, name)
    assert [row.name for row in secrets.list_properties_of_secrets()] == names
    pages = [[row.name for row in page] for page in secrets.list_properties_of_secrets(max_page_size=10).by_page()]
    assert [len(page) for page in pages] == [10, 10, 10, 2]
    older = SecretClient(vault.properties.vault_uri, credential, api_version="7.0")
    assert [row.name for row in older.list_properties_of_secrets()] == names


def test_access_policies_give_what_roles_do_not(azure: Any, environment: Any, credential: Any, vaults: Any) -> None:
    roles = azure.management(AuthorizationManagementClient, credential).role_assignments
    mine = next(iter(roles.list_for_subscription())).principal_id
    tenant = environment["AZURE_TENANT_ID"]
    policy = {"tenantId": tenant, "objectId": mine, "permissions": {"secrets": ["get", "set"]}}
    vault = made(vaults, environment, "kv-policies", enableRbacAuthorization=False, accessPolicies=[policy])
    secrets = SecretClient(vault.properties.vault_uri, credential)
    assert secrets.set_secret("s", "one").value == "one"
    with pytest.raises(HttpResponseError, match="does not have secrets list permission"):
        list(secrets.list_properties_of_secrets())
    more = {"properties": {"accessPolicies": [policy | {"permissions": {"secrets": ["list"]}}]}}
    kept = vaults.update_access_policy("rg-secrets", "kv-policies", "add", more)
    assert kept.properties.access_policies[0].permissions.secrets == ["get", "set", "list"]
    assert [row.name for row in secrets.list_properties_of_secrets()] == ["s"]


def test_purge_protection_and_a_deleted_vault(azure: Any, environment: Any, credential: Any, vaults: Any) -> None:
    vault = made(vaults, environment, "kv-kept", enablePurgeProtection=True, softDeleteRetentionInDays=7)
    give(azure, credential, vault.id, OFFICER)
    secrets = SecretClient(vault.properties.vault_uri, credential)
    assert secrets.set_secret("s", "one").properties.recovery_level == "CustomizedRecoverable"
    secrets.begin_delete_secret("s").wait(20)
    with pytest.raises(HttpResponseError, match="purge protection"):
        secrets.purge_deleted_secret("s")
    secrets.begin_recover_deleted_secret("s").wait(20)
    vaults.delete("rg-secrets", "kv-kept")
    with pytest.raises(ResourceNotFoundError, match="VaultNotFound"):
        secrets.get_secret("s")
    made(vaults, environment, "kv-kept", createMode="recover")
    with pytest.raises(HttpResponseError, match="ForbiddenByRbac"):
        secrets.get_secret("s")  # role assignments do not come back with a recovered vault, as in Azure
    give(azure, credential, vault.id, OFFICER)
    assert secrets.get_secret("s").value == "one"


def test_the_clients_own_check_of_the_challenge_stays_on(credential: Any, azure: Any, localhost_names: None) -> None:
    """A vault's challenge names the domain of vaults with its port; any other address is not believed."""
    elsewhere = SecretClient(azure.origin, credential, retry_total=0)
    with pytest.raises((HttpResponseError, ValueError, ServiceRequestError)):
        elsewhere.get_secret("s")
