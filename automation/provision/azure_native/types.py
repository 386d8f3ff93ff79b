"""The table of resource types: where each lives in Azure Resource Manager, and what may change in place.

Owns: paths, api-versions, naming, renamed fields and force-new properties of azure-native 3.29.
Leaves: building requests to `wire.py`, comparing inputs to `diff.py`, calling Azure to `provider.py`.

Sources: api-versions are the SDK's default versions; paths and wire names are those of the REST specifications.
Force-new properties are what the service refuses to change on an existing resource; the SDK does not list them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from automation.errors import ConfigError

__all__ = ["PACKAGE", "TYPES", "VERSION", "Kind", "kind_of"]

PACKAGE: Final = "azure-native"
VERSION: Final = "3.29.0"

Naming = Literal["random", "copy", "uuid", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One resource type.

    Attributes:
        path: Resource id with its parameters in braces; the last one is the resource's own name.
        api_version: Sent with every request.
        naming: What a missing name becomes: "random" adds hex digits to the logical name, "copy" takes it as it is,
            "uuid" makes a GUID, "default" is the word default.
        located: Has a location, which is the resource group's when the program gives none.
        nested: The program gives `properties` as one object; otherwise they stand beside the other inputs.
        renames: Input name to wire name.
        inner: Inputs that other types have at the top level and this one under properties.
        lifted: Inputs (wire name after renaming) that stand at the top level though the common rule says otherwise.
        unsent: Inputs that say how to ask, not what the resource is; the local Azure has no use for them.
        required: Inputs that must be given besides the path's parameters.
        force_new: Inputs (dotted paths) that the service cannot change; the path's parameters and location always are.
        singleton: Exists as long as its parent does: created without asking, never deleted.
        secret_outputs: Outputs that are nobody's business.
        soft_delete: What the service keeps after a delete, for people who wonder why a name is taken.
    """

    path: str
    api_version: str
    naming: Naming = "random"
    located: bool = True
    nested: bool = False
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    inner: frozenset[str] = frozenset()
    lifted: frozenset[str] = frozenset()
    unsent: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    force_new: frozenset[str] = frozenset()
    singleton: bool = False
    secret_outputs: frozenset[str] = frozenset()
    soft_delete: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The path's parameters that are inputs, in order."""
        return tuple(name for name in re.findall(r"{(\w+)}", self.path) if name != "subscriptionId")

    @property
    def name_parameter(self) -> str:
        return self.parameters[-1]


_GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_STORAGE = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/{{accountName}}"
_ML = f"{_GROUP}/providers/Microsoft.MachineLearningServices/workspaces/{{workspaceName}}"
_SCOPED = "/{scope}/providers"
_ML_VERSION = "2025-12-01"

TYPES: Final[Mapping[str, Kind]] = {
    "resources:ResourceGroup": Kind(path=_GROUP, api_version="2024-03-01", force_new=frozenset({"managedBy"})),
    "storage:StorageAccount": Kind(
        path=_STORAGE,
        api_version="2024-01-01",
        renames={
            "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
            "enableNfsV3": "isNfsV3Enabled",
            "networkRuleSet": "networkAcls",
        },
        required=("kind", "sku"),
        force_new=frozenset({"isHnsEnabled", "enableNfsV3", "extendedLocation", "dnsEndpointType"}),
    ),
    "storage:BlobContainer": Kind(
        path=f"{_STORAGE}/blobServices/default/containers/{{containerName}}",
        api_version="2024-01-01",
        naming="copy",
        located=False,
        force_new=frozenset({"defaultEncryptionScope", "denyEncryptionScopeOverride"}),
    ),
    "storage:BlobServiceProperties": Kind(
        path=f"{_STORAGE}/blobServices/{{blobServicesName}}",
        api_version="2024-01-01",
        naming="default",
        located=False,
        singleton=True,
    ),
    "cognitiveservices:Account": Kind(
        path=f"{_GROUP}/providers/Microsoft.CognitiveServices/accounts/{{accountName}}",
        api_version="2025-06-01",
        nested=True,
        force_new=frozenset({"kind", "properties.customSubDomainName"}),
        soft_delete="kept for 48 hours; its name fails with FlagMustBeSetForRestore until it is purged",
    ),
    "machinelearningservices:Workspace": Kind(
        path=_ML,
        api_version=_ML_VERSION,
        force_new=frozenset({"storageAccount", "keyVault", "hbiWorkspace", "kind", "hubResourceId"}),
        soft_delete="kept for 14 days; a delete with forceToPurge=true removes it at once",
    ),
    "machinelearningservices:Compute": Kind(
        path=f"{_ML}/computes/{{computeName}}",
        api_version=_ML_VERSION,
        naming="copy",
        nested=True,
        force_new=frozenset({"properties.computeType", "properties.properties.vmSize"}),
    ),
    "machinelearningservices:Datastore": Kind(
        path=f"{_ML}/datastores/{{name}}",
        api_version=_ML_VERSION,
        naming="copy",
        located=False,
        nested=True,
        unsent=frozenset({"skipValidation"}),
        required=("properties",),
        force_new=frozenset({"properties.datastoreType"}),
    ),
    "machinelearningservices:DataContainer": Kind(
        path=f"{_ML}/data/{{name}}",
        api_version=_ML_VERSION,
        naming="copy",
        located=False,
        nested=True,
        required=("properties",),
        force_new=frozenset({"properties.dataType"}),
    ),
    "machinelearningservices:DataVersion": Kind(
        path=f"{_ML}/data/{{name}}/versions/{{version}}",
        api_version=_ML_VERSION,
        naming="copy",
        located=False,
        nested=True,
        required=("properties",),
        force_new=frozenset({"properties.dataType", "properties.dataUri"}),
    ),
    "machinelearningservices:LabelingJob": Kind(
        path=f"{_ML}/labelingJobs/{{id}}",
        api_version="2024-01-01-preview",
        naming="copy",
        located=False,
        renames={"labelingJobProperties": "properties"},
        lifted=frozenset({"labelingJobProperties"}),
        required=("labelingJobProperties",),
        soft_delete="nothing is kept, and yet its name is never free again",
    ),
    "keyvault:Vault": Kind(
        path=f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}",
        api_version="2024-11-01",
        nested=True,
        required=("properties",),
        soft_delete="kept for 7 to 90 days; its name is taken until it is purged",
    ),
    "applicationinsights:Component": Kind(
        path=f"{_GROUP}/providers/Microsoft.Insights/components/{{resourceName}}",
        api_version="2020-02-02",
        renames={
            "applicationType": "Application_Type",
            "flowType": "Flow_Type",
            "requestSource": "Request_Source",
            "hockeyAppId": "HockeyAppId",
            "hockeyAppToken": "HockeyAppToken",
            "retentionInDays": "RetentionInDays",
            "samplingPercentage": "SamplingPercentage",
            "disableIpMasking": "DisableIpMasking",
            "immediatePurgeDataOn30Days": "ImmediatePurgeDataOn30Days",
            "workspaceResourceId": "WorkspaceResourceId",
            "ingestionMode": "IngestionMode",
            "disableLocalAuth": "DisableLocalAuth",
            "forceCustomerStorageForProfiler": "ForceCustomerStorageForProfiler",
            # read-only
            "appId": "AppId",
            "applicationId": "ApplicationId",
            "connectionString": "ConnectionString",
            "creationDate": "CreationDate",
            "instrumentationKey": "InstrumentationKey",
            "laMigrationDate": "LaMigrationDate",
            "privateLinkScopedResources": "PrivateLinkScopedResources",
            "tenantId": "TenantId",
        },
        required=("kind", "applicationType"),
    ),
    "operationalinsights:Workspace": Kind(
        path=f"{_GROUP}/providers/Microsoft.OperationalInsights/workspaces/{{workspaceName}}",
        api_version="2023-09-01",
        inner=frozenset({"sku"}),
        soft_delete="kept for 14 days, and recovered by creating it again; a delete with force=true removes it at once",
    ),
    "authorization:RoleAssignment": Kind(
        path=f"{_SCOPED}/Microsoft.Authorization/roleAssignments/{{roleAssignmentName}}",
        api_version="2022-04-01",
        naming="uuid",
        located=False,
        required=("principalId", "roleDefinitionId"),
        force_new=frozenset({"principalId", "principalType", "roleDefinitionId", "delegatedManagedIdentityResourceId"}),
    ),
    "authorization:RoleDefinition": Kind(
        path=f"{_SCOPED}/Microsoft.Authorization/roleDefinitions/{{roleDefinitionId}}",
        api_version="2022-05-01-preview",
        naming="uuid",
        located=False,
        renames={"roleType": "type"},
    ),
    "authorization:ManagementLockByScope": Kind(
        path=f"{_SCOPED}/Microsoft.Authorization/locks/{{lockName}}",
        api_version="2020-05-01",
        located=False,
        required=("level",),
    ),
    "consumption:Budget": Kind(
        path=f"{_SCOPED}/Microsoft.Consumption/budgets/{{budgetName}}",
        api_version="2024-08-01",
        located=False,
        required=("amount", "category", "timeGrain", "timePeriod"),
        force_new=frozenset({"timeGrain", "timePeriod.startDate"}),
    ),
    "containerregistry:Registry": Kind(
        path=f"{_GROUP}/providers/Microsoft.ContainerRegistry/registries/{{registryName}}",
        api_version="2023-01-01-preview",
        required=("sku",),
        force_new=frozenset({"zoneRedundancy"}),
    ),
    "managedidentity:UserAssignedIdentity": Kind(
        path=f"{_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}",
        api_version="2023-01-31",
    ),
}


def kind_of(token: str) -> Kind:
    """The row of a token like "azure-native:storage:BlobContainer"."""
    kind = TYPES.get(token.removeprefix(f"{PACKAGE}:"))
    if kind is None:
        raise ConfigError(
            f"the local provider has no resource type {token}",
            hint="it has " + ", ".join(sorted(TYPES)),
        )
    return kind
