"""Data assets that a service of a workspace makes: put through ARM, as a client's would be.

Owns: joining `arm` with `labeling`, which do not know each other. Leaves: the rules of assets and locks to `arm`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.answers import ArmRequest
from localazure.arm.ids import parse
from localazure.arm.service import ResourceService
from localazure.identity import Caller

__all__ = ["WorkspaceAssets"]

_VERSION = "2025-12-01"


class WorkspaceAssets:
    """What `localazure.labeling.seams.Assets` asks for. Whether the caller may is decided before."""

    def __init__(self, service: ResourceService) -> None:
        self._service = service

    def put_data(self, version_id: str, properties: Mapping[str, Any], *, caller: str) -> None:
        self._service.put(
            ArmRequest(
                method="PUT",
                target=parse(version_id),
                query={},
                body={"properties": dict(properties)},
                caller=Caller(object_id=caller, app_id="", audience=""),
                api_version=_VERSION,
            )
        )
