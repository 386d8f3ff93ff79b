"""What all experiments share: the tables, the pictures, the worker process, and how far a run has come.

Owns: running one job in a process, what its failures are called, progress in memory.
Leaves: what the jobs are to `trainings.py`, `inferences.py` and `clusterings.py`.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localazure.clock import Clock
from localazure.few_at_once import Interrupted
from localazure.job_folders import Folders
from localazure.labeling.assist.experiments import Experiment, Experiments
from localazure.labeling.assist.material import Material, Sample
from localazure.labeling.history import History
from localazure.labeling.tables import Tables
from localazure.lane import Stop
from localazure.worker_process import WorkerEnd, WorkerTimes, run_worker

__all__ = ["AssistWork", "Bench", "Board", "ExperimentFailed", "Progress"]

_TOLD_EVERY = 0.05


class ExperimentFailed(Exception):
    """The experiment ends as Failed. The message is for people who label."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistWork:
    """`command` starts the worker; the job folder is appended. Batches and bounds count pictures."""

    command: Sequence[str]
    first_batch: int = 16
    batch: int = 64
    most_measured: int = 5_000
    grace_s: float = 120.0
    picture_s: float = 20.0
    times: WorkerTimes = field(default_factory=WorkerTimes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`fraction` is 0..1, `stage` a word or two."""

    fraction: float
    stage: str


class Board:
    """How far running experiments are. Gone with the process, as the work is. `told` hears of larger steps."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._reports: dict[tuple[int, int], Progress] = {}
        self._last: dict[tuple[int, int], float] = {}

    def of(self, project: int, number: int) -> Progress | None:
        with self._lock:
            return self._reports.get((project, number))

    def put(self, experiment: Experiment, fraction: float, stage: str) -> None:
        key = (experiment.project, experiment.number)
        fraction = round(min(max(fraction, 0.0), 1.0), 4)
        with self._lock:
            self._reports[key] = Progress(fraction=fraction, stage=stage)
            news = abs(fraction - self._last.get(key, -1.0)) >= _TOLD_EVERY
            if news:
                self._last[key] = fraction
        if news:
            self._told(experiment.project)

    def drop(self, project: int, number: int) -> None:
        with self._lock:
            self._reports.pop((project, number), None)
            self._last.pop((project, number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    tables: Tables
    clock: Clock
    history: History
    experiments: Experiments
    material: Material
    folders: Folders
    board: Board
    work: AssistWork

    def run_job(
        self,
        experiment: Experiment,
        folder: Path,
        job: Mapping[str, Any],
        samples: Sequence[Sample],
        *,
        stop: Stop,
        limit_s: float,
        progress: Callable[[float, str], None],
    ) -> Mapping[str, Any]:
        """The worker's result. Raises ExperimentFailed with a message that names pictures as people do, Interrupted."""

        def on_progress(report: Mapping[str, Any]) -> None:
            fraction = report.get("fraction")
            if isinstance(fraction, int | float):
                progress(float(fraction), str(report.get("stage", "")))

        end = run_worker(
            self.work.command,
            folder,
            job,
            stop=stop,
            limit_s=limit_s,
            times=self.work.times,
            on_progress=on_progress,
        )
        result = end.result or {}
        status = result.get("status")
        if status == "succeeded":
            return result
        if stop.asked:
            raise Interrupted
        self.folders.keep_log(f"project-{experiment.project}-experiment-{experiment.number}", end.log)
        if status == "failed":
            code = str(result.get("code", "unknown"))
            raise ExperimentFailed(code, _with_paths(str(result.get("message", "")), samples))
        raise _crash(end)


def _with_paths(message: str, samples: Sequence[Sample]) -> str:
    """The worker knows files by number, people know pictures by path."""
    for sample in samples:
        if sample.file and sample.file in message:
            return message.replace(sample.file, sample.path)
    return message


def _crash(end: WorkerEnd) -> ExperimentFailed:
    if end.out_of_time:
        return ExperimentFailed("OutOfTime", "The process did not end within its time and was stopped.")
    how = f"signal {-end.exit_code}" if end.exit_code < 0 else f"exit code {end.exit_code}"
    return ExperimentFailed("WorkerEnded", f"The process ended without a result ({how}).")
