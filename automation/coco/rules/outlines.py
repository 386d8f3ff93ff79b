"""The rules about segmentations: polygons have points inside of their image, run lengths are those of their image."""

from collections.abc import Sequence
from itertools import chain

import msgspec
import numpy as np

from automation.coco.columns import AnnotationColumns
from automation.coco.rules.found import Found, error, warning
from automation.coco.rules.subject import Rule
from automation.coco.units import PIXELS_AT_LEAST
from automation.errors import Finding

__all__ = ["Outlines"]

_SMALLEST = 6  # numbers of a polygon: three points
_HALF_PIXEL, _THOUSANDTH = 0.5, 1e-3


class _Runs(msgspec.Struct, gc=False):
    counts: str | list[int]
    size: tuple[int, int]


_Outline = list[list[float]] | _Runs
_MANY = msgspec.json.Decoder(list[_Outline])
_ONE = msgspec.json.Decoder(_Outline)


class Outlines(Rule):
    def annotations(self, piece: AnnotationColumns) -> None:
        if piece.emptied.any():
            refused = self.subject.refuses("segmentation-empty")
            say = error if refused else warning
            message, hint = "the segmentation has nothing in it", "leave the key out"
            self.found.each(
                piece.index[piece.emptied],
                lambda i: say("segmentation-empty", f"/annotations/{i}/segmentation", message, hint=hint),
            )
        if not piece.outlines:
            return
        wrong: dict[int, Finding] = {}
        places, rows = piece.index[piece.outlined], piece.rows[piece.outlined]
        in_pixels = bool((piece.boxes >= PIXELS_AT_LEAST).any())
        polygons: list[int] = []  # which outlines are polygons, and good ones
        shapes: list[list[list[float]]] = []
        for number, outline in enumerate(self._decoded(piece.outlines)):
            place, row = int(places[number]), int(rows[number])
            if outline is None:
                wrong[place] = _wrong("malformed", place, "this is neither polygons nor run lengths")
            elif isinstance(outline, list):
                if said := _about_polygons(outline):
                    wrong[place] = _wrong("polygon", place, said)
                elif row >= 0 or not in_pixels:
                    polygons.append(number)
                    shapes.append(outline)
            elif row >= 0 and (said := _about_runs(outline, self.subject.images.sizes[row].tolist())):
                wrong[place] = _wrong("runs", place, said)
        for number in _leaving(shapes, self.subject.images.sizes[rows[polygons]] if in_pixels else None):
            place = int(places[polygons[number]])
            wrong[place] = _wrong("outside", place, "a point lies outside of the image")
        self._sorted_in(self.found, wrong)

    def _sorted_in(self, found: Found, wrong: dict[int, Finding]) -> None:
        for code in sorted({finding.code for finding in wrong.values()}):
            found.each([place for place in wrong if wrong[place].code == code], wrong.__getitem__)

    def _decoded(self, outlines: Sequence[bytes]) -> "list[_Outline | None]":
        try:
            return list(_MANY.decode(b"[" + b",".join(outlines) + b"]"))
        except msgspec.DecodeError:
            return [_one(outline) for outline in outlines]


def _one(outline: bytes) -> "_Outline | None":
    try:
        return _ONE.decode(outline)
    except msgspec.DecodeError:
        return None


def _about_polygons(polygons: list[list[float]]) -> str | None:
    for polygon in polygons:
        if len(polygon) % 2:
            return f"a polygon has {len(polygon)} numbers, which is odd"
        if len(polygon) < _SMALLEST:
            return f"a polygon has {len(polygon) // 2} points, and three are the least"
    return None


def _about_runs(runs: _Runs, size: list[float]) -> str | None:
    height, width = runs.size
    if all(size) and [width, height] != size:
        return f"the mask is {width} x {height} px, the image {size[0]:g} x {size[1]:g} px"
    if isinstance(runs.counts, list) and (total := sum(runs.counts)) != width * height:
        return f"the runs are {total:,} pixels long together, and the mask has {width * height:,}"
    return None


def _leaving(shapes: list[list[list[float]]], sizes: "np.ndarray | None") -> list[int]:
    """Which shapes have a point outside of their image; None for images of 1 x 1."""
    if not shapes:
        return []
    counts = np.fromiter((sum(map(len, shape)) for shape in shapes), np.int64, len(shapes))
    numbers = chain.from_iterable(chain.from_iterable(shapes))
    points = np.fromiter(numbers, np.float64, int(counts.sum())).reshape(-1, 2)
    starts = np.cumsum(counts // 2) - counts // 2
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    if sizes is None:
        out = (low < -_THOUSANDTH).any(axis=1) | (high > 1 + _THOUSANDTH).any(axis=1)
    else:
        known = (sizes > 0).all(axis=1)
        out = ((low < -_HALF_PIXEL).any(axis=1) | (high > sizes + _HALF_PIXEL).any(axis=1)) & known
    found: list[int] = np.flatnonzero(out).tolist()
    return found


def _wrong(what: str, place: int, message: str) -> Finding:
    hint = "draw the outline anew, or leave the key out"
    return error(f"segmentation-{what}", f"/annotations/{place}/segmentation", message, hint=hint)
