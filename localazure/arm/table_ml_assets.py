"""Rows of the type table: versioned assets of a machine learning workspace.

That is data, models, environments, code and components.

Owns: one row in `_ASSETS` for each kind, and the two types that it becomes: the container and its versions.
Leaves: which version is latest to `ml_versions.py`, the bytes of uploads to the blob server.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from localazure.arm.checks import at_path, bad_request
from localazure.arm.ml_listing import arranged_assets
from localazure.arm.ml_versions import follow_deletion, follow_version
from localazure.arm.resources import Resource
from localazure.arm.table_ml_workspaces import WORKSPACE
from localazure.arm.types import ActionHook, CreateStyle, Making, ResourceType, World
from localazure.errors import AzureError

__all__ = ["ASSET_ROWS"]

_NAME = r"[a-zA-Z0-9_-][a-zA-Z0-9_.-]{0,254}"
_BAD_NAME = "The asset name '{name}' is invalid: 1 to 255 letters, digits, '-', '_' and '.'."
_VERSION = r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}"
_LONGEST_VERSION = 30  # of those that people name; clients call what has no name by a hash
_BAD_VERSION = "The version '{name}' is invalid: 1 to 30 letters, digits, '-', '_' and '.'."
_URI = re.compile(r"(azureml|https?|abfss?|wasbs?|adl|dbfs|file|runs|mlflow)[:-][^\s]+", re.IGNORECASE)
_DATA_TYPES = ("uri_file", "uri_folder", "mltable")
_MODEL_TYPES = ("custom_model", "mlflow_model", "triton_model")
_UPLOAD_HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asset:
    """A kind of asset. `fixed` properties stay as they were at first; `says` is what a refusal to change them says."""

    leaf: str
    fixed: tuple[str, ...]
    says: str = "Asset paths cannot be updated."
    texts: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict[str, object])
    check: Callable[[dict[str, Any]], None]
    actions: Mapping[str, ActionHook] = field(default_factory=dict[str, ActionHook])


def _check_data(properties: dict[str, Any]) -> None:
    _check_word(properties, "dataType", _DATA_TYPES)
    _check_uri(properties, "dataUri")


def _check_model(properties: dict[str, Any]) -> None:
    _check_word(properties, "modelType", _MODEL_TYPES)
    _check_uri(properties, "modelUri")


def _check_code(properties: dict[str, Any]) -> None:
    _check_uri(properties, "codeUri")


def _check_environment(properties: dict[str, Any]) -> None:
    if bool(properties.get("image")) == bool(properties.get("build")):
        raise _refused("An environment needs either an image or a build context.", "image")
    if properties.get("condaFile") and not properties.get("image"):
        raise _refused("A conda file needs an image to be installed in.", "condaFile")


def _check_component(properties: dict[str, Any]) -> None:
    spec = properties.get("componentSpec")
    if not isinstance(spec, dict) or not spec.get("type"):  # pyright: ignore[reportUnknownMemberType] JSON
        raise _refused("A component needs a componentSpec with a type.", "componentSpec")


def _start_upload(world: World, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    """A container for the upload of an asset that is not there yet, and a signature that may fill it."""
    kind = body.get("pendingUploadType", "TemporaryBlobReference")
    if kind != "TemporaryBlobReference":
        raise _refused(f"pendingUploadType '{kind}' is invalid: TemporaryBlobReference.", "pendingUploadType")
    workspace = world.resources.get(str(resource["id"]).split("/codes/", 1)[0]) or {}
    storage = str(at_path(workspace, "properties.storageAccount") or "")
    if not storage:
        raise bad_request("UserError", "The workspace has no storage account to upload to.", target="storageAccount")
    account, upload = storage.rsplit("/", 1)[-1], str(uuid.uuid4())
    world.containers.put(account, upload, public_access="None", metadata={})
    address = f"{world.blob_origin}/{account}/{upload}"
    expires = world.clock.now() + timedelta(hours=_UPLOAD_HOURS)
    token = world.containers.sas(account, upload, permissions="racwdl", expires=expires)
    return {
        "pendingUploadId": upload,
        "pendingUploadType": kind,
        "blobReferenceForConsumption": {
            "blobUri": address,
            "storageAccountArmId": storage,
            "credential": {"credentialType": "SAS", "sasUri": f"{address}?{token}"},
        },
    }


_ASSETS = (
    _Asset(leaf="data", fixed=("dataUri", "dataType"), texts=("dataUri", "dataType"),
           defaults={"dataType": "uri_folder"}, check=_check_data),
    _Asset(leaf="models", fixed=("modelUri",), texts=("modelUri", "modelType"), objects=("flavors",),
           defaults={"modelType": "custom_model", "flavors": {}, "provisioningState": "Succeeded"},
           check=_check_model),
    _Asset(leaf="environments", fixed=("image", "build", "condaFile", "osType"),
           says="An environment version cannot be changed: register a new one.",
           texts=("image", "condaFile", "osType"), objects=("build",),
           defaults={"environmentType": "UserCreated", "osType": "Linux", "provisioningState": "Succeeded"},
           check=_check_environment),
    _Asset(leaf="codes", fixed=("codeUri",), texts=("codeUri",), defaults={"provisioningState": "Succeeded"},
           check=_check_code, actions={"startpendingupload": _start_upload}),
    _Asset(leaf="components", fixed=("componentSpec",), objects=("componentSpec",),
           says="A component version cannot be changed: register a new one.",
           defaults={"provisioningState": "Succeeded"}, check=_check_component),
)  # fmt: skip


def _make_container(making: Making) -> None:
    """It knows its latest and next version, which nobody may set."""
    properties, old = making.properties, making.old_properties
    properties.setdefault("isArchived", False)
    properties.setdefault("tags", {})
    properties["latestVersion"] = old.get("latestVersion")
    properties["nextVersion"] = old.get("nextVersion") or "1"
    if old.get("dataType"):
        if properties.get("dataType", old["dataType"]) != old["dataType"]:
            raise _refused(f"The data asset is of type {old['dataType']}.", "dataType")
        properties["dataType"] = old["dataType"]


def _version_maker(asset: _Asset) -> Callable[[Making], None]:
    def make(making: Making) -> None:
        properties, old = making.properties, making.old_properties
        name = making.target.parent.rsplit("/", 1)[-1]
        if not re.fullmatch(_NAME, name):
            raise bad_request("UserError", _BAD_NAME.replace("{name}", name), target="name")
        version = making.resource["name"]
        if len(version) > _LONGEST_VERSION and properties.get("isAnonymous") is not True:
            raise bad_request("UserError", _BAD_VERSION.replace("{name}", version), target="name")
        for name, value in asset.defaults.items():
            if properties.get(name) is None:
                properties[name] = old.get(name) or value
        asset.check(properties)
        for name in asset.fixed:
            if old and (old.get(name) or None) != (properties.get(name) or None):
                raise _refused(asset.says, name)
        empty: Mapping[str, object] = {"isArchived": False, "isAnonymous": False, "tags": {}, "properties": {}}
        properties |= {name: value for name, value in empty.items() if properties.get(name) is None}
        follow_version(making)

    return make


def _check_word(properties: Mapping[str, Any], name: str, known: tuple[str, ...]) -> None:
    if properties[name] not in known:
        raise _refused(f"{name} '{properties[name]}' is invalid: {', '.join(known)}.", name)


def _check_uri(properties: Mapping[str, Any], name: str) -> None:
    given = properties.get(name)
    if not given:
        raise _refused(f"{name} is required.", name)
    if not _URI.fullmatch(given):
        raise _refused(f"{name} '{given}' is no address that machine learning knows (azureml://, https://, ...).", name)


def _refused(message: str, name: str) -> AzureError:
    return bad_request("UserError", message, target=f"properties.{name}")


def _rows(asset: _Asset) -> tuple[ResourceType, ResourceType]:
    above, shared = f"{WORKSPACE}/{asset.leaf}", ("properties.tags", "properties.properties")
    container = ResourceType(
        name=above,
        api_version="2025-12-01",
        create=CreateStyle.CREATED,
        name_rule=_NAME,
        bad_name=("UserError", _BAD_NAME),
        texts=("properties.description", "properties.dataType"),
        objects=shared,
        make=_make_container,
        arranged=arranged_assets,
        page_size=100,
        has_state=False,
    )
    version = ResourceType(
        name=f"{above}/versions",
        api_version="2025-12-01",
        create=CreateStyle.CREATED,
        name_rule=_VERSION,
        bad_name=("UserError", _BAD_VERSION),
        parent_optional=True,
        texts=("properties.description", *(f"properties.{name}" for name in asset.texts)),
        objects=(*shared, *(f"properties.{name}" for name in asset.objects)),
        make=_version_maker(asset),
        deleting=follow_deletion,
        arranged=arranged_assets,
        page_size=100,
        early_actions=asset.actions,
        has_state=False,
    )
    return container, version


ASSET_ROWS: tuple[ResourceType, ...] = tuple(row for asset in _ASSETS for row in _rows(asset))
