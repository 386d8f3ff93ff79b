"""Rows of the type table: vaults, logs, insights, identities, registries, budgets, diagnostic settings.

Owns: what these types compute and refuse. Leaves: locks and roles to `table_access.py`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import at_path, bad_request, child
from localazure.arm.resources import Resource
from localazure.arm.types import CreateStyle, Making, ResourceType, SoftDelete, World

__all__ = ["LOGS", "PLATFORM_TYPES", "VAULT", "VAULT_NAME"]

VAULT = "Microsoft.KeyVault/vaults"
VAULT_NAME = r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]"
LOGS = "Microsoft.OperationalInsights/workspaces"


def _make_vault(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    if properties.get("createMode") == "recover":
        properties.pop("createMode")
    elif not properties.get("enableRbacAuthorization") and "accessPolicies" not in properties:
        raise bad_request("BadRequest", "The parameter accessPolicies is not specified.", target="accessPolicies")
    if properties.get("enablePurgeProtection") is False:
        raise bad_request(
            "BadRequest",
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is '
            "an irreversible action.",
        )
    if old.get("enablePurgeProtection"):
        properties["enablePurgeProtection"] = True
    properties.setdefault("softDeleteRetentionInDays", old.get("softDeleteRetentionInDays", 90))
    if not 7 <= properties["softDeleteRetentionInDays"] <= 90:
        raise bad_request("BadRequest", "softDeleteRetentionInDays must be between 7 and 90.")
    properties.setdefault("accessPolicies", [])
    properties.setdefault("enabledForDeployment", False)
    properties.setdefault("enableRbacAuthorization", False)
    properties.setdefault("publicNetworkAccess", "Enabled")
    properties |= {"enableSoftDelete": True, "vaultUri": f"https://{making.resource['name']}.vault.localhost/"}


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


def _make_user_identity(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    properties |= {
        "tenantId": making.world.tenant_id,
        "principalId": old.get("principalId") or str(uuid.uuid4()),
        "clientId": old.get("clientId") or str(uuid.uuid4()),
    }


def _make_registry(making: Making) -> None:
    making.resource["sku"]["tier"] = making.resource["sku"]["name"]
    properties = making.properties
    properties.setdefault("adminUserEnabled", False)
    properties |= {
        "loginServer": f"{making.resource['name'].lower()}.azurecr.localhost",
        "creationDate": making.old_properties.get("creationDate") or making.now,
    }


def _make_budget(making: Making) -> None:
    properties = making.properties
    if properties["category"] not in {"Cost", "ReservationUtilization"}:
        raise bad_request(
            "400", "Invalid budget category: Cost or ReservationUtilization.", target="properties.category"
        )
    if properties["timeGrain"] not in {
        "Monthly",
        "Quarterly",
        "Annually",
        "BillingMonth",
        "BillingQuarter",
        "BillingAnnual",
    }:
        raise bad_request("400", f"Invalid timeGrain '{properties['timeGrain']}'.", target="properties.timeGrain")
    if not str(at_path(properties, "timePeriod.startDate"))[8:10] == "01":
        raise bad_request("400", "Invalid start date: a budget starts on the first of a month.", target="timePeriod")
    properties |= {"currentSpend": {"amount": 0.0, "unit": "USD"}}
    making.resource["eTag"] = f'"{uuid.uuid4().hex[:16]}"'


PLATFORM_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        name=VAULT,
        api_version="2024-11-01",
        create=CreateStyle.BODY,
        create_s=0.3,
        unsettled="RegisteringDns",
        name_rule=VAULT_NAME,
        bad_name=(
            "VaultNameNotValid",
            (
                "The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The "
                "name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
            ),
        ),
        located=True,
        required=("properties.tenantId", "properties.sku.name"),
        texts=("properties.tenantId", "properties.createMode"),
        numbers=("properties.softDeleteRetentionInDays",),
        objects=("properties.sku",),
        make=_make_vault,
        soft=SoftDelete(
            days=90,
            status=409,
            code="ConflictError",
            message="A vault with the same name already exists in deleted state. You need to either recover or purge "
            "existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information "
            "on soft delete.",
            restores=lambda body: child(body, "properties").get("createMode") == "recover",
            everywhere=True,
        ),
        unique=("VaultAlreadyExists", "The vault name '{name}' is already in use. Vault names are globally unique."),
    ),
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
        actions={"sharedkeys": _shared_keys},
    ),
    ResourceType(
        name="Microsoft.Insights/components",
        api_version="2020-02-02",
        name_rule=r"[^/\\?%&#]{1,260}",
        located=True,
        required=("kind", "properties.Application_Type"),
        make=_make_insights,
    ),
    ResourceType(
        name="Microsoft.ManagedIdentity/userAssignedIdentities",
        api_version="2023-01-31",
        create=CreateStyle.CREATED,
        name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}",
        located=True,
        make=_make_user_identity,
        has_state=False,
    ),
    ResourceType(
        name="Microsoft.ContainerRegistry/registries",
        api_version="2023-01-01-preview",
        create=CreateStyle.CREATED_ASYNC,
        create_s=0.3,
        name_rule=r"[a-zA-Z0-9]{5,50}",
        bad_name=("InvalidResourceName", "The registry name '{name}' is invalid: 5 to 50 letters and digits."),
        located=True,
        required=("sku.name",),
        make=_make_registry,
        unique=("AlreadyInUse", "The registry DNS name {name}.azurecr.io is already in use."),
    ),
    ResourceType(
        name="Microsoft.Consumption/budgets",
        api_version="2024-08-01",
        create=CreateStyle.CREATED,
        name_rule=r"[a-zA-Z0-9_-]{1,63}",
        extension=True,
        required=(
            "properties.amount",
            "properties.category",
            "properties.timeGrain",
            "properties.timePeriod.startDate",
        ),
        texts=("properties.category", "properties.timeGrain", "properties.timePeriod.startDate"),
        numbers=("properties.amount",),
        make=_make_budget,
        has_state=False,
    ),
    ResourceType(
        name="Microsoft.Insights/diagnosticSettings",
        api_version="2021-05-01-preview",
        extension=True,
        has_state=False,
    ),
)
