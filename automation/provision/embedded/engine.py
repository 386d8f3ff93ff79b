"""One run of a program: resources as it registers them, then the deletes of what is left over.

Owns: the order of a run, what a failure means for the rest, components and outputs. `register` is the page to read.
Leaves: single resources to `steps.py`, deletes to `removal.py`, gRPC to `monitor.py`.

A failure stops only what needs the resource, as with `pulumi up --continue-on-error`. Pulumi's own CLI is run without
that: in 3.259 it then waits for ever when a delete fails that had to come before a replacement.

The program orders creation itself: it registers a resource when the outputs that it needs are there. What it
registers at the same time is worked on at the same time, by as many threads as `parallel` says.
"""

import threading
from dataclasses import replace

from automation.errors import Cancelled, InvalidRequest, LabError
from automation.provision.embedded.goals import Goal, Outcome, Registered
from automation.provision.embedded.journal import Journal
from automation.provision.embedded.providers import ProviderFactory, Providers
from automation.provision.embedded.records import Records
from automation.provision.embedded.references import READ_OUTPUTS, STACK_REFERENCE, Lookup, reference_outputs
from automation.provision.embedded.removal import Removal
from automation.provision.embedded.reporting import Reporter
from automation.provision.embedded.state import Resource
from automation.provision.embedded.steps import ReportedError, Steps, adopt_to_delete
from automation.provision.values import Properties, contains_unknown, reveal

__all__ = ["Engine"]


class Engine:
    """Brings one stack to what its program says, or previews that with `dry_run`."""

    def __init__(
        self,
        *,
        project: str,
        stack: str,
        journal: Journal,
        make_provider: ProviderFactory,
        provider_config: Properties,
        reporter: Reporter,
        look_up: Lookup,
        dry_run: bool = False,
        parallel: int = 16,
    ) -> None:
        self._journal, self._reporter, self._dry_run = journal, reporter, dry_run
        self._records = Records(journal, project=project, stack=stack, dry_run=dry_run)
        self._providers = Providers(make_provider, provider_config, self._records)
        self._removal = Removal(journal=journal, reporter=reporter, dry_run=dry_run, parallel=parallel)
        self._steps = Steps(
            journal=journal,
            records=self._records,
            providers=self._providers,
            reporter=reporter,
            removal=self._removal,
            dry_run=dry_run,
        )
        self._look_up = look_up
        self._slots = threading.BoundedSemaphore(parallel)
        self._bad: set[str] = set()  # what failed, and what was skipped for it
        self._cancelled = threading.Event()
        self.broken: BaseException | None = None

    def cancel(self) -> None:
        """Begin nothing more; what has begun is finished and recorded."""
        self._cancelled.set()
        self._removal.cancel()

    def break_down(self, cause: BaseException) -> None:
        """Something happened that nobody foresaw: stop, and let the run tell it."""
        self.broken = cause
        self.cancel()

    def register(self, goal: Goal) -> Registered:
        """Do what the goal asks, and record it. A failure is reported and concerns only what needs the resource."""
        self._go_on()
        if goal.type.startswith("pulumi:providers:"):
            return self._providers.declare(goal)
        urn, old = self._records.claim(goal)
        if goal.needs & self._bad:
            return self._skipped(urn, goal)
        if not goal.custom:
            return self._component(urn, goal, old)
        with self._slots:
            self._go_on()
            try:
                return self._steps.run(urn, goal, old)
            except LabError as exc:
                self._reporter.failed(urn, exc)
            except ReportedError:
                pass
            self._bad.add(urn)
            return Registered(urn=urn, outcome=Outcome.FAILED)

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep what a component, or the stack itself, gives to others."""
        if urn in self._bad:
            return
        current = self._records.current(urn)
        settled = {  # what a failed run could not find out stays as it was
            name: current.outputs[name] if contains_unknown(value) and name in current.outputs else value
            for name, value in outputs.items()
        }
        self._records.keep(replace(current, outputs=settled), current)

    def read(self, goal: Goal, resource_id: str) -> Registered:
        """Look at a resource that this stack does not own."""
        if goal.type == STACK_REFERENCE:
            return self._refer(goal, resource_id)
        urn, old = self._records.claim(goal)
        reference, provider = self._providers.of(goal.type, reference=goal.provider, version=goal.version)
        found = provider.find(goal.type, resource_id)
        if found is None:
            raise InvalidRequest(f"{resource_id} is not there", operation=f"read {goal.name}", status=404)
        resource = Resource(
            urn=urn,
            type=goal.type,
            custom=True,
            id=found.id,
            outputs=found.outputs,
            parent=goal.parent,
            provider=reference,
            dependencies=goal.dependencies,
            external=True,
        )
        self._records.keep(resource, old)
        self._reporter.done("read", urn)
        return Registered(urn=urn, id=found.id, outputs=found.outputs)

    def _refer(self, goal: Goal, name: str) -> Registered:
        """Look at another stack."""
        urn, old = self._records.claim(goal)
        resource = Resource(
            urn=urn,
            type=goal.type,
            custom=True,
            id=name,
            inputs=goal.inputs,
            outputs=reference_outputs(name, self._look_up(name)),
            parent=goal.parent,
            provider=self._providers.builtin(),
            dependencies=goal.dependencies,
            external=True,
        )
        self._records.keep(resource, old)
        return Registered(urn=urn, id=name, outputs=resource.outputs)

    def invoke(self, token: str, arguments: Properties, *, reference: str, version: str) -> Properties:
        """Answer a function that the program calls."""
        if token == READ_OUTPUTS:
            name = str(reveal(arguments).get("name", ""))
            self._providers.builtin()
            return reference_outputs(name, self._look_up(name))
        with self._slots:
            provider = self._providers.of(token, reference=reference, version=version)[1]
            return provider.invoke(token, reveal(arguments))

    def finish(self) -> None:
        """Delete what the program no longer registers and what replacements left behind; not after a failure."""
        if self._bad or self._cancelled.is_set():
            return
        if not self._dry_run:
            for pending in self._journal.pending().values():
                if not self._records.knows(pending.urn):
                    adopt_to_delete(pending, self._providers.of_resource(pending), self._journal)
        self._removal.run(self._records.leftovers(), self._providers.of_resource)

    def _go_on(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled("the run")

    def _skipped(self, urn: str, goal: Goal) -> Registered:
        self._bad.add(urn)
        if goal.custom:
            self._reporter.skipped(urn)
        return Registered(urn=urn, outcome=Outcome.SKIPPED)

    def _component(self, urn: str, goal: Goal, old: Resource | None) -> Registered:
        resource = Resource(
            urn=urn,
            type=goal.type,
            custom=False,
            parent=goal.parent,
            inputs=goal.inputs,
            outputs=old.outputs if old else {},
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            protect=goal.protect,
        )
        self._records.keep(resource, old)
        return Registered(urn=urn, outputs=goal.inputs)
