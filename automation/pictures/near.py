"""Which prints are near each other: all pairs within a distance are found, without comparing each with each.

Owns: the search. Prints within d bits agree wholly in one of d + 1 bands of bits, so only those that share a band are
compared. Leaves: what becomes of the groups to `twins`.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_DISTANCE", "Kept", "near_groups"]

MAX_DISTANCE = 16
_BITS = 64
_BLOCK = 1024

_Prints = NDArray[np.uint64]
_Rows = NDArray[np.int64]


class Kept:
    """Prints that stay, and the nearest of them to another."""

    def __init__(self, most: int) -> None:
        """Room for so many."""
        self._prints = np.zeros(most, np.uint64)
        self._rows: list[int] = []

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(self._rows)

    def add(self, row: int, print64: int | None) -> None:
        """A print of None stays, and is the nearest to nothing."""
        self._prints[len(self._rows)] = print64 or 0
        self._rows.append(row)

    def nearest(self, print64: int | None) -> tuple[int, int] | None:
        """The row of the nearest, of equals the first, and in how many bits it differs."""
        if print64 is None or not self._rows:
            return None
        bits = np.bitwise_count(self._prints[: len(self._rows)] ^ np.uint64(print64))
        at = int(bits.argmin())
        return self._rows[at], int(bits[at])


def near_groups(prints: Sequence[int | None], most: int) -> list[int]:
    """The group of each print, named by its first member's row; prints that are joined by steps of `most` bits at most.

    None is near nothing. The groups do not depend on the order in which they were found.
    """
    if not 0 <= most <= MAX_DISTANCE:
        message = f"a distance of {most} bits"
        raise ValueError(message)
    groups = list(range(len(prints)))
    known = [row for row, value in enumerate(prints) if value is not None]
    if not known:
        return groups
    values = np.array([prints[row] for row in known], np.uint64)
    alike, first, member = np.unique(values, return_index=True, return_inverse=True)
    forest = _Forest(len(alike))
    if most:
        for left, right in _pairs(alike, most):
            forest.join(left, right)
    # Groups of different prints become groups of rows; the smallest row gives the name.
    roots = np.array([forest.root(row) for row in range(len(alike))], np.int64)
    names = np.full(len(alike), len(known), np.int64)
    np.minimum.at(names, roots, first)
    for row, name in zip(known, names[roots][member].tolist(), strict=True):
        groups[row] = known[name]
    return groups


class _Forest:
    """Sets that are joined until nobody can be told apart."""

    def __init__(self, count: int) -> None:
        self.parents = np.arange(count)

    def root(self, row: int) -> int:
        parents = self.parents
        while (parent := int(parents[row])) != row:
            parents[row] = parents[parent]
            row = parent
        return row

    def join(self, left: _Rows, right: _Rows) -> None:
        """Join each left with its right; pairs whose sets are known to be one cost nothing more."""
        apart = self.parents[left] != self.parents[right]
        for one, other in zip(left[apart].tolist(), right[apart].tolist(), strict=True):
            a, b = self.root(one), self.root(other)
            if a != b:
                self.parents[max(a, b)] = min(a, b)


def _pairs(prints: _Prints, most: int) -> Iterator[tuple[_Rows, _Rows]]:
    edges = [_BITS * band // (most + 1) for band in range(most + 2)]
    for low, high in pairwise(edges):
        keys = (prints >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]))
        for rows in np.split(order, starts[1:]):
            if len(rows) > 1:
                yield from _within(prints, rows, most)


def _within(prints: _Prints, rows: _Rows, most: int) -> Iterator[tuple[_Rows, _Rows]]:
    """Pairs of these rows; a block of them against all after it, so that memory stays small."""
    for start in range(0, len(rows), _BLOCK):
        block, rest = rows[start : start + _BLOCK], rows[start:]
        left, right = np.nonzero(np.bitwise_count(prints[block][:, None] ^ prints[rest]) <= most)
        after = left < right
        if after.any():
            yield block[left[after]], rest[right[after]]
