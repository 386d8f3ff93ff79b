"""The images of a file, whatever their number: ids, sizes and names, found by id.

Owns: looking up many ids at once, and holding names in a few bytes each. Leaves: what is wrong with them to `rules`.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from automation.coco.columns import Floats, ImageColumns, Ints
from automation.coco.growing import Numbers, Places, Whole

__all__ = ["ImageTable"]


class ImageTable:
    """Grows piece by piece; look-ups come after the last one."""

    def __init__(self) -> None:
        self._sizes: list[Floats] = []
        self._ids = Numbers()
        self._names: list[tuple[bytes, Whole]] = []
        self._count = 0
        self.places = Places()

    def __len__(self) -> int:
        return self._count

    def add(self, piece: ImageColumns) -> None:
        self.places.add(piece.index)
        self._ids.add(piece.ids)
        self._sizes.append(piece.sizes)
        encoded = [name.encode("utf-8", "surrogatepass") for name in piece.names]
        ends = np.cumsum(np.fromiter(map(len, encoded), np.int32, len(encoded)), dtype=np.int32)
        self._names.append((b"".join(encoded), ends))
        self._count += len(piece.names)

    @property
    def ids(self) -> Whole:
        return self._ids.all

    @cached_property
    def sizes(self) -> Floats:
        """Float (n, 2): width and height in pixels, 0 where the file does not say."""
        found = np.concatenate(self._sizes) if self._sizes else np.empty((0, 2))
        self._sizes = []
        return found

    def name(self, row: int) -> str:
        """The file name of the image in this row."""
        for text, ends in self._names:
            if row < len(ends):
                return text[ends[row - 1] if row else 0 : ends[row]].decode("utf-8", "surrogatepass")
            row -= len(ends)
        raise IndexError(row)

    def names(self, rows: Sequence[int] | Ints) -> list[str]:
        return [self.name(int(row)) for row in rows]

    def rows(self, ids: Ints) -> Ints:
        """The row of each id, -1 for those that no image has. Of images with one id the last counts."""
        if self._dense:
            rows = ids - 1
            rows[(rows < 0) | (rows >= self._count)] = -1
            return rows
        if not self._count:
            return np.full(len(ids), -1)
        order, ordered = self._sorted
        at = np.searchsorted(ordered, ids, side="right") - 1
        return np.where((at >= 0) & (ordered[at] == ids), order[at], -1)

    @cached_property
    def _dense(self) -> bool:
        """Whether the ids are 1, 2, 3 and so on, as in most files."""
        return bool(self._count) and bool(np.array_equal(self.ids, np.arange(1, self._count + 1)))

    @cached_property
    def _sorted(self) -> tuple[Ints, Whole]:
        order = np.argsort(self.ids, kind="stable")
        return order, self.ids[order]
