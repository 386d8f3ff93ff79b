"""What happens when a resource is gone for good: its keys go, and what a service kept for it.

Owns: who is told. Leaves: deciding that it is gone to `service.py` (deleted), `soft_deleted.py` (purged) and
`resources.Deleted` (its time is over).
"""

from collections.abc import Callable

from localazure.arm.keys import Keys

__all__ = ["Purging"]


class Purging:
    """Call it with the type and the id of what is gone."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._forget: dict[str, Callable[[str], None]] = {}

    def on(self, type_name: str, forget: Callable[[str], None]) -> None:
        """Register what forgets a resource of this type, by its id."""
        self._forget[type_name] = forget

    def __call__(self, type_name: str, resource_id: str) -> None:
        self._keys.drop(resource_id)
        forget = self._forget.get(type_name)
        if forget is not None:
            forget(resource_id)
