"""A worker process over a job folder: start it, watch it, stop it, and say how it ended.

Owns: the process and the files job.json, progress.json, cancel, result.json.
Leaves: what is in the job to the callers, the work to the process.

The worker ends with this process, whatever happens to it: its standard input is a pipe that we hold.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from localazure.lane import Stop

__all__ = ["WorkerEnd", "WorkerTimes", "run_worker"]

_LOG_TAIL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTimes:
    """How often to look, and how long to wait before being less polite."""

    look_s: float = 0.1
    cancel_s: float = 5.0
    terminate_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerEnd:
    """`result` is result.json, or None when the process ended without one; `log` is the end of what it printed."""

    result: Mapping[str, Any] | None
    exit_code: int
    out_of_time: bool
    log: str


def run_worker(
    command: Sequence[str],
    folder: Path,
    job: Mapping[str, Any],
    *,
    stop: Stop,
    limit_s: float,
    times: WorkerTimes,
    on_progress: Callable[[Mapping[str, Any]], None],
) -> WorkerEnd:
    """Run `command FOLDER` to its end. Blocks; returns within seconds of `stop`, at once when the service closes."""
    (folder / "job.json").write_bytes(msgspec.json.encode(job))
    log_path = folder / "worker.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 the command is ours, the folder too
            [*command, str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        out_of_time = _watch(process, folder, stop=stop, limit_s=limit_s, times=times, on_progress=on_progress)
        if not stop.closing:
            _end(process, folder, times)
    finally:
        if process.poll() is None:
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        exit_code = process.wait()
    return WorkerEnd(
        result=_read_object(folder / "result.json"),
        exit_code=exit_code,
        out_of_time=out_of_time,
        log=_tail(log_path),
    )


def _watch(
    process: "subprocess.Popen[bytes]",
    folder: Path,
    *,
    stop: Stop,
    limit_s: float,
    times: WorkerTimes,
    on_progress: Callable[[Mapping[str, Any]], None],
) -> bool:
    """Until the process ends, is to stop, or has had its time (True)."""
    seen: Mapping[str, Any] | None = None
    left_s = limit_s
    while process.poll() is None and not stop.asked:
        if left_s <= 0:
            return True
        progress = _read_object(folder / "progress.json")
        if progress is not None and progress != seen:
            on_progress(progress)
            seen = progress
        try:
            process.wait(times.look_s)
        except subprocess.TimeoutExpired:
            left_s -= times.look_s
    return False


def _end(process: "subprocess.Popen[bytes]", folder: Path, times: WorkerTimes) -> None:
    """Ask, then insist."""
    if process.poll() is not None:
        return
    (folder / "cancel").touch()
    for insist, patience_s in ((None, times.cancel_s), (process.terminate, times.terminate_s)):
        if insist is not None:
            insist()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()


def _read_object(path: Path) -> Mapping[str, Any] | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _tail(path: Path) -> str:
    data = path.read_bytes()[-_LOG_TAIL_BYTES:]
    return data.decode("utf-8", errors="replace")
