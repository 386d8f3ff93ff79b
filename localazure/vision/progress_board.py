"""How far running work is: kept in memory, gone with the process, as the work is.

Owns: the latest report of each run. Leaves: showing it to `wire.py`. Azure tells nobody; we do, in a field of our own.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localazure.lane import WorkKey

__all__ = ["ProgressBoard", "RunProgress", "staging_progress", "worker_progress"]

_STAGED = 0.05
"""The share of the whole that copying the pictures is shown as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """`fraction` is 0..1, `stage` a word or two."""

    fraction: float
    stage: str


class ProgressBoard:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports: dict[WorkKey, RunProgress] = {}

    def of(self, account_id: str, *name: str) -> RunProgress | None:
        with self._lock:
            return self._reports.get((account_id.lower(), *name))

    def put(self, key: WorkKey, progress: RunProgress) -> None:
        with self._lock:
            self._reports[key] = progress

    def drop(self, key: WorkKey) -> None:
        with self._lock:
            self._reports.pop(key, None)


def staging_progress(board: ProgressBoard, key: WorkKey) -> Callable[[int, int], None]:
    """For the stager: so many of so many pictures are here."""
    return lambda done, count: board.put(key, RunProgress(fraction=_STAGED * done / count, stage="reading pictures"))


def worker_progress(board: ProgressBoard, key: WorkKey) -> Callable[[Mapping[str, Any]], None]:
    """For the worker's progress.json."""

    def put(report: Mapping[str, Any]) -> None:
        fraction, stage = report.get("fraction"), report.get("stage")
        if isinstance(fraction, int | float):
            whole = _STAGED + (1 - _STAGED) * min(max(float(fraction), 0.0), 1.0)
            board.put(key, RunProgress(fraction=whole, stage=str(stage or "")))

    return put
