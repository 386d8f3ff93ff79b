"""What labeling asks of the rest of the local Azure.

Owns: the Protocols. Leaves: the objects behind them to `app.py`, which hands them in.
"""

from typing import Any, Protocol

__all__ = ["Resources", "properties_of"]


class Resources(Protocol):
    """The resources that Resource Manager knows; ids compare without case."""

    def get(self, resource_id: str) -> dict[str, Any] | None: ...


def properties_of(resource: dict[str, Any] | None) -> dict[str, Any]:
    """The properties of a resource; none when there is no resource."""
    return {} if resource is None else (resource.get("properties") or {})
