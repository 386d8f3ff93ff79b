"""The vault service put together from what the local Azure hands in."""

from pathlib import Path

from localazure.clock import Clock
from localazure.operations import Operations
from localazure.store import Store
from localazure.vault.backups import Backups
from localazure.vault.records import Records
from localazure.vault.sealing import Sealing
from localazure.vault.service import Secrets

__all__ = ["build_vault"]


def build_vault(store: Store, clock: Clock, operations: Operations, *, key_file: Path) -> tuple[Secrets, Backups]:
    """Secrets and their backups over one key file."""
    sealing = Sealing(key_file)
    secrets = Secrets(Records(store), sealing, clock, operations)
    return secrets, Backups(secrets, sealing)
