"""Typed shelves over the store: datasets, models and evaluations of an account.

Owns: kinds, keys and the stored form. Leaves: rules to the services.
"""

from typing import Any, Generic, TypeVar

import msgspec

from localazure.store import Store
from localazure.vision.types import Dataset, Evaluation, Model

__all__ = ["Records", "Shelf"]

T = TypeVar("T")


class Shelf(Generic[T]):
    """Values of one type by account and name. The separator cannot occur in names."""

    def __init__(self, store: Store, kind: str, of: type[T]) -> None:
        self._store = store
        self._kind = kind
        self._of = of

    def get(self, account_id: str, *name: str) -> T | None:
        document = self._store.get(self._kind, _key(account_id, *name))
        return None if document is None else self._read(document)

    def put(self, value: T, account_id: str, *name: str) -> None:
        self._store.put(self._kind, _key(account_id, *name), msgspec.to_builtins(value))

    def delete(self, account_id: str, *name: str) -> bool:
        return self._store.delete(self._kind, _key(account_id, *name))

    def below(self, account_id: str, *name: str) -> list[T]:
        """What lies below an account, or below a name in it; sorted by name."""
        return [self._read(document) for _, document in self._store.list(self._kind, _key(account_id, *name) + "|")]

    def everything(self) -> list[tuple[str, T]]:
        """All values of all accounts, with the account's id in lower case."""
        return [(key.split("|", 1)[0], self._read(document)) for key, document in self._store.list(self._kind)]

    def _read(self, document: dict[str, Any]) -> T:
        return msgspec.convert(document, self._of)


class Records:
    """The three shelves, and the transaction that spans them."""

    def __init__(self, store: Store) -> None:
        self.datasets = Shelf(store, "vision.dataset", Dataset)
        self.models = Shelf(store, "vision.model", Model)
        self.evaluations = Shelf(store, "vision.evaluation", Evaluation)
        self.transaction = store.transaction


def _key(account_id: str, *name: str) -> str:
    return "|".join((account_id.lower(), *name))
