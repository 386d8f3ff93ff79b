"""Polygons and keypoints of many annotations in another unit: numbers in a row, without an object for each.

Owns: which of them can be measured anew, and the arithmetic. Leaves: the new text to `automation.splicing`; masks,
which are in pixels whatever the unit, to themselves; what is wrong with a shape to `rules/outlines.py`.
"""

from collections.abc import Callable, Sequence
from itertools import chain, compress
from typing import TypeVar

import msgspec
import numpy as np

from automation.coco.columns import Bools, Floats, Ints

__all__ = ["measured_keypoints", "measured_polygons"]

_SMALLEST = 6  # numbers of a polygon: three points
_THREE = 3  # x, y and visibility
_POLYGONS = msgspec.json.Decoder(list[list[list[float]]])
_KEYPOINTS = msgspec.json.Decoder(list[list[float]])

T = TypeVar("T")
Measure = Callable[[Floats, Floats], Floats]


def measured_polygons(outlines: Sequence[bytes], sides: Floats, measure: Measure) -> tuple[Bools, Floats]:
    """Polygons in another unit; a shape of which one piece is broken stays as it is, as masks do.

    Args:
        outlines: The JSON of n segmentations.
        sides: Float (n, 2), width and height of their images.
        measure: From points, float (m, 2), and the sides of the image of each to points in the new unit.

    Returns:
        Bool (n,), which of them were measured; and the numbers of those: after each polygon stands NaN, after the last
        one of a shape once more.
    """
    shapes = _decoded(_POLYGONS, outlines)
    counts = _lengths(shapes)
    lengths = _lengths(chain.from_iterable(shapes))
    wrong = (lengths < _SMALLEST) | (lengths % 2 == 1)
    good = counts > 0
    good[np.repeat(np.arange(len(shapes)), counts)[wrong]] = False
    if not good.all():
        shapes = list(compress(shapes, good))
        counts, lengths = counts[good], lengths[np.repeat(good, counts)]
    owners = np.repeat(np.arange(len(shapes)), counts)  # of each polygon
    numbers = np.fromiter(chain.from_iterable(chain.from_iterable(shapes)), np.float64, int(lengths.sum()))
    of_each = np.repeat(sides[good][owners], lengths // 2, axis=0)
    points = measure(numbers.reshape(-1, 2), of_each)
    return good, _parted(points.ravel(), lengths, np.arange(len(lengths)) + owners, 2)


def measured_keypoints(keypoints: Sequence[bytes], sides: Floats, measure: Measure) -> tuple[Bools, Floats]:
    """As `measured_polygons`: x, y and visibility in turns, and NaN after each list."""
    lists = _decoded(_KEYPOINTS, keypoints)
    lengths = _lengths(lists)
    good = (lengths > 0) & (lengths % _THREE == 0)
    lists, lengths = list(compress(lists, good)), lengths[good]
    numbers = np.fromiter(chain.from_iterable(lists), np.float64, int(lengths.sum())).reshape(-1, _THREE)
    numbers[:, :2] = measure(numbers[:, :2], np.repeat(sides[good], lengths // _THREE, axis=0))
    return good, _parted(numbers.ravel(), lengths, np.arange(len(lengths)), 1)


def _decoded(decoder: "msgspec.json.Decoder[list[list[T]]]", texts: Sequence[bytes]) -> list[list[T]]:
    """The value of each; nothing for one that is of another kind."""
    try:
        return decoder.decode(b"[" + b",".join(texts) + b"]")
    except msgspec.DecodeError:
        return [_one(decoder, text) for text in texts]


def _one(decoder: "msgspec.json.Decoder[list[list[T]]]", text: bytes) -> list[T]:
    try:
        return decoder.decode(b"[" + text + b"]")[0]
    except msgspec.DecodeError:
        return []


def _lengths(lists: "Sequence[list[T]] | chain[list[T]]") -> Ints:
    return np.fromiter(map(len, lists), np.int64)


def _parted(numbers: Floats, lengths: Ints, before: Ints, last: int) -> Floats:
    """The numbers with NaN after each part; `before` is how many NaN stand before a part, `last` after the last one."""
    if not len(lengths):
        return np.empty(0)
    found = np.full(len(numbers) + int(before[-1]) + last, np.nan)
    found[np.arange(len(numbers)) + np.repeat(before, lengths)] = numbers
    return found
