"""Ending seats, or the whole course: everything deleted and purged, looked for, and only then forgotten.

Owns: which seats a clean-up has ended, what is forgotten of them, and what is said of the others.
Leaves: planning, deleting and proving to `cleanup`, asking the user to the CLI.

A seat is forgotten, its stack's state emptied and its line marked as gone, after a look at Azure has found nothing of
it; whatever comes between, a rerun finds what is left by its tags and goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from automation.azure import Arm, Cloud
from automation.cleanup import (
    CleanupPlan,
    Entry,
    Item,
    Proof,
    Receipt,
    Rules,
    Stage,
    Target,
    make_cleanup_plan,
    run_cleanup,
    verify_cleanup,
    with_proof,
    write_receipt,
)
from automation.clock import Clock
from automation.course.course_file import write_course
from automation.course.seat_progress import close_journals
from automation.course.seats_in_azure import list_seats
from automation.course.stack_settings import lab_name
from automation.course.types import SHARED, Course, Seat, SeatState, Shared, stack_of
from automation.lab_tags import COURSE_TAG, LAB_TAG, SEAT_TAG, STACK_TAG, tag_of
from automation.progress import Progress, silent
from automation.provision import LabStack

__all__ = ["DownReport", "EndClients", "end_seats", "plan_end"]

WORKSPACE_TYPE = "azure-native:machinelearningservices:Workspace"
ML_WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
MOST_WORDS = 300


class OpenStack(Protocol):
    """Opens a stack of the course; `workflow.Workbench.open_stack`."""

    def __call__(self, name: str, config: Mapping[str, object], *, settings: str | None = None) -> LabStack: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EndClients:
    """What ending works with."""

    arm: Arm
    cloud: Cloud
    clock: Clock
    open_stack: OpenStack


@dataclass(frozen=True, slots=True, kw_only=True)
class DownReport:
    """What was ended.

    Attributes:
        course: As it is now.
        gone: Seats that are proved to be gone; "shared" among them stands for the shared parts.
        stayed: The others, and why.
        proof: What was looked for, and what is left behind.
        receipts: The receipt as JSON and as a page.
    """

    course: Course
    gone: tuple[str, ...]
    stayed: Mapping[str, str]
    receipt: Receipt
    proof: Proof
    receipts: tuple[Path, Path]


def plan_end(
    course: Course,
    seats: Sequence[str] | None,
    clients: EndClients,
    *,
    include_foreign: bool = False,
    progress: Progress = silent,
) -> CleanupPlan:
    """What must go for these seats to end; nothing is changed yet.

    Args:
        course: The course.
        seats: Ids; None is all of them, and the shared parts.
        clients: The Azure.
        include_foreign: Take also what somebody else has made in the seats' groups.
        progress: Hears what is looked at.
    """
    target = Target.course(course.name) if seats is None else Target.seats(course.name, *seats)
    return make_cleanup_plan(
        clients.arm,
        target,
        cloud=clients.cloud,
        clock=clients.clock,
        rules=Rules(include_foreign=include_foreign),
        known=[item for seat in _ending(course, seats) for item in _workspaces(course, seat, clients)],
        progress=progress,
    )


def end_seats(
    plan: CleanupPlan,
    course: Course,
    seats: Sequence[str] | None,
    clients: EndClients,
    *,
    progress: Progress = silent,
) -> DownReport:
    """Carry the plan out, look, and forget what is gone.

    Args:
        plan: Of `plan_end`, for the same seats; shown and confirmed.
        course: The course.
        seats: As there.
        clients: The Azure.
        progress: Counts what is deleted.

    Raises:
        LabError: Something could not be looked at; then nothing is forgotten.
    """
    folder = course.home / "cleanup"
    receipt = run_cleanup(
        plan, clients.arm, journal=folder / f"{plan.id}.jsonl", progress=progress, clock=clients.clock
    )
    progress(0, None, "looking whether anything is left")
    proof = verify_cleanup(plan, clients.arm, progress=silent, clock=clients.clock)
    there = list_seats(clients.arm, subscription_id=clients.cloud.subscription_id, course=course.name)
    ending = _ending(course, seats)
    stayed = _staying(ending, receipt, proof, lambda seat: seat in there)
    gone = tuple(seat for seat in ending if seat not in stayed)
    left: list[str] = []
    for done, seat in enumerate(gone):
        progress(done, len(gone), f"forgetting {seat}")
        stack = _stack(course, seat, clients)
        stack.forget()
        if stack.exists():
            left.append(f"the state of the stack {stack.name}")
        close_journals(course, seat, clients.clock)
    forgotten = "the state of one stack is" if len(gone) == 1 else f"the states of {len(gone)} stacks are"
    checked = (*proof.checked, f"{forgotten} empty")
    proof = replace(proof, checked=checked, left_behind=(*proof.left_behind, *left))
    receipt = with_proof(receipt, proof, clock=clients.clock)
    paths = write_receipt(receipt, folder)
    ended = _marked(course, gone, stayed, clients.clock.now().isoformat(timespec="seconds"))
    write_course(ended)
    return DownReport(course=ended, gone=gone, stayed=stayed, receipt=receipt, proof=proof, receipts=paths)


def _ending(course: Course, seats: Sequence[str] | None) -> tuple[str, ...]:
    """The ids of what is to end, the shared parts last."""
    wanted = [seat.id for seat in course.seats if seat.is_there] if seats is None else list(seats)
    shared = [SHARED] if seats is None and course.shared.state is not SeatState.GONE else []
    return (*wanted, *shared)


def _stack(course: Course, seat: str, clients: EndClients) -> LabStack:
    return clients.open_stack(stack_of(course.name, seat), {}, settings=course.stack)


def _workspaces(course: Course, seat: str, clients: EndClients) -> list[Item]:
    """The ML workspaces that the seat's stack knows: once they are soft-deleted, no list shows them."""
    stack = _stack(course, seat, clients)
    resources = stack.resources() if stack.exists() else ()
    return [
        Item(
            id=resource.id,
            type=ML_WORKSPACE,
            name=resource.id.rpartition("/")[2],
            location="",
            group=resource.id.split("/")[4],
            stage=Stage.ML_WORKSPACES,
            why=f"the stack {stack.name} has made it",
            tags={
                LAB_TAG: lab_name(course.name, seat),
                STACK_TAG: stack.name,
                COURSE_TAG: course.name,
                SEAT_TAG: seat,
            },
        )
        for resource in resources
        if resource.type == WORKSPACE_TYPE and resource.id.count("/") >= 8
    ]


def _staying(ending: Sequence[str], receipt: Receipt, proof: Proof, is_there: Callable[[str], bool]) -> dict[str, str]:
    """Which of them are not gone, and why. What nobody can be found for keeps all of them: nothing is proved then."""
    stayed: dict[str, str] = {}
    for entry in (*receipt.failed, *receipt.open):
        seat = tag_of(entry.item.tags, SEAT_TAG)
        if seat in ending:
            stayed.setdefault(seat or "", _words(entry))
    for left in proof.left_behind:
        whose = [seat for seat in ending if f"-{seat}" in left.lower()]
        for seat in whose or ending:
            stayed.setdefault(seat, f"left behind: {left}")
    kept = {kept.group.lower(): kept.words for kept in reversed(receipt.plan.kept)}
    for seat in ending:
        if seat not in stayed and is_there(seat):
            words = next((words for group, words in kept.items() if group.endswith(f"-{seat}")), "")
            stayed[seat] = words or "some of it is still there; `visionlab course down` goes on"
    return {seat: why[:MOST_WORDS] for seat, why in stayed.items()}


def _words(entry: Entry) -> str:
    return f"{entry.item.name}: {entry.words or entry.outcome.value}"


def _marked(course: Course, gone: Sequence[str], stayed: Mapping[str, str], now: str) -> Course:
    def after(seat: Seat) -> Seat:
        if seat.id in gone:
            return replace(seat, state=SeatState.GONE, failure=None, applied=None, changed=now)
        if seat.id in stayed:
            return replace(seat, state=SeatState.FAILED, failure=stayed[seat.id], changed=now)
        return seat

    shared = course.shared
    if SHARED in gone:
        shared = Shared(state=SeatState.GONE)
    elif SHARED in stayed:
        shared = replace(shared, state=SeatState.FAILED, failure=stayed[SHARED])
    return replace(course, seats=tuple(map(after, course.seats)), shared=shared)
