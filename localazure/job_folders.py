"""The files of a service that works in processes: model files, job folders, logs of failed jobs.

Owns: where they lie, and that nothing is left behind. Leaves: their contents to others.
"""

import os
import shutil
import uuid
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Folders"]

_KEPT_LOGS = 50


class Folders:
    """Everything lies below one folder that only its owner may enter."""

    def __init__(self, root: Path) -> None:
        self._models = root / "models"
        self._jobs = root / "jobs"
        self._logs = root / "logs"
        for folder in (root, self._models, self._jobs, self._logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def job(self) -> Generator[Path]:
        """A new folder for one job; it is gone afterwards."""
        folder = self._jobs / uuid.uuid4().hex
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep_model(self, made: Path) -> str:
        """Take a model file over from a job folder, durably, and return its new name."""
        name = f"{uuid.uuid4().hex}.vlm"
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(self._models / name)
        return name

    def model(self, name: str) -> Path:
        return self._models / name

    def drop_model(self, name: str) -> None:
        (self._models / name).unlink(missing_ok=True)

    def keep_log(self, name: str, text: str) -> None:
        """The end of what a failed worker printed; the newest are kept."""
        (self._logs / f"{name}.log").write_text(text, encoding="utf-8")
        oldest_first = sorted(self._logs.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in oldest_first[:-_KEPT_LOGS]:
            path.unlink(missing_ok=True)

    def clean(self, models_in_use: Iterable[str]) -> None:
        """After a start: remove job folders of the process before, and model files that nobody knows."""
        for folder in self._jobs.iterdir():
            shutil.rmtree(folder, ignore_errors=True)
        known = set(models_in_use)
        for path in self._models.iterdir():
            if path.name not in known:
                path.unlink(missing_ok=True)
