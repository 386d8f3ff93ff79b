"""Builds the vision service for `app.py`.

Owns: the commands of the worker processes and where files lie. Leaves: mounting and closing to `app.py`.
"""

import sys
from pathlib import Path

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.store import Store
from localazure.vision.seams import Accounts, LoadedModel
from localazure.vision.service import VisionService, VisionSettings

__all__ = ["build_vision"]


def build_vision(
    store: Store,
    clock: Clock,
    accounts: Accounts,
    blobs: Blobs,
    state_dir: Path,
    *,
    retired: bool = False,
    trainings_at_once: int = 1,
) -> VisionService:
    """A service that has started; `close()` it at the end."""
    python = (sys.executable, "-m")
    service = VisionService(
        store=store,
        clock=clock,
        accounts=accounts,
        blobs=blobs,
        folder=state_dir / "vision",
        load_model=_load,
        settings=VisionSettings(
            training_command=(*python, "localazure.training.worker"),
            evaluation_command=(*python, "localazure.vision.evaluation_worker"),
            retired=retired,
            trainings_at_once=trainings_at_once,
        ),
    )
    service.start()
    return service


def _load(path: Path) -> LoadedModel:
    from localazure.training import load_model  # numpy and OpenCV come with it

    return load_model(path)
