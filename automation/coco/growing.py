"""Columns that grow with a file of any size, in as few bytes as their values need.

Owns: whole numbers in four bytes where these are enough, and places kept as runs, since entries mostly stand in a row.
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
        self._pieces: list[Whole] = []

    def add(self, values: Ints) -> None:
        small = len(values) and values.min() >= _FOUR_BYTES.min and values.max() <= _FOUR_BYTES.max
        self._pieces.append(values.astype(np.int32) if small else values)

    @cached_property
    def all(self) -> Whole:
        """Int (n,): in 32 bits when all of them fit."""
        found: Whole = np.concatenate(self._pieces) if self._pieces else np.empty(0, np.int64)
        self._pieces = []
        return found


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
