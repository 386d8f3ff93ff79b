"""Groups, and who is in them: users, service principals, other groups.

Owns: the rules of groups, members and owners. Leaves: what a membership is worth to `arm`, which asks the directory.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from localazure.graph.directory import APPLICATIONS, GROUPS, Directory, Entry
from localazure.graph.errors import bad_request, not_found, not_here
from localazure.graph.kinds import KINDS

__all__ = ["Groups", "referenced"]

_KIND = KINDS[GROUPS]
_BIND = "members@odata.bind"
_MOST_BOUND = 20


class Groups:
    """Security groups of the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def get(self, group_id: str) -> Entry:
        found = self._directory.get(GROUPS, group_id)
        if found is None:
            raise not_found(group_id)
        return found

    def create(self, body: Mapping[str, Any]) -> Entry:
        said = _KIND.check({name: value for name, value in body.items() if name != _BIND})
        _KIND.require(body, ("displayName", "mailEnabled", "mailNickname", "securityEnabled"))
        _check(said)
        members = self._bound(body)
        entry: Entry = {
            "id": str(uuid.uuid4()),
            "createdDateTime": self._directory.now(),
            "groupTypes": [],
            **said,
        }
        with self._directory.transaction():
            self._directory.put(GROUPS, entry)
            for member in members:
                self._directory.link(entry["id"], member)
        return entry

    def update(self, group_id: str, body: Mapping[str, Any]) -> None:
        """Properties, and up to twenty members at once by `members@odata.bind`."""
        group = self.get(group_id)
        said = _KIND.check({name: value for name, value in body.items() if name != _BIND})
        changed = group | said
        _check(changed)
        members = self._bound(body)
        with self._directory.transaction():
            self._directory.put(GROUPS, changed)
            for member in members:
                self.add(group["id"], member)

    def delete(self, group_id: str) -> None:
        self._directory.delete(GROUPS, self.get(group_id)["id"])

    def add(self, group_id: str, member_id: str) -> None:
        group = self.get(group_id)
        self._member(member_id)
        if member_id.lower() == group["id"].lower():
            raise bad_request("A group cannot be a member of itself.")
        if not self._directory.link(group["id"], member_id):
            raise bad_request(
                "One or more added object references already exist for the following modified properties: 'members'."
            )

    def remove(self, group_id: str, member_id: str) -> None:
        if not self._directory.unlink(self.get(group_id)["id"], member_id):
            raise not_found(member_id)

    def members(self, group_id: str, *, transitive: bool) -> list[tuple[str, Entry]]:
        group = self.get(group_id)["id"]
        ids = self._directory.transitive_members(group) if transitive else self._directory.member_ids(group)
        return self._known(sorted(ids))

    def groups_of(self, object_id: str, *, transitive: bool) -> list[tuple[str, Entry]]:
        if self._directory.any(object_id) is None:
            raise not_found(object_id)
        ids = self._directory.groups_of(object_id) if transitive else self._directory.direct_groups(object_id)
        return self._known(sorted(ids))

    def check(self, object_id: str, body: Mapping[str, Any]) -> list[str]:
        """Which of the named groups an object is in, directly or not."""
        wanted = body.get("groupIds")
        if not isinstance(wanted, list) or not 1 <= len(wanted) <= _MOST_BOUND:  # pyright: ignore[reportUnknownArgumentType] JSON
            raise bad_request(f"'groupIds' must be a list of 1 to {_MOST_BOUND} ids.")
        have = {entry["id"].lower() for _, entry in self.groups_of(object_id, transitive=True)}
        return [name for name in map(str, wanted) if name.lower() in have]  # pyright: ignore[reportUnknownArgumentType] JSON

    def owners(self, kind: str, object_id: str) -> list[tuple[str, Entry]]:
        owned = self._owned(kind, object_id)
        return self._known([doc["id"] for doc in self._directory.attached("owner", owned["id"])])

    def add_owner(self, kind: str, object_id: str, owner_id: str) -> None:
        owned = self._owned(kind, object_id)
        self._member(owner_id)
        if any(doc["id"].lower() == owner_id.lower() for doc in self._directory.attached("owner", owned["id"])):
            raise bad_request(
                "One or more added object references already exist for the following modified properties: 'owners'."
            )
        self._directory.attach("owner", owned["id"], owner_id, {"id": owner_id})

    def remove_owner(self, kind: str, object_id: str, owner_id: str) -> None:
        if not self._directory.detach("owner", self._owned(kind, object_id)["id"], owner_id):
            raise not_found(owner_id)

    def _owned(self, kind: str, object_id: str) -> Entry:
        found = self._directory.get(kind, object_id)
        if found is None:
            raise not_found(object_id)
        return found

    def _member(self, object_id: str) -> None:
        found = self._directory.any(object_id)
        if found is None:
            raise not_found(object_id)
        if found[0] == APPLICATIONS:
            raise bad_request("An application cannot be a member or an owner; its service principal can.")

    def _known(self, ids: Sequence[str]) -> list[tuple[str, Entry]]:
        """Objects that still exist: identities of resources go with their resource."""
        found = [self._directory.any(object_id) for object_id in ids]
        return [item for item in found if item is not None]

    def _bound(self, body: Mapping[str, Any]) -> list[str]:
        bound = body.get(_BIND, [])
        if not isinstance(bound, list) or len(bound) > _MOST_BOUND:  # pyright: ignore[reportUnknownArgumentType] JSON
            raise bad_request(f"'{_BIND}' must be a list of up to {_MOST_BOUND} references.")
        members = [referenced({"@odata.id": reference}) for reference in bound]  # pyright: ignore[reportUnknownVariableType] JSON
        for member in members:
            self._member(member)
        return members


def referenced(body: Mapping[str, Any]) -> str:
    """The object id in an `@odata.id` reference, wherever it says Graph is."""
    reference = body.get("@odata.id")
    if not isinstance(reference, str) or "/" not in reference:
        raise bad_request("The reference '@odata.id' is missing or invalid.")
    return unquote(reference.rstrip("/").rsplit("/", 1)[-1])


def _check(entry: Entry) -> None:
    if entry.get("mailEnabled") or "Unified" in (entry.get("groupTypes") or ()):
        raise not_here("groups with mail; security groups it has (mailEnabled false, securityEnabled true)")
    if not entry.get("securityEnabled"):
        raise bad_request("A group must be security enabled or mail enabled.")
    if not entry.get("displayName") or not entry.get("mailNickname"):
        raise bad_request("Invalid value specified for property 'displayName' or 'mailNickname' of resource 'Group'.")
