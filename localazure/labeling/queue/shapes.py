"""Boxes and polygons as fractions of the picture.

Owns: the arithmetic and what is refused. Pure.
"""

from collections.abc import Sequence

__all__ = ["ShapeError", "unit_box", "unit_polygon"]

_PIXEL = 0.5
_ROUNDING = 1e-3

Box = tuple[float, float, float, float]
Polygon = tuple[tuple[float, ...], ...]


class ShapeError(Exception):
    """A box or polygon that cannot be taken; `code` names why in one word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def unit_box(bbox: Sequence[float], size: tuple[float, float]) -> Box:
    """Left, top, width, height. What leaves the picture by half a pixel or by rounding is cut off."""
    if len(bbox) != 4:
        raise ShapeError("not-four-numbers", f"the box has {len(bbox)} numbers, not 4")
    left, width = _side(bbox[0], bbox[2], size[0])
    top, height = _side(bbox[1], bbox[3], size[1])
    return left, top, width, height


def unit_polygon(rings: Sequence[Sequence[float]], size: tuple[float, float]) -> tuple[Polygon, Box]:
    """The rings and the box around them."""
    if any(len(ring) < 6 or len(ring) % 2 for ring in rings):
        raise ShapeError("not-a-polygon", "a polygon needs at least three points of two numbers")
    unit = tuple(tuple(_inside(value, size[place % 2]) for place, value in enumerate(ring)) for ring in rings)
    xs = [value for ring in unit for value in ring[0::2]]
    ys = [value for ring in unit for value in ring[1::2]]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if min(width, height) <= 0:
        raise ShapeError("zero-size", "the polygon has no area")
    return unit, (min(xs), min(ys), width, height)


def _side(start: float, length: float, side: float) -> tuple[float, float]:
    """Where it begins and how long it is; an untouched length stays free of the rounding of sums."""
    if length <= 0:
        raise ShapeError("zero-size", "the box has no size")
    first, last = _inside(start, side), _inside(start + length, side)
    if last <= first:
        raise ShapeError("outside", "the box lies outside the picture")
    cut = first != start / side or last != (start + length) / side
    return first, last - first if cut else length / side


def _inside(value: float, side: float) -> float:
    """The fraction, cut to 0..1; too far outside is refused."""
    slack = _ROUNDING if side == 1.0 else _PIXEL / side
    fraction = value / side
    if not -slack <= fraction <= 1 + slack:
        raise ShapeError("outside", f"{value:g} is outside the picture, whose side is {side:g}")
    return min(max(fraction, 0.0), 1.0)
