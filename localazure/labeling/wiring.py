"""Builds the labeling service for `app.py`.

Owns: where its tables and models lie, the command of the worker process. Leaves: mounting and closing to `app.py`.
"""

import sys
from pathlib import Path

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.labeling.assist import AssistWork
from localazure.labeling.seams import Assets, Resources
from localazure.labeling.service import LabelingService
from localazure.operations import Operations
from localazure.store import Store

__all__ = ["build_labeling"]


def build_labeling(
    store: Store,
    clock: Clock,
    operations: Operations,
    blobs: Blobs,
    resources: Resources,
    *,
    assets: Assets,
    state_dir: Path | None = None,
    assist_work: AssistWork | None = None,
) -> LabelingService:
    """Tasks lie in `labeling.sqlite3` in the state folder; without one they are kept in memory.

    `start()` it when blobs can be read, `close()` it at the end.
    """
    database = None if state_dir is None else state_dir / "labeling.sqlite3"
    return LabelingService(
        store=store,
        clock=clock,
        operations=operations,
        blobs=blobs,
        resources=resources,
        assets=assets,
        database=database,
        models=None if state_dir is None else state_dir / "assist",
        assist_work=assist_work or AssistWork(command=(sys.executable, "-m", "localazure.labeling.assist.worker")),
    )
