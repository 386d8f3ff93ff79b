"""The door to storage accounts: for the blob server, which must know them, and for the blob reader.

Owns: which accounts are published, and where an account stands in ARM.
"""

from collections.abc import Callable, Mapping

from localazure.arm.keys import Keys
from localazure.arm.resources import Resource, Resources
from localazure.arm.table_storage import ACCOUNT
from localazure.blobs import PublishedAccount

__all__ = ["StorageAccounts"]


class StorageAccounts:
    """Live storage accounts."""

    def __init__(
        self, resources: Resources, keys: Keys, publish: Callable[[Mapping[str, PublishedAccount]], None]
    ) -> None:
        self._resources = resources
        self._keys = keys
        self._publish = publish

    def publish(self) -> None:
        """Tell the blob server which accounts there are, with which keys."""
        accounts = {account["name"]: self._published(account) for account in self._ready()}
        self._publish(accounts)

    def resource_id(self, account: str) -> str | None:
        return next((r["id"] for r in self._ready() if r["name"] == account), None)

    def _ready(self) -> list[Resource]:
        """Those that have keys; an account gets them when its creation ends."""
        return [r for r in self._resources.of_type(ACCOUNT) if self._keys.get(r["id"])[0]]

    def _published(self, account: Resource) -> PublishedAccount:
        properties = account["properties"]
        return PublishedAccount(
            id=account["id"],
            name=account["name"],
            keys=self._keys.get(account["id"]),
            shared_key=properties.get("allowSharedKeyAccess") is not False,
            public_access=bool(properties.get("allowBlobPublicAccess")),
        )
