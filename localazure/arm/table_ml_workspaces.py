"""Rows of the type table: machine learning workspaces, their keys, their check-up, their default datastores.

Owns: what a workspace computes and refuses. Leaves: what lies below it to the other `table_ml_*.py`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import at_path, bad_request, check_kinds, child, require_resource_id, system_identity
from localazure.arm.ids import key
from localazure.arm.resources import Resource
from localazure.arm.types import CreateStyle, LongAction, Making, ResourceType, SoftDelete, World

__all__ = ["WORKSPACE", "WORKSPACE_ROW"]

WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
_LINKS = (
    ("storageAccount", "Microsoft.Storage/storageAccounts"),
    ("keyVault", "Microsoft.KeyVault/vaults"),
    ("applicationInsights", "Microsoft.Insights/components"),
    ("containerRegistry", "Microsoft.ContainerRegistry/registries"),
)
# What the template of azure-ai-ml fills in: texts for truths, nothing for defaults.
_TRUTHS = ("hbiWorkspace", "softDeleteEnabled", "allowRecoverSoftDeletedWorkspace", "enableDataIsolation",
           "allowRoleAssignmentOnRG", "provisionNetworkNow")  # fmt: skip
_MAY_BE_BLANK = ("systemDatastoresAuthMode", "friendlyName", "imageBuildCompute", "primaryUserAssignedIdentity")
_AUTH_MODES = ("accesskey", "identity", "userdelegationsas")


def _make(making: Making) -> None:
    resource, properties, old = making.resource, making.properties, making.old_properties
    _tidy(properties)
    resource.setdefault("kind", "Default")
    resource.setdefault("sku", {"name": "Basic", "tier": "Basic"}).setdefault("tier", "Basic")
    if resource["kind"] == "Default" and not (properties.get("storageAccount") and properties.get("keyVault")):
        raise bad_request(
            "BadRequest", "Missing dependent resources in workspace json: storageAccount and keyVault are needed."
        )
    for name, type_name in _LINKS:
        linked = require_resource_id(properties, name, type_name)
        if linked is not None and making.world.resources.get(linked) is None:
            raise bad_request("ValidationError", f"The {name} '{linked}' of the workspace does not exist.", target=name)
        if name in {"storageAccount", "keyVault"} and old.get(name) and key(old[name]) != key(linked or ""):
            raise bad_request("BadRequest", f"The {name} of a workspace cannot be changed.", target=name)
    system_identity(resource, making.old, making.world.tenant_id)
    resource.setdefault("identity", {"type": "None"})
    workspace_id = old.get("workspaceId") or str(uuid.uuid4())
    origin = making.world.origin
    properties.pop("allowRecoverSoftDeletedWorkspace", None)
    defaults = {
        "friendlyName": resource["name"],
        "hbiWorkspace": False,
        "publicNetworkAccess": "Enabled",
        "systemDatastoresAuthMode": "AccessKey",
    }
    properties |= {name: value for name, value in defaults.items() if properties.get(name) is None}
    if properties["systemDatastoresAuthMode"].lower() not in _AUTH_MODES:
        raise bad_request(
            "ValidationError",
            f"systemDatastoresAuthMode '{properties['systemDatastoresAuthMode']}' is invalid: "
            "AccessKey, Identity or UserDelegationSAS.",
            target="systemDatastoresAuthMode",
        )
    properties |= {
        "workspaceId": workspace_id,
        "tenantId": making.world.tenant_id,
        "discoveryUrl": f"{origin}/discovery",
        "mlFlowTrackingUri": f"azureml://{origin.removeprefix('https://')}/mlflow/v1.0{resource['id']}",
        "creationTime": old.get("creationTime") or making.now,
        "provisioningState": "Succeeded",
        "privateEndpointConnections": [],
        "storageHnsEnabled": False,
        "enableDataIsolation": False,
        "privateLinkCount": 0,
    }


def _tidy(properties: dict[str, Any]) -> None:
    for name in _TRUTHS:
        word = str(properties.get(name)).lower()
        if isinstance(properties.get(name), str) and word in {"true", "false"}:
            properties[name] = word == "true"
    for name in _MAY_BE_BLANK:
        if properties.get(name) == "":
            del properties[name]


def _created(making: Making) -> None:
    """The default datastores, and their containers in the linked storage account."""
    properties, world = making.properties, making.world
    if not properties.get("storageAccount"):
        return
    account = str(properties["storageAccount"]).rsplit("/", 1)[-1]
    workspace_id = properties["workspaceId"]
    keyed = properties["systemDatastoresAuthMode"].lower() == "accesskey"
    credentials = {"credentialsType": "AccountKey" if keyed else "None"}
    blobs = {"workspaceblobstore": f"azureml-blobstore-{workspace_id}", "workspaceartifactstore": "azureml"}
    shares = {
        "workspacefilestore": f"azureml-filestore-{workspace_id}",
        "workspaceworkingdirectory": f"code-391ff5ac-6576-460f-ba4d-7e03433c68b6-{workspace_id[:8]}",
    }
    for name, container in blobs.items():
        world.containers.put(account, container, public_access="None", metadata={})
        store = {"datastoreType": "AzureBlob", "containerName": container}
        _put_default_store(making, name, account, store, credentials)
    for name, share in shares.items():
        store = {"datastoreType": "AzureFile", "fileShareName": share}
        _put_default_store(making, name, account, store, credentials)


def _put_default_store(
    making: Making, name: str, account: str, store: Mapping[str, str], credentials: Mapping[str, str]
) -> None:
    workspace = making.resource["id"]
    properties = {
        "description": None,
        "tags": {},
        "properties": None,
        "isDefault": name == "workspaceblobstore",
        "credentials": dict(credentials),
        "accountName": account,
        # What follows `https://{account}.blob.`, as azure-ai-ml puts addresses together.
        "endpoint": f"localhost:{making.world.blob_origin.rsplit(':', 1)[1]}",
        "protocol": "https",
        "resourceGroup": making.target.group,
        "subscriptionId": making.target.subscription,
        "serviceDataAccessAuthIdentity": "None",
        **store,
    }
    making.world.resources.put(
        {
            "id": f"{workspace}/datastores/{name}",
            "name": name,
            "type": f"{WORKSPACE}/datastores",
            "properties": properties,
            "systemData": making.resource.get("systemData"),
        }
    )


def _kept(below: Resource) -> bool:
    """What a recovered workspace has again, as Azure's page on soft deletion lists it: no computes, no open jobs."""
    kind = str(below["type"]).removeprefix(f"{WORKSPACE}/").split("/", 1)[0]
    if kind == "jobs":
        return below["properties"]["status"] in {"Failed", "Canceled", "Completed"}
    return kind in {"datastores", "data", "models", "environments", "codes", "components"}


def _list_keys(world: World, resource: Resource, _body: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of what the workspace links to; a registry's are never given, the local Azure has no registries."""
    properties = resource["properties"]
    storage = world.resources.get(properties.get("storageAccount") or "/")
    insights = world.resources.get(properties.get("applicationInsights") or "/")
    return {
        "userStorageKey": None if storage is None else world.keys.get(storage["id"])[0],
        # The name of 2020, and the one that replaced it.
        "userStorageResourceId": properties.get("storageAccount"),
        "userStorageArmId": properties.get("storageAccount"),
        "appInsightsInstrumentationKey": at_path(insights or {}, "properties.InstrumentationKey"),
        "containerRegistryCredentials": None,
        "notebookAccessKeys": None,
    }


def _accept(_world: World, _resource: Resource, _body: Mapping[str, Any]) -> None:
    """Nothing to refuse."""


def _resync(_world: World, _resource: Resource) -> None:
    """Keys are looked up whenever they are asked for, so they are never out of step."""


def _check_diagnose(_world: World, _resource: Resource, body: Mapping[str, Any]) -> None:
    check_kinds(body, {dict: ("value",)})


def _diagnose(world: World, resource: Resource) -> dict[str, Any]:
    """What is really looked at: whether the linked resources exist, and whether locks are in the way."""
    properties = resource["properties"]
    missing = {
        name: [
            {"code": f"{name}NotFound", "level": "Error", "message": f"The resource '{properties[name]}' is missing."}
        ]
        for name, _ in _LINKS
        if properties.get(name) and world.resources.get(properties[name]) is None
    }
    found = {f"{name}Results": missing.get(name, []) for name, _ in _LINKS}
    quiet = ("userDefinedRouteResults", "networkSecurityRuleResults", "dnsResolutionResults", "otherResults")
    locks = [
        {"code": "ResourceLock", "level": "Warning", "message": f"The lock '{lock['name']}' is set on the workspace."}
        for lock in world.resources.of_type("Microsoft.Authorization/locks", key(resource["id"]) + "/")
    ]
    return {"value": {**found, **{name: [] for name in quiet}, "resourceLockResults": locks}}


WORKSPACE_ROW = ResourceType(
    name=WORKSPACE,
    api_version="2025-12-01",
    create=CreateStyle.ACCEPTED_ASYNC,
    create_s=0.6,
    delete_s=0.4,
    name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}",
    bad_name=("ValidationError", "The workspace name '{name}' is invalid: 3 to 33 letters, digits, '-' and '_'."),
    located=True,
    texts=(
        "properties.systemDatastoresAuthMode",
        "properties.friendlyName",
        "properties.description",
        *(f"properties.{name}" for name, _ in _LINKS),
    ),
    make=_make,
    created=_created,
    soft=SoftDelete(
        days=14,
        status=400,
        code="BadRequest",
        message="Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete",
        restores=lambda body: child(body, "properties").get("allowRecoverSoftDeletedWorkspace") in (True, "true"),
        keeps=_kept,
        purge_query="forceToPurge",
    ),
    actions={"listkeys": _list_keys},
    long_actions={
        "diagnose": LongAction(seconds=0.3, begin=_check_diagnose, finish=_diagnose),
        "resynckeys": LongAction(seconds=0.2, begin=_accept, finish=_resync),
    },
)
