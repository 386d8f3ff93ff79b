"""What the vault service is handed: the vault of a request; and what a request needs to be let in.

Owns: the Protocol and the needs, in both languages of permission. Leaves: who has them to `vault_access.py`.
"""

from enum import Enum
from typing import Protocol

__all__ = ["Need", "Vault"]


class Need(Enum):
    """What a request needs: the permission of an access policy, and the RBAC data action below vaults/secrets."""

    GET = ("get", "getSecret/action")
    SET = ("set", "setSecret/action")
    UPDATE = ("set", "update/action")
    LIST = ("list", "readMetadata/action")
    LOOK = ("get", "readMetadata/action")
    DELETE = ("delete", "delete")
    RECOVER = ("recover", "recover/action")
    PURGE = ("purge", "purge/action")
    BACKUP = ("backup", "backup/action")
    RESTORE = ("restore", "restore/action")

    @property
    def permission(self) -> str:
        return self.value[0]

    @property
    def action(self) -> str:
        return f"Microsoft.KeyVault/vaults/secrets/{self.value[1]}"


class Vault(Protocol):
    """A live vault, as ARM knows it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def uri(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def retention_days(self) -> int: ...
    @property
    def purge_protected(self) -> bool: ...
