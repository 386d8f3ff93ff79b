"""Backups of secrets: one sealed text with all versions, which only this local Azure can open.

Owns: the form of a backup. Leaves: reading and putting back to `service.py`.
"""

import base64
import binascii
from typing import Any

import msgspec

from localazure.vault import errors
from localazure.vault.sealing import Sealing
from localazure.vault.seams import Vault
from localazure.vault.service import Secrets
from localazure.vault.types import Secret, Shown, Version

__all__ = ["Backups"]

_FORM = "visionlab-secret-backup/1"


class Backups:
    """Values stay sealed inside, and the whole is sealed again: names and tags are nobody's business either."""

    def __init__(self, secrets: Secrets, sealing: Sealing) -> None:
        self._secrets = secrets
        self._sealing = sealing

    def make(self, vault: Vault, name: str) -> str:
        """The backup as the base64url text of the wire."""
        secret, versions = self._secrets.versions_of(vault, name)
        document = {"form": _FORM, "secret": secret, "versions": versions}
        sealed = self._sealing.seal(msgspec.json.encode(document).decode())
        return base64.urlsafe_b64encode(sealed.encode()).decode().rstrip("=")

    def restore(self, vault: Vault, text: str) -> Shown:
        """AzureError 400 for what is no backup of this local Azure, 409 when the name is taken."""
        secret, versions = self._read(text)
        return self._secrets.put_back(vault, secret, versions)

    def _read(self, text: str) -> tuple[Secret, list[Version]]:
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        except (binascii.Error, ValueError) as error:
            raise errors.bad_parameter("The backup blob is no base64url text.") from error
        opened = self._sealing.open(sealed)
        document: dict[str, Any] = {} if opened is None else msgspec.json.decode(opened)
        if document.get("form") != _FORM:
            raise errors.bad_parameter("The backup blob was not made by this local Azure, or it is damaged.")
        return msgspec.convert(document["secret"], Secret), msgspec.convert(document["versions"], list[Version])
