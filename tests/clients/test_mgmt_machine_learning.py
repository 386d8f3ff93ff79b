"""azure-mgmt-machinelearningservices 1.0: workspaces, their keys, computes, sizes, quotas. Its api is of 2020."""

from collections.abc import Mapping
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient
from azure.mgmt.machinelearningservices import models as ml
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from tests.clients.signed_in import owner

GROUP = "rg-mgmt-ml"


@pytest.fixture
def credential(environment: Mapping[str, str]) -> Any:
    return owner(environment)


@pytest.fixture
def links(azure: Any, credential: Any, environment: Mapping[str, str]) -> dict[str, Any]:
    azure.management(ResourceManagementClient, credential).resource_groups.create_or_update(
        GROUP, {"location": "westeurope"}
    )
    account = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    accounts = azure.management(StorageManagementClient, credential).storage_accounts
    known = {"tenantId": environment["AZURE_TENANT_ID"], "sku": {"family": "A", "name": "standard"}}
    vault = {"location": "westeurope", "properties": known | {"enableRbacAuthorization": True}}
    vaults = azure.management(KeyVaultManagementClient, credential).vaults
    return {
        "storage_account": accounts.begin_create(GROUP, "stmgmtml1", account).result(30).id,
        "key_vault": vaults.begin_create_or_update(GROUP, "kv-mgmt-ml", vault).result(30).id,
    }


def test_workspaces_and_computes_live_from_creation_to_deletion(
    azure: Any, credential: Any, links: dict[str, Any]
) -> None:
    client = azure.management(MachineLearningServicesMgmtClient, credential)
    body = ml.Workspace(location="westeurope", identity=ml.Identity(type="SystemAssigned"), **links)
    with pytest.raises(HttpResponseError, match="The workspace name 'x' is invalid"):
        client.workspaces.begin_create_or_update(GROUP, "x", body)
    made = client.workspaces.begin_create_or_update(GROUP, "mlw-mgmt", body).result(30)
    assert (made.name, made.provisioning_state, made.storage_account) == (
        "mlw-mgmt",
        "Succeeded",
        links["storage_account"],
    )
    assert [row.name for row in client.workspaces.list_by_resource_group(GROUP)] == ["mlw-mgmt"]
    assert [row.name for row in client.workspaces.list_by_subscription()] == ["mlw-mgmt"]
    parameters = ml.WorkspaceUpdateParameters(tags={"course": "a"}, description="changed")
    assert client.workspaces.update(GROUP, "mlw-mgmt", parameters).description == "changed"
    assert client.workspaces.list_keys(GROUP, "mlw-mgmt").user_storage_resource_id == links["storage_account"]

    scale = ml.ScaleSettings(max_node_count=2, min_node_count=0)
    cluster = ml.AmlCompute(properties=ml.AmlComputeProperties(vm_size="Standard_DS3_v2", scale_settings=scale))
    computes = client.machine_learning_compute
    parameters = ml.ComputeResource(location="westeurope", properties=cluster)
    begun = computes.begin_create_or_update(GROUP, "mlw-mgmt", "cpu", parameters)
    assert begun.result(30).properties.provisioning_state == "Succeeded"
    wider = ml.ClusterUpdateParameters(scale_settings=ml.ScaleSettings(max_node_count=5, min_node_count=1))
    changed = computes.begin_update(GROUP, "mlw-mgmt", "cpu", wider).result(30)
    assert changed.properties.properties.scale_settings.max_node_count == 5
    assert [row.name for row in computes.list_by_workspace(GROUP, "mlw-mgmt")] == ["cpu"]
    computes.begin_delete(GROUP, "mlw-mgmt", "cpu", "Delete").result(30)
    with pytest.raises(ResourceNotFoundError):
        computes.get(GROUP, "mlw-mgmt", "cpu")

    client.workspaces.begin_delete(GROUP, "mlw-mgmt").result(30)
    with pytest.raises(HttpResponseError, match="Soft-deleted workspace exists"):
        client.workspaces.begin_create_or_update(GROUP, "mlw-mgmt", body)


def test_sizes_usages_and_quotas_of_a_location(azure: Any, credential: Any) -> None:
    client = azure.management(MachineLearningServicesMgmtClient, credential)
    sizes = {size.name: size for size in client.virtual_machine_sizes.list("westeurope").aml_compute}
    assert (sizes["Standard_NC4as_T4_v3"].gpus, sizes["Standard_NC4as_T4_v3"].v_cp_us) == (1, 4)
    usages = {usage.name.value: (usage.current_value, usage.limit) for usage in client.usages.list("westeurope")}
    assert usages["standardDSv2Family"] == (0, 100)
    quotas = {quota.name.value: quota.limit for quota in client.quotas.list("westeurope")}
    assert quotas["standardNCASv3_T4Family"] == 100
    with pytest.raises(HttpResponseError, match="The location 'nowhere' is not known"):
        client.virtual_machine_sizes.list("nowhere")
