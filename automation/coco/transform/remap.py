"""Other classes: renamed, made one, left out, in another order, with other ids.

Owns: the new list of classes. Leaves: numbers in text to `renumbering.py`, writing to `rewriting_entries.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from automation.coco.scan import Entries
from automation.coco.transform.renumbering import renumbered
from automation.coco.transform.rewriting_entries import write_changed
from automation.coco.transform.selecting import Part, walked
from automation.coco.transform.survey import Survey, survey
from automation.coco.types import Category
from automation.errors import ConfigError
from automation.nearest import hint_for
from automation.progress import Progress, silent

__all__ = ["Remapped", "remap_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remapped:
    """A file with other classes.

    Attributes:
        part: It.
        classes: For each class of the old file its name there, its name now (None: left out), its id now, and how many
            annotations it had.
    """

    part: Part
    classes: tuple[tuple[str, str | None, int | None, int], ...]


def remap_file(
    source: Path,
    out: Path,
    *,
    names: Mapping[str, str],
    drop: Sequence[str] = (),
    order: Sequence[str] = (),
    renumber: bool = False,
    progress: Progress = silent,
) -> Remapped:
    """Write the file with other classes. Images stay, also those whose labels go.

    Args:
        source: A COCO file.
        out: The new file.
        names: New names, by old name; classes of one name become one, which has the first one's id.
        drop: Old names of classes that go, with their annotations.
        order: New names, in the order in which they are to be listed; others follow in the order of the file.
        renumber: Whether ids become 1, 2, 3 in the order of the list.
        progress: Is told how far it is, in bytes.

    Raises:
        ConfigError: There is no such file, or no such class, or a class is both renamed and dropped.
        DatasetError: It is not sound.
        Refused: The new file would be the old one.
    """
    seen = survey(source, progress=progress)
    _known([*names, *drop], [category.name for category in seen.categories], source.name)
    if both := sorted(set(names) & set(drop)):
        raise ConfigError(f"class {both[0]!r} cannot be renamed and dropped", hint="do one of the two")
    kept = _kept(seen, names, drop)
    _known(order, kept, source.name)
    ranked = sorted(kept.values(), key=lambda c: order.index(c.name) if c.name in order else len(order))
    if renumber:
        ranked = [Category(id=number, name=c.name, extra=c.extra) for number, c in enumerate(ranked, 1)]
    ids = {category.name: category.id for category in ranked}
    new_ids = [None if c.name in drop else ids[names.get(c.name, c.name)] for c in seen.categories]
    changed = _Changed(seen, ranked, new_ids)
    part = write_changed(
        source, out, {"annotations": changed.annotations, "categories": changed.categories}, progress=progress
    )
    counts = np.bincount(seen.classes, minlength=len(new_ids)).tolist()
    told = [
        (category.name, None if number is None else names.get(category.name, category.name), number, count)
        for category, number, count in zip(seen.categories, new_ids, counts, strict=True)
    ]
    return Remapped(part=part, classes=tuple(told))


def _known(names: Sequence[str], there: Sequence[str] | Mapping[str, object], file: str) -> None:
    for name in names:
        if name not in there:
            hint = hint_for(name, list(there), otherwise=f"it has {len(there)} others")
            raise ConfigError(f"there is no class {name!r} in {file}", hint=hint)


def _kept(seen: Survey, names: Mapping[str, str], drop: Sequence[str]) -> dict[str, Category]:
    """The classes that stay, by new name."""
    kept: dict[str, Category] = {}
    for category in seen.categories:
        if category.name not in drop:
            name = names.get(category.name, category.name)
            kept.setdefault(name, Category(id=category.id, name=name, extra=category.extra))
    return kept


class _Changed:
    """The two sections that become others."""

    def __init__(self, seen: Survey, ranked: Sequence[Category], new_ids: Sequence[int | None]) -> None:
        self._seen = seen
        self._listed = [json.dumps({**c.extra, "id": c.id, "name": c.name}).encode() for c in ranked]
        self._stays = np.array([number is not None for number in new_ids], np.bool_)
        self._ids = np.array([0 if number is None else number for number in new_ids], np.int64)
        old = np.array([category.id for category in seen.categories], np.int64)
        self._same_ids = bool((self._ids == old)[self._stays].all())

    def categories(self, piece: Entries) -> tuple[bytes, int]:
        """All of them stand in the place of the first piece."""
        return (b"", 0) if piece.first else (b", ".join(self._listed), len(self._listed))

    def annotations(self, piece: Entries) -> tuple[bytes, int]:
        classes = self._seen.classes[piece.first : piece.first + piece.count]
        stays = self._stays[classes]
        raw, count = piece.raw, piece.count
        if not stays.all():
            texts = cast("list[Any]", piece.values) if piece.values is not None else walked(piece)
            mine: list[int] = np.flatnonzero(stays).tolist()
            raw, count = b", ".join([texts[at] for at in mine]), len(mine)
        if not count or self._same_ids:
            return raw, count
        return renumbered(raw, {"category_id": self._ids[classes[stays]].tolist()}), count
