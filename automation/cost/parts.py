"""The resources that settings of the Pulumi program come to, as far as they have a price.

Owns: which parts a lab, a course's shared parts and a seat consist of; a test compares them with the program itself.
Leaves: prices to `estimate.py`. Role assignments, locks, budgets and containers are records without a meter.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

__all__ = ["Part", "location_of", "parts_of"]

STORAGE = "Microsoft.Storage/storageAccounts"
VISION = "Microsoft.CognitiveServices/accounts"
VAULT = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"
INSIGHTS = "Microsoft.Insights/components"
WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
CLUSTER = "Microsoft.MachineLearningServices/workspaces/computes"
REGISTRY = "Microsoft.ContainerRegistry/registries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One resource.

    Attributes:
        name: What it is, as people say it.
        type: As ARM names it.
        sku: Its tier; of a cluster, the size of its machines.
        kind: Of an account, which service it is for.
    """

    name: str
    type: str
    sku: str = ""
    kind: str = ""


def location_of(settings: Mapping[str, object]) -> str:
    """The region, where Pulumi.yaml has the default that no settings change."""
    return str(settings.get("location") or "eastus").replace(" ", "").lower()


def parts_of(settings: Mapping[str, object]) -> tuple[Part, ...]:
    """Everything with a price, in the program's order.

    Args:
        settings: By their own names, as text or as values; what is not there has the program's default.
    """
    storage = Part(name="storage account", type=STORAGE, sku="Standard_LRS")
    logs = Part(name="log workspace", type=LOGS, sku="PerGB2018")
    own_workspace = _flag(settings, "mlWorkspace", default=True)
    shared_workspace = _flag(settings, "sharedWorkspace", default=False)
    if settings.get("course") and settings.get("seat") in (None, "", "shared"):
        registry = Part(name="container registry", type=REGISTRY, sku="Basic")
        found = [storage, logs]
        found += [registry] if _flag(settings, "containerRegistry", default=False) else []
        return (*found, *(_workspace(settings) if own_workspace and shared_workspace else ()))
    found = [storage, _account("vision account", "ComputerVision", str(settings.get("visionSku") or "F0"))]
    if _flag(settings, "customVision", default=False):
        sku = str(settings.get("customVisionSku") or "F0")
        found.append(_account("Custom Vision, training", "CustomVision.Training", sku))
        found.append(_account("Custom Vision, prediction", "CustomVision.Prediction", sku))
    is_seat = bool(settings.get("course"))
    if own_workspace and not (is_seat and shared_workspace):
        found += [] if is_seat else [logs]
        found += _workspace(settings)
    return tuple(found)


def _workspace(settings: Mapping[str, object]) -> list[Part]:
    found = [
        Part(name="key vault", type=VAULT, sku="standard"),
        Part(name="Application Insights", type=INSIGHTS),
        Part(name="ML workspace", type=WORKSPACE, sku="Basic"),
    ]
    cluster = _object(settings.get("computeCluster"))
    if cluster:
        found.append(Part(name="compute cluster", type=CLUSTER, sku=str(cluster.get("vmSize") or "")))
    return found


def _account(name: str, kind: str, sku: str) -> Part:
    return Part(name=name, type=VISION, sku=sku, kind=kind)


def _flag(settings: Mapping[str, object], key: str, *, default: bool) -> bool:
    value = settings.get(key)
    return default if value in (None, "") else str(value).lower() == "true"


def _object(value: object) -> dict[str, Any]:
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:  # the program says what is wrong with it
            return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
