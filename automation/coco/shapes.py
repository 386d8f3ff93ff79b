"""Polygons and keypoints of many annotations in another unit: numbers in a row, without an object for each.

Owns: which of them can be measured anew, and the arithmetic. Leaves: the new text to `automation.splicing`; masks,
which are in pixels whatever the unit, to themselves; what is wrong with a shape to `rules/outlines.py`.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, compress

import msgspec
import numpy as np

from automation.coco.columns import Bools, Floats, Ints

__all__ = ["measured_keypoints", "measured_polygons"]

_SMALLEST = 6  # numbers of a polygon: three points
_THREE = 3  # x, y and visibility
_OF_NUMBERS = b"0123456789.-+eE"
_SPACE = b" \t\r\n"
_STEPS = ((b"],", b"["), (b"]],", b"[["))  # from one polygon to the next, and from one outline to the next
_CLOSES, _COMMA = ord("]"), ord(",")
_NUMBERS = msgspec.json.Decoder(list[float])
_KEYPOINTS = msgspec.json.Decoder(list[list[float]])

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
    good = [outline.startswith(b"[") for outline in outlines]  # the others are masks
    polygons = _flat(list(compress(outlines, good)))
    if polygons is None:
        good = [flat and _flat([outline]) is not None for flat, outline in zip(good, outlines, strict=True)]
        polygons = _flat(list(compress(outlines, good)))
    if polygons is None:
        return np.zeros(len(outlines), np.bool_), np.empty(0)
    of_each = np.repeat(sides[good][polygons.owners], polygons.lengths // 2, axis=0)
    points = measure(polygons.numbers.reshape(-1, 2), of_each)
    before = np.arange(len(polygons.lengths)) + polygons.owners
    return np.array(good, np.bool_), _parted(points.ravel(), polygons.lengths, before, 2)


@dataclass(frozen=True, slots=True)
class _Polygons:
    """All of some outlines: their numbers in a row, how many each has, and whose it is."""

    numbers: Floats
    lengths: Ints
    owners: Ints


def _flat(outlines: Sequence[bytes]) -> _Polygons | None:
    """The polygons of outlines that have nothing but sound ones; None when one of them is of another kind.

    Each outline is JSON. Without texts, objects and words it is lists of numbers; which lists, their brackets tell: all
    numbers are three deep when the first one is, and as many brackets open as have closed between each two.
    """
    text = b"".join((b"[", b",".join(outlines), b"]"))
    rest = text.translate(None, _OF_NUMBERS + _SPACE)
    if not rest.startswith(b"[[[") or b"[[[" in rest[1:] or rest.translate(None, b"[],"):
        return None
    for shut, begun in _STEPS:
        if not rest.count(shut) == rest.count(b"," + begun) == rest.count(shut + begun):
            return None
    try:
        numbers = np.frombuffer(array("d", _NUMBERS.decode(b"[" + text.translate(None, b"[]" + _SPACE) + b"]")))
    except msgspec.DecodeError:
        return None
    marks = np.frombuffer(rest, np.uint8)
    closing = np.flatnonzero(marks == _CLOSES)
    inner = marks[closing - 1] != _CLOSES
    # Each comma stands between two numbers: so many are before the end of a polygon, and one more.
    lengths = np.diff(np.cumsum(marks == _COMMA)[closing[inner]] + 1, prepend=0)
    if (lengths < _SMALLEST).any() or (lengths % 2).any():
        return None
    return _Polygons(numbers, lengths, np.cumsum(~inner)[inner])


def measured_keypoints(keypoints: Sequence[bytes], sides: Floats, measure: Measure) -> tuple[Bools, Floats]:
    """As `measured_polygons`: x, y and visibility in turns, and NaN after each list."""
    lists = _lists(keypoints)
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    good = (lengths > 0) & (lengths % _THREE == 0)
    lists, lengths = list(compress(lists, good)), lengths[good]
    numbers = np.fromiter(chain.from_iterable(lists), np.float64, int(lengths.sum())).reshape(-1, _THREE)
    numbers[:, :2] = measure(numbers[:, :2], np.repeat(sides[good], lengths // _THREE, axis=0))
    return good, _parted(numbers.ravel(), lengths, np.arange(len(lengths)), 1)


def _lists(texts: Sequence[bytes]) -> list[list[float]]:
    """The numbers of each; nothing for one that is of another kind."""
    try:
        return _KEYPOINTS.decode(b"[" + b",".join(texts) + b"]")
    except msgspec.DecodeError:
        return [_one(text) for text in texts]


def _one(text: bytes) -> list[float]:
    try:
        return _NUMBERS.decode(text)
    except msgspec.DecodeError:
        return []


def _parted(numbers: Floats, lengths: Ints, before: Ints, last: int) -> Floats:
    """The numbers with NaN after each part; `before` is how many NaN stand before a part, `last` after the last one."""
    if not len(lengths):
        return np.empty(0)
    found = np.full(len(numbers) + int(before[-1]) + last, np.nan)
    found[np.arange(len(numbers)) + np.repeat(before, lengths)] = numbers
    return found
