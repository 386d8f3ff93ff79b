"""Where the state of a stack on Azure is, and what its secrets are encrypted with.

Owns: the two kinds of back ends and of secrets providers, and what is wrong with a text that names none of them.
Leaves: reading and writing there to Pulumi's CLI.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from automation.errors import ConfigError

__all__ = ["PASSPHRASE", "StatePlace", "backend_problem", "make_folder", "secrets_problem"]

PASSPHRASE = "passphrase"  # noqa: S105 # the name of a way, not a secret
_CONTAINER = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_VAULT_KEY = re.compile(r"azurekeyvault://[A-Za-z0-9.:-]+/keys/[A-Za-z0-9-]+(?:/[A-Za-z0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePlace:
    """What `state:` of lab.yaml says.

    Attributes:
        backend: "file://..." or "azblob://container?storage_account=..."; None is a folder of the lab's own.
        secrets: "passphrase" or "azurekeyvault://vault.vault.azure.net/keys/key".
    """

    backend: str | None = None
    secrets: str = PASSPHRASE

    def url(self, *, folder: Path, default: Path) -> str:
        """The back end as Pulumi takes it.

        Args:
            folder: Where a relative file:// path starts.
            default: The folder that is taken when no back end is named.
        """
        if self.backend is None:
            return default.absolute().as_uri()
        path = self.backend.removeprefix("file://")
        if path == self.backend or path.startswith(("/", "~")):
            return self.backend
        return (folder.absolute() / path).resolve().as_uri()


def make_folder(url: str) -> None:
    """Make the folder of a file:// back end, if only it is missing: more than that is missing where a disk is."""
    path = Path(url.removeprefix("file://")).expanduser()
    if not url.startswith("file://") or path.is_dir():
        return
    try:
        path.mkdir(mode=0o700)
    except OSError as exc:
        raise ConfigError(
            f"the folder {path} for the state cannot be made: {exc.strerror}",
            hint="make it yourself, or mend `state: backend:` in lab.yaml",
        ) from exc


def backend_problem(text: str) -> str | None:
    """What is wrong with a back end, or None."""
    parts = urlsplit(text)
    if parts.scheme == "file":
        return None if text != "file://" else "a path is missing after file://"
    if parts.scheme != "azblob":
        return "a back end is file://FOLDER or azblob://CONTAINER?storage_account=NAME"
    if _CONTAINER.fullmatch(parts.netloc) is None:
        return f"{parts.netloc!r} is no name of a blob container"
    account = parse_qs(parts.query).get("storage_account", [""])[-1]
    if _ACCOUNT.fullmatch(account) is None:
        return "the storage account is missing: azblob://CONTAINER?storage_account=NAME"
    return None


def secrets_problem(text: str) -> str | None:
    """What is wrong with a secrets provider, or None."""
    if text == PASSPHRASE or _VAULT_KEY.fullmatch(text):
        return None
    return "secrets are encrypted by `passphrase` or by azurekeyvault://VAULT.vault.azure.net/keys/KEY"
