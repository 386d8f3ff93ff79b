"""Builds the labeling service for `app.py`.

Owns: where its tables lie. Leaves: mounting and closing to `app.py`.
"""

from pathlib import Path

from localazure.blobs import Blobs
from localazure.clock import Clock
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
) -> LabelingService:
    """Tasks lie in `labeling.sqlite3` in the state folder; without one they are kept in memory."""
    database = None if state_dir is None else state_dir / "labeling.sqlite3"
    return LabelingService(
        store=store,
        clock=clock,
        operations=operations,
        blobs=blobs,
        resources=resources,
        assets=assets,
        database=database,
    )
