"""Builds the vision service for `app.py`.

Owns: the commands of the worker processes and where files lie. Leaves: mounting and closing to `app.py`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.store import Store
from localazure.vision.loaded_model import load_look
from localazure.vision.seams import Accounts
from localazure.vision.service import VisionService, VisionSettings
from localazure.vision.trainings import no_fault

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
    training_fault: Callable[[str], str | None] = no_fault,
    trained: Callable[[str, float], None] = lambda _account, _seconds: None,
    looked: Callable[[str], None] = lambda _account: None,
) -> VisionService:
    """`start()` it when blobs can be read, `close()` it at the end."""
    python = (sys.executable, "-m")
    return VisionService(
        store=store,
        clock=clock,
        accounts=accounts,
        blobs=blobs,
        folder=state_dir / "vision",
        load_look=load_look,
        settings=VisionSettings(
            training_command=(*python, "localazure.training.worker"),
            evaluation_command=(*python, "localazure.vision.evaluation_worker"),
            retired=retired,
            trainings_at_once=trainings_at_once,
            training_fault=training_fault,
            trained=trained,
            looked=looked,
        ),
    )
