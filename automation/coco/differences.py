"""What changed between two COCO files: images, classes and boxes, whatever ids they have.

Owns: knowing images by file name and classes by name. Leaves: labels to `label_pairs.py`, reading to `walk.py`, showing
to the CLI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automation.coco.columns import Floats, Ints
from automation.coco.label_pairs import BoxChange, ClassChange, Labels, Tally, pair
from automation.coco.types import Unit
from automation.coco.units import UnitFinder
from automation.coco.walk import Walk, indexes
from automation.errors import ConfigError, DatasetError
from automation.progress import Progress, silent

__all__ = ["BoxChange", "ClassChange", "Differences", "compare_files"]

_DIGITS = {Unit.PIXELS: 2, Unit.NORMALISED: 6}
_NO_BOX = -1.0  # stands for "no box", so that labels without one find each other too


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What a second file has otherwise than a first one.

    Attributes:
        images_added: File names, sorted; so with `images_removed`.
        images_resized: File names of images whose size is stated otherwise.
        images_same: How many images both files have.
        classes_added: Names, in the order of the file; so with `classes_removed`.
        classes: Counts, of labels on images that both files have, and on others.
        same: Labels that are as they were.
        changes: The labels that changed, at most 100; `changed` says how many there are of each kind.
    """

    images_added: tuple[str, ...]
    images_removed: tuple[str, ...]
    images_resized: tuple[str, ...]
    images_same: int
    classes_added: tuple[str, ...]
    classes_removed: tuple[str, ...]
    classes: tuple[ClassChange, ...]
    same: int
    changed: dict[str, int]
    changes: tuple[BoxChange, ...]

    @property
    def none(self) -> bool:
        """Whether the files say the same."""
        lists = (self.images_added, self.images_removed, self.images_resized, self.classes_added, self.classes_removed)
        return not any(lists) and not any(self.changed.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One side. `rows` and `classes` are of its own tables; `boxes` float (n, 4), -1 where there is none."""

    names: Sequence[str]
    sizes: Floats
    classes_named: Sequence[str]
    rows: Ints
    classes: Ints
    boxes: Floats
    unit: Unit


def compare_files(old: Path, new: Path, *, least_iou: float = 0.5, progress: Progress = silent) -> Differences:
    """Compare two files.

    Args:
        old: A COCO file.
        new: Another one.
        least_iou: Two boxes of one image are the same thing when they overlap by so much, 0 to 1.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file, or `least_iou` is no share.
        DatasetError: One cannot be read, or has one file name twice, or their boxes are measured differently.
    """
    if not 0 < least_iou <= 1:
        raise ConfigError(f"{least_iou:g} is no overlap", hint="give more than 0 and at most 1")
    before, after = _read(old, progress), _read(new, progress)
    if {before.unit, after.unit} == {Unit.PIXELS, Unit.NORMALISED}:
        raise DatasetError(
            "the files measure their boxes differently",
            findings=(),
            hint="bring them to one unit first: `visionlab dataset convert`",
        )
    images = list(dict.fromkeys([*before.names, *after.names]))
    classes = list(dict.fromkeys([*before.classes_named, *after.classes_named]))
    return _compared(before, after, images, classes, least_iou)


def _read(path: Path, progress: Progress) -> _File:
    walk, finder = Walk(path, progress=progress, doing="comparing"), UnitFinder()
    rows: list[Ints] = []
    ids: list[Ints] = []
    boxes: list[Floats] = []
    for columns in walk.annotations():
        finder.add(columns.boxes)
        rows.append(columns.rows)
        ids.append(columns.category_ids)
        boxes.append(np.where(columns.boxed[:, None], columns.boxes, _NO_BOX))
    classes = indexes(np.concatenate(ids), np.array([c.id for c in walk.categories], np.int64)) if ids else np.empty(0)
    of = np.concatenate(rows) if rows else np.empty(0, np.int64)
    if walk.findings or (of < 0).any() or (classes < 0).any():
        raise DatasetError(
            f"{path.name} has to be sound first",
            findings=walk.findings,
            hint=f"`visionlab dataset check {path}` says what is wrong",
        )
    names = walk.images.names(range(len(walk.images)))
    if len(set(names)) < len(names):
        raise DatasetError(
            f"{path.name} has a file name twice, so its images cannot be told apart",
            findings=(),
            hint=f"`visionlab dataset check {path}` says which",
        )
    return _File(
        names=names,
        sizes=walk.images.sizes,
        classes_named=[category.name for category in walk.categories],
        rows=of.astype(np.int64),
        classes=classes.astype(np.int64),
        boxes=np.concatenate(boxes) if boxes else np.empty((0, 4)),
        unit=finder.found,
    )


def _compared(before: _File, after: _File, images: list[str], classes: list[str], least_iou: float) -> Differences:
    image_numbers = {name: number for number, name in enumerate(images)}
    class_numbers = {name: number for number, name in enumerate(classes)}
    unit = before.unit if before.unit in _DIGITS else after.unit
    digits = _DIGITS.get(unit, 2)
    old, new = (_labels(file, image_numbers, class_numbers, digits) for file in (before, after))
    tally = Tally(images, classes)
    pair(old, new, tally, least_iou=least_iou)
    there, here = set(before.names), set(after.names)
    sizes: dict[str, list[float]] = dict(zip(before.names, before.sizes.tolist(), strict=True))
    stated: list[tuple[str, list[float]]] = list(zip(after.names, after.sizes.tolist(), strict=True))
    resized = [name for name, size in stated if sizes.get(name, size) != size]
    return Differences(
        images_added=tuple(sorted(here - there)),
        images_removed=tuple(sorted(there - here)),
        images_resized=tuple(sorted(resized)),
        images_same=len(here & there),
        classes_added=tuple(name for name in after.classes_named if name not in before.classes_named),
        classes_removed=tuple(name for name in before.classes_named if name not in after.classes_named),
        classes=tally.of_classes(old.classes, new.classes),
        same=int(tally.counts["same"].sum()),
        changed={kind: int(tally.counts[kind].sum()) for kind in ("added", "removed", "moved", "relabelled")},
        changes=tuple(tally.examples),
    )


def _labels(file: _File, images: Mapping[str, int], classes: Mapping[str, int], digits: int) -> Labels:
    of_image = np.array([images[name] for name in file.names], np.int64)
    of_class = np.array([classes[name] for name in file.classes_named], np.int64)
    return Labels(images=of_image[file.rows], classes=of_class[file.classes], boxes=file.boxes, digits=digits)
