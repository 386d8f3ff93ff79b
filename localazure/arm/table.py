"""The type table: every resource type that the local ARM knows, one literal row each.

Owns: the whole. What is not here is refused as InvalidResourceType.
"""

from collections.abc import Mapping

from localazure.arm.table_access import ACCESS_TYPES
from localazure.arm.table_cognitive import COGNITIVE_TYPES
from localazure.arm.table_ml import ML_ABSENT, ML_TYPES
from localazure.arm.table_monitor import MONITOR_TYPES
from localazure.arm.table_platform import PLATFORM_TYPES
from localazure.arm.table_storage import STORAGE_TYPES
from localazure.arm.table_vaults import VAULT_TYPES
from localazure.arm.types import ResourceType

__all__ = ["ABSENT", "BLOB_SERVICES", "CONTAINERS", "NAMESPACES", "TABLE", "supported_types"]

_ROWS = (*STORAGE_TYPES, *COGNITIVE_TYPES, *ML_TYPES, *VAULT_TYPES, *MONITOR_TYPES, *PLATFORM_TYPES, *ACCESS_TYPES)
TABLE: Mapping[str, ResourceType] = {row.name.lower(): row for row in _ROWS}

# Published types that answer 501, with what they are.
ABSENT: Mapping[str, str] = ML_ABSENT

# Two types live in the blob server and have code of their own (containers.py).
BLOB_SERVICES = "Microsoft.Storage/storageAccounts/blobServices"
CONTAINERS = f"{BLOB_SERVICES}/containers"

NAMESPACES: tuple[str, ...] = tuple(sorted({row.name.split("/", 1)[0] for row in _ROWS} | {"Microsoft.Resources"}))


def supported_types() -> list[str]:
    """All names, for providers and listings."""
    return sorted([*(row.name for row in _ROWS), BLOB_SERVICES, CONTAINERS])
