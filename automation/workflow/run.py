"""The run: every step in order, skipped when its inputs are those of the last time, journaled when it is done.

Owns: fingerprints, resuming, one new start of a local Azure that was killed, and what a failure means.
Leaves: the steps to `steps.py`, the file to `journal.py`, who may run to `lock.py`.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from automation.clock import Clock
from automation.errors import Cancelled, ConfigError, LabError, StepFailed, TransportError
from automation.nearest import hint_for
from automation.workflow.events import EventKind, Listener, RunEvent, StepTime
from automation.workflow.journal import Journal, StepRecord
from automation.workflow.lab_types import Lab

__all__ = ["Bench", "RunReport", "Step", "StepContext", "run_steps", "steps_until"]


class Bench(Protocol):
    """What the run itself needs of the clients that its steps use."""

    def identity(self) -> Mapping[str, str]:
        """Which Azure this is: work done in another one does not count."""
        ...

    def revive(self) -> bool:
        """Start the local Azure again if it died; True when it had died and runs again."""
        ...


B = TypeVar("B", bound=Bench)


@dataclass(slots=True, kw_only=True)
class StepContext(Generic[B]):
    """What a step gets.

    Attributes:
        results: Of the steps before it, by name.
        record: What the journal knows of earlier starts of this step with the same inputs, or None.
        before: Of an earlier start with other inputs, or None.
        fresh: Whether the user asked to do everything again.
    """

    lab: Lab
    bench: B
    step: str
    fingerprint: str
    results: Mapping[str, Mapping[str, Any]]
    journal: Journal
    tell: Listener
    times: Sequence[StepTime] = ()
    notes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    before: StepRecord | None = None
    fresh: bool = False

    def note(self, key: str, value: object) -> None:
        """Keep something for the next start of this step, should this one be killed."""
        self.journal.note(self.step, key, value)

    def progress(self, done: float, total: float | None, message: str) -> None:
        """A Progress for the clients."""
        self.tell(RunEvent(kind=EventKind.PROGRESS, step=self.step, message=message, done=done, total=total))

    def say(self, message: str) -> None:
        """A line that stays."""
        self.tell(RunEvent(kind=EventKind.NOTE, step=self.step, message=message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[B]):
    """One step of the job.

    Attributes:
        title: What it does, as one reads it on the screen.
        after: Steps whose inputs are inputs of this one too.
        wanted: Whether this lab has it at all.
        inputs: What it is made of; the same inputs, the same outcome.
        act: Do it; safe to do twice. The result goes into the journal.
        looks: What else it is made of, and stands in Azure, where people may have changed it. Such a step says in its
            result, as `content`, what it made: steps after it are done again only when that is another thing.
    """

    name: str
    title: str
    after: tuple[str, ...]
    wanted: Callable[[Lab], bool]
    inputs: Callable[[Lab], object]
    act: Callable[[StepContext[B]], Mapping[str, object]]
    looks: Callable[[B, Lab], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run did."""

    run_id: str
    steps: tuple[StepTime, ...]
    results: Mapping[str, Mapping[str, Any]]

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


def run_steps(
    lab: Lab,
    bench: B,
    steps: Sequence[Step[B]],
    *,
    journal: Journal,
    clock: Clock,
    tell: Listener,
    until: str | None = None,
    fresh: bool = False,
) -> RunReport:
    """Go through the steps. Raises StepFailed or Cancelled; what was done before stays done."""
    chosen = steps_until(steps, until)
    run_id = f"{clock.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
    identity = dict(bench.identity())
    if fresh:
        journal.forget(*(step.name for step in steps))
    journal.begin_run(run_id)
    prints: dict[str, str] = {}
    results: dict[str, Mapping[str, Any]] = {}
    times: list[StepTime] = []
    revived = False
    for step in chosen:
        if not step.wanted(lab):
            continue
        prints[step.name] = _fingerprint(step, lab, identity, prints)
        looked = _looked(step, lab, bench, prints[step.name])
        known = journal.steps.get(step.name)
        same = known is not None and known.fingerprint == looked
        if known is not None and same and known.done:
            results[step.name] = known.result
            prints[step.name] = _made(step, prints[step.name], known.result)
            times.append(StepTime(name=step.name, seconds=0.0, skipped=True))
            tell(RunEvent(kind=EventKind.SKIPPED, step=step.name, message=step.title))
            continue
        started = clock.monotonic()
        tell(RunEvent(kind=EventKind.STARTED, step=step.name, message=step.title))
        journal.start(step.name, looked)
        context = StepContext(
            lab=lab,
            bench=bench,
            step=step.name,
            fingerprint=looked,
            results=results,
            journal=journal,
            tell=tell,
            times=tuple(times),
            notes=journal.steps[step.name].notes,
            before=None if same else known,
            fresh=fresh,
        )
        result, revived = _act(step, context, run_id, revived=revived)
        seconds = clock.monotonic() - started
        journal.finish(step.name, result, seconds)
        results[step.name] = result
        prints[step.name] = _made(step, prints[step.name], result)
        times.append(StepTime(name=step.name, seconds=round(seconds, 3)))
        message = str(result.get("summary", step.title))
        tell(RunEvent(kind=EventKind.DONE, step=step.name, message=message, seconds=seconds))
    return RunReport(run_id=run_id, steps=tuple(times), results=results)


def steps_until(steps: Sequence[Step[B]], until: str | None) -> Sequence[Step[B]]:
    """The steps up to one by name; ConfigError for a name that is none of theirs."""
    names = [step.name for step in steps]
    if until is None:
        return steps
    if until not in names:
        hint = hint_for(until, names, otherwise=f"the steps are {', '.join(names)}")
        raise ConfigError(f"there is no step {until!r}", hint=hint)
    return steps[: names.index(until) + 1]


def _fingerprint(step: Step[B], lab: Lab, identity: Mapping[str, str], prints: Mapping[str, str]) -> str:
    made_of = {
        "step": step.name,
        "where": dict(identity),
        "after": [prints.get(name) for name in step.after],
        "inputs": step.inputs(lab),
    }
    return _digest(made_of)


def _looked(step: Step[B], lab: Lab, bench: B, fingerprint: str) -> str:
    """The fingerprint with what stands in Azure; what cannot be seen is another thing, and the step will say why."""
    if step.looks is None:
        return fingerprint
    try:
        return _digest([fingerprint, step.looks(bench, lab)])
    except LabError as exc:
        return _digest([fingerprint, type(exc).__name__])


def _made(step: Step[B], fingerprint: str, result: Mapping[str, object]) -> str:
    """What steps after this one see of it."""
    return fingerprint if step.looks is None else _digest([fingerprint, result.get("content")])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _act(step: Step[B], context: StepContext[B], run_id: str, *, revived: bool) -> tuple[Mapping[str, object], bool]:
    """The step's result, and whether the local Azure was started again in this run."""
    try:
        try:
            return step.act(context), revived
        except LabError:
            if revived or not context.bench.revive():
                raise
            context.say("the local Azure had died; it runs again, and the step goes on")
            return step.act(context), True
    except (KeyboardInterrupt, Cancelled):
        context.journal.fail(step.name, "stopped by the user")
        raise
    except LabError as exc:
        context.journal.fail(step.name, exc.message)
        context.tell(RunEvent(kind=EventKind.FAILED, step=step.name, message=exc.message))
        raise _failed(step.name, run_id, exc, context.lab) from exc
    except Exception as exc:
        context.journal.fail(step.name, type(exc).__name__)
        raise


def _failed(step: str, run_id: str, cause: LabError, lab: Lab) -> StepFailed:
    """The step's error: a cause that says no keeps its exit code; a lost connection can be resumed."""
    resume = f"`visionlab run {lab.path.name} --resume` goes on from here"
    hint = resume if isinstance(cause, TransportError) or cause.hint is None else f"{cause.hint}; then {resume}"
    failed = StepFailed(step, run_id=run_id, reason=cause.message, hint=hint)
    if cause.exit_code in (1, 2) and not isinstance(cause, TransportError):
        failed.exit_code = cause.exit_code
    return failed
