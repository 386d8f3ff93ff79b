"""Many stacks at once: each gets its turn, whatever happens to the others.

Owns: how many run at a time, the order in which they begin, stopping, and what became of each.
Leaves: the run of one stack to the stack; in a process of its own, where the stack is the embedded engine's, to
`stack_workers.py`. Pulumi's CLI has processes of its own, a folder for each stack, and is run from threads.

A stop, by the caller's event or by Ctrl-C, is an outcome like others: what has begun is finished and recorded, what
has not begun never begins, and both have `Cancelled` as their failure.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from automation.clock import Clock, SystemClock
from automation.errors import Cancelled
from automation.progress import Progress, silent
from automation.provision.events import ResourceEvent, Summary
from automation.provision.stacks import LabStack, Stack

if TYPE_CHECKING:
    from automation.provision.stack_messages import What
    from automation.provision.stack_workers import Workers

__all__ = ["StackJob", "StackOutcome", "run_many"]

_SYSTEM_CLOCK = SystemClock()
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class StackJob:
    """A run to do.

    Attributes:
        stack: The stack's name, for people.
        open: Opens it; called when its turn comes, in any thread.
        what: The run.
    """

    stack: str
    open: Callable[[], LabStack]
    what: "What" = "up"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOutcome:
    """What became of a job: a summary, or the failure.

    Attributes:
        stack: As in the job.
        summary: Of a run that came to its end.
        failure: What it raised; `Cancelled` when it was stopped or never begun.
        seconds: How long it took; 0 when it was never begun.
    """

    stack: str
    summary: Summary | None
    failure: Exception | None
    seconds: float


def _unheard(outcome: StackOutcome) -> None:
    """A listener that looks away."""


def run_many(
    jobs: Sequence[StackJob],
    *,
    parallel: int,
    progress: Progress = silent,
    on_done: Callable[[StackOutcome], None] = _unheard,
    stop: threading.Event | None = None,
    clock: Clock = _SYSTEM_CLOCK,
) -> list[StackOutcome]:
    """Run them all, and give what became of each, in the order of the jobs.

    Args:
        jobs: What to do; no stack twice.
        parallel: How many at once.
        progress: Counts the stacks that are done.
        on_done: Hears of each outcome as it comes, in the caller's thread.
        stop: Set by the caller to end early; Ctrl-C sets it too.
        clock: Times the runs.

    Raises:
        KeyboardInterrupt: Ctrl-C came a second time; what was under way is left as the states say.
    """
    stopping = stop or threading.Event()
    outcomes: dict[int, StackOutcome] = {}
    waiting = list(enumerate(jobs))
    running: dict[Future[StackOutcome], int] = {}

    def ended(index: int, outcome: StackOutcome) -> None:
        outcomes[index] = outcome
        on_done(outcome)
        progress(len(outcomes), len(jobs), outcome.stack)

    from automation.provision.stack_workers import Workers

    with Workers() as workers, ThreadPoolExecutor(max_workers=max(1, parallel), thread_name_prefix="stack") as pool:
        while waiting or running:
            try:
                while waiting and len(running) < max(1, parallel) and not stopping.is_set():
                    index, job = waiting.pop(0)
                    running[pool.submit(_run, job, workers, stopping, clock, parallel)] = index
                if stopping.is_set():
                    for index, job in waiting:
                        ended(index, _never_begun(job))
                    waiting = []
                for future in wait(running, timeout=_LOOK_S, return_when=FIRST_COMPLETED).done:
                    ended(running.pop(future), future.result())
            except KeyboardInterrupt:
                if stopping.is_set():
                    workers.kill()
                    raise
                stopping.set()
            except BaseException:  # the listener's own failure: what has begun ends in good order
                stopping.set()
                raise
    return [outcomes[index] for index in range(len(jobs))]


def _run(job: StackJob, workers: "Workers", stopping: threading.Event, clock: Clock, sharers: int) -> StackOutcome:
    began = clock.monotonic()
    try:
        summary = _summary(job, workers, stopping, sharers)
    except Exception as exc:  # noqa: BLE001 (a failed job never keeps the others from their turn)
        return StackOutcome(stack=job.stack, summary=None, failure=exc, seconds=clock.monotonic() - began)
    return StackOutcome(stack=job.stack, summary=summary, failure=None, seconds=clock.monotonic() - began)


def _summary(job: StackJob, workers: "Workers", stopping: threading.Event, sharers: int) -> Summary:
    from automation.provision.stack_workers import can_fork

    stack = job.open()
    if isinstance(stack, Stack) and stack.origin is not None and can_fork():
        place, tokens = stack.origin
        return workers.run(replace(place, sharers=sharers), tokens, job.what, stop=stopping)

    if isinstance(stack, Stack):
        from automation.provision.preloading import preload

        preload()

    def hear(_: ResourceEvent) -> None:
        """A run ends in good order when its listener raises, which is how it hears of a stop."""
        if stopping.is_set():
            raise Cancelled(job.what)

    acts = {"up": stack.up, "preview": stack.preview, "destroy": stack.destroy, "refresh": stack.refresh}
    return acts[job.what](hear)


def _never_begun(job: StackJob) -> StackOutcome:
    return StackOutcome(stack=job.stack, summary=None, failure=Cancelled(job.what), seconds=0.0)
