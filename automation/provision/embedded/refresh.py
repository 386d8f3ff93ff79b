"""Looking at every resource as it is: what drifted is recorded, what is gone is dropped.

Owns: the comparison of state and Azure.
Leaves: bringing things back to the next `up`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from automation.errors import LabError
from automation.provision.azure_native.provider import AzureNative
from automation.provision.embedded.journal import Journal
from automation.provision.embedded.reporting import Reporter
from automation.provision.embedded.state import Resource
from automation.provision.embedded.urns import logical_name
from automation.provision.events import Op
from automation.provision.values import mark_secrets, reveal

__all__ = ["refresh"]


def refresh(
    journal: Journal,
    reporter: Reporter,
    provider_of: Callable[[Resource], AzureNative],
    *,
    parallel: int,
    stopped: Callable[[], bool],
) -> None:
    """Read every resource of the state, and what an interrupted run began to create."""

    def look(item: Resource) -> None:
        if stopped():
            return
        reporter.started("refresh", item.urn)
        try:
            op, changes = _look(item, journal, provider_of(item))
        except LabError as exc:
            reporter.failed(item.urn, exc, "refresh")
        else:
            reporter.done(op, item.urn, changes)

    for pending in journal.pending().values():
        provider = provider_of(pending)
        found = provider.find_begun(pending.type, pending.inputs)
        if found is None:
            journal.forget_pending(pending.urn)
        elif all(item.urn != pending.urn for item in journal.resources()):
            moment = journal.now()
            journal.put(replace(pending, id=found.id, outputs=found.outputs, created=moment, modified=moment))
    there = [item for item in journal.resources() if item.custom and not item.type.startswith("pulumi:")]
    real = [item for item in there if not item.pending_replacement]
    with ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="refresh") as pool:
        for task in [pool.submit(look, item) for item in real]:
            task.result()


def _look(item: Resource, journal: Journal, provider: AzureNative) -> tuple[Op, tuple[str, ...]]:
    found = provider.find(item.type, item.id)
    if found is None:
        journal.drop(item)
        return "delete", ()
    old_inputs, old_outputs = reveal(item.inputs), reveal(item.outputs)
    inputs = provider.drifted(item.type, old_inputs, old_outputs, found.outputs)
    if found.outputs == old_outputs and not item.init_errors:
        return "same", ()
    difference = provider.diff(item.type, logical_name(item.urn), old_inputs, inputs)
    fresh = replace(
        item,
        inputs=mark_secrets(inputs, item.inputs),
        outputs=mark_secrets(found.outputs, item.outputs),
        modified=journal.now(),
    )
    journal.put(fresh, instead_of=item)
    return ("update" if difference.changes else "same"), tuple(difference.changes)
