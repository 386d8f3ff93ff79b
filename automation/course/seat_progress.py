"""How far a seat's owner is with the exercise: read from the journal beside the seat's lab.yaml.

Owns: where that journal is, and what it says. Leaves: which steps there are to `workflow`.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from automation.clock import Clock, SystemClock
from automation.course.stack_settings import lab_name
from automation.course.types import Course, Seat
from automation.errors import ConfigError

__all__ = ["SeatProgress", "close_journals", "exercise_steps", "journal_file", "read_progress"]

STATE_FOLDER = ".visionlab"
CLOSED = ".closed.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatProgress:
    """Steps of the exercise.

    Attributes:
        steps: All of them, in their order; empty where there is no exercise yet.
        done: Those that a run has come through.
        failed: The step that stopped the last run, or None.
        failure: Why, in its words.
        last: When a run last did anything, or None.
    """

    steps: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    failed: str | None = None
    failure: str = ""
    last: datetime | None = None

    @property
    def next(self) -> str | None:
        """The first step that is not done."""
        return next((step for step in self.steps if step not in self.done), None)


def exercise_steps(course: Course) -> tuple[str, ...]:
    """The steps of the course's exercise; none before it has one, or when its file cannot be read any more."""
    from automation.workflow.lab_file import read_lab
    from automation.workflow.wanted import wanted_steps

    if course.exercise is None:
        return ()
    try:
        return wanted_steps(read_lab(course.exercise.lab_file))
    except ConfigError:
        return ()


def journal_file(course: Course, seat: Seat) -> Path:
    """Where runs of the seat's own lab.yaml are told."""
    name = f"{lab_name(course.name, seat.id)}-{course.stack}.jsonl"
    return course.seat_folder(seat.id) / STATE_FOLDER / "journal" / name


def read_progress(path: Path, steps: tuple[str, ...]) -> SeatProgress:
    """What a journal says. One that is not there, or cannot be read, tells of nothing done."""
    from automation.workflow.journal import Journal

    try:
        journal = Journal(path, clock=SystemClock())
    except (OSError, KeyError, ValueError, TypeError):
        return SeatProgress(steps=steps)
    failed = next((name for name in reversed(journal.steps) if journal.steps[name].failure), None)
    return SeatProgress(
        steps=steps,
        done=tuple(step for step in steps if (record := journal.steps.get(step)) is not None and record.done),
        failed=failed,
        failure=journal.steps[failed].failure if failed else "",
        last=_moment(journal.last_at),
    )


def close_journals(course: Course, seat_id: str, clock: Clock) -> None:
    """Put the journals of a seat that has ended aside, so that the same person's next seat begins with nothing done."""
    from automation.workflow.journal import Journal

    folder = course.seat_folder(seat_id) / STATE_FOLDER / "journal"
    for path in sorted(folder.glob("*.jsonl")):
        if not path.name.endswith(CLOSED):
            Journal(path, clock=clock).close("the seat has ended")


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
