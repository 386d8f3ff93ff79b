"""All images of a COCO file of any size, then all its annotations, whatever the order in which they stand there.

Owns: the passes, and annotations that know the rows of their images. Leaves: what to do with them to whoever asks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from automation.coco.checking import not_json
from automation.coco.columns import AnnotationColumns, ImageColumns, Ints
from automation.coco.files import open_coco
from automation.coco.growing import Whole
from automation.coco.images import ImageTable
from automation.coco.pieces import SECTIONS, Pieces, images_come_first
from automation.coco.scan import NotCoco
from automation.coco.types import Category
from automation.errors import DatasetError, Finding
from automation.progress import Progress, silent

__all__ = ["Walk", "images_of", "indexes"]

_AT_ONCE = 1 << 20  # numbers, so that what is made on the way stays small


class Walk:
    """One look at everything in a file. What it says of the whole is complete once it was walked to the end.

    Attributes:
        images: Those that are well formed.
        categories: Those that are well formed, in their order.
        findings: What could not be read.
    """

    def __init__(self, path: Path, *, progress: Progress = silent, doing: str = "reading") -> None:
        self._path = path
        self._progress = progress
        self._doing = doing
        self.images = ImageTable()
        self.categories: list[Category] = []
        self.findings: list[Finding] = []

    def annotations(self) -> Iterator[AnnotationColumns]:
        """Those that are well formed, with the rows of their images.

        Raises:
            ConfigError: There is no such file.
            DatasetError: It is no JSON object.
        """
        size = self._path.stat().st_size if self._path.exists() else 0
        with open_coco(self._path) as file:
            try:
                for sections in _passes(file):
                    yield from self._pass(Pieces(file, sections), size)
            except NotCoco as wrong:
                raise DatasetError(f"{self._path.name} is no COCO file", findings=[not_json(wrong)]) from wrong

    def _pass(self, pieces: Pieces, size: int) -> Iterator[AnnotationColumns]:
        for piece in pieces:
            for columns in piece.columns:
                if isinstance(columns, ImageColumns):
                    self.images.add(columns)
                else:
                    yield replace(columns, rows=self.images.rows(columns.image_ids))
            self._progress(piece.source.end, size, self._doing)
        self.findings += pieces.findings
        self.categories += [category for _, category in pieces.categories]


def _passes(file: BinaryIO) -> Sequence[Sequence[str]]:
    return [SECTIONS] if images_come_first(file) else [("images", "categories"), ("annotations",)]


def images_of(path: Path) -> list[ImageColumns]:
    """The images of a file that are well formed; none of a file that is no COCO, which its own check says.

    Raises:
        ConfigError: There is no such file.
    """
    with open_coco(path) as file:
        try:
            pieces = [piece.columns for piece in Pieces(file, ("images",))]
        except NotCoco:
            return []
    return [columns for found in pieces for columns in found if isinstance(columns, ImageColumns)]


def indexes(values: Whole, ids: Ints) -> NDArray[np.int32]:
    """Where in `ids` each value stands, -1 where it does not; of equal ids the first counts."""
    found = np.full(len(values), -1, np.int32)
    if not len(ids):
        return found
    order = np.argsort(ids, kind="stable").astype(np.int32)
    ordered = ids[order]
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE]
        at = np.minimum(np.searchsorted(ordered, some), len(ids) - 1)
        found[start : start + _AT_ONCE] = np.where(ordered[at] == some, order[at], -1)
    return found
