"""Setting a course up: the shared parts once, then every seat that needs it, each whatever happens to the others.

Owns: the order, what is written down when, and what became of each seat. A seat counts as up when its stack has run,
its pictures are there and its files are written; whatever ends before, a rerun does the rest.
Leaves: what is to be done to `plan.py`, running stacks to `provision`, copying to `storage`.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from automation.clock import Clock
from automation.course.course_file import write_course
from automation.course.exercise import read_exercise
from automation.course.plan import Act, CoursePlan, SeatChange
from automation.course.seat_files import write_lab, write_outputs
from automation.course.stack_settings import fingerprint, seat_settings, shared_settings
from automation.course.types import Course, Seat, SeatState, Shared, shared_stack, stack_of
from automation.errors import Cancelled, LabError, StepFailed
from automation.progress import Progress, silent
from automation.provision import LabStack, ProvisionFailed, SharedOutputs, StackJob, StackOutcome, run_many

if TYPE_CHECKING:
    from automation.storage import BlobStore

__all__ = ["CourseClients", "SeatOutcome", "UpReport", "bring_up", "settings_file", "words_of"]

PARALLEL = 4
FINISHING = 3
MOST_WORDS = 600


class CourseClients(Protocol):
    """What a course works with; `workflow.Workbench` opens stacks so."""

    clock: Clock

    def open_stack(self, name: str, config: Mapping[str, object], *, settings: str | None = None) -> LabStack: ...
    def blobs_at(self, endpoint: str) -> "BlobStore": ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOutcome:
    """What became of one seat; `seconds` is how long its stack took."""

    seat: Seat
    seconds: float
    failure: str | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpReport:
    """What `bring_up` did.

    Attributes:
        course: As it is now.
        outcomes: Of the seats that ran, in the order of their ids.
        pictures: Teaching pictures in the course storage.
        edited: Seats whose lab.yaml somebody has changed; it was left as it is.
    """

    course: Course
    outcomes: tuple[SeatOutcome, ...] = ()
    pictures: int = 0
    edited: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[SeatOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.failure is not None)

    @property
    def stopped(self) -> bool:
        return any(outcome.stopped for outcome in self.outcomes)


def settings_file(course: Course) -> str:
    """Which stacks/Pulumi.<name>.yaml all stacks of the course begin with."""
    return course.stack


def words_of(failure: BaseException) -> str:
    """A failure in one line, short enough for a table."""
    match failure:
        case ProvisionFailed() if failure.failures:
            first, *more = failure.failures
            text = f"{first.name}: {first.message}" + (f" (and {len(more)} more)" if more else "")
        case LabError():
            text = failure.message
        case _:
            text = f"{type(failure).__name__}: {failure}"
    text = " ".join(text.split())
    return text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 1] + "\u2026"


def bring_up(
    plan: CoursePlan,
    clients: CourseClients,
    *,
    parallel: int = PARALLEL,
    progress: Progress = silent,
    stop: threading.Event | None = None,
) -> UpReport:
    """Carry the plan out, removals excepted.

    Args:
        plan: What is to be done; its course is written down before anything is made.
        clients: The Azure.
        parallel: Stacks at once.
        progress: Counts seats.
        stop: Set to end early.

    Raises:
        StepFailed: The shared parts failed, without which no seat can be.
        Cancelled: It was stopped before the seats had their turn.
    """
    record = _Record(plan.course)
    record.save()
    if not plan.to_run and plan.shared is Act.KEEP:
        kept = [change.seat for change in plan.of(Act.CHANGE, Act.KEEP)]
        edited = [seat.id for seat in kept if not write_lab(plan.course, seat)]
        return UpReport(course=record.course, edited=tuple(edited))
    stopping = stop or threading.Event()
    shared = _shared_parts(plan, clients, record, progress, stopping)
    pictures = _teaching_pictures(plan, clients, shared, progress)
    seats = _Seats(plan=plan, clients=clients, shared=shared, record=record, progress=progress)
    outcomes = seats.run(parallel=parallel, stopping=stopping)
    return UpReport(course=record.course, outcomes=outcomes, pictures=pictures, edited=tuple(sorted(seats.edited)))


class _Record:
    """The course as it is, written down with every change; threads may share it."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._lock = threading.Lock()

    def save(self) -> None:
        with self._lock:
            write_course(self.course)

    def shared(self, shared: Shared) -> None:
        with self._lock:
            self.course = replace(self.course, shared=shared)
            write_course(self.course)

    def seat(self, seat: Seat) -> None:
        with self._lock:
            seats = tuple(seat if other.id == seat.id else other for other in self.course.seats)
            self.course = replace(self.course, seats=seats)
            write_course(self.course)


def _shared_parts(
    plan: CoursePlan, clients: CourseClients, record: _Record, progress: Progress, stopping: threading.Event
) -> SharedOutputs:
    course = plan.course

    def opened() -> LabStack:
        return clients.open_stack(shared_stack(course.name), shared_settings(course), settings=settings_file(course))

    if plan.shared is Act.KEEP:
        return opened().shared_outputs()
    progress(0, len(plan.to_run) or None, "the shared parts")
    job = StackJob(stack=shared_stack(course.name), open=opened)
    (outcome,) = run_many([job], parallel=1, stop=stopping, clock=clients.clock)
    if outcome.failure is None:
        record.shared(Shared(state=SeatState.UP, applied=plan.shared_fingerprint))
        return opened().shared_outputs()
    if isinstance(outcome.failure, Cancelled):
        raise outcome.failure
    record.shared(replace(course.shared, state=SeatState.FAILED, failure=words_of(outcome.failure)))
    if not isinstance(outcome.failure, LabError):
        raise outcome.failure
    raise StepFailed(
        "the shared parts",
        run_id=course.name,
        reason=words_of(outcome.failure),
        hint=outcome.failure.hint or "mend it and repeat the command; no seat was touched",
    ) from outcome.failure


def _teaching_pictures(plan: CoursePlan, clients: CourseClients, shared: SharedOutputs, progress: Progress) -> int:
    """The exercise's pictures into the course storage, in a folder for each container; how many there are."""
    from automation.pictures import find_pictures
    from automation.storage import Upload

    if plan.course.exercise is None:
        return 0
    lab = read_exercise(plan.course.exercise)
    uploads = [
        Upload(path=path, name=f"{entry.container}/{path.relative_to(entry.path).as_posix()}")
        for entry in lab.images
        for path in find_pictures(entry.path)
    ]
    progress(0, None, "the teaching pictures")
    blobs = clients.blobs_at(shared.blob_endpoint)
    blobs.wait_for_access(shared.pictures)
    blobs.upload(shared.pictures, uploads)
    return len(uploads)


@dataclass(kw_only=True)
class _Seats:
    """All seats that have to run: stacks first, then pictures and files, while the next stacks run."""

    plan: CoursePlan
    clients: CourseClients
    shared: SharedOutputs
    record: _Record
    progress: Progress
    edited: set[str] = field(default_factory=set[str])
    _done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, *, parallel: int, stopping: threading.Event) -> tuple[SeatOutcome, ...]:
        changes = {stack_of(self.plan.course.name, change.seat.id): change for change in self.plan.to_run}
        jobs = [StackJob(stack=stack, open=self._opener(change.seat)) for stack, change in changes.items()]
        finishing: dict[str, Future[SeatOutcome]] = {}
        with ThreadPoolExecutor(max_workers=FINISHING, thread_name_prefix="finish") as pool:

            def ended(outcome: StackOutcome) -> None:
                finishing[outcome.stack] = pool.submit(self._finish, changes[outcome.stack], outcome)

            self._tell("seats", 0)
            run_many(jobs, parallel=parallel, on_done=ended, stop=stopping, clock=self.clients.clock)
        self._rewrite_kept()
        return tuple(finishing[stack].result() for stack in changes)

    def _opener(self, seat: Seat) -> Callable[[], LabStack]:
        course = self.plan.course
        settings = seat_settings(course, seat, containers=self.plan.containers)
        return lambda: self.clients.open_stack(stack_of(course.name, seat.id), settings, settings=settings_file(course))

    def _finish(self, change: SeatChange, outcome: StackOutcome) -> SeatOutcome:
        seat, failure = change.seat, outcome.failure
        if isinstance(failure, Cancelled):
            return SeatOutcome(seat=seat, seconds=outcome.seconds, stopped=True)
        if failure is None:
            try:
                self._fill(seat)
            except Exception as exc:  # noqa: BLE001 (whatever it is, the other seats go on, and it is reported)
                failure = exc
        now = self.clients.clock.now().isoformat(timespec="seconds")
        if failure is None:
            marks = fingerprint(seat_settings(self.plan.course, seat, containers=self.plan.containers))
            seat = replace(seat, state=SeatState.UP, failure=None, applied=marks, changed=now)
        else:
            seat = replace(seat, state=SeatState.FAILED, failure=words_of(failure), changed=now)
        self.record.seat(seat)
        self._tell(f"{seat.id} {'is up' if failure is None else 'failed'}", 1)
        return SeatOutcome(seat=seat, seconds=outcome.seconds, failure=seat.failure)

    def _fill(self, seat: Seat) -> None:
        """The teaching pictures into the seat's storage, and the seat's files."""
        from automation.storage import BlobPlace, copy_container

        outputs = self._opener(seat)().outputs()
        if self.plan.course.exercise is not None:
            source = self.clients.blobs_at(self.shared.blob_endpoint)
            target = self.clients.blobs_at(outputs.blob_endpoint)
            for container in self.plan.containers:
                copy_container(
                    BlobPlace(store=source, container=self.shared.pictures, prefix=f"{container}/"),
                    BlobPlace(store=target, container=container),
                    replace=False,
                )
        write_outputs(self.plan.course, seat, outputs)
        if not write_lab(self.plan.course, seat):
            self.edited.add(seat.id)

    def _rewrite_kept(self) -> None:
        """Files of seats whose stack did not have to run."""
        for change in self.plan.of(Act.CHANGE, Act.KEEP):
            if not change.runs and not write_lab(self.plan.course, change.seat):
                self.edited.add(change.seat.id)

    def _tell(self, message: str, more: int) -> None:
        with self._lock:
            self._done += more
            self.progress(self._done, len(self.plan.to_run), message)
