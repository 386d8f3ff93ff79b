"""How large an outline is: polygons, run lengths, and the run lengths as text that pycocotools writes.

Owns: the area, exactly for masks, and for polygons that do not meet each other.
Leaves: whether an outline is sound to `rules/outlines.py`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import cast

__all__ = ["outline_area", "polygon_area"]

_FIRST, _LAST = ord("0"), ord("0") + 63  # a character holds six bits: five of the number, one that says whether it ends


def outline_area(segmentation: object, *, shares: bool = False) -> float | None:
    """The area inside; None for an outline that cannot be read.

    Polygons are in the unit of the boxes, and so is their area. Masks are in pixels: with `shares` their area is their
    share of the image.
    """
    try:
        area = _area(segmentation, shares=shares)
        return None if area is None or not math.isfinite(area) else area
    except (OverflowError, ValueError):
        return None  # numbers beyond all measure


def _area(segmentation: object, *, shares: bool) -> float | None:
    if isinstance(segmentation, Mapping):
        mask = cast("Mapping[str, object]", segmentation)
        counts, size = mask.get("counts"), _numbers(mask.get("size"))
        runs = _from_text(counts) if isinstance(counts, str) else _numbers(counts)
        if runs is None or size is None or len(size) != 2 or min(size) <= 0:
            return None
        return sum(runs[1::2]) / (size[0] * size[1] if shares else 1)
    if not isinstance(segmentation, list):
        return None
    pieces = [_numbers(piece) for piece in cast("list[object]", segmentation)]
    if not pieces or any(piece is None or len(piece) < 6 or len(piece) % 2 for piece in pieces):
        return None
    return math.fsum(polygon_area(piece) for piece in pieces if piece is not None)


def _numbers(values: object) -> Sequence[float] | None:
    if not isinstance(values, list):
        return None
    known = cast("list[object]", values)
    return cast("list[float]", known) if all(type(value) in (int, float) for value in known) else None


def polygon_area(polygon: Sequence[float]) -> float:
    """The area inside, by the shoelace formula."""
    xs, ys = polygon[0::2], polygon[1::2]
    pairs = zip(xs, ys, [*xs[1:], xs[0]], [*ys[1:], ys[0]], strict=True)
    return abs(math.fsum(x * next_y - next_x * y for x, y, next_x, next_y in pairs)) / 2


def _from_text(text: str) -> list[int] | None:
    """Numbers in groups of five bits, the lowest first; from the third on, what is added to the one two before."""
    runs: list[int] = []
    value = shift = 0
    for character in text:
        if not _FIRST <= (code := ord(character)) <= _LAST:
            return None
        bits = code - _FIRST
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return None if shift else runs
