"""Rows of the type table: Microsoft.Storage.

Owns: what storage accounts compute and refuse. Leaves: containers, which live in the blob server, to `containers.py`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.checks import bad_request, child
from localazure.arm.resources import Resource
from localazure.arm.types import CreateStyle, Making, ResourceType, World

__all__ = ["ACCOUNT", "NAME_RULE", "STORAGE_TYPES"]

NAME_RULE = r"[a-z0-9]{3,24}"
_SKUS = (
    "Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Premium_LRS", "Premium_ZRS", "Standard_GZRS",
    "Standard_RAGZRS", "StandardV2_LRS", "StandardV2_ZRS",
)  # fmt: skip
_KINDS = ("Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage")


def _make(making: Making) -> None:
    resource, properties, old = making.resource, making.properties, making.old_properties
    sku = resource["sku"]
    if sku["name"] not in _SKUS:
        raise bad_request(
            "InvalidRequestPropertyValue",
            f"The value '{sku['name']}' is not allowed for property name. Possible values: {', '.join(_SKUS)}.",
            target="sku.name",
        )
    if resource["kind"] not in _KINDS:
        raise bad_request(
            "InvalidRequestPropertyValue",
            f"The value '{resource['kind']}' is not allowed for property kind. Possible values: {', '.join(_KINDS)}.",
            target="kind",
        )
    sku["tier"] = sku["name"].split("_")[0].removesuffix("V2")
    name = resource["name"]
    created = old.get("creationTime") or making.now
    enabled = {"enabled": True, "keyType": "Account", "lastEnabledTime": created}
    properties.setdefault("minimumTlsVersion", "TLS1_0")
    properties.setdefault("allowBlobPublicAccess", False)
    properties.setdefault("supportsHttpsTrafficOnly", True)
    rules: dict[str, Any] = {
        "bypass": "AzureServices",
        "virtualNetworkRules": [],
        "ipRules": [],
        "defaultAction": "Allow",
    }
    properties["networkAcls"] = rules | child(properties, "networkAcls")
    properties.setdefault(
        "encryption", {"services": {"file": enabled, "blob": enabled}, "keySource": "Microsoft.Storage"}
    )
    if resource["kind"] != "Storage":
        properties.setdefault("accessTier", "Hot")
    properties |= {
        "keyCreationTime": old.get("keyCreationTime") or {"key1": created, "key2": created},
        "privateEndpointConnections": [],
        "creationTime": created,
        "primaryLocation": resource["location"],
        "statusOfPrimary": "available",
        "primaryEndpoints": {"blob": f"{making.world.blob_origin}/{name}/"},
    }


def _created(making: Making) -> None:
    making.world.keys.create(making.resource["id"], kind="storage")
    making.world.storage_changed()


def _deleting(world: World, resource: Resource) -> None:
    world.containers.delete_all(resource["name"])


def _list_keys(world: World, resource: Resource, _body: Mapping[str, Any]) -> dict[str, Any]:
    made = resource["properties"]["keyCreationTime"]
    return {
        "keys": [
            {"keyName": name, "value": value, "permissions": "FULL", "creationTime": made[name]}
            for name, value in zip(("key1", "key2"), world.keys.get(resource["id"]), strict=True)
        ]
    }


def _regenerate_key(world: World, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    name = str(body.get("keyName", "")).lower()
    if name not in {"key1", "key2"}:
        raise bad_request("InvalidKeyName", "keyName must be key1 or key2.", target="keyName")
    world.keys.regenerate(resource["id"], 0 if name == "key1" else 1, kind="storage")
    world.storage_changed()
    return _list_keys(world, resource, body)


ACCOUNT = "Microsoft.Storage/storageAccounts"
STORAGE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        name=ACCOUNT,
        api_version="2024-01-01",
        create=CreateStyle.ACCEPTED_LOCATION,
        create_s=0.3,
        unsettled="ResolvingDNS",
        name_rule=NAME_RULE,
        bad_name=(
            "AccountNameInvalid",
            (
                "{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters "
                "in length and use numbers and lower-case letters only."
            ),
        ),
        located=True,
        required=("sku.name", "kind"),
        make=_make,
        created=_created,
        deleting=_deleting,
        unique=("StorageAccountAlreadyTaken", "The storage account named {name} is already taken."),
        busy=(
            "StorageAccountOperationInProgress",
            "An operation is currently performing on this storage account that requires exclusive access.",
        ),
        actions={"listkeys": _list_keys, "regeneratekey": _regenerate_key},
    ),
)
