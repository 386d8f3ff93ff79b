"""`visionlab course run`: the exercise, run for seats."""

import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.cli.course_place import choose_seats, complete_seats, course_options, find_course
from automation.cli.options import example, json_option
from automation.clock import SystemClock
from automation.errors import ConfigError
from automation.printable import printable

if TYPE_CHECKING:
    from automation.course import Course, Seat
    from automation.course.running import RunOutcome, SeatRun

__all__ = ["run_for_seats"]

ITSELF = (sys.executable, "-c", "import sys; from automation.cli.app import main; sys.exit(main())")
MOST_AT_ONCE = 16


@click.command(
    "run",
    epilog=example(
        "visionlab course run --all",
        "visionlab course run anna-x7q2aa bert@example.org --parallel 1",
        "visionlab course run --all --until labeling",
        "visionlab course run --all --lab second-exercise/lab.yaml",
    ),
)
@click.argument("seats", nargs=-1, metavar="[SEAT]...", shell_complete=complete_seats)
@click.option("--all", "all_of_them", is_flag=True, help="Every seat that is up.")
@click.option("--until", metavar="STEP", help="Stop after this step of the exercise.")
@click.option("--lab", "lab_file", type=click.Path(path_type=Path), help="Another lab.yaml than the exercise's.")
@click.option("--parallel", type=click.IntRange(1, MOST_AT_ONCE), default=2, show_default=True, help="Runs at once.")
@click.option(
    "--deadline", type=click.FloatRange(min=1), default=240.0, show_default=True, help="Minutes that a seat may take."
)
@course_options
@json_option
def run_for_seats(
    *,
    seats: tuple[str, ...],
    all_of_them: bool,
    until: str | None,
    lab_file: Path | None,
    parallel: int,
    deadline: float,
    name: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Run the exercise for seats, each in a process of its own.

    A SEAT is its id or its person's address. What a seat has done already is not done again, so the command can be
    repeated: after Ctrl-C, or when some seats failed. What a run says stands in run.log beside the seat's journal.
    """
    from automation.course.running import RunState, run_seats

    if bool(seats) == all_of_them:
        raise click.UsageError("name seats, or say --all")
    console = Console.of(as_json)
    _check_step(until)
    course = find_course(name, home)
    chosen = choose_seats(course, seats, all_of_them=all_of_them)
    runs = _runs(course, chosen, lab_file, console, named=bool(seats))
    stop = threading.Event()
    finished: list[RunOutcome] = []
    with console.progress(f"{course.name}: running") as progress, _until_stopped(stop, console):

        def tell(outcome: "RunOutcome") -> None:
            finished.append(outcome)
            words = f": {printable(outcome.words)}" if outcome.words else ""
            console.say(f"{outcome.seat}  {outcome.state} in {outcome.seconds:.0f} s{words}")

        outcomes = run_seats(
            runs,
            command=ITSELF,
            until=until,
            parallel=parallel,
            seat_deadline_s=deadline * 60,
            clock=SystemClock(),
            stop=stop,
            on_done=tell,
            on_tick=lambda names: progress(float(len(finished)), float(len(runs)), ", ".join(names)),
        )
    result = [
        {
            "seat": outcome.seat,
            "state": outcome.state.value,
            "seconds": round(outcome.seconds, 3),
            "message": outcome.words or None,
            "hint": outcome.hint,
            "result": outcome.result or None,
        }
        for outcome in outcomes
    ]
    console.result(result, lambda: _show(console, outcomes))
    states = {outcome.state for outcome in outcomes}
    if RunState.FAILED in states:
        click.get_current_context().exit(1)
    if states & {RunState.STOPPED, RunState.WAITING}:
        console.say("repeat the command to go on")
        click.get_current_context().exit(3)


def _check_step(until: str | None) -> None:
    """A mistyped step is said once, before any seat hears of it."""
    from automation.nearest import hint_for
    from automation.workflow.wanted import WANTED

    if until is not None and until not in WANTED:
        hint = hint_for(until, list(WANTED), otherwise=f"the steps are {', '.join(WANTED)}")
        raise ConfigError(f"there is no step {until!r}", hint=hint)


@contextmanager
def _until_stopped(stop: threading.Event, console: Console) -> Generator[None]:
    """The first Ctrl-C asks the runs to stop, and waits for them; the second leaves at once."""

    def first(_signal: int, _frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)
        console.say("stopping the runs; Ctrl-C again leaves at once")

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _runs(
    course: "Course", chosen: "Sequence[Seat]", lab_file: Path | None, console: Console, *, named: bool
) -> "list[SeatRun]":
    """The runs of seats that are up. Raises ConfigError when a seat that was named is not, or none is."""
    from automation.course.running import SeatRun
    from automation.course.seat_labs import seat_lab_path, write_other_lab
    from automation.course.seat_progress import STATE_FOLDER

    runs: list[SeatRun] = []
    for seat in chosen:
        path = seat_lab_path(course, seat)
        if not path.is_file():
            if named:
                raise ConfigError(
                    f"the seat {seat.id} is {seat.state} and has no lab.yaml", hint="run `visionlab course up` first"
                )
            console.say(f"{seat.id}  left out: it is {seat.state}")
            continue
        file = path if lab_file is None else write_other_lab(course, seat, lab_file)
        runs.append(SeatRun(seat=seat.id, lab_file=file, state_folder=path.parent / STATE_FOLDER))
    if not runs:
        raise ConfigError(f"the course {course.name} has no seat that is up", hint="run `visionlab course up` first")
    return runs


def _show(console: Console, outcomes: "Sequence[RunOutcome]") -> None:
    console.table(
        ("seat", "run", "seconds", "what"),
        [
            (outcome.seat, outcome.state.value, f"{outcome.seconds:.0f}", printable(outcome.words or _figures(outcome)))
            for outcome in outcomes
        ],
    )
    for hint in dict.fromkeys(outcome.hint for outcome in outcomes if outcome.hint):
        console.say(f"what to do: {hint}")


def _figures(outcome: "RunOutcome") -> str:
    from automation.course.figures import headline_of

    found: object = outcome.result.get("models")
    return headline_of(found)
