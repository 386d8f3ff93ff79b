"""The soft-deleted: listed, looked up, purged, as each service spells it.

Owns: deletedAccounts, deletedVaults and deletedWorkspaces. Leaves: keeping them to `resources.Deleted`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localazure.arm.answers import Answer, polling
from localazure.arm.ids import parse
from localazure.arm.resources import Resource
from localazure.arm.table_cognitive import ACCOUNT
from localazure.arm.table_monitor import LOGS
from localazure.arm.table_vaults import VAULT
from localazure.arm.types import World
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import Operations

__all__ = ["SoftDeleted"]

_KIND = "arm.purged"
_PURGE_S = 0.3


class SoftDeleted:
    """What waits to be restored or purged."""

    def __init__(self, world: World, operations: Operations) -> None:
        self._world = world
        self._operations = operations
        operations.on(_KIND, self._finish_purge)

    def accounts(self) -> list[dict[str, Any]]:
        return [_account(entry) for entry in self._world.deleted.list(ACCOUNT)]

    def account(self, location: str, group: str, name: str) -> Answer:
        return Answer(body=_account(self._account_entry(location, group, name)))

    def purge_account(self, location: str, group: str, name: str) -> Answer:
        entry = self._account_entry(location, group, name)
        return self._purge(entry["resource"], status=True)

    def vaults(self) -> list[dict[str, Any]]:
        return [_vault(entry) for entry in self._world.deleted.list(VAULT)]

    def vault(self, location: str, name: str) -> Answer:
        return Answer(body=_vault(self._vault_entry(location, name)))

    def purge_vault(self, location: str, name: str) -> Answer:
        resource = self._vault_entry(location, name)["resource"]
        if resource["properties"].get("enablePurgeProtection"):
            raise AzureError(
                405,
                "MethodNotAllowed",
                f"Operation 'DeletedVaultPurge' is not allowed: the vault '{name}' has purge protection.",
            )
        return self._purge(resource, status=False)

    def log_workspaces(self, group: str | None) -> list[dict[str, Any]]:
        """Those of one group, or of all."""
        kept = [entry["resource"] for entry in self._world.deleted.list(LOGS)]
        return [r for r in kept if group is None or (parse(r["id"]).group or "").lower() == group.lower()]

    def _account_entry(self, location: str, group: str, name: str) -> dict[str, Any]:
        for entry in self._world.deleted.list(ACCOUNT):
            resource = entry["resource"]
            place = (resource["location"], (parse(resource["id"]).group or "").lower(), resource["name"].lower())
            if place == (location.replace(" ", "").lower(), group.lower(), name.lower()):
                return entry
        raise AzureError(404, "ResourceNotFound", f"The deleted account '{name}' was not found in '{location}'.")

    def _vault_entry(self, location: str, name: str) -> dict[str, Any]:
        for entry in self._world.deleted.list(VAULT):
            resource = entry["resource"]
            if (resource["location"], resource["name"].lower()) == (location.replace(" ", "").lower(), name.lower()):
                return entry
        raise AzureError(404, "DeletedVaultNotFound", f"The specified deleted vault '{name}' does not exist.")

    def _purge(self, resource: Resource, *, status: bool) -> Answer:
        payload = {"id": resource["id"], "type": resource["type"]}
        operation = self._operations.start(_KIND, payload, seconds=_PURGE_S)
        target = parse(resource["id"])
        headers = polling(
            self._world.origin,
            target.subscription or "",
            target.namespace or "",
            resource["location"],
            operation,
            status=status,
            result=True,
        )
        return Answer(status=202, headers=headers)

    def _finish_purge(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        if self._world.deleted.drop(payload["type"], payload["id"]):
            self._world.purged(payload["type"], payload["id"])
        return None


def _times(entry: Mapping[str, Any]) -> dict[str, str]:
    return {
        "deletionDate": arm_time(datetime.fromisoformat(entry["deleted"])),
        "scheduledPurgeDate": arm_time(datetime.fromisoformat(entry["purge"])),
    }


def _account(entry: Mapping[str, Any]) -> dict[str, Any]:
    resource = entry["resource"]
    target = parse(resource["id"])
    return {
        **resource,
        "id": f"/subscriptions/{target.subscription}/providers/Microsoft.CognitiveServices/locations/"
        f"{resource['location']}/resourceGroups/{target.group}/deletedAccounts/{resource['name']}",
        "type": "Microsoft.CognitiveServices/deletedAccounts",
        "properties": {**resource["properties"], **_times(entry)},
    }


def _vault(entry: Mapping[str, Any]) -> dict[str, Any]:
    resource = entry["resource"]
    protected = resource["properties"].get("enablePurgeProtection")
    return {
        "id": f"/subscriptions/{parse(resource['id']).subscription}/providers/Microsoft.KeyVault/locations/"
        f"{resource['location']}/deletedVaults/{resource['name']}",
        "name": resource["name"],
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": resource["id"],
            "location": resource["location"],
            "tags": resource.get("tags") or {},
            **_times(entry),
            **({"purgeProtectionEnabled": True} if protected else {}),
        },
    }
