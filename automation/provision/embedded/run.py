"""One run from start to end: work in a thread of its own, events to the caller, Ctrl-C heard at once.

Owns: the thread, the event queue, stopping, and the summary or error at the end.
Leaves: the work to `engine.py`, `refresh.py` and `removal.py`.

The caller's thread only waits and passes events on, so that Ctrl-C does not fall into the middle of a request: what
has begun is finished and recorded, nothing new begins. A second Ctrl-C leaves at once; the state has a record of what
was under way.
"""

import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from automation.clock import Clock
from automation.errors import Cancelled, LabError
from automation.provision.embedded.engine import Engine
from automation.provision.embedded.monitor import add_services
from automation.provision.embedded.program import run_program
from automation.provision.embedded.reporting import Reporter
from automation.provision.events import OnEvent, ProvisionFailed, ResourceEvent, Summary, quiet
from automation.provision.project import Project, StackConfig
from automation.provision.rpc import serving

__all__ = ["Run", "Saves", "run_program_with"]


class Saves(Protocol):
    """What is brought to disk at the end of a run."""

    def save(self) -> None: ...


J = TypeVar("J", bound=Saves)
_LOOK_S = 0.5


class Run:
    """A run of one of the four kinds, `what` for people."""

    def __init__(self, what: str, clock: Clock) -> None:
        self._what, self._clock = what, clock
        self._stop = threading.Event()
        self._stoppers: list[Callable[[], None]] = []
        self._events: queue.SimpleQueue[ResourceEvent | None] = queue.SimpleQueue()
        self._raised: BaseException | None = None

    def cancelled(self) -> bool:
        return self._stop.is_set()

    def on_cancel(self, stop: Callable[[], None]) -> None:
        self._stoppers.append(stop)
        if self._stop.is_set():
            stop()

    def do(self, on_event: OnEvent, journal: J, work: Callable[["Run", J, Reporter], None]) -> Summary:
        """Do the work and give its summary. Raises ProvisionFailed, Cancelled, and what the work raises."""
        reporter = Reporter(self._events.put, self._clock)

        def body() -> None:
            try:
                work(self, journal, reporter)
                journal.save()
            except BaseException as exc:  # noqa: BLE001 (it is raised again in the caller's thread)
                self._raised = exc
            finally:
                self._events.put(None)

        thread = threading.Thread(target=body, name=f"provision-{self._what}", daemon=True)
        thread.start()
        try:
            self._pass_on(on_event, thread)
        except KeyboardInterrupt:
            self._cancel()
            self._pass_on(on_event, thread)
        except BaseException:  # the listener's own failure: end in good order, then tell
            self._cancel()
            self._pass_on(quiet, thread)
            raise
        thread.join()
        return self._end(reporter)

    def _pass_on(self, on_event: OnEvent, thread: threading.Thread) -> None:
        """Until the last event, or until the thread has ended: Ctrl-C may come just when the last one is in hand."""
        while True:
            try:
                event = self._events.get(timeout=_LOOK_S)
            except queue.Empty:
                if not thread.is_alive() and self._events.empty():
                    return
                continue
            if event is None:
                return
            on_event(event)

    def _cancel(self) -> None:
        self._stop.set()
        for stop in self._stoppers:
            stop()

    def _end(self, reporter: Reporter) -> Summary:
        if reporter.failures and isinstance(self._raised, LabError):
            reporter.say(self._raised.message)  # the program failed as well; the resources come first
        summary = reporter.summary()
        if self._stop.is_set():
            raise Cancelled(self._what)
        if reporter.failures:
            raise ProvisionFailed(
                self._what, failures=reporter.failures, skipped=reporter.skipped_urns, summary=summary
            ) from self._raised
        if self._raised is not None:
            raise self._raised
        return summary


def run_program_with(
    engine: Engine,
    reporter: Reporter,
    project: Project,
    stack: str,
    settings: StackConfig,
    *,
    dry_run: bool,
    parallel: int,
) -> None:
    """Serve the engine, run the program against it, then delete what it no longer registers."""
    # Pulumi's runtime has four threads for each unit of parallelism; each may wait for an answer.
    with serving(lambda server: add_services(server, engine, reporter), threads=4 * parallel + 8) as (address, _):
        try:
            run_program(
                project.program,
                project=project.name,
                stack=stack,
                config=settings.values,
                secret_keys=settings.secret_keys,
                address=address,
                dry_run=dry_run,
                parallel=parallel,
            )
        finally:
            if engine.broken is not None:
                raise engine.broken
    engine.finish()
