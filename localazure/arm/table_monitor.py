"""Rows of the type table: Log Analytics workspaces and Application Insights.

Owns: what these compute; which of their parts are answered 501. Leaves: telemetry, which nobody takes, to
`localazure.telemetry`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import at_path, bad_request
from localazure.arm.resources import Resource
from localazure.arm.types import CreateStyle, Making, ResourceType, SoftDelete, World

__all__ = ["LOGS", "MONITOR_TYPES", "NO_DATA"]

LOGS = "Microsoft.OperationalInsights/workspaces"
# Parts of a workspace that hold or describe data. There is none here, so an empty answer would be a lie.
NO_DATA = frozenset(
    f"{LOGS}/{leaf}".lower()
    for leaf in ("tables", "savedSearches", "dataExports", "dataSources", "linkedServices", "storageInsightConfigs")
)


def _make_logs(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    properties["sku"] = properties.get("sku") or {"name": "PerGB2018"}
    properties["sku"]["lastSkuUpdate"] = at_path(old, "sku.lastSkuUpdate") or making.now
    properties.setdefault("retentionInDays", 30)
    properties.setdefault(
        "features", {"legacy": 0, "searchVersion": 1, "enableLogAccessUsingOnlyResourcePermissions": True}
    )
    properties.setdefault("publicNetworkAccessForIngestion", "Enabled")
    properties.setdefault("publicNetworkAccessForQuery", "Enabled")
    properties |= {
        "customerId": old.get("customerId") or str(uuid.uuid4()),
        "workspaceCapping": {
            "dailyQuotaGb": -1.0,
            "dataIngestionStatus": "RespectQuota",
            "quotaNextResetTime": making.now,
        },
        "createdDate": old.get("createdDate") or making.now,
        "modifiedDate": making.now,
    }
    making.world.keys.create(making.resource["id"], kind="storage")


def _shared_keys(world: World, resource: Resource, _body: Mapping[str, Any]) -> dict[str, Any]:
    primary, secondary = world.keys.get(resource["id"])
    return {"primarySharedKey": primary, "secondarySharedKey": secondary}


def _regenerate_shared_key(world: World, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(body.get("keyType", "")).lower()
    if kind not in {"primary", "secondary"}:
        raise bad_request("InvalidParameter", "keyType must be primary or secondary.", target="keyType")
    world.keys.regenerate(resource["id"], 0 if kind == "primary" else 1, kind="storage")
    return _shared_keys(world, resource, body)


def _make_insights(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    instrumentation = old.get("InstrumentationKey") or str(uuid.uuid4())
    app_id = old.get("AppId") or str(uuid.uuid4())
    properties.setdefault("Flow_Type", "Bluefield")
    properties.setdefault("RetentionInDays", 90)
    properties.setdefault(
        "IngestionMode", "LogAnalytics" if properties.get("WorkspaceResourceId") else "ApplicationInsights"
    )
    properties.setdefault("publicNetworkAccessForIngestion", "Enabled")
    properties.setdefault("publicNetworkAccessForQuery", "Enabled")
    properties |= {
        "ApplicationId": making.resource["name"],
        "AppId": app_id,
        "Name": making.resource["name"],
        "InstrumentationKey": instrumentation,
        "ConnectionString": f"InstrumentationKey={instrumentation};IngestionEndpoint={making.world.origin}/insights/;"
        f"ApplicationId={app_id}",
        "CreationDate": old.get("CreationDate") or making.now,
        "TenantId": making.world.tenant_id,
        "Ver": "v2",
    }


MONITOR_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        name=LOGS,
        api_version="2023-09-01",
        create=CreateStyle.CREATED,
        name_rule=r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
        bad_name=("InvalidParameter", "The workspace name '{name}' is invalid: 4 to 63 letters, digits and '-'."),
        located=True,
        numbers=("properties.retentionInDays",),
        objects=("properties.sku",),
        make=_make_logs,
        soft=SoftDelete(days=14, status=409, code="Conflict", message="", restores=lambda _: True, purge_query="force"),
        actions={"sharedkeys": _shared_keys, "regeneratesharedkey": _regenerate_shared_key},
    ),
    ResourceType(
        name="Microsoft.Insights/components",
        api_version="2020-02-02",
        name_rule=r"[^/\\?%&#]{1,260}",
        located=True,
        required=("kind", "properties.Application_Type"),
        make=_make_insights,
    ),
)
