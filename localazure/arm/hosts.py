"""The host names by which clients reach storage accounts and vaults, where they insist on names.

Owns: the list. Leaves: making these names resolve to the machine's owner, who is told by `visionlab local hosts`.
"""

from localazure.arm.resources import Resources
from localazure.arm.table_storage import ACCOUNT
from localazure.arm.table_vaults import VAULT

__all__ = ["host_names"]


def host_names(resources: Resources) -> list[str]:
    accounts = [f"{account['name']}.blob.localhost" for account in resources.of_type(ACCOUNT)]
    vaults = [f"{vault['name']}.vault.localhost".lower() for vault in resources.of_type(VAULT)]
    return sorted({*accounts, *vaults})
