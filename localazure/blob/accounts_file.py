"""The file through which Azurite learns which accounts exist, with which keys.

Owns: its format, shared with `shim.js`. Leaves: which accounts there are to `arm`.
"""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from localazure.blob.versions import told_apart
from localazure.blobs import PublishedAccount
from localazure.settings import write_private

__all__ = ["AccountsFile"]


class AccountsFile:
    """Publishes accounts; knows for each the key with which the local Azure itself signs."""

    def __init__(self, path: Path, *, signing_keys: Sequence[Mapping[str, object]]) -> None:
        self.path = path
        self._signing_keys = list(signing_keys)
        self._delegation_key = _kept_secret(path.with_name("delegation.key"))
        self._own_keys: dict[str, str] = {}
        self._written = 0

    def publish(self, accounts: Mapping[str, PublishedAccount]) -> None:
        """Replace the file; Azurite reads it at its next request."""
        entries: dict[str, object] = {}
        own: dict[str, str] = {}
        for name, account in sorted(accounts.items()):
            # Without shared keys Azurite gets one that only this process knows, so that we can still act.
            hidden = self._own_keys.get(name, "")
            keys = account.keys if account.shared_key else (_fresh_key(hidden, account.keys),)
            own[name] = keys[0]
            entries[name] = {"id": account.id.lower(), "keys": list(keys), "publicAccess": account.public_access}
        self._own_keys = own
        self._written += 1
        document = {
            "signingKeys": self._signing_keys,
            "delegationKey": self._delegation_key,
            "accounts": entries,
        }
        write_private(self.path, told_apart(json.dumps(document).encode(), self._written))

    def own_key(self, account: str) -> str | None:
        """The key that works for us, None for an unknown account."""
        return self._own_keys.get(account)


def _kept_secret(path: Path) -> str:
    """What user delegation keys are made from: theirs must work over restarts, and nobody else can make one."""
    if not path.exists():
        write_private(path, secrets.token_hex(32).encode())
    return path.read_text("ascii")


def _fresh_key(kept: str, given_out: tuple[str, str]) -> str:
    return kept if kept and kept not in given_out else base64.b64encode(secrets.token_bytes(64)).decode()
