"""Storage accounts are told to the blob server in the order in which they were looked at."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from localazure.arm.keys import Keys
from localazure.arm.resources import Resources
from localazure.arm.storage_accounts import StorageAccounts
from localazure.blobs import PublishedAccount


class Accounts:
    """Resources and their keys; while the first look is under way, an account is deleted and told by another thread."""

    def __init__(self) -> None:
        self.names = ["kept", "deleted"]
        self.told: list[list[str]] = []
        self.meanwhile = True
        self.door = StorageAccounts(cast("Resources", self), cast("Keys", self), self._tell)

    def every(self) -> dict[str, tuple[str, str]]:
        return {f"/accounts/{name}": ("first", "second") for name in self.names}

    def of_type(self, _: str) -> Iterator[dict[str, Any]]:
        seen: list[dict[str, Any]] = [
            {"id": f"/accounts/{name}", "name": name, "properties": {}} for name in self.names
        ]
        if self.meanwhile:
            self.meanwhile = False
            self.names.remove("deleted")
            self.door.publish()
        return iter(seen)

    def _tell(self, accounts: Mapping[str, PublishedAccount]) -> None:
        self.told.append(list(accounts))


def test_an_older_look_does_not_bring_a_deleted_account_back() -> None:
    accounts = Accounts()
    accounts.door.publish()
    assert accounts.told == [["kept"]]
    accounts.names.append("new")
    accounts.door.publish()
    assert accounts.told == [["kept"], ["kept", "new"]]
