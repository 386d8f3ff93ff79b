"""A machine learning workspace for the tests of its clients, and azure-ai-ml told no more than the printed settings."""

import importlib
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from tests.clients.signed_in import owner

__all__ = ["ACCOUNT", "GROUP", "WORKSPACE", "MlLab", "entities", "ml_lab", "sdk"]

GROUP, WORKSPACE, ACCOUNT = "rg-ml", "mlw-lab", "stmllab1"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"


def sdk(name: str = "azure.ai.ml") -> Any:
    """A module of azure-ai-ml, imported as it is; its own annotations are too incomplete to be checked against."""
    return importlib.import_module(name)


def entities() -> Any:
    """What its clients make and give."""
    return sdk("azure.ai.ml.entities")


@dataclass(frozen=True, kw_only=True)
class MlLab:
    """A workspace with its storage account, whose blobs are read and written by tokens."""

    azure: Any
    credential: Any
    workspace: str
    storage: str

    def client(self, credential: Any = None, workspace: str = WORKSPACE) -> Any:
        told = credential or self.credential
        return sdk().MLClient(told, self.azure.subscription_id, GROUP, workspace, enable_telemetry=False)

    def give(self, object_id: str, role: str, scope: str) -> None:
        from azure.mgmt.authorization import AuthorizationManagementClient

        roles = self.azure.management(AuthorizationManagementClient, self.credential)
        definition = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        properties = {"principalId": object_id, "roleDefinitionId": definition, "principalType": "ServicePrincipal"}
        roles.role_assignments.create(scope, str(uuid.uuid4()), {"properties": properties})


def ml_lab(azure: Any, *, auth_mode: str) -> MlLab:
    """Make it, its own datastores read by keys or by identities. Every test that uses it needs `environment` too."""
    from azure.mgmt.authorization import AuthorizationManagementClient
    from azure.mgmt.keyvault import KeyVaultManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.storage import StorageManagementClient

    with pytest.MonkeyPatch.context() as patch:
        for name, value in azure.environment.items():
            patch.setenv(name, value)
        credential = owner(azure.environment)

        def client(kind: Any) -> Any:
            return azure.management(kind, credential)

        resources = client(ResourceManagementClient)
        resources.resource_groups.create_or_update(GROUP, {"location": "eastus"})
        account = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        making = client(StorageManagementClient).storage_accounts.begin_create(GROUP, ACCOUNT, account)
        known = {"tenantId": azure.environment["AZURE_TENANT_ID"], "sku": {"family": "A", "name": "standard"}}
        vault = {"location": "eastus", "properties": known | {"enableRbacAuthorization": True}}
        made = client(KeyVaultManagementClient).vaults.begin_create_or_update(GROUP, "kv-ml-lab", vault).result(30)
        storage = making.result(30).id
        properties = {"storageAccount": storage, "keyVault": made.id, "systemDatastoresAuthMode": auth_mode}
        body = {"location": "eastus", "identity": {"type": "SystemAssigned"}, "properties": properties}
        group = f"/subscriptions/{azure.subscription_id}/resourceGroups/{GROUP}"
        path = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}"
        workspace = resources.resources.begin_create_or_update_by_id(path, body, api_version="2024-10-01").result(30)
        lab = MlLab(azure=azure, credential=credential, workspace=workspace.id, storage=storage)
        mine = next(iter(client(AuthorizationManagementClient).role_assignments.list_for_subscription()))
        lab.give(mine.principal_id, BLOB_CONTRIBUTOR, storage)
        return lab
