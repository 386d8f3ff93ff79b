"""What labeling asks of the rest of the local Azure.

Owns: the Protocols. Leaves: the objects behind them to `app.py`, which hands them in.
"""

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Assets", "Resources", "properties_of"]


class Resources(Protocol):
    """The resources that Resource Manager knows; ids compare without case."""

    def get(self, resource_id: str) -> dict[str, Any] | None: ...


class Assets(Protocol):
    """What workspaces keep versions of."""

    def put_data(self, version_id: str, properties: Mapping[str, Any], *, caller: str) -> None:
        """Put a version of a data asset as ARM does, made by `caller` (object id or e-mail); may raise AzureError."""
        ...


def properties_of(resource: dict[str, Any] | None) -> dict[str, Any]:
    """The properties of a resource; none when there is no resource."""
    return {} if resource is None else (resource.get("properties") or {})
