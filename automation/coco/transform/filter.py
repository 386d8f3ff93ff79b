"""The images and annotations of a file that somebody wants.

Owns: what can be wished for. Leaves: writing to `selecting.py`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automation.coco.columns import AnnotationColumns, Bools
from automation.coco.transform.selecting import Part, write_parts
from automation.coco.transform.survey import Survey, survey
from automation.errors import ConfigError
from automation.nearest import hint_for
from automation.progress import Progress, silent

__all__ = ["Wish", "filter_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to stay; all of it holds at once.

    Attributes:
        classes: Only annotations of these categories, and only these categories; () for all.
        without: No annotations of these categories.
        names: Only images whose file name this expression is found in.
        least_area: Only boxes of at least this area, in the unit of the file; labels without a box stay.
        most_area: Likewise.
        least_side: Only boxes whose shorter side is at least so long, in the unit of the file.
        crowd: Only annotations that are of a crowd (iscrowd 1), or only others; None for both.
        labelled: Only images on which an annotation stays.
    """

    classes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    names: re.Pattern[str] | None = None
    least_area: float | None = None
    most_area: float | None = None
    least_side: float | None = None
    crowd: bool | None = None
    labelled: bool = False

    def suits(self, columns: AnnotationColumns) -> Bools:
        """Which annotations are of a wanted size and kind."""
        sides = np.where(columns.boxed[:, None], columns.boxes[:, 2:], np.nan)
        areas = sides[:, 0] * sides[:, 1]
        wrong = np.zeros(len(areas), np.bool_)
        if self.least_area is not None:
            wrong |= areas < self.least_area
        if self.most_area is not None:
            wrong |= areas > self.most_area
        if self.least_side is not None:
            wrong |= sides.min(axis=1) < self.least_side
        if self.crowd is not None:
            wrong |= (columns.crowds == 1) != self.crowd
        return ~wrong


def filter_file(source: Path, out: Path, wish: Wish, *, progress: Progress = silent) -> Part:
    """Write what is wished for.

    Raises:
        ConfigError: There is no such file, or no such class in it.
        DatasetError: It is not sound.
        Refused: The new file would be the old one.
    """
    seen = survey(source, choice=wish.suits, progress=progress)
    wanted = _categories(seen, wish, source.name)
    stays = seen.chosen & wanted[seen.classes] if len(wanted) else seen.chosen
    images = np.ones(len(seen.images), np.bool_)
    if wish.names is not None:
        names = seen.images.names(range(len(images)))
        images = np.array([wish.names.search(name) is not None for name in names], np.bool_)
    stays = stays & images[seen.rows]
    if wish.labelled:
        images = images & (np.bincount(seen.rows[stays], minlength=len(images)) > 0)
    kept = {"images": images, "annotations": stays, "categories": wanted}
    targets = {section: mask.astype(np.int8) - np.int8(1) for section, mask in kept.items()}
    return write_parts(source, [out], targets, progress=progress)[0]


def _categories(seen: Survey, wish: Wish, file: str) -> Bools:
    there = [category.name for category in seen.categories]
    for name in (*wish.classes, *wish.without):
        if name not in there:
            hint = hint_for(name, there, otherwise=f"it has {len(there)} others")
            raise ConfigError(f"there is no class {name!r} in {file}", hint=hint)
    named = [name in wish.classes or not wish.classes for name in there]
    return np.array([yes and name not in wish.without for yes, name in zip(named, there, strict=True)], np.bool_)
