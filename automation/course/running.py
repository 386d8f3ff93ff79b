"""Running the exercise for seats: a process each, few at once, so that memory has a bound and no seat stops another.

Owns: the processes, what they leave beside the seat (`run.json`, `run.log`), and what became of each.
Leaves: the run itself to `visionlab run`, which goes on where an earlier one stopped.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from automation.clock import Clock
from automation.errors import ConfigError

__all__ = ["RunOutcome", "RunState", "SeatRun", "run_seats"]

LOG_FILE, RESULT_FILE = "run.log", "run.json"
POLL_S = 0.1
STOP_S = 60.0
MOST_WORDS = 400
LARGEST_RESULT_BYTES = 4_000_000


class RunState(StrEnum):
    """What became of a seat's run."""

    DONE = "done"
    FAILED = "failed"
    """It said no; running it again says the same until something is changed."""
    STOPPED = "stopped"
    """It came to no end; running it again goes on."""
    WAITING = "not begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRun:
    """One seat's run: which file, and the folder that takes log and result."""

    seat: str
    lab_file: Path
    state_folder: Path

    @property
    def log(self) -> Path:
        """What the run says while it goes."""
        return self.state_folder / LOG_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What became of it.

    Attributes:
        words: Why it failed or stopped, or "".
        hint: What to do then, or None.
        result: The run as `visionlab run --json` tells it; empty unless it is done.
    """

    seat: str
    state: RunState
    seconds: float = 0.0
    words: str = ""
    hint: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True, kw_only=True)
class _Running:
    run: SeatRun
    process: "subprocess.Popen[bytes]"
    started: float
    told: float | None = None
    """When it was asked to stop."""


def run_seats(
    runs: Sequence[SeatRun],
    *,
    command: Sequence[str],
    until: str | None = None,
    parallel: int,
    seat_deadline_s: float,
    clock: Clock,
    stop: threading.Event,
    on_done: Callable[[RunOutcome], None] = lambda _: None,
    on_tick: Callable[[Sequence[str]], None] = lambda _: None,
) -> list[RunOutcome]:
    """Run them; outcomes in their order. Nothing of a seat is raised.

    Args:
        runs: What to run.
        command: A visionlab of its own, to which "run FILE --json" is added.
        until: The step after which each run stops, or None.
        parallel: Processes at once.
        seat_deadline_s: Seconds after which a run is asked to stop, as Ctrl-C does; it can go on another time.
        clock: For deadlines and pauses.
        stop: Set to end early: what runs is asked to stop, waits for nothing long, and what is left is not begun.
        on_done: Hears of each end.
        on_tick: Hears now and then which seats run.
    """
    outcomes: dict[str, RunOutcome] = {}
    waiting = list(runs)
    running: list[_Running] = []
    try:
        while running or (waiting and not stop.is_set()):
            while waiting and len(running) < parallel and not stop.is_set():
                running.append(_start(waiting.pop(0), command, until, clock))
            for one in list(running):
                code = one.process.poll()
                now = clock.monotonic()
                if code is not None:
                    running.remove(one)
                    outcomes[one.run.seat] = outcome = _outcome(one, code, now)
                    on_done(outcome)
                elif one.told is not None and now - one.told > STOP_S:
                    one.process.kill()
                elif one.told is None and (stop.is_set() or now - one.started > seat_deadline_s):
                    _ask_to_stop(one.process)
                    one.told = now
            if running:
                on_tick([one.run.seat for one in running])
                clock.sleep(POLL_S)
    finally:
        for one in running:  # a second Ctrl-C: leave nobody behind
            one.process.kill()
            one.process.wait()
    return [outcomes.get(run.seat, RunOutcome(seat=run.seat, state=RunState.WAITING)) for run in runs]


def _start(run: SeatRun, command: Sequence[str], until: str | None, clock: Clock) -> _Running:
    """Start a run, in a group of its own: Ctrl-C is ours to pass on, once."""
    try:
        run.state_folder.mkdir(parents=True, exist_ok=True)
        with run.log.open("wb") as log, (run.state_folder / RESULT_FILE).open("wb") as result:
            process = subprocess.Popen(  # noqa: S603 # our own program, no shell
                [*command, "run", str(run.lab_file), "--json", *(("--until", until) if until else ())],
                stdin=subprocess.DEVNULL,
                stdout=result,
                stderr=log,
                cwd=run.lab_file.parent,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
    except OSError as exc:
        raise ConfigError(
            f"the run of {run.seat} cannot be started in {run.state_folder}: {exc.strerror or exc}",
            hint="check the folder's permissions and the free disk space",
        ) from exc
    return _Running(run=run, process=process, started=clock.monotonic())


def _ask_to_stop(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        os.kill(process.pid, signal.SIGINT)


def _outcome(one: _Running, code: int, now: float) -> RunOutcome:
    found = _result(one.run.state_folder / RESULT_FILE)
    seconds = now - one.started
    if code == 0:
        return RunOutcome(seat=one.run.seat, state=RunState.DONE, seconds=seconds, result=found)
    error: object = found.get("error")
    facts = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    said = str(facts.get("message") or (f"its process ended with code {code}; see {one.run.log}"))
    stopped = one.told is not None or code == 3 or code < 0
    hint: object = facts.get("hint")
    return RunOutcome(
        seat=one.run.seat,
        state=RunState.STOPPED if stopped else RunState.FAILED,
        seconds=seconds,
        words=said if len(said) <= MOST_WORDS else said[: MOST_WORDS - 1] + "\u2026",
        hint=hint if isinstance(hint, str) else None,
    )


def _result(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_RESULT_BYTES:
            return {}
        found: object = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
