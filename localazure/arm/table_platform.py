"""Rows of the type table: identities, registries, budgets, diagnostic settings.

Owns: what these types compute and refuse. Leaves: vaults, logs and locks to the `table_*.py` of their own.
"""

import uuid

from localazure.arm.checks import at_path, bad_request
from localazure.arm.types import CreateStyle, Making, ResourceType

__all__ = ["PLATFORM_TYPES"]


def _make_user_identity(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    properties |= {
        "tenantId": making.world.tenant_id,
        "principalId": old.get("principalId") or str(uuid.uuid4()),
        "clientId": old.get("clientId") or str(uuid.uuid4()),
    }


def _make_federation(making: Making) -> None:
    audiences = making.properties["audiences"]
    if not isinstance(audiences, list) or not audiences or not all(isinstance(text, str) for text in audiences):  # pyright: ignore[reportUnknownVariableType] JSON
        raise bad_request("BadRequest", "'audiences' must be a list of texts, with at least one.", target="audiences")


def _make_registry(making: Making) -> None:
    making.resource["sku"]["tier"] = making.resource["sku"]["name"]
    properties = making.properties
    properties.setdefault("adminUserEnabled", False)
    properties |= {
        "loginServer": f"{making.resource['name'].lower()}.azurecr.localhost",
        "creationDate": making.old_properties.get("creationDate") or making.now,
    }


_CATEGORIES = ("Cost", "ReservationUtilization")
_TIME_GRAINS = ("Monthly", "Quarterly", "Annually", "BillingMonth", "BillingQuarter", "BillingAnnual")


def _make_budget(making: Making) -> None:
    properties = making.properties
    for name, allowed in (("category", _CATEGORIES), ("timeGrain", _TIME_GRAINS)):
        meant = next((word for word in allowed if word.lower() == properties[name].lower()), None)
        if meant is None:
            message = f"Invalid {name} '{properties[name]}': {', '.join(allowed)}."
            raise bad_request("400", message, target=f"properties.{name}")
        properties[name] = meant
    if not str(at_path(properties, "timePeriod.startDate"))[8:10] == "01":
        raise bad_request("400", "Invalid start date: a budget starts on the first of a month.", target="timePeriod")
    properties |= {"currentSpend": {"amount": 0.0, "unit": "USD"}}
    making.resource["eTag"] = f'"{uuid.uuid4().hex[:16]}"'


PLATFORM_TYPES: tuple[ResourceType, ...] = (
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
        name="Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        api_version="2023-01-31",
        create=CreateStyle.CREATED,
        name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}",
        required=("properties.issuer", "properties.subject", "properties.audiences"),
        texts=("properties.issuer", "properties.subject"),
        make=_make_federation,
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
