"""The stored resources: by id, by type, by what lies below.

Owns: how resources lie in the store, live and soft-deleted. Leaves: every rule to `service.py` and its neighbours.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Required, TypedDict, overload

import msgspec

from localazure.arm.ids import key, parse
from localazure.clock import Clock
from localazure.store import Store

__all__ = ["GROUP_TYPE", "Deleted", "Resource", "Resources", "Stretch"]

Resource = dict[str, Any]
GROUP_TYPE = "Microsoft.Resources/resourceGroups"


class _OutlineProperties(TypedDict, total=False):
    provisioningState: str


class _Outline(TypedDict, total=False):
    """What lists over all types show or filter by."""

    id: Required[str]
    name: Required[str]
    type: Required[str]
    kind: Any
    location: Any
    managedBy: Any
    sku: Any
    identity: Any
    tags: Any
    plan: Any
    systemData: dict[str, Any]
    properties: _OutlineProperties


_outline = msgspec.json.Decoder(_Outline).decode


class Stretch(Sequence[Resource]):
    """The resources of a type below an id, read when they are asked for: a page needs no more than its own."""

    def __init__(self, store: Store, kind: str, under: str) -> None:
        self._store = store
        self._kind = kind
        self._under = under

    def __len__(self) -> int:
        return self._store.count(self._kind, self._under)

    def up_to(self, resource_id: str) -> int:
        """How many come before the next one after an id, whether that one exists or not."""
        return self._store.count(self._kind, self._under, until=key(resource_id))

    def __iter__(self) -> Iterator[Resource]:
        return iter([doc for _, doc in self._store.list(self._kind, self._under)])

    @overload
    def __getitem__(self, index: int) -> Resource: ...
    @overload
    def __getitem__(self, index: slice) -> list[Resource]: ...
    def __getitem__(self, index: int | slice) -> Resource | list[Resource]:
        if isinstance(index, int):
            return self[index : index + 1 or None][0]
        start, stop, step = index.indices(len(self))
        rows = self._store.list(self._kind, self._under, offset=start, limit=max(0, stop - start))
        return [doc for _, doc in rows][::step]


class Outlines(Stretch):
    """The same over several types, by id; of properties, the state alone."""

    def __init__(self, store: Store, kinds: Iterable[str], under: str) -> None:
        super().__init__(store, "", under)
        self._kinds = tuple(kinds)

    @cached_property
    def _places(self) -> list[tuple[str, str]]:
        return sorted((key, kind) for kind in self._kinds for key in self._store.keys(kind, self._under))

    def __len__(self) -> int:
        return len(self._places)

    def up_to(self, resource_id: str) -> int:
        return bisect_right(self._places, key(resource_id), key=lambda place: place[0])

    def __iter__(self) -> Iterator[Resource]:
        """All of them: whole kinds at once, for a filter looks at each."""
        found = [row for kind in self._kinds for row in self._store.list(kind, self._under, decode=_outline)]
        return iter([doc for _, doc in sorted(found, key=lambda row: row[0])])

    @overload
    def __getitem__(self, index: int) -> Resource: ...
    @overload
    def __getitem__(self, index: slice) -> list[Resource]: ...
    def __getitem__(self, index: int | slice) -> Resource | list[Resource]:
        if isinstance(index, int):
            return self[index : index + 1 or None][0]
        read = (self._store.get(kind, place, decode=_outline) for place, kind in self._places[index])
        return [document for document in read if document is not None]


class Resources:
    """Live resources. Documents handed out are the caller's own; `put` keeps them."""

    def __init__(self, store: Store, types: Iterable[str]) -> None:
        """`types` names every type that may ever be stored."""
        self._store = store
        self._types = sorted({name.lower() for name in types} | {GROUP_TYPE.lower()})

    def get(self, resource_id: str) -> Resource | None:
        return self._store.get(_kind(_type_of(resource_id)), key(resource_id))

    def put(self, resource: Resource) -> None:
        self._store.put(_kind(_type_of(resource["id"])), key(resource["id"]), resource)

    def delete(self, resource_id: str) -> bool:
        return self._store.delete(_kind(_type_of(resource_id)), key(resource_id))

    def watch(self, type_name: str, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that touched resources of the type, before it is acknowledged."""
        self._store.watch(_kind(type_name), listener)

    def of_type(self, type_name: str, under: str = "") -> list[Resource]:
        """All of a type whose id starts with `under`, sorted by id."""
        return [doc for _, doc in self._store.list(_kind(type_name), under.lower())]

    def stretch(self, type_name: str, under: str) -> Stretch:
        """As `of_type`, and nothing is read before it is asked for."""
        return Stretch(self._store, _kind(type_name), under.lower())

    def outlines(self, resource_id: str, types: Iterable[str]) -> Outlines:
        """Everything of these types strictly below an id, read when it is asked for."""
        return Outlines(self._store, [_kind(name) for name in types], key(resource_id) + "/")

    def under(self, resource_id: str) -> list[Resource]:
        """Everything strictly below an id, of all types, sorted by id."""
        prefix = key(resource_id) + "/"
        found = [item for name in self._types for item in self._store.list(_kind(name), prefix)]
        return [doc for _, doc in sorted(found, key=lambda item: item[0])]


class Deleted:
    """Soft-deleted resources, until they are purged or their time is over."""

    def __init__(self, store: Store, clock: Clock, purged: Callable[[str, str], None]) -> None:
        """`purged` is called with the type and the id of what is found to be over its time."""
        self._store = store
        self._clock = clock
        self._purged = purged

    def put(self, resource: Resource, *, kept: timedelta, below: Sequence[Mapping[str, Any]] = ()) -> None:
        """`below` is what comes back with it: {resource, secrets} each."""
        now = self._clock.now()
        times = {"deleted": now.isoformat(), "purge": (now + kept).isoformat()}
        entry: dict[str, Any] = {"resource": resource, **times, "below": list(below)}
        self._store.put(_deleted_kind(resource["type"]), key(resource["id"]), entry)

    def get(self, type_name: str, resource_id: str) -> dict[str, Any] | None:
        return self._fresh(self._store.get(_deleted_kind(type_name), key(resource_id)))

    def list(self, type_name: str) -> list[dict[str, Any]]:
        """Entries {resource, deleted, purge}, sorted by id."""
        entries = [self._fresh(entry) for _, entry in self._store.list(_deleted_kind(type_name))]
        return [entry for entry in entries if entry is not None]

    def drop(self, type_name: str, resource_id: str) -> bool:
        return self._store.delete(_deleted_kind(type_name), key(resource_id))

    def _fresh(self, entry: dict[str, Any] | None) -> dict[str, Any] | None:
        if entry is None or datetime.fromisoformat(entry["purge"]) > self._clock.now():
            return entry
        resource = entry["resource"]
        if self.drop(resource["type"], resource["id"]):
            self._purged(resource["type"], resource["id"])
        return None


def _type_of(resource_id: str) -> str:
    target = parse(resource_id)
    return target.type or (GROUP_TYPE if target.group else "Microsoft.Resources/subscriptions")


def _kind(type_name: str) -> str:
    return f"resource/{type_name.lower()}"


def _deleted_kind(type_name: str) -> str:
    return f"deleted/{type_name.lower()}"
