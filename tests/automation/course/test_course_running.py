"""Runs for seats: a process each, few at once, and what becomes of each whatever happens to the others."""

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from automation.clock import SystemClock
from automation.course.running import RunOutcome, RunState, SeatRun, run_seats
from automation.errors import ConfigError

# Does what the lab file's name says, with the words of `visionlab run --json`.
STAND_IN = """
import json, os, signal, sys
verb, file, as_json = sys.argv[1:]
assert (verb, as_json) == ("run", "--json")
match file.rpartition("/")[2].partition("-")[0]:
    case "good":
        print(json.dumps({"models": {"finder": {"meanAveragePrecision50": 0.5}}}))
    case "bad":
        print(json.dumps({"error": {"message": "step train failed", "hint": "mend it"}}))
        sys.exit(1)
    case "odd":
        print("no json")
        sys.exit(70)
    case "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    case "slow":
        signal.signal(signal.SIGINT, lambda *_: (print(json.dumps({"error": {"message": "stopped"}})), sys.exit(3)))
        print("ready", os.getpid(), file=sys.stderr, flush=True)
        while True:
            signal.pause()
"""
COMMAND = (sys.executable, "-c", STAND_IN)


def a_run(tmp_path: Path, name: str) -> SeatRun:
    folder = tmp_path / name
    folder.mkdir()
    return SeatRun(seat=name, lab_file=folder / f"{name}-lab.yaml", state_folder=folder / ".visionlab")


def run(runs: Sequence[SeatRun], *, parallel: int = 2, stop: threading.Event | None = None) -> list[RunOutcome]:
    return run_seats(
        runs,
        command=COMMAND,
        parallel=parallel,
        seat_deadline_s=50.0,
        clock=SystemClock(),
        stop=stop or threading.Event(),
    )


def test_every_seat_gets_its_turn_whatever_becomes_of_the_others(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, name) for name in ("bad", "good", "odd", "killed")]

    bad, good, odd, killed = run(runs)

    assert (bad.state, bad.words, bad.hint) == (RunState.FAILED, "step train failed", "mend it")
    assert (good.state, good.words) == (RunState.DONE, "")
    assert good.result == {"models": {"finder": {"meanAveragePrecision50": 0.5}}}
    assert (odd.state, odd.words) == (
        RunState.FAILED,
        f"its process ended with code 70; see {tmp_path}/odd/.visionlab/run.log",
    )
    assert killed.state is RunState.STOPPED


def test_no_more_run_at_once_than_was_said(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, f"good-{index}") for index in range(5)]
    seen: list[int] = []

    run_seats(
        runs,
        command=COMMAND,
        parallel=2,
        seat_deadline_s=50.0,
        clock=SystemClock(),
        stop=threading.Event(),
        on_tick=lambda names: seen.append(len(names)),
    )

    assert max(seen) == 2


def test_a_stop_asks_what_runs_to_end_and_begins_nothing_more(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, "slow"), a_run(tmp_path, "good")]
    stop = threading.Event()

    def when_ready(_: Sequence[str]) -> None:
        if "ready" in runs[0].log.read_text():
            stop.set()

    outcomes = run_seats(
        runs,
        command=COMMAND,
        parallel=1,
        seat_deadline_s=50.0,
        clock=SystemClock(),
        stop=stop,
        on_tick=when_ready,
    )

    assert [(found.state, found.words) for found in outcomes] == [
        (RunState.STOPPED, "stopped"),
        (RunState.WAITING, ""),
    ]


def test_a_seat_that_takes_too_long_is_stopped_and_the_next_begins(tmp_path: Path) -> None:
    late = SystemClock()
    runs = [a_run(tmp_path, "slow"), a_run(tmp_path, "good")]

    class Jumping(SystemClock):
        """An hour passes as soon as the slow one is ready."""

        def monotonic(self) -> float:
            ready = runs[0].log.exists() and "ready" in runs[0].log.read_text()
            return late.monotonic() + (20.0 if ready else 0.0)

    outcomes = run_seats(
        runs, command=COMMAND, parallel=1, seat_deadline_s=15.0, clock=Jumping(), stop=threading.Event()
    )

    assert [found.state for found in outcomes] == [RunState.STOPPED, RunState.DONE]


def test_nobody_is_left_behind_when_we_are_interrupted(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, "slow")]

    def interrupt(_: Sequence[str]) -> None:
        if "ready" in runs[0].log.read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_seats(
            runs,
            command=COMMAND,
            parallel=1,
            seat_deadline_s=50.0,
            clock=SystemClock(),
            stop=threading.Event(),
            on_tick=interrupt,
        )
    with pytest.raises(ProcessLookupError):
        os.kill(int(runs[0].log.read_text().split()[1]), 0)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = a_run(tmp_path, "good")
    blocked.state_folder.write_text("a file in the way")
    with pytest.raises(ConfigError, match="the run of good cannot be started"):
        run([blocked])
