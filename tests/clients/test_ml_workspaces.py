"""azure-ai-ml: a workspace is a template deployment. The client is unmodified and told nothing but the environment."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.clients.signed_in import owner

# The client itself warns while it is imported, and about what is experimental.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def credential(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "")
    monkeypatch.delenv("AZUREML_CURRENT_CLOUD")  # the client sets it, for the whole process: gone with this test
    return owner(environment)


@pytest.fixture
def group(azure: Any, credential: Any) -> str:
    from azure.mgmt.resource.resources import ResourceManagementClient

    client = azure.management(ResourceManagementClient, credential)
    client.resource_groups.create_or_update("rg-ml", {"location": "westeurope"})
    return "rg-ml"


def test_a_workspace_is_created_with_what_it_needs_and_purged(azure: Any, credential: Any, group: str) -> None:
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Workspace
    from azure.core.exceptions import ResourceNotFoundError
    from azure.mgmt.resource.resources import ResourceManagementClient

    client: Any = MLClient(credential, azure.subscription_id, group, enable_telemetry=False)
    made = client.workspaces.begin_create(Workspace(name="mlw-fruit", location="westeurope", tags={"course": "a"}))
    workspace: Any = made.result(60)
    assert (workspace.name, workspace.location, workspace.tags["course"]) == ("mlw-fruit", "westeurope", "a")
    shown: Any = client.workspaces.get("mlw-fruit")
    assert [w.name for w in client.workspaces.list()] == ["mlw-fruit"]
    resources = azure.management(ResourceManagementClient, credential)
    listed = {
        resource.type.split("/")[0]: resource.id for resource in resources.resources.list_by_resource_group(group)
    }
    assert sorted(listed) == [
        "Microsoft.Insights",
        "Microsoft.KeyVault",
        "Microsoft.MachineLearningServices",
        "Microsoft.OperationalInsights",
        "Microsoft.Storage",
    ]
    assert shown.storage_account.lower() == listed["Microsoft.Storage"].lower()
    assert shown.key_vault.lower() == listed["Microsoft.KeyVault"].lower()
    known = {"storage_account": shown.storage_account, "key_vault": shown.key_vault}
    second = Workspace(
        name="mlw-second", location="westeurope", application_insights=shown.application_insights, **known
    )
    linked: Any = client.workspaces.begin_create(second).result(60)
    assert (linked.storage_account, linked.key_vault) == (shown.storage_account, shown.key_vault)
    client.workspaces.begin_delete("mlw-second", delete_dependent_resources=True, permanently_delete=True).result(60)
    left = [resource.name for resource in resources.resources.list_by_resource_group(group)]
    assert left == ["mlw-fruit"]
    client.workspaces.begin_delete("mlw-fruit", delete_dependent_resources=False, permanently_delete=True).result(60)
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get("mlw-fruit")
