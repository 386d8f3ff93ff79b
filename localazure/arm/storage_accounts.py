"""The door to storage accounts: for the blob server, which must know them, and for the blob reader.

Owns: which accounts are published, and where an account stands in ARM.
"""

import itertools
import threading
from collections.abc import Callable, Mapping

from localazure.arm.ids import key
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
        self._numbers = itertools.count(1)
        self._published = 0
        self._lock = threading.Lock()

    def publish(self) -> None:
        """Tell the blob server which accounts there are, with which keys; one gets them when its creation ends.

        Threads may do so at once. One that began to look before another, and comes after it, has nothing new to tell.
        The store is read without the lock, for whoever holds the store may be here too.
        """
        number = next(self._numbers)
        keys = self._keys.every()
        found = ((account, keys.get(key(account["id"]), ("", ""))) for account in self._resources.of_type(ACCOUNT))
        accounts = {account["name"]: _published(account, pair) for account, pair in found if pair[0]}
        with self._lock:
            if number > self._published:
                self._published = number
                self._publish(accounts)

    def resource_id(self, account: str) -> str | None:
        """Of an account that has keys."""
        named = (r for r in self._resources.of_type(ACCOUNT) if r["name"] == account)
        return next((r["id"] for r in named if self._keys.get(r["id"])[0]), None)


def _published(account: Resource, keys: tuple[str, str]) -> PublishedAccount:
    properties = account["properties"]
    return PublishedAccount(
        id=account["id"],
        name=account["name"],
        keys=keys,
        shared_key=properties.get("allowSharedKeyAccess") is not False,
        public_access=bool(properties.get("allowBlobPublicAccess")),
    )
