"""The first of two passes: what a transform has to know of a file before it writes.

Owns: refusing files of which something cannot be read, for nobody would know where that belongs.
Leaves: reading to `walk.py`, deciding to the transforms.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automation.coco.columns import AnnotationColumns, Bools, Ints
from automation.coco.growing import Numbers, Whole
from automation.coco.images import ImageTable
from automation.coco.types import Category, Unit
from automation.coco.units import UnitFinder
from automation.coco.walk import Walk, indexes
from automation.errors import DatasetError, Finding, Severity
from automation.progress import Progress, silent

__all__ = ["Survey", "survey"]

Narrow = NDArray[np.int32]
Choice = Callable[[AnnotationColumns], Bools]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is in a file, n annotations of it.

    Attributes:
        images: In the order of the file.
        categories: In the order of the file.
        rows: int32 (n,), the image of each annotation.
        classes: int32 (n,), which of the categories it is of.
        chosen: bool (n,), what was asked of each annotation.
        ids: int (n,), NO_ID where there is none.
        unit: Of the boxes.
    """

    images: ImageTable
    categories: tuple[Category, ...]
    rows: Narrow
    classes: Narrow
    chosen: Bools
    ids: Whole
    unit: Unit


def _all(columns: AnnotationColumns) -> Bools:
    return np.ones(len(columns.ids), np.bool_)


def survey(path: Path, *, choice: Choice = _all, progress: Progress = silent) -> Survey:
    """Look at all of a file.

    Raises:
        ConfigError: There is no such file.
        DatasetError: Something in it cannot be read, two images or categories have one id, or an annotation names an
            image or a category that is not there.
    """
    walk = Walk(path, progress=progress)
    rows: list[NDArray[Any]] = []
    ids: list[NDArray[Any]] = []
    chosen: list[Bools] = []
    own, unit = Numbers(), UnitFinder()
    for columns in walk.annotations():
        rows.append(columns.rows.astype(np.int32))
        small = np.abs(columns.category_ids).max(initial=0) < np.iinfo(np.int32).max
        ids.append(columns.category_ids.astype(np.int32) if small else columns.category_ids)
        chosen.append(choice(columns))
        own.add(columns.ids)
        unit.add(columns.boxes)
    category_ids = np.array([category.id for category in walk.categories], np.int64)
    of_images: Narrow = np.concatenate(rows) if rows else np.empty(0, np.int32)
    classes = indexes(np.concatenate(ids) if ids else np.empty(0, np.int32), category_ids)
    findings = list(walk.findings)
    findings += _dangling("dangling-image", "image_id", of_images)
    findings += _dangling("dangling-category", "category_id", classes)
    findings += _twice("images", np.asarray(walk.images.ids, np.int64))
    findings += _twice("categories", category_ids)
    if findings:
        errors = [replace(finding, severity=Severity.ERROR) for finding in findings]
        raise DatasetError(
            f"{path.name} has to be sound first", findings=errors, hint=f"`visionlab dataset check {path}` says more"
        )
    return Survey(
        images=walk.images,
        categories=tuple(walk.categories),
        rows=of_images,
        classes=classes,
        chosen=np.concatenate(chosen) if chosen else np.empty(0, np.bool_),
        ids=own.all,
        unit=unit.found,
    )


def _dangling(code: str, key: str, found: Narrow) -> list[Finding]:
    lost = np.flatnonzero(found < 0)
    message = f"{len(lost):,} annotations name what is not there; this is the first"
    where = f"/annotations/{lost[0]}/{key}" if len(lost) else ""
    return [Finding(code=code, severity=Severity.ERROR, where=where, message=message)] if len(lost) else []


def _twice(section: str, ids: Ints) -> list[Finding]:
    found, counts = np.unique(ids, return_counts=True)
    if (counts == 1).all():
        return []
    message = f"the id {found[counts > 1][0]} stands there twice"
    return [Finding(code="id-duplicate", severity=Severity.ERROR, where=f"/{section}", message=message)]
