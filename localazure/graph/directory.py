"""The directory's objects in the store: users, groups with members, applications, service principals, secrets.

Owns: how they lie in the store and how they are found. Leaves: what a request may say to `users.py`, `groups.py`,
`applications.py`; managed identities of resources, which are no documents here, to whoever hands them in.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol

from localazure.clock import Clock
from localazure.store import Store

__all__ = ["APPLICATIONS", "GROUPS", "PRINCIPALS", "USERS", "Directory", "Entry", "ManagedIdentities", "graph_time"]

USERS, GROUPS, APPLICATIONS, PRINCIPALS = "users", "groups", "applications", "servicePrincipals"
_KINDS = (USERS, GROUPS, PRINCIPALS, APPLICATIONS)
# The fields by which an object is looked up, each unique in its kind.
_INDEXED = {USERS: ("userPrincipalName",), PRINCIPALS: ("appId",), APPLICATIONS: ("appId",), GROUPS: ()}

Entry = dict[str, Any]


def graph_time(moment: datetime) -> str:
    """A time as Graph writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class ManagedIdentities(Protocol):
    """Identities of resources, as service principals."""

    def principals(self) -> list[Entry]: ...


class Directory:
    """Objects by kind and id. Documents handed out are the caller's own; `put` keeps them."""

    def __init__(self, store: Store, clock: Clock, managed: ManagedIdentities | None = None) -> None:
        self._store = store
        self._clock = clock
        self._managed = managed

    def now(self) -> str:
        return graph_time(self._clock.now())

    def transaction(self) -> AbstractContextManager[None]:
        return self._store.transaction()

    def get(self, kind: str, object_id: str) -> Entry | None:
        found = self._store.get(f"graph/{kind}", object_id.lower())
        if found is None and kind == PRINCIPALS:
            found = next((e for e in self._of_resources() if e["id"].lower() == object_id.lower()), None)
        return found

    def find(self, kind: str, field: str, value: str) -> Entry | None:
        """The object with this value in an indexed field."""
        kept = self._store.get(f"graph/{kind}/{field}", value.lower())
        if kept is not None:
            return self.get(kind, kept["id"])
        if kind == PRINCIPALS:
            return next((e for e in self._of_resources() if e[field].lower() == value.lower()), None)
        return None

    def entries(self, kind: str) -> list[Entry]:
        """All of a kind, sorted by id."""
        found = [doc for _, doc in self._store.list(f"graph/{kind}")]
        if kind == PRINCIPALS:
            found = sorted([*found, *self._of_resources()], key=lambda entry: entry["id"])
        return found

    def any(self, object_id: str) -> tuple[str, Entry] | None:
        """The object with this id, whatever it is, with its kind."""
        for kind in _KINDS:
            found = self.get(kind, object_id)
            if found is not None:
                return kind, found
        return None

    def put(self, kind: str, entry: Entry) -> None:
        with self.transaction():
            old = self._store.get(f"graph/{kind}", entry["id"].lower())
            for field in _INDEXED[kind]:
                if old is not None and old[field] != entry[field]:
                    self._store.delete(f"graph/{kind}/{field}", old[field].lower())
                self._store.put(f"graph/{kind}/{field}", entry[field].lower(), {"id": entry["id"]})
            self._store.put(f"graph/{kind}", entry["id"].lower(), entry)

    def delete(self, kind: str, object_id: str) -> bool:
        """Remove an object with its memberships and secrets; False when there was none. Role assignments stay."""
        with self.transaction():
            old = self._store.get(f"graph/{kind}", object_id.lower())
            if old is None:
                return False
            for field in _INDEXED[kind]:
                self._store.delete(f"graph/{kind}/{field}", old[field].lower())
            self._store.delete(f"graph/{kind}", object_id.lower())
            for group in self.direct_groups(object_id):
                self._unlink(group, object_id)
            for member in self.member_ids(object_id):
                self._unlink(object_id, member)
            for below in ("secret", "federation", "owner", "granted"):
                for key, _ in self._store.list(f"graph/{below}", f"{object_id.lower()}/"):
                    self._store.delete(f"graph/{below}", key)
        return True

    # What hangs on an object: secrets, federated identity credentials, owners, permissions granted.
    def attach(self, kind: str, owner_id: str, key: str, document: Entry) -> None:
        self._store.put(f"graph/{kind}", f"{owner_id.lower()}/{key.lower()}", document)

    def attached(self, kind: str, owner_id: str) -> list[Entry]:
        return [doc for _, doc in self._store.list(f"graph/{kind}", f"{owner_id.lower()}/")]

    def detach(self, kind: str, owner_id: str, key: str) -> bool:
        return self._store.delete(f"graph/{kind}", f"{owner_id.lower()}/{key.lower()}")

    # Members of groups, kept from both sides.
    def link(self, group_id: str, member_id: str) -> bool:
        """Add a member; False when it is one already."""
        group, member = group_id.lower(), member_id.lower()
        if self._store.get("graph/member", f"{group}/{member}") is not None:
            return False
        with self.transaction():
            self._store.put("graph/member", f"{group}/{member}", {"id": member})
            self._store.put("graph/memberOf", f"{member}/{group}", {"id": group})
        return True

    def unlink(self, group_id: str, member_id: str) -> bool:
        with self.transaction():
            return self._unlink(group_id, member_id)

    def member_ids(self, group_id: str) -> list[str]:
        return [doc["id"] for doc in self.attached("member", group_id)]

    def direct_groups(self, object_id: str) -> list[str]:
        return [doc["id"] for doc in self.attached("memberOf", object_id)]

    def groups_of(self, object_id: str) -> frozenset[str]:
        """Every group that an object is in, directly or through other groups."""
        return self._reach(object_id, self.direct_groups)

    def transitive_members(self, group_id: str) -> frozenset[str]:
        return self._reach(group_id, self.member_ids)

    def groups_with_members(self) -> frozenset[str]:
        """Ids of all groups that somebody is in, in lower case: to ask no more than those."""
        return frozenset(member.partition("/")[0] for member in self._store.keys("graph/member"))

    def watch(self, changed: Callable[[], None]) -> None:
        """Be told when somebody's groups may have changed, before the change is acknowledged."""
        self._store.watch("graph/member", changed)

    def _unlink(self, group_id: str, member_id: str) -> bool:
        group, member = group_id.lower(), member_id.lower()
        self._store.delete("graph/memberOf", f"{member}/{group}")
        return self._store.delete("graph/member", f"{group}/{member}")

    def _of_resources(self) -> Iterable[Entry]:
        return () if self._managed is None else self._managed.principals()

    @staticmethod
    def _reach(start: str, step: Callable[[str], Iterable[str]]) -> frozenset[str]:
        """Everything that steps lead to; groups may hold each other."""
        found = set[str]()
        ahead = [start.lower()]
        while ahead:
            for name in step(ahead.pop()):
                if name not in found:
                    found.add(name)
                    ahead.append(name)
        return frozenset(found - {start.lower()})
