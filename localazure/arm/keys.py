"""Access keys of accounts: made at random, kept in the store, regenerated one at a time.

Owns: the keys. Leaves: their envelopes to the tables' actions.
"""

import base64
import secrets

from localazure.arm.ids import key
from localazure.store import Store

__all__ = ["Keys"]

_KIND = "keys"


class Keys:
    """Two keys per account. `kind` is "storage" (64 bytes, base64) or "cognitive" (32 hex digits)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, resource_id: str) -> tuple[str, str]:
        """Both keys; two empty texts for an account without keys."""
        kept = self._store.get(_KIND, key(resource_id))
        return ("", "") if kept is None else (kept["keys"][0], kept["keys"][1])

    def every(self) -> dict[str, tuple[str, str]]:
        """All keys there are, by the id in lower case."""
        return {place: (kept["keys"][0], kept["keys"][1]) for place, kept in self._store.list(_KIND)}

    def create(self, resource_id: str, *, kind: str) -> tuple[str, str]:
        """Make keys, or keep those that exist."""
        if self._store.get(_KIND, key(resource_id)) is None:
            self._store.put(_KIND, key(resource_id), {"keys": [_fresh(kind), _fresh(kind)]})
        return self.get(resource_id)

    def regenerate(self, resource_id: str, index: int, *, kind: str) -> tuple[str, str]:
        with self._store.transaction():
            pair = list(self.get(resource_id))
            pair[index] = _fresh(kind)
            self._store.put(_KIND, key(resource_id), {"keys": pair})
        return pair[0], pair[1]

    def drop(self, resource_id: str) -> None:
        self._store.delete(_KIND, key(resource_id))


def _fresh(kind: str) -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode() if kind == "storage" else secrets.token_hex(16)
