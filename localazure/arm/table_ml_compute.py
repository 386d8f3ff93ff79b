"""Rows of the type table: computes of a machine learning workspace.

Owns: what clusters and instances must say, what they report, starting and stopping. No machine stands behind them.
Leaves: sizes to `ml_sizes.py`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import at_path, bad_request, child, system_identity
from localazure.arm.ml_sizes import size_named
from localazure.arm.resources import Resource
from localazure.arm.table_ml_workspaces import WORKSPACE
from localazure.arm.types import CreateStyle, LongAction, Making, ResourceType, World
from localazure.clock import arm_time
from localazure.errors import AzureError

__all__ = ["COMPUTE_ROW"]

_CLUSTER, _INSTANCE = "AmlCompute", "ComputeInstance"
_ABSENT = ("AKS", "DataFactory", "DataLakeAnalytics", "Databricks", "HDInsight", "Kubernetes", "SynapseSpark",
           "VirtualMachine")  # fmt: skip


def _make(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    kind = _kind(properties["computeType"])
    if old and old["computeType"] != kind:
        raise _refused("The computeType of a compute cannot be changed.", "properties.computeType")
    properties["computeType"] = kind
    inner = properties["properties"] = child(properties, "properties")
    # Clients of 2020 send a cluster's new scale one level higher up.
    if "scaleSettings" in properties:
        inner["scaleSettings"] = properties.pop("scaleSettings")
    before = child(old, "properties")
    _check_size(inner, before)
    if kind == _CLUSTER:
        _make_cluster(making, inner, before)
    else:
        _make_instance(making, inner, before)
    properties.setdefault("computeLocation", making.resource.get("location"))
    properties.setdefault("disableLocalAuth", False)
    properties |= {
        "createdOn": old.get("createdOn") or making.now,
        "modifiedOn": making.now,
        "provisioningErrors": None,
        "isAttachedCompute": False,
    }
    system_identity(making.resource, making.old, making.world.tenant_id)


def _kind(given: str) -> str:
    for known in (_CLUSTER, _INSTANCE):
        if known.lower() == given.lower():
            return known
    if given.lower() in {name.lower() for name in _ABSENT}:
        raise AzureError(
            501,
            "NotImplementedByLocalAzure",
            f"Computes of type {given} are not implemented by the local Azure. It has: {_CLUSTER}, {_INSTANCE}.",
        )
    raise _refused(f"computeType '{given}' is invalid.", "properties.computeType")


def _check_size(inner: dict[str, Any], before: Mapping[str, Any]) -> None:
    size = size_named(str(inner.get("vmSize") or ""))
    if size is None:
        raise _refused(f"The VM size '{inner.get('vmSize')}' is not known.", "properties.properties.vmSize")
    if before and str(before.get("vmSize", "")).lower() != size.name.lower():
        raise _refused("The vmSize of a compute cannot be changed.", "properties.properties.vmSize")


def _make_cluster(making: Making, inner: dict[str, Any], before: Mapping[str, Any]) -> None:
    scale = child(inner, "scaleSettings")
    least, most = scale.get("minNodeCount", 0), scale.get("maxNodeCount")
    if not _is_count(most) or not _is_count(least) or least > most:
        raise _refused(
            "scaleSettings needs whole numbers, minNodeCount from 0 to maxNodeCount.",
            "properties.properties.scaleSettings",
        )
    counts = ("idleNodeCount", "runningNodeCount", "preparingNodeCount", "unusableNodeCount", "leavingNodeCount",
              "preemptedNodeCount")  # fmt: skip
    inner.setdefault("osType", "Linux")
    inner.setdefault("vmPriority", "Dedicated")
    inner |= {
        # Nodes come when jobs run, and the local Azure runs none.
        "currentNodeCount": 0,
        "targetNodeCount": 0,
        "nodeStateCounts": dict.fromkeys(counts, 0),
        "allocationState": "Steady",
        "allocationStateTransitionTime": before.get("allocationStateTransitionTime") or making.now,
        "errors": None,
    }


def _make_instance(making: Making, inner: dict[str, Any], before: Mapping[str, Any]) -> None:
    inner.setdefault("applicationSharingPolicy", "Shared")
    inner.setdefault("sshSettings", {"sshPublicAccess": "Disabled"})
    inner |= {
        "state": before.get("state") or "Creating",
        "applications": [],
        "connectivityEndpoints": None,
        "errors": [],
        "createdBy": before.get("createdBy")
        or {"userObjectId": making.resource["systemData"]["createdBy"], "userTenantId": making.world.tenant_id},
        "lastOperation": before.get("lastOperation") or _operation("Create", "InProgress", making.now),
    }


def _created(making: Making) -> None:
    inner = child(making.properties, "properties")
    if inner.get("state") == "Creating":
        inner["state"] = "Running"
        inner["lastOperation"] = _operation("Create", "Succeeded", making.now)


def _operation(name: str, status: str, time: str) -> dict[str, str]:
    return {"operationName": name, "operationTime": time, "operationStatus": status, "operationTrigger": "User"}


def _power(name: str, *, allowed: tuple[str, ...], meanwhile: str, after: str) -> LongAction:
    """Start, stop or restart of an instance that is in one of the `allowed` states."""

    def begin(world: World, resource: Resource, _body: Mapping[str, Any]) -> None:
        if resource["properties"]["computeType"] != _INSTANCE:
            message = f"{name} is for compute instances; '{resource['name']}' is a cluster, which scales by itself."
            raise _refused(message, "properties.computeType")
        inner = resource["properties"]["properties"]
        if inner["state"] not in allowed:
            text = f"The compute instance '{resource['name']}' is {inner['state']}: {name} needs it {allowed[0]}."
            raise AzureError(409, "ComputeInstanceInWrongState", text)
        _move(world, resource, meanwhile, "InProgress")

    def finish(world: World, resource: Resource) -> None:
        if resource["properties"]["properties"]["state"] == meanwhile:
            _move(world, resource, after, "Succeeded")

    def _move(world: World, resource: Resource, state: str, status: str) -> None:
        inner = resource["properties"]["properties"]
        inner["state"] = state
        inner["lastOperation"] = _operation(name, status, arm_time(world.clock.now()))
        world.resources.put(resource)

    return LongAction(seconds=0.3, begin=begin, finish=finish)


def _list_nodes(_world: World, resource: Resource, _body: Mapping[str, Any]) -> dict[str, Any]:
    if resource["properties"]["computeType"] != _CLUSTER:
        raise _refused("Nodes belong to clusters.", "properties.computeType")
    return {"nodes": []}


def _deletable(_world: World, resource: Resource, query: Mapping[str, str]) -> None:
    action = query.get("underlyingresourceaction", "Delete").lower()
    if action not in {"delete", "detach"}:
        raise _refused(f"underlyingResourceAction '{action}' is invalid: Delete or Detach.", "underlyingResourceAction")
    if action == "detach":
        kind = at_path(resource, "properties.computeType")
        raise _refused(f"A compute of type {kind} belongs to the workspace: delete it.", "underlyingResourceAction")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _refused(message: str, target: str) -> AzureError:
    return bad_request("UserError", message, target=target)


COMPUTE_ROW = ResourceType(
    name=f"{WORKSPACE}/computes",
    api_version="2025-12-01",
    create=CreateStyle.CREATED_ASYNC,
    create_s=0.3,
    delete_s=0.2,
    name_rule=r"[a-zA-Z][a-zA-Z0-9-]{1,31}",
    bad_name=("ValidationError", "The compute name '{name}' is invalid: 2 to 32 letters, digits and '-'."),
    required=("properties.computeType",),
    texts=("properties.computeType", "properties.description", "properties.properties.vmSize"),
    objects=("properties.properties", "properties.properties.scaleSettings"),
    make=_make,
    created=_created,
    deletable=_deletable,
    page_size=100,
    actions={"listnodes": _list_nodes},
    long_actions={
        "start": _power("Start", allowed=("Stopped",), meanwhile="Starting", after="Running"),
        "stop": _power("Stop", allowed=("Running",), meanwhile="Stopping", after="Stopped"),
        "restart": _power("Restart", allowed=("Running",), meanwhile="Restarting", after="Running"),
    },
)
