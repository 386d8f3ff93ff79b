"""In whose name an account reads blobs: its system-assigned identity.

Owns: remembering, over restarts, which account a run belongs to.
Leaves: the accounts and their identities to Resource Manager.
"""

from localazure.store import Store
from localazure.vision.seams import Accounts, VisionAccount

__all__ = ["Principals"]

_KIND = "vision.account"


class Principals:
    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def note(self, account: VisionAccount) -> None:
        """Remember the account as it is when work is asked for."""
        document = {"subdomain": account.subdomain, "principal_id": account.principal_id}
        if self._store.get(_KIND, account.id.lower()) != document:
            self._store.put(_KIND, account.id.lower(), document)

    def of(self, account_id: str) -> str | None:
        """The account's identity now, or as it was noted when the account cannot be found by its subdomain."""
        document = self._store.get(_KIND, account_id.lower())
        if document is None:
            return None
        account = self._accounts.by_subdomain(document["subdomain"]) if document["subdomain"] else None
        if account is not None and account.id.lower() == account_id.lower():
            return account.principal_id
        noted: str | None = document["principal_id"]
        return noted

    def forget(self, account_id: str) -> None:
        self._store.delete(_KIND, account_id.lower())
