"""Blob services and containers in ARM: what the blob server has, in ARM's envelope.

Owns: rules and envelopes. Leaves: the truth to the blob server, reached by the ContainerStore that `app.py` hands in.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from localazure.arm import locks
from localazure.arm.admission import not_found
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.checks import bad_request, child
from localazure.arm.ids import key
from localazure.arm.resources import Resource
from localazure.arm.table import BLOB_SERVICES, CONTAINERS
from localazure.arm.types import World
from localazure.errors import AzureError

__all__ = ["BlobStore", "ContainerService", "ContainerState"]

_NAME = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$root|\$web|\$logs")
_ACCESS = ("None", "Blob", "Container")
_KIND = "arm.blob"


class ContainerState(Protocol):
    """A container as the blob server has it (blob.containers.Container)."""

    @property
    def name(self) -> str: ...
    @property
    def etag(self) -> str: ...
    @property
    def last_modified(self) -> str: ...
    @property
    def public_access(self) -> str: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...


class BlobStore(Protocol):
    """What ARM asks of the blob server (blob.containers.Containers)."""

    def put(self, account: str, name: str, *, public_access: str, metadata: Mapping[str, str]) -> bool: ...
    def find(self, account: str, name: str) -> ContainerState | None: ...
    def list(self, account: str) -> Sequence[ContainerState]: ...
    def delete(self, account: str, name: str) -> bool: ...
    def set_cors(self, account: str, rules: Sequence[Mapping[str, object]]) -> None: ...


class ContainerService:
    """Acts on blobServices/default and on containers. What ARM keeps beyond the blob server lies in the store."""

    def __init__(self, world: World, blobs: BlobStore) -> None:
        self._world = world
        self._blobs = blobs

    def service_get(self, request: ArmRequest) -> Answer:
        account = self._account(request)
        kept = child(self._world.store.get(_KIND, request.target.key), "properties")
        return Answer(body=_service(request, account, kept))

    def service_put(self, request: ArmRequest) -> Answer:
        account = self._account(request)
        locks.check_write(self._world.resources, request.target.id)
        properties = child(request.body, "properties")
        rules: list[dict[str, object]] = child(properties, "cors").get("corsRules") or []
        self._blobs.set_cors(account["name"], rules)
        self._world.store.put(_KIND, request.target.key, {"properties": properties})
        return Answer(body=_service(request, account, properties))

    def list(self, request: ArmRequest) -> list[dict[str, Any]]:
        """All of the account; $filter is here what names start with."""
        account, prefix = self._account(request), request.query.get("filter", "")
        base, found = request.target.id, self._blobs.list(account["name"])
        return [self._document(f"{base}/{c.name}", c) for c in found if c.name.startswith(prefix)]

    def get(self, request: ArmRequest) -> Answer:
        account = self._account(request)
        found = self._blobs.find(account["name"], request.target.name or "")
        if found is None:
            raise self._missing(request)
        return Answer(body=self._document(request.target.id, found))

    def put(self, request: ArmRequest) -> Answer:
        account, name = self._account(request), request.target.name or ""
        locks.check_write(self._world.resources, request.target.id)
        if not _NAME.fullmatch(name):
            raise bad_request(
                "InvalidResourceName",
                f"The container name '{name}' is invalid: 3 to 63 lower-case letters, digits and single hyphens.",
            )
        properties = child(request.body, "properties")
        access = str(properties.get("publicAccess") or "None")
        if access not in _ACCESS:
            raise bad_request(
                "InvalidRequestPropertyValue", f"publicAccess '{access}' is invalid: {', '.join(_ACCESS)}."
            )
        if access != "None" and not account["properties"].get("allowBlobPublicAccess"):
            raise AzureError(409, "PublicAccessNotPermitted", "Public access is not permitted on this storage account.")
        metadata = {str(k): str(v) for k, v in child(properties, "metadata").items()}
        created = self._blobs.put(account["name"], name, public_access=access, metadata=metadata)
        self._world.store.put(_KIND, request.target.key, {"properties": properties})
        found = self._blobs.find(account["name"], name)
        if found is None:
            raise self._missing(request)
        return Answer(status=201 if created else 200, body=self._document(request.target.id, found))

    def patch(self, request: ArmRequest) -> Answer:
        self.get(request)
        return self.put(request)

    def delete(self, request: ArmRequest) -> Answer:
        account = self._account(request)
        locks.check_delete(self._world.resources, request.target.id)
        existed = self._blobs.delete(account["name"], request.target.name or "")
        self._world.store.delete(_KIND, request.target.key)
        return Answer(status=200 if existed else 204)

    def _account(self, request: ArmRequest) -> Resource:
        account_id = request.target.id.split("/blobServices", 1)[0]
        account = self._world.resources.get(account_id)
        if account is None:
            raise AzureError(
                404,
                "ParentResourceNotFound",
                f"Failed to perform '{request.method.lower()}' on resource(s) of type "
                f"'{BLOB_SERVICES.split('/', 1)[1]}', because the parent resource '{account_id}' could not be found.",
            )
        if account["properties"]["provisioningState"] != "Succeeded":
            raise AzureError(
                409,
                "StorageAccountIsNotProvisioned",
                "The storage account provisioning state must be 'Succeeded' before executing the operation.",
            )
        return account

    def _document(self, container_id: str, state: ContainerState) -> dict[str, Any]:
        kept = child(self._world.store.get(_KIND, key(container_id)), "properties")
        return {
            "id": container_id,
            "name": state.name,
            "type": CONTAINERS,
            "etag": state.etag,
            "properties": {
                "defaultEncryptionScope": "$account-encryption-key",
                "denyEncryptionScopeOverride": False,
                **kept,
                "publicAccess": state.public_access,
                "metadata": dict(state.metadata),
                "lastModifiedTime": state.last_modified,
                "leaseStatus": "Unlocked",
                "leaseState": "Available",
                "hasImmutabilityPolicy": False,
                "hasLegalHold": False,
                "deleted": False,
                "remainingRetentionDays": 0,
            },
        }

    def _missing(self, request: ArmRequest) -> AzureError:
        return (
            AzureError(404, "ContainerNotFound", "The specified container does not exist.")
            if (request.target.name)
            else not_found(request.target)
        )


def _service(request: ArmRequest, account: Resource, properties: Mapping[str, Any]) -> dict[str, Any]:
    if (request.target.name or "default") != "default":
        raise not_found(request.target)
    return {
        "sku": account["sku"],
        "id": f"{account['id']}/blobServices/default",
        "name": "default",
        "type": BLOB_SERVICES,
        "properties": {"cors": {"corsRules": []}, "deleteRetentionPolicy": {"enabled": False}, **properties},
    }
