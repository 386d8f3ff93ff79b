"""Columns that grow with a file of any size, in as few bytes as their values need.

Owns: whole numbers in four bytes where these are enough, and in none where each is one more than the one before it;
places kept as runs, since entries mostly stand in a row.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from automation.coco.columns import Ints

__all__ = ["Numbers", "Places", "Whole"]

Whole = NDArray[np.int64 | np.int32]
_FOUR_BYTES = np.iinfo(np.int32)


class Numbers:
    """Whole numbers, piece by piece; reading comes after the last one."""

    def __init__(self) -> None:
        self._pieces: list[Whole | range] = []

    def add(self, values: Ints) -> None:
        if not len(values):
            return
        first, last = int(values[0]), int(values[-1])
        if last - first + 1 == len(values) and bool((np.diff(values) == 1).all()):
            before = self._pieces[-1] if self._pieces else None
            if isinstance(before, range) and before.stop == first:
                first = before.start
                self._pieces.pop()
            self._pieces.append(range(first, last + 1))
        else:
            self._pieces.append(values.astype(np.int32) if _fits(values.min(), values.max()) else values)

    @cached_property
    def all(self) -> Whole:
        """Int (n,): in 32 bits when all of them fit."""
        pieces = [_listed(piece) if isinstance(piece, range) else piece for piece in self._pieces]
        self._pieces = []
        if len(pieces) == 1:
            return pieces[0]
        found: Whole = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
        return found


def _fits(least: int, most: int) -> bool:
    return bool(least >= _FOUR_BYTES.min and most <= _FOUR_BYTES.max)


def _listed(piece: range) -> Whole:
    return np.arange(piece[0], piece[-1] + 1, dtype=np.int32 if _fits(piece[0], piece[-1]) else np.int64)


class Places:
    """Which place in its section each row has."""

    def __init__(self) -> None:
        self._count = 0
        self._starts: list[int] = []  # rows at which a run begins
        self._firsts: list[int] = []  # the place of that row

    def add(self, index: Ints) -> None:
        """The places of the next rows, ascending."""
        if not len(index):
            return
        breaks = np.flatnonzero(np.diff(index) != 1) + 1
        for row in (0, *breaks.tolist()):
            start, first = self._count + row, int(index[row])
            if not self._starts or first - self._firsts[-1] != start - self._starts[-1]:
                self._starts.append(start)
                self._firsts.append(first)
        self._count += len(index)

    def of(self, rows: Ints) -> Ints:
        """Int (m,): the places of these rows."""
        if not len(rows):
            return np.empty(0, np.int64)
        runs = np.searchsorted(self._starts, rows, side="right") - 1
        return np.array(self._firsts)[runs] + rows - np.array(self._starts)[runs]

    def one(self, row: int) -> int:
        """The place of one row."""
        return int(self.of(np.array([row]))[0])
