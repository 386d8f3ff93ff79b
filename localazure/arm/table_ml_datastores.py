"""Rows of the type table: datastores of a machine learning workspace, and their secrets.

Owns: what a datastore must say, what it never shows, what listSecrets gives out.
Leaves: the default ones to the workspace that makes them, the bytes to the blob server.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from localazure.arm.checks import at_path, bad_request, child
from localazure.arm.ids import key
from localazure.arm.resources import Resource
from localazure.arm.table_ml_workspaces import WORKSPACE
from localazure.arm.types import CreateStyle, Making, ResourceType, World
from localazure.errors import AzureError
from localazure.sas import container_sas

__all__ = ["DATASTORES", "DATASTORE_ROW"]

DATASTORES = f"{WORKSPACE}/datastores"
_ACCOUNTS = "Microsoft.Storage/storageAccounts"
_SECRETS = "properties.credentials.secrets"
_HOURS = 24
# What each kind must say, beside its credentials.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "AzureBlob": ("accountName", "containerName"),
    "AzureFile": ("accountName", "fileShareName"),
    "AzureDataLakeGen2": ("accountName", "filesystem"),
    "AzureDataLakeGen1": ("storeName",),
    "OneLake": ("oneLakeWorkspaceName", "artifact"),
}
# The field of each kind of secret that must be there when the datastore is new.
_CREDENTIALS: Mapping[str, str | None] = {
    "None": None,
    "AccountKey": "key",
    "Sas": "sasToken",
    "ServicePrincipal": "clientSecret",
    "Certificate": "certificate",
}


def _make(making: Making) -> None:
    properties, old = making.properties, making.old_properties
    kind = _one_of(properties["datastoreType"], _NEEDS, "datastoreType")
    if old and old["datastoreType"] != kind:
        raise _refused("The datastoreType of a datastore cannot be changed.", "properties.datastoreType")
    for name in _NEEDS[kind]:
        if not properties.get(name):
            needed = " and ".join(_NEEDS[kind])
            raise _refused(f"A datastore of type {kind} needs {needed}.", f"properties.{name}")
    credentials = properties.get("credentials")
    if not isinstance(credentials, dict) or not at_path(properties, "credentials.credentialsType"):
        raise _refused("credentials.credentialsType is required.", "properties.credentials")
    _check_secret(making, _one_of(properties["credentials"]["credentialsType"], _CREDENTIALS, "credentialsType"))
    properties["datastoreType"] = kind
    properties.setdefault("description", None)
    properties.setdefault("tags", {})
    properties.setdefault("protocol", "https")
    properties.setdefault("serviceDataAccessAuthIdentity", "None")
    properties["isDefault"] = old.get("isDefault", False)


def _check_secret(making: Making, kind: str) -> None:
    """A new datastore brings its secret; a key is compared with the account's own, when the account is ours."""
    field = _CREDENTIALS[kind]
    if field is None:
        making.world.store.delete("secrets", key(making.resource["id"]))
        return
    given = _kept_secret(making.world, making.resource).get(field)
    if not isinstance(given, str) or not given:
        if not making.old_properties.get("isDefault") and making.old is None:
            raise _refused(f"Credentials of type {kind} need secrets.{field}.", "properties.credentials.secrets")
        return
    if kind != "AccountKey":
        return
    try:
        base64.b64decode(given, validate=True)
    except ValueError as error:
        raise _refused("The account key is no base64.", "properties.credentials.secrets.key") from error
    owner = _account(making.world, making.properties.get("accountName"))
    if owner is not None:
        keys = making.world.keys.get(owner["id"])
        if not any(hmac.compare_digest(given.encode(), own.encode()) for own in keys):
            message = f"The key does not open the storage account '{owner['name']}'."
            raise _refused(message, "properties.credentials.secrets.key")


def _list_secrets(world: World, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    """The secret, or with expirableSecret a signature for the container instead of an account's key."""
    kind = at_path(resource, "properties.credentials.credentialsType")
    if kind == "None":
        raise _refused("The datastore has no credentials: identities read it.", "properties.credentials")
    secret = _kept_secret(world, resource)
    if kind != "AccountKey":
        return {"secretsType": kind, **secret}
    owner = _account(world, resource["properties"].get("accountName"))
    opens = str(secret.get("key") or ("" if owner is None else world.keys.get(owner["id"])[0]))
    container = resource["properties"].get("containerName")
    if body.get("expirableSecret") is not True or not container or not opens:
        return {"secretsType": "AccountKey", "key": opens}
    hours = body.get("expireAfterHours", 1)
    if not isinstance(hours, int) or not 1 <= hours <= _HOURS:
        raise _refused(f"expireAfterHours is a whole number from 1 to {_HOURS}.", "expireAfterHours")
    account = str(resource["properties"]["accountName"])
    expires = world.clock.now() + timedelta(hours=hours)
    token = container_sas(account=account, key=opens, container=container, permissions="racwdl", expires=expires)
    return {"secretsType": "Sas", "sasToken": token}


def _kept_secret(world: World, resource: Resource) -> dict[str, Any]:
    return child(world.store.get("secrets", key(resource["id"])), _SECRETS)


def _account(world: World, name: object) -> Resource | None:
    return next((r for r in world.resources.of_type(_ACCOUNTS) if r["name"] == name), None)


def _one_of(given: str, known: Mapping[str, Any], name: str) -> str:
    found = next((word for word in known if word.lower() == given.lower()), None)
    if found is None:
        raise _refused(f"{name} '{given}' is invalid: {', '.join(known)}.", f"properties.{name}")
    return found


def _refused(message: str, target: str) -> AzureError:
    return bad_request("UserError", message, target=target)


def _deletable(_world: World, resource: Resource, _query: Mapping[str, str]) -> None:
    if resource["properties"].get("isDefault"):
        raise _refused("The default datastore of a workspace cannot be deleted.", "name")


def _arranged(found: list[Resource], query: Mapping[str, str]) -> list[Resource]:
    if query.get("isdefault", "").lower() == "true":
        found = [store for store in found if store["properties"].get("isDefault")]
    if names := query.get("names"):
        wanted = {name.strip().lower() for name in names.split(",")}
        found = [store for store in found if store["name"].lower() in wanted]
    if text := query.get("searchtext"):
        found = [store for store in found if text.lower() in store["name"].lower()]
    return found if query.get("orderbyasc", "").lower() != "false" else found[::-1]


DATASTORE_ROW = ResourceType(
    name=DATASTORES,
    api_version="2025-12-01",
    create=CreateStyle.CREATED,
    name_rule=r"[a-zA-Z0-9][a-zA-Z0-9_]{0,254}",
    bad_name=("UserError", "The datastore name '{name}' is invalid: letters, digits and '_' only."),
    required=("properties.datastoreType",),
    texts=(
        "properties.datastoreType",
        "properties.accountName",
        "properties.containerName",
        "properties.endpoint",
        "properties.protocol",
        "properties.credentials.credentialsType",
    ),
    objects=("properties.credentials", f"{_SECRETS}", "properties.tags"),
    make=_make,
    deletable=_deletable,
    secrets=(_SECRETS,),
    arranged=_arranged,
    page_size=30,
    actions={"listsecrets": _list_secrets},
    has_state=False,
)
