"""Rows of the type table: Microsoft.CognitiveServices.

Owns: account kinds, SKUs, endpoints, keys, the free-account and subdomain rules, deployments of models as records.
Leaves: the APIs behind to `vision`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import bad_request, child, system_identity
from localazure.arm.resources import Resource
from localazure.arm.types import CreateStyle, Making, ResourceType, SoftDelete, World
from localazure.errors import AzureError

__all__ = ["ACCOUNT", "COGNITIVE_TYPES", "KINDS"]

ACCOUNT = "Microsoft.CognitiveServices/accounts"
KINDS: Mapping[str, tuple[str, ...]] = {
    "ComputerVision": ("F0", "S1"),
    "CustomVision.Training": ("F0", "S0"),
    "CustomVision.Prediction": ("F0", "S0"),
    "CognitiveServices": ("S0",),
    "OpenAI": ("S0",),
}
_WITH_DEPLOYMENTS = ("OpenAI",)


def _make(making: Making) -> None:
    resource, properties, old = making.resource, making.properties, making.old_properties
    kind, sku = str(resource["kind"]), str(resource["sku"]["name"])
    if kind not in KINDS:
        raise bad_request(
            "InvalidApiSetId",
            f"The account type '{kind}' is either invalid or unavailable in given region. "
            f"The local Azure has: {', '.join(KINDS)}.",
            target="kind",
        )
    if sku not in KINDS[kind]:
        raise bad_request(
            "InvalidSkuId", f"The SKU '{sku}' is invalid for account type '{kind}'. It has: {', '.join(KINDS[kind])}."
        )
    others = [r for r in making.world.resources.of_type(ACCOUNT) if r["id"].lower() != resource["id"].lower()]
    if sku == "F0" and any(r["kind"] == kind and r["sku"]["name"] == "F0" for r in others):
        raise bad_request(
            "CanNotCreateMultipleFreeAccounts",
            f"Operation failed. Only one free account is allowed for account type '{kind}'.",
        )
    resource["sku"] = {"name": sku}
    _check_subdomain(making, others)
    system_identity(resource, making.old, making.world.tenant_id)
    properties.pop("restore", None)
    subdomain = properties.get("customSubDomainName")
    origin = making.world.origin
    endpoint = f"{origin}/cognitiveservices/{subdomain}/" if subdomain else f"{origin}/"
    properties.setdefault("publicNetworkAccess", "Enabled")
    properties |= {
        "endpoint": endpoint,
        "endpoints": {"Computer Vision": endpoint} if kind in {"ComputerVision", "CognitiveServices"} else {},
        "internalId": old.get("internalId") or uuid.uuid4().hex,
        "dateCreated": old.get("dateCreated") or making.now,
        "callRateLimit": {"rules": []},
        "isMigrated": False,
        "capabilities": [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}],
        "privateEndpointConnections": [],
    }


def _check_subdomain(making: Making, others: list[Resource]) -> None:
    wanted = making.properties.get("customSubDomainName")
    before = making.old_properties.get("customSubDomainName")
    if before and (wanted or "").lower() != before.lower():
        if wanted:
            raise bad_request("InvalidRequest", "The custom subdomain of an account cannot be changed once it is set.")
        making.properties["customSubDomainName"] = before
        return
    if not wanted:
        return
    gone = [entry["resource"] for entry in making.world.deleted.list(ACCOUNT)]
    own = making.resource["id"].lower()
    for other in [*others, *(r for r in gone if r["id"].lower() != own)]:
        if str(other["properties"].get("customSubDomainName", "")).lower() == wanted.lower():
            raise AzureError(
                409,
                "CustomDomainInUse",
                f"Please pick a different name. The subdomain name '{wanted}' is not available as it's already used by "
                "a resource.",
            )


def _created(making: Making) -> None:
    making.world.keys.create(making.resource["id"], kind="cognitive")


def _list_keys(world: World, resource: Resource, _body: Mapping[str, Any]) -> dict[str, Any]:
    if resource["properties"].get("disableLocalAuth"):
        raise bad_request("BadRequest", "Failed to list key. disableLocalAuth is set to be true")
    key1, key2 = world.keys.get(resource["id"])
    return {"key1": key1, "key2": key2}


def _regenerate_key(world: World, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    name = str(body.get("keyName", "")).lower()
    if name not in {"key1", "key2"}:
        raise bad_request("InvalidKeyName", "keyName must be Key1 or Key2.", target="keyName")
    world.keys.regenerate(resource["id"], 0 if name == "key1" else 1, kind="cognitive")
    return _list_keys(world, resource, body)


def _make_deployment(making: Making) -> None:
    """A deployment is recorded; no model stands behind it, and nothing answers at the account's /openai."""
    resource, properties = making.resource, making.properties
    account_id = making.target.parent
    kind = (making.world.resources.get(account_id) or {})["kind"]
    if kind not in _WITH_DEPLOYMENTS:
        raise bad_request(
            "InvalidRequest", f"An account of kind '{kind}' has no deployments: {', '.join(_WITH_DEPLOYMENTS)} has."
        )
    sku = resource.setdefault("sku", {"name": "Standard"})
    sku["capacity"] = _capacity(sku.get("capacity", 1))
    properties.setdefault("versionUpgradeOption", "OnceNewDefaultVersionAvailable")


def _capacity(given: object) -> int:
    """`az` sends the number as text."""
    if isinstance(given, int) and not isinstance(given, bool):
        capacity = given
    else:
        capacity = int(given) if isinstance(given, str) and given.isdecimal() else 0
    if capacity < 1:
        raise bad_request("InvalidCapacity", f"The capacity '{given}' is no whole number above 0.", target="sku")
    return capacity


COGNITIVE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        name=ACCOUNT,
        api_version="2025-06-01",
        create=CreateStyle.CREATED_ASYNC,
        create_s=0.4,
        delete_s=0.3,
        name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}",
        bad_name=("AccountNameInvalid", "The account name '{name}' is invalid."),
        located=True,
        required=("kind", "sku.name"),
        texts=("properties.customSubDomainName",),
        make=_make,
        created=_created,
        soft=SoftDelete(
            days=2,
            status=409,
            code="FlagMustBeSetForRestore",
            message="An existing resource with ID '{id}' has been soft-deleted. To restore the resource, you must "
            "specify 'restore' to be 'true' in the property. If you don't want to restore existing resource, "
            "please purge it first.",
            restores=lambda body: str(child(body, "properties").get("restore")).lower() == "true",
        ),
        busy=(
            "AccountProvisioningStateInvalid",
            "Call to {type}/{name} failed because the account is in state Creating.",
        ),
        actions={"listkeys": _list_keys, "regeneratekey": _regenerate_key},
    ),
    ResourceType(
        name=f"{ACCOUNT}/deployments",
        api_version="2025-06-01",
        create=CreateStyle.CREATED_ASYNC,
        create_s=0.3,
        delete_s=0.2,
        name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}",
        required=("properties.model.name", "properties.model.format"),
        texts=("properties.model.name", "properties.model.format", "properties.model.version"),
        objects=("properties.model",),
        make=_make_deployment,
    ),
)
