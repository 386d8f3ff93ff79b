"""What run history asks of the rest of the local Azure.

Owns: the Protocol. Leaves: the object behind it to `app.py`, which hands it in.
"""

from typing import Any, Protocol

__all__ = ["Resources"]


class Resources(Protocol):
    """The resources that Resource Manager knows; ids compare without case."""

    def get(self, resource_id: str) -> dict[str, Any] | None: ...
    def put(self, resource: dict[str, Any]) -> None: ...
