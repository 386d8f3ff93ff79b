"""Built-in role definitions: a literal list, names and ids as Azure has them.

Owns: the data. Leaves: evaluating them to `authorization.py`.
"""

from dataclasses import dataclass

__all__ = ["BUILT_IN", "OWNER", "BuiltInRole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInRole:
    """A role that exists in every tenant."""

    id: str
    name: str
    description: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers"
_ML = "Microsoft.MachineLearningServices/workspaces"
_UNPRIVILEGED = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
)
_COMMON = ("Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read")

BUILT_IN: tuple[BuiltInRole, ...] = (
    BuiltInRole(
        id=OWNER,
        name="Owner",
        description="Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
        actions=("*",),
    ),
    BuiltInRole(
        id="b24988ac-6180-42a0-ab88-20f7382dd24c",
        name="Contributor",
        description="Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.",
        actions=("*",),
        not_actions=_UNPRIVILEGED,
    ),
    BuiltInRole(
        id="acdd72a7-3385-48ef-bd42-f606fba81ae7",
        name="Reader",
        description="View all resources, but does not allow you to make any changes.",
        actions=("*/read",),
    ),
    BuiltInRole(
        id="18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        name="User Access Administrator",
        description="Lets you manage user access to Azure resources.",
        actions=("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
    BuiltInRole(
        id="f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        name="Role Based Access Control Administrator",
        description="Manage access to Azure resources by assigning roles using Azure RBAC.",
        actions=(
            "*/read",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
        ),
    ),
    BuiltInRole(
        id="17d1049b-9a84-46fb-8f53-869881c3d3ab",
        name="Storage Account Contributor",
        description="Permits management of storage accounts.",
        actions=(*_COMMON, "Microsoft.Storage/storageAccounts/*", "Microsoft.Resources/deployments/*"),
    ),
    BuiltInRole(
        id="b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        name="Storage Blob Data Owner",
        description="Allows for full access to Azure Storage blob containers and data.",
        actions=(f"{_BLOB}/*", "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"),
        data_actions=(f"{_BLOB}/blobs/*",),
    ),
    BuiltInRole(
        id="ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        name="Storage Blob Data Contributor",
        description="Allows for read, write and delete access to Azure Storage blob containers and data.",
        actions=(
            f"{_BLOB}/delete",
            f"{_BLOB}/read",
            f"{_BLOB}/write",
            "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
        ),
        data_actions=(
            f"{_BLOB}/blobs/delete",
            f"{_BLOB}/blobs/read",
            f"{_BLOB}/blobs/write",
            f"{_BLOB}/blobs/move/action",
            f"{_BLOB}/blobs/add/action",
        ),
    ),
    BuiltInRole(
        id="2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        name="Storage Blob Data Reader",
        description="Allows for read access to Azure Storage blob containers and data.",
        actions=(f"{_BLOB}/read", "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"),
        data_actions=(f"{_BLOB}/blobs/read",),
    ),
    BuiltInRole(
        id="69566ab7-960f-475b-8e7c-b3118f30c6bd",
        name="Storage File Data Privileged Contributor",
        description="Customer has read, write, delete and modify NTFS permission access on Azure Storage file shares.",
        data_actions=("Microsoft.Storage/storageAccounts/fileServices/*",),
    ),
    BuiltInRole(
        id="25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
        name="Cognitive Services Contributor",
        description="Lets you create, read, update, delete and manage keys of Cognitive Services.",
        actions=(*_COMMON, "Microsoft.CognitiveServices/*", "Microsoft.Resources/deployments/*"),
    ),
    BuiltInRole(
        id="a97b65f3-24c7-4388-baec-2e87135dc908",
        name="Cognitive Services User",
        description="Lets you read and list keys of Cognitive Services.",
        actions=("Microsoft.CognitiveServices/*/read", "Microsoft.CognitiveServices/accounts/listkeys/action"),
        data_actions=("Microsoft.CognitiveServices/*",),
    ),
    BuiltInRole(
        id="c1ff6cc2-c111-46fe-8896-e0ef812ad9f3",
        name="Cognitive Services Custom Vision Contributor",
        description="Full access to the project, including the ability to view, create, edit, or delete projects.",
        actions=("Microsoft.CognitiveServices/*/read",),
        data_actions=("Microsoft.CognitiveServices/accounts/CustomVision/*",),
    ),
    BuiltInRole(
        id="f6c7c914-8db3-469d-8ca1-694a8f32e121",
        name="AzureML Data Scientist",
        description="Can perform all actions within an Azure Machine Learning workspace, except for creating or "
        "deleting compute resources and modifying the workspace itself.",
        actions=(f"{_ML}/*/read", f"{_ML}/*/action", f"{_ML}/*/delete", f"{_ML}/*/write"),
        not_actions=(
            f"{_ML}/delete",
            f"{_ML}/write",
            f"{_ML}/computes/*/write",
            f"{_ML}/computes/*/delete",
            f"{_ML}/computes/listKeys/action",
            f"{_ML}/listKeys/action",
            f"{_ML}/hubs/write",
            f"{_ML}/hubs/delete",
            f"{_ML}/featurestores/write",
            f"{_ML}/featurestores/delete",
        ),
    ),
    BuiltInRole(
        id="e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
        name="AzureML Compute Operator",
        description="Can access and perform CRUD operations on Machine Learning Services managed compute resources.",
        actions=(f"{_ML}/computes/*", f"{_ML}/notebooks/vm/*"),
    ),
    BuiltInRole(
        id="1823dd4f-9b8c-4ab6-ab4e-7397a3684615",
        name="AzureML Registry User",
        description="Can perform all actions on Machine Learning Services Registry assets.",
        actions=(
            "Microsoft.MachineLearningServices/registries/read",
            "Microsoft.MachineLearningServices/registries/assets/*",
        ),
    ),
    BuiltInRole(
        id="635dd51f-9968-44d3-b7fb-6d9a6bd613ae",
        name="AzureML Metrics Writer (preview)",
        description="Lets you write metrics to AzureML workspace.",
        actions=(f"{_ML}/metrics/*/write",),
    ),
    BuiltInRole(
        id="c6decf44-fd0a-444c-a844-d653c394e7ab",
        name="Data Labeling - Labeler",
        description="Can label data in Labeling.",
        actions=(
            f"{_ML}/read",
            f"{_ML}/experiments/runs/read",
            f"{_ML}/labeling/projects/read",
            f"{_ML}/labeling/projects/summary/read",
            f"{_ML}/labeling/labels/read",
            f"{_ML}/labeling/labels/write",
        ),
    ),
    BuiltInRole(
        id="00482a5a-887f-4fb3-b363-3b7fe8e74483",
        name="Key Vault Administrator",
        description="Perform all data plane operations on a key vault and all objects in it.",
        actions=(
            *_COMMON,
            "Microsoft.KeyVault/checkNameAvailability/read",
            "Microsoft.KeyVault/deletedVaults/read",
            "Microsoft.KeyVault/locations/*/read",
            "Microsoft.KeyVault/vaults/*/read",
            "Microsoft.KeyVault/operations/read",
        ),
        data_actions=("Microsoft.KeyVault/vaults/*",),
    ),
    BuiltInRole(
        id="b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        name="Key Vault Secrets Officer",
        description="Perform any action on the secrets of a key vault, except manage permissions.",
        actions=(*_COMMON, "Microsoft.KeyVault/vaults/*/read"),
        data_actions=("Microsoft.KeyVault/vaults/secrets/*",),
    ),
    BuiltInRole(
        id="4633458b-17de-408a-b874-0445c86b69e6",
        name="Key Vault Secrets User",
        description="Read secret contents.",
        data_actions=(
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ),
    ),
    BuiltInRole(
        id="21090545-7ca7-4776-b22c-e363652d74d2",
        name="Key Vault Reader",
        description="Read metadata of key vaults and its certificates, keys, and secrets.",
        actions=(*_COMMON, "Microsoft.KeyVault/deletedVaults/read", "Microsoft.KeyVault/vaults/*/read"),
        data_actions=("Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"),
    ),
    BuiltInRole(
        id="f25e0fa2-a7c8-4377-a976-54943a77a395",
        name="Key Vault Contributor",
        description="Lets you manage key vaults, but not access to them.",
        actions=(*_COMMON, "Microsoft.KeyVault/*", "Microsoft.Resources/deployments/*"),
        not_actions=(
            "Microsoft.KeyVault/locations/deletedVaults/purge/action",
            "Microsoft.KeyVault/hsmPools/*",
            "Microsoft.KeyVault/managedHsms/*",
        ),
    ),
    BuiltInRole(
        id="92aaf0da-9dab-42b6-94a3-d43ce8d16293",
        name="Log Analytics Contributor",
        description="Can read all monitoring data and edit monitoring settings.",
        actions=("*/read", "Microsoft.Insights/diagnosticSettings/*", "Microsoft.OperationalInsights/*"),
    ),
)
