"""Deleting resources: what needs others goes before them, independent ones at the same time.

Owns: the walk through the deletes, protection, and which deletes need no call at all.
Leaves: the order to `plan.py`, the call itself to the provider.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from automation.errors import LabError, Refused
from automation.provision.azure_native.provider import WORK_S, AzureNative
from automation.provision.embedded import plan
from automation.provision.embedded.journal import Journal
from automation.provision.embedded.reporting import Reporter
from automation.provision.embedded.state import Resource

__all__ = ["Removal"]

ProviderOf = Callable[[Resource], AzureNative]


class Removal:
    """Deletes of one run."""

    def __init__(self, *, journal: Journal, reporter: Reporter, dry_run: bool, parallel: int) -> None:
        self._journal, self._reporter, self._dry_run, self._parallel = journal, reporter, dry_run, parallel
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    def run(self, victims: Sequence[Resource], provider_of: ProviderOf) -> None:
        """Delete them all; one that fails is reported, and what it needs stays."""
        gone_with = {item.urn for item in victims if not item.delete}
        self._walk(victims, lambda item: self._remove(item, provider_of, gone_with))

    def make_room(self, victims: Sequence[Resource], provider_of: ProviderOf) -> list[Resource]:
        """Delete resources that are created anew at once; their records stay, marked. Gives those that stayed."""
        left = list(victims)

        def remove(item: Resource) -> bool:
            self._reporter.started("delete", item.urn)
            try:
                if not self._dry_run:
                    _delete(item, provider_of)
                    self._journal.put(replace(item, pending_replacement=True), instead_of=item)
            except LabError as exc:
                self._reporter.failed(item.urn, exc, "delete")
                return False
            left.remove(item)
            self._reporter.done("delete", item.urn)
            return True

        self._walk(victims, remove)
        return left

    def _walk(self, victims: Sequence[Resource], remove: Callable[[Resource], bool]) -> None:
        waiting = {index: set(needs) for index, needs in enumerate(plan.must_go_before(victims))}
        running: dict[Future[bool], int] = {}
        with ThreadPoolExecutor(max_workers=self._parallel, thread_name_prefix="delete") as pool:
            while True:
                if not self._cancelled.is_set():
                    for index in [index for index, needs in waiting.items() if not needs]:
                        del waiting[index]
                        running[pool.submit(remove, victims[index])] = index
                if not running:
                    return
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    index = running.pop(future)
                    if future.result():
                        for needs in waiting.values():
                            needs.discard(index)

    def _remove(self, item: Resource, provider_of: ProviderOf, gone_with: set[str]) -> bool:
        if not item.is_real or item.pending_replacement:
            return self._drop(item)
        if item.protect:
            error = Refused(
                "it is protected and is not deleted",
                hint="set protect to false, run `visionlab lab up`, and then delete it",
            )
            self._reporter.failed(item.urn, error, "delete")
            return False
        self._reporter.started("delete", item.urn)
        try:
            silent = item.retain_on_delete or item.deleted_with in gone_with
            if not silent and not self._dry_run:
                _delete(item, provider_of)
            self._drop(item)
        except LabError as exc:
            self._reporter.failed(item.urn, exc, "delete")
            return False
        self._reporter.done("delete", item.urn)
        return True

    def _drop(self, item: Resource) -> bool:
        if not self._dry_run:
            self._journal.drop(item)
        return True


def _delete(item: Resource, provider_of: ProviderOf) -> None:
    provider_of(item).delete(item.type, item.id, timeout_s=item.timeouts.get("delete", WORK_S))
