"""One resource of Azure: compared with its record, then left, changed, made or made anew.

Owns: the four steps and what is recorded before and after each call. `run` is the page to read.
Leaves: choosing the step to `plan.py`, the calls to the provider.
"""

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from automation.errors import ConfigError, LabError, Refused
from automation.provision.azure_native.provider import WORK_S, AzureNative, HalfCreatedError, UnclearCreationError
from automation.provision.azure_native.types import kind_of
from automation.provision.embedded import plan, urns
from automation.provision.embedded.goals import Goal, Registered
from automation.provision.embedded.journal import Journal
from automation.provision.embedded.paths import keep_old
from automation.provision.embedded.providers import Providers
from automation.provision.embedded.records import Records
from automation.provision.embedded.removal import Removal
from automation.provision.embedded.reporting import Reporter
from automation.provision.embedded.state import Resource
from automation.provision.values import (
    RESOURCE_SIG,
    SIG_KEY,
    UNKNOWN,
    Properties,
    Secret,
    contains_unknown,
    mark_secrets,
    reveal,
    transform,
)

__all__ = ["ReportedError", "Steps", "adopt_to_delete"]


@dataclass(slots=True, kw_only=True)
class Steps:
    """The steps of one run; threads share it."""

    journal: Journal
    records: Records
    providers: Providers
    reporter: Reporter
    removal: Removal
    dry_run: bool
    _fallen: set[str] = field(default_factory=set[str])
    _room: threading.Lock = field(default_factory=threading.Lock)

    def run(self, urn: str, goal: Goal, old: Resource | None) -> Registered:
        """Bring one resource to its goal, and record it. Raises LabError with the service's words."""
        reference, provider = self.providers.of(goal.type, reference=goal.provider, version=goal.version)
        given = transform(goal.inputs, _ids_for_references)
        if old is not None:
            given = keep_old(given, old.inputs, goal.ignore_changes)
        wanted = Resource(
            urn=urn,
            type=goal.type,
            custom=True,
            inputs=self._checked(provider, urn, goal, given, olds=old.inputs if old else {}),
            parent=goal.parent,
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            provider=reference,
            protect=goal.protect,
            retain_on_delete=goal.retain_on_delete,
            deleted_with=goal.deleted_with,
            timeouts=goal.timeouts,
            ignore_changes=goal.ignore_changes,
            replace_on_changes=goal.replace_on_changes,
            additional_secret_outputs=tuple(
                sorted({*goal.additional_secret_outputs, *kind_of(goal.type).secret_outputs})
            ),
        )
        if old is None:
            return self._create(provider, wanted)
        if old.pending_replacement or old.urn in self._fallen:
            fresh = replace(wanted, inputs=self._checked(provider, urn, goal, given, olds={}, replaced=old.id))
            if old.urn not in self._fallen:  # an earlier run deleted it; what it took along may be back
                self._make_room(provider, old)
            return self._create(provider, fresh, instead_of=self.records.current(urn))
        difference = provider.diff(goal.type, goal.name, reveal(old.inputs), reveal(wanted.inputs))
        step = plan.decide(
            old,
            difference,
            replace_on_changes=goal.replace_on_changes,
            delete_before_replace=goal.delete_before_replace,
        )
        changes = tuple(difference.changes)
        if step is plan.Step.SAME:
            return self._same(wanted, old)
        if step is plan.Step.UPDATE:
            return self._update(provider, wanted, old, changes)
        _refuse_protected([old])
        fresh = replace(wanted, inputs=self._checked(provider, urn, goal, given, olds={}, replaced=old.id))
        if step is plan.Step.CREATE_THEN_DELETE:
            return self._create(provider, fresh, condemned=old, changes=changes)
        self._make_room(provider, old)
        return self._create(provider, fresh, instead_of=self.records.current(urn), changes=changes)

    def _checked(
        self,
        provider: AzureNative,
        urn: str,
        goal: Goal,
        given: Properties,
        *,
        olds: Properties,
        replaced: str = "",
    ) -> Properties:
        """The inputs with names and defaults; the names of a state come out the same in every run."""
        salt = self.journal.crypter.stored_state or ""
        seed = hashlib.sha256(f"{salt}|{urn}|{replaced}".encode()).digest()
        checked = provider.check(goal.type, goal.name, reveal(given), reveal(olds), seed=seed)
        if checked.problems:
            listed = "; ".join(f"{problem.property}: {problem.reason}" for problem in checked.problems)
            raise ConfigError(f"the inputs are not complete: {listed}")
        open_ends = sorted(name for name, value in checked.inputs.items() if contains_unknown(value))
        if open_ends and not self.dry_run:
            raise ConfigError(f"nobody knows the inputs {', '.join(open_ends)}", hint="what they come from has failed")
        return mark_secrets(checked.inputs, given)

    def _same(self, wanted: Resource, old: Resource) -> Registered:
        resource = replace(wanted, id=old.id, outputs=old.outputs, init_errors=old.init_errors, other=old.other)
        self.records.keep(resource, old)
        self.reporter.done("same", wanted.urn)
        return Registered(urn=wanted.urn, id=old.id, outputs=resource.outputs)

    def _update(self, provider: AzureNative, wanted: Resource, old: Resource, changes: tuple[str, ...]) -> Registered:
        with self.reporter.step("update", wanted.urn, changes):
            inputs = reveal(wanted.inputs)
            if self.dry_run:
                outputs = provider.preview(wanted.type, inputs, reveal(old.outputs))
            else:
                outputs = provider.update(wanted.type, inputs, timeout_s=wanted.timeouts.get("update", WORK_S))
            resource = replace(wanted, id=old.id, outputs=_with_secrets(outputs, wanted))
            self.records.keep(resource, old)
        return Registered(urn=wanted.urn, id=old.id, outputs=resource.outputs)

    def _create(
        self,
        provider: AzureNative,
        wanted: Resource,
        *,
        instead_of: Resource | None = None,
        condemned: Resource | None = None,
        changes: tuple[str, ...] = (),
    ) -> Registered:
        op = "create" if instead_of is None and condemned is None else "replace"
        with self.reporter.step(op, wanted.urn, changes):
            if self.dry_run:
                if condemned is not None:
                    self.records.note_condemned(condemned)
                outputs = provider.preview(wanted.type, reveal(wanted.inputs), {})
                return Registered(urn=wanted.urn, outputs=_with_secrets(outputs, wanted))
            try:
                resource = self._made(provider, wanted)
            except _HalfMadeError as half:
                self.records.keep_new(half.resource, instead_of=instead_of, condemned=condemned)
                raise half.error from half
            self.records.keep_new(resource, instead_of=instead_of, condemned=condemned)
        return Registered(urn=wanted.urn, id=resource.id, outputs=resource.outputs)

    def _made(self, provider: AzureNative, wanted: Resource) -> Resource:
        """Create it; the journal knows of it from before the request until its record is written."""
        inputs = reveal(wanted.inputs)
        if not self._begun_before(provider, wanted):
            provider.require_absent(wanted.type, inputs)
        self.journal.begin(wanted)
        try:
            created = provider.create(wanted.type, inputs, timeout_s=wanted.timeouts.get("create", WORK_S))
        except HalfCreatedError as exc:
            outputs = _with_secrets(exc.created.outputs, wanted)
            half = replace(wanted, id=exc.created.id, outputs=outputs, init_errors=(exc.message,))
            raise _HalfMadeError(half, exc) from exc
        except UnclearCreationError:
            raise  # the journal still says that it was begun: the next run looks again
        except LabError:
            self.journal.forget_pending(wanted.urn)
            raise
        return replace(wanted, id=created.id, outputs=_with_secrets(created.outputs, wanted))

    def _begun_before(self, provider: AzureNative, wanted: Resource) -> bool:
        """Whether an earlier run began to create exactly this; one that began something else left it to be deleted."""
        pending = self.journal.pending().get(wanted.urn)
        if pending is None:
            return False
        begun = provider.id_of(pending.type, reveal(pending.inputs))
        if begun.lower() == provider.id_of(wanted.type, reveal(wanted.inputs)).lower():
            return True
        adopt_to_delete(pending, self.providers.of_resource(pending), self.journal)
        return False

    def _make_room(self, provider: AzureNative, old: Resource) -> None:
        """Delete a resource whose replacement needs its name, and before it what cannot live without it."""

        def would_be_replaced(resource: Resource, touched: frozenset[str]) -> bool:
            known = reveal(resource.inputs)
            unsure = {**known, **dict.fromkeys(touched & known.keys(), UNKNOWN)}
            name = urns.logical_name(resource.urn)
            return bool(provider.diff(resource.type, name, known, unsure).replaces)

        with self._room:
            current = [item for item in self.journal.resources() if not item.delete and item.is_real]
            fallen = list(plan.fallen_with(old, current, would_be_replaced))
            if not old.pending_replacement:
                fallen.insert(0, old)
            _refuse_protected(fallen)
            self._fallen.update(item.urn for item in fallen)
            left = self.removal.make_room(fallen, self.providers.of_resource)
            self.records.note_marked()
        if left:
            raise ReportedError


class ReportedError(Exception):
    """It could not be done, and why was told already."""


class _HalfMadeError(Exception):
    """It is there and must be recorded, and then its error must be told."""

    def __init__(self, resource: Resource, error: LabError) -> None:
        super().__init__(error.message)
        self.resource, self.error = resource, error


def adopt_to_delete(pending: Resource, provider: AzureNative, journal: Journal) -> None:
    """Settle an interrupted creation that nobody wants any more: record what it made, to be deleted."""
    found = provider.find_begun(pending.type, pending.inputs)
    if found is None:
        journal.forget_pending(pending.urn)
    else:
        journal.condemn(replace(pending, id=found.id, outputs=found.outputs))


def _ids_for_references(part: object) -> object:
    """A resource given as a value stands for its id."""
    if isinstance(part, dict) and part.get(SIG_KEY) == RESOURCE_SIG:  # pyright: ignore[reportUnknownMemberType]
        return part.get("id") or UNKNOWN  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return part  # pyright: ignore[reportUnknownVariableType] (any value may stand here)


def _with_secrets(outputs: Properties, wanted: Resource) -> Properties:
    hidden = set(wanted.additional_secret_outputs)
    marked = mark_secrets(outputs, wanted.inputs)
    return {
        name: Secret(value) if name in hidden and not isinstance(value, Secret) else value
        for name, value in marked.items()
    }


def _refuse_protected(resources: Iterable[Resource]) -> None:
    protected = [item.urn for item in resources if item.protect]
    if protected:
        raise Refused(
            "it must be replaced, and protected resources are not deleted: " + ", ".join(protected),
            hint="set protect to false, run `visionlab lab up`, and then make the change",
        )
