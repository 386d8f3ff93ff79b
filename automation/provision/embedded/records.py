"""Which record of the state belongs to which resource of the program, in one run.

Owns: URNs of registered resources, their former records (also under aliases), and what is left over at the end.
Leaves: the file to `journal.py`, what to do to `steps.py`.
"""

import threading
from dataclasses import replace

from automation.errors import ConfigError
from automation.provision.embedded import urns
from automation.provision.embedded.goals import Goal
from automation.provision.embedded.journal import Journal
from automation.provision.embedded.state import Resource

__all__ = ["Records"]


class Records:
    """Records of one run; threads share it. In a preview they change here and not in the journal."""

    def __init__(self, journal: Journal, *, project: str, stack: str, dry_run: bool) -> None:
        self._journal, self._project, self._stack, self._dry_run = journal, project, stack, dry_run
        self._lock = threading.RLock()
        self._records = {item.urn: item for item in journal.resources() if not item.delete}
        self._names: dict[str, str] = {}  # the record's key for every URN that the program registered
        self._claimed: set[str] = set()
        self._condemned: list[Resource] = []
        self._aliases: dict[str, tuple[str, ...]] = {}

    def urn_of(self, goal: Goal) -> str:
        return urns.make_urn(
            stack=self._stack, project=self._project, parent=goal.parent, type=goal.type, name=goal.name
        )

    def claim(self, goal: Goal) -> tuple[str, Resource | None]:
        """The URN of a goal, and its record of last time, under this name or a former one.

        Raises ConfigError when the program registers two resources by one name.
        """
        urn = self.urn_of(goal)
        with self._lock:
            if urn in self._names:
                raise ConfigError(f"the program registers two resources as {urn}", hint="give one another name")
            former = urns.alias_urns(
                goal.aliases, urn=urn, parent=goal.parent, parent_aliases=self._aliases.get(goal.parent, ())
            )
            self._aliases[urn] = former
            self._names[urn] = urn
            for candidate in (urn, *former):
                old = self._records.get(candidate)
                if old is not None and candidate not in self._claimed and candidate not in self._names.keys() - {urn}:
                    self._claimed.add(candidate)
                    self._names[urn] = candidate
                    return urn, old
            return urn, None

    def current(self, urn: str) -> Resource:
        """The record as it is at this moment of the run."""
        with self._lock:
            return self._records[self._names[urn]]

    def find_old(self, urn: str) -> Resource | None:
        return self._records.get(urn)

    def knows(self, urn: str) -> bool:
        """Whether the program registered it."""
        return urn in self._names

    def keep(self, resource: Resource, old: Resource | None) -> None:
        """Put the record of now in place of the old one; nothing happens when they are equal."""
        if old is None:
            self.keep_new(resource)
            return
        fresh = replace(resource, created=old.created, modified=old.modified)
        if fresh != old:
            self._put(replace(fresh, modified=self._journal.now()), old, condemned=None)

    def keep_new(
        self, resource: Resource, *, instead_of: Resource | None = None, condemned: Resource | None = None
    ) -> None:
        """Record what was just made, in place of what is gone, or beside what is still to be deleted."""
        moment = self._journal.now()
        fresh = replace(resource, created=moment, modified=moment)
        self._put(fresh, instead_of or condemned, condemned=condemned)

    def note_marked(self) -> None:
        """Take over the marks that deletes before replacements left in the journal."""
        marked = [item for item in self._journal.resources() if item.pending_replacement and not item.delete]
        with self._lock:
            self._records.update({item.urn: item for item in marked})

    def note_condemned(self, resource: Resource) -> None:
        """A preview's replacement would leave this to be deleted."""
        with self._lock:
            self._condemned.append(resource)

    def leftovers(self) -> list[Resource]:
        """What replacements left behind, and what the program no longer registers."""
        found = [
            item
            for item in self._journal.resources()
            if item.delete or (item.urn not in self._claimed and item.urn not in self._names)
        ]
        return found + [replace(item, delete=True) for item in self._condemned]

    def _put(self, resource: Resource, old: Resource | None, *, condemned: Resource | None) -> None:
        if not self._dry_run:
            self._journal.put(resource, instead_of=old, condemned=condemned)
        with self._lock:
            self._records.pop(self._names[resource.urn], None)
            self._names[resource.urn] = resource.urn
            self._records[resource.urn] = resource
