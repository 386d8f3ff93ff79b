"""Values at rest: encrypted with a key that lies in a file of its own.

Owns: DIR/vault.key (mode 0600), made when the first value is sealed. Leaves: what is sealed to `service.py`.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localazure.errors import AzureError
from localazure.settings import write_private

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

__all__ = ["Sealing"]


class Sealing:
    """Seals and opens texts. Without the key file nothing that was sealed can be opened again."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The text; None when it was sealed with another key, or is no sealed text at all."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def must_open(self, sealed: str) -> str:
        """The text; AzureError 500 when the key is another one."""
        text = self.open(sealed)
        if text is None:
            raise AzureError(
                500,
                "InternalServerError",
                f"The value was sealed with another key than the one in {self._key_file.name} of the local Azure.",
            )
        return text

    @cached_property
    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet

        if not self._key_file.exists():
            write_private(self._key_file, Fernet.generate_key())
        return Fernet(self._key_file.read_bytes().strip())
