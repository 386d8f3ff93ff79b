"""Sizes of virtual machines that machine learning computes may have, and how much of the quota they take.

Owns: the list, the documents of vmSizes, usages and quotas. Leaves: the computes to `table_ml_compute.py`.
"""

from dataclasses import dataclass
from typing import Any

from localazure.arm.checks import at_path
from localazure.arm.locations import location_name
from localazure.arm.resources import Resource
from localazure.arm.types import World
from localazure.errors import AzureError

__all__ = ["quotas_document", "size_named", "sizes_document", "usages_document"]

_COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"
_FAMILY_CORES = 100
_TOTAL_CORES = 350


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    name: str
    family: str
    cores: int
    memory_gb: float
    disk_mb: int
    gpus: int = 0


def _size(name: str, family: str, cores: int, memory_gb: float, disk_gb: int, gpus: int = 0) -> _Size:  # noqa: PLR0917 a table's columns
    return _Size(
        name=name, family=f"standard{family}Family", cores=cores, memory_gb=memory_gb, disk_mb=disk_gb * 1024, gpus=gpus
    )


_SIZES = (
    _size("Standard_DS1_v2", "DSv2", 1, 3.5, 7),
    _size("Standard_DS2_v2", "DSv2", 2, 7, 14),
    _size("Standard_DS3_v2", "DSv2", 4, 14, 28),
    _size("Standard_DS4_v2", "DSv2", 8, 28, 56),
    _size("Standard_DS11_v2", "DSv2", 2, 14, 28),
    _size("Standard_DS12_v2", "DSv2", 4, 28, 56),
    _size("Standard_D2s_v3", "DSv3", 2, 8, 16),
    _size("Standard_D4s_v3", "DSv3", 4, 16, 32),
    _size("Standard_D8s_v3", "DSv3", 8, 32, 64),
    _size("Standard_D2ds_v4", "DDSv4", 2, 8, 75),
    _size("Standard_D4ds_v4", "DDSv4", 4, 16, 150),
    _size("Standard_D8ds_v4", "DDSv4", 8, 32, 300),
    _size("Standard_E2s_v3", "ESv3", 2, 16, 32),
    _size("Standard_E4s_v3", "ESv3", 4, 32, 64),
    _size("Standard_E4ds_v4", "EDSv4", 4, 32, 150),
    _size("Standard_F2s_v2", "FSv2", 2, 4, 16),
    _size("Standard_F4s_v2", "FSv2", 4, 8, 32),
    _size("Standard_F8s_v2", "FSv2", 8, 16, 64),
    _size("Standard_NC4as_T4_v3", "NCASv3_T4", 4, 28, 176, 1),
    _size("Standard_NC8as_T4_v3", "NCASv3_T4", 8, 56, 352, 1),
    _size("Standard_NC16as_T4_v3", "NCASv3_T4", 16, 110, 352, 1),
    _size("Standard_NC64as_T4_v3", "NCASv3_T4", 64, 440, 2816, 4),
    _size("Standard_NC24ads_A100_v4", "NCADSA100v4", 24, 220, 64, 1),
    _size("Standard_NC48ads_A100_v4", "NCADSA100v4", 48, 440, 128, 2),
    _size("Standard_NC96ads_A100_v4", "NCADSA100v4", 96, 880, 256, 4),
    _size("Standard_NV6ads_A10_v5", "NVADSA10v5", 6, 55, 180, 1),
    _size("Standard_NV12ads_A10_v5", "NVADSA10v5", 12, 110, 360, 1),
    _size("Standard_ND96asr_v4", "NDASv4_A100", 96, 900, 6000, 8),
)
_BY_NAME = {size.name.lower(): size for size in _SIZES}


def size_named(name: str) -> _Size | None:
    return _BY_NAME.get(name.lower())


def sizes_document(location: str) -> dict[str, Any]:
    """The sizes under the names of both api generations: `value`, and `amlCompute` of 2020 and before."""
    _check(location)
    rows = [
        {
            "name": size.name,
            "family": size.family,
            "vCPUs": size.cores,
            "gpus": size.gpus,
            "osVhdSizeMB": 1_047_552,
            "maxResourceVolumeMB": size.disk_mb,
            "memoryGB": size.memory_gb,
            "lowPriorityCapable": False,
            "premiumIO": True,
            "estimatedVMPrices": None,
            "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
        }
        for size in _SIZES
    ]
    return {"value": rows, "amlCompute": rows}


def usages_document(world: World, location: str) -> list[dict[str, Any]]:
    """Cores in use, computed from the computes of the location: instances that run; clusters here never have nodes."""
    name = _check(location)
    used: dict[str, int] = {}
    for compute in world.resources.of_type(_COMPUTES):
        size = size_named(str(at_path(compute, "properties.properties.vmSize") or ""))
        if size is not None and compute.get("location") == name and _runs(compute):
            used[size.family] = used.get(size.family, 0) + size.cores
    base = f"/subscriptions/{world.subscription_id}/providers/Microsoft.MachineLearningServices/locations/{name}"
    rows = [("totalDedicatedCores", "Total Cluster Dedicated Regional vCPUs", _TOTAL_CORES, sum(used.values()))]
    rows += [
        (family, f"{family} Cluster Dedicated vCPUs", _FAMILY_CORES, used.get(family, 0)) for family in _families()
    ]
    return [
        {
            "id": f"{base}/usages/{family}",
            "type": "Microsoft.MachineLearningServices/usages",
            "amlWorkspaceLocation": name,
            "unit": "Count",
            "currentValue": current,
            "limit": limit,
            "name": {"value": family, "localizedValue": shown},
        }
        for family, shown, limit, current in rows
    ]


def quotas_document(world: World, location: str) -> list[dict[str, Any]]:
    name = _check(location)
    base = f"/subscriptions/{world.subscription_id}/providers/Microsoft.MachineLearningServices/locations/{name}"
    return [
        {
            "id": f"{base}/quotas/{family}",
            "type": "Microsoft.MachineLearningServices/quotas",
            "amlWorkspaceLocation": name,
            "name": {"value": family, "localizedValue": f"{family} vCPUs"},
            "limit": _FAMILY_CORES,
            "unit": "Count",
        }
        for family in _families()
    ]


def _families() -> list[str]:
    return sorted({size.family for size in _SIZES})


def _runs(compute: Resource) -> bool:
    return at_path(compute, "properties.properties.state") == "Running"


def _check(location: str) -> str:
    name = location_name(location)
    if name is None:
        raise AzureError(400, "LocationNotSupported", f"The location '{location}' is not known.")
    return name
