"""Rows of the type table: Microsoft.MachineLearningServices.

Owns: workspaces with their default datastores, datastores, data assets, environments, computes.
Leaves: labelingJobs to `labeling`, which is mounted beside ARM.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import at_path, bad_request, child, require_resource_id, system_identity
from localazure.arm.ids import key
from localazure.arm.resources import Resource
from localazure.arm.types import CreateStyle, Making, ResourceType, SoftDelete, World

__all__ = ["ML_TYPES", "WORKSPACE"]

WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
_ASSET_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}"
_SECRETS = "properties.credentials.secrets"
_LINKS = (
    ("storageAccount", "Microsoft.Storage/storageAccounts"),
    ("keyVault", "Microsoft.KeyVault/vaults"),
    ("applicationInsights", "Microsoft.Insights/components"),
    ("containerRegistry", "Microsoft.ContainerRegistry/registries"),
)


def _make_workspace(making: Making) -> None:
    resource, properties, old = making.resource, making.properties, making.old_properties
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
    properties.setdefault("friendlyName", resource["name"])
    properties.setdefault("hbiWorkspace", False)
    properties.setdefault("publicNetworkAccess", "Enabled")
    properties.setdefault("systemDatastoresAuthMode", "AccessKey")
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


def _workspace_created(making: Making) -> None:
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
        "endpoint": making.world.blob_origin.removeprefix("https://"),
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


def _make_datastore(making: Making) -> None:
    properties = making.properties
    kind = properties["datastoreType"]
    if kind == "AzureBlob" and not (properties.get("accountName") and properties.get("containerName")):
        raise bad_request(
            "UserError", "An AzureBlob datastore needs accountName and containerName.", target="properties"
        )
    if not at_path(properties, "credentials.credentialsType"):
        raise bad_request("UserError", "credentials.credentialsType is required.", target="properties.credentials")
    properties.setdefault("protocol", "https")
    properties.setdefault("serviceDataAccessAuthIdentity", "None")
    properties["isDefault"] = making.old_properties.get("isDefault", False)


def _list_secrets(world: World, resource: Resource, _body: Mapping[str, Any]) -> dict[str, Any]:
    kind = at_path(resource, "properties.credentials.credentialsType")
    if kind == "None":
        raise bad_request("UserError", "The datastore has no credentials: identities read it.")
    given = child(world.store.get("secrets", key(resource["id"])), _SECRETS)
    if kind == "AccountKey" and not given:
        account = resource["properties"]["accountName"]
        owner = next((r for r in world.resources.of_type(_LINKS[0][1]) if r["name"] == account), None)
        return {"secretsType": "AccountKey", "key": "" if owner is None else world.keys.get(owner["id"])[0]}
    return {"secretsType": kind, **given}


def _listed(resource: Resource, query: Mapping[str, str]) -> bool:
    """The query parameters with which azure-ai-ml lists: isDefault and listViewType."""
    properties = resource["properties"]
    if query.get("isdefault") == "true" and not properties.get("isDefault"):
        return False
    view = query.get("listviewtype", "All")
    return view == "All" or bool(properties.get("isArchived")) is (view == "ArchivedOnly")


def _make_container(making: Making) -> None:
    """A data or environment container: it knows its latest and next version."""
    properties, old = making.properties, making.old_properties
    properties.setdefault("isArchived", False)
    properties["latestVersion"] = old.get("latestVersion")
    properties["nextVersion"] = old.get("nextVersion") or "1"


def _make_version(making: Making) -> None:
    """A version makes its container when there is none, and moves its latestVersion and nextVersion."""
    world, properties = making.world, making.properties
    if "dataUri" in properties or making.target.type == f"{WORKSPACE}/data/versions":
        if not properties.get("dataUri"):
            raise bad_request("UserError", "dataUri is required.", target="properties.dataUri")
        if making.old is not None and making.old_properties.get("dataUri") != properties["dataUri"]:
            raise bad_request("UserError", "The dataUri of a version cannot be changed.", target="properties.dataUri")
    properties.setdefault("isArchived", False)
    properties.setdefault("isAnonymous", False)
    container_id = making.target.parent
    container = world.resources.get(container_id) or _new_container(making, container_id)
    kind = container["properties"].get("dataType")
    if kind and properties.get("dataType") and kind != properties["dataType"]:
        raise bad_request("UserError", f"The data asset is of type {kind}, not {properties['dataType']}.")
    container["properties"]["latestVersion"] = making.resource["name"]
    numbers = [
        int(r["name"])
        for r in world.resources.of_type(making.resource["type"], container_id + "/")
        if str(r["name"]).isdecimal()
    ]
    if making.resource["name"].isdecimal():
        numbers.append(int(making.resource["name"]))
    container["properties"]["nextVersion"] = str(max(numbers, default=0) + 1)
    world.resources.put(container)


def _new_container(making: Making, container_id: str) -> Resource:
    properties: dict[str, Any] = {"isArchived": False, "tags": {}, "latestVersion": None, "nextVersion": "1"}
    if "dataType" in making.properties:
        properties["dataType"] = making.properties["dataType"]
    return {
        "id": container_id,
        "name": container_id.rsplit("/", 1)[-1],
        "type": making.resource["type"].removesuffix("/versions"),
        "properties": properties,
        "systemData": making.resource.get("systemData"),
    }


def _make_compute(making: Making) -> None:
    properties = making.properties
    properties.setdefault("computeLocation", making.resource.get("location"))
    properties.setdefault("disableLocalAuth", False)
    properties |= {
        "createdOn": making.old_properties.get("createdOn") or making.now,
        "modifiedOn": making.now,
        "provisioningErrors": None,
        "isAttachedCompute": False,
    }
    system_identity(making.resource, making.old, making.world.tenant_id)


ML_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        name=WORKSPACE,
        api_version="2025-12-01",
        create=CreateStyle.ACCEPTED_ASYNC,
        create_s=0.6,
        delete_s=0.4,
        name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}",
        bad_name=("ValidationError", "The workspace name '{name}' is invalid: 3 to 33 letters, digits, '-' and '_'."),
        located=True,
        texts=("properties.systemDatastoresAuthMode", *(f"properties.{name}" for name, _ in _LINKS)),
        make=_make_workspace,
        created=_workspace_created,
        soft=SoftDelete(
            days=14,
            status=400,
            code="BadRequest",
            message="Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete",
            restores=lambda body: child(body, "properties").get("allowRecoverSoftDeletedWorkspace") is True,
            purge_query="forceToPurge",
        ),
    ),
    ResourceType(
        name=f"{WORKSPACE}/datastores",
        api_version="2025-12-01",
        create=CreateStyle.CREATED,
        name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_]{0,254}",
        bad_name=("UserError", "The datastore name '{name}' is invalid: letters, digits and '_' only."),
        required=("properties.datastoreType",),
        texts=("properties.datastoreType", "properties.accountName", "properties.credentials.credentialsType"),
        make=_make_datastore,
        secrets=(_SECRETS,),
        listed=_listed,
        actions={"listsecrets": _list_secrets},
        has_state=False,
    ),
    *(
        row
        for leaf in ("data", "environments")
        for row in (
            ResourceType(
                name=f"{WORKSPACE}/{leaf}",
                api_version="2025-12-01",
                create=CreateStyle.CREATED,
                name_rule=_ASSET_NAME,
                make=_make_container,
                listed=_listed,
                has_state=False,
            ),
            ResourceType(
                name=f"{WORKSPACE}/{leaf}/versions",
                api_version="2025-12-01",
                create=CreateStyle.CREATED,
                name_rule=_ASSET_NAME,
                parent_optional=True,
                make=_make_version,
                listed=_listed,
                has_state=False,
            ),
        )
    ),
    ResourceType(
        name=f"{WORKSPACE}/computes",
        api_version="2025-12-01",
        create=CreateStyle.CREATED_ASYNC,
        create_s=0.3,
        delete_s=0.2,
        name_rule=r"[a-zA-Z][a-zA-Z0-9-]{1,31}",
        bad_name=("ValidationError", "The compute name '{name}' is invalid: 2 to 32 letters, digits and '-'."),
        required=("properties.computeType",),
        make=_make_compute,
    ),
)
