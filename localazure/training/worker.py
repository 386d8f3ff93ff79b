"""The training process: `python -m localazure.training.worker JOB_DIR`.

Owns: doing one job and telling how it ended: with `result.json`, or with an exit code that is not 0. It stops
within a second or two when a file `cancel` appears, on SIGTERM, and when its standard input ends: the server holds the
other end of that pipe, so a training never outlives its server.
Leaves: the files to `job.py`, the work to `run.py`.
"""

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

# Before numpy is loaded: one thread is fastest beside other work, and makes the same seed give the same weights.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

from localazure.training import job as jobs  # noqa: E402 - after the threads are chosen
from localazure.training.errors import FailureCode, NotEnoughBudget, TrainingCancelled, TrainingFailed  # noqa: E402 - as above
from localazure.training.job import Job, JobError, Result  # noqa: E402 - as above

__all__ = ["main"]

_PROGRESS_EVERY_S = 0.25
_ORPHAN_PATIENCE_S = 3.0


class _Stop:
    """Whether and why to stop: asked by file or signal, or out of time."""

    def __init__(self, folder: Path, budget_s: float) -> None:
        self._file = jobs.cancel_file(folder)
        self._deadline = time.monotonic() + budget_s
        self._asked = threading.Event()
        self.out_of_time = False

    def ask(self) -> None:
        self._asked.set()

    def __call__(self) -> bool:
        self.out_of_time = time.monotonic() > self._deadline
        return self.out_of_time or self._asked.is_set() or self._file.exists()


class _Reporter:
    """Writes progress, a few times a second at most."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last = -_PROGRESS_EVERY_S
        self._stage = ""

    def __call__(self, fraction: float, stage: str, detail: str) -> None:
        now = time.monotonic()
        if stage != self._stage or fraction >= 1 or now - self._last >= _PROGRESS_EVERY_S:
            self._last, self._stage = now, stage
            jobs.write_progress(self._folder, fraction=fraction, stage=stage, detail=detail)


def main(arguments: Sequence[str]) -> int:
    """Do the job in this folder."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m localazure.training.worker JOB_DIR\n")
        return 2
    folder = Path(arguments[0])
    try:
        job = jobs.read_job(folder)
    except JobError as exc:
        jobs.write_result(folder, Result(status="failed", code="datasetCorrupt", message=str(exc)))
        return 0
    stop = _Stop(folder, job.budget_s)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.ask())
    threading.Thread(target=_stop_with_stdin, args=(stop,), daemon=True).start()
    jobs.write_result(folder, _outcome(job, folder, stop))
    return 0


def _stop_with_stdin(stop: _Stop) -> None:
    """Whoever started us is gone when our standard input ends: stop, and if that takes too long, leave."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(0, 4096):
            pass
    stop.ask()
    time.sleep(_ORPHAN_PATIENCE_S)
    os._exit(3)


def _outcome(job: Job, folder: Path, stop: _Stop) -> Result:
    """Train and measure; whatever goes wrong becomes a result that says what."""
    started = time.monotonic()
    try:
        from localazure.training.run import run_job  # late: it loads numpy and OpenCV

        metrics, source = run_job(job, folder, progress=_Reporter(folder), cancelled=stop)
    except TrainingCancelled:
        slow = f"the budget of {job.budget_s:.0f} s was over before the training; this machine is slower than expected"
        return _failed(NotEnoughBudget.code, slow) if stop.out_of_time else Result(status="cancelled")
    except TrainingFailed as exc:
        return _failed(exc.code, str(exc))
    except Exception as exc:  # noqa: BLE001 - the border of the process: what nobody foresaw is told, not lost
        traceback.print_exc()
        return _failed("unknown", _reason(exc))
    seconds = round(time.monotonic() - started, 3)
    return Result(status="succeeded", metrics=metrics, metrics_from=source, seconds=seconds)


def _failed(code: FailureCode, message: str) -> Result:
    return Result(status="failed", code=code, message=message)


def _reason(exc: Exception) -> str:
    if isinstance(exc, MemoryError):
        return "the machine has not enough free memory for this training"
    if isinstance(exc, OSError):
        return f"{exc.strerror or exc} ({exc.filename or 'while writing'})"
    return f"{type(exc).__name__}: {exc}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
