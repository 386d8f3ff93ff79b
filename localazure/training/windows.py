"""Windows: where a thing could be, and what a window of the planes looks like in numbers.

Owns: the dense grid of candidate windows, the summed-area table, and the numbers that describe a window.
All boxes here are in channel pixels. Leaves: which windows are worth a second look to `proposals.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from localazure.training.arrays import F32
from localazure.training.boxes import clipped, scaled
from localazure.training.channels import CHANNELS, QUICK_CHANNELS, channels
from localazure.training.raster import summed

__all__ = ["ASPECTS", "FEATURES", "QUICK_FEATURES", "Table", "View", "dense_windows", "look", "usual_aspects"]

_GRID = 6
_QUICK_GRID = 3
_SHAPE_VALUES = 7
FEATURES = (_GRID**2 + 3) * CHANNELS + _SHAPE_VALUES
QUICK_FEATURES = (_QUICK_GRID**2 + 3) * len(QUICK_CHANNELS) + _SHAPE_VALUES

ASPECTS = 4
_SLIMMEST, _WIDEST = 0.05, 20.0
_SMALLEST = 10.0
_GROWTH = 1.35
_STRIDE = 0.35
_OVERHANG = 0.15
_SHORTEST_SIDE = 5


class Table:
    """Summed areas of planes: the mean over any rectangle costs four look-ups per plane."""

    __slots__ = ("_sums", "height", "planes", "width")

    def __init__(self, sums: F32) -> None:
        self.height, self.width, self.planes = sums.shape[0] - 1, sums.shape[1] - 1, sums.shape[2]
        self._sums = np.ascontiguousarray(sums).reshape(-1, self.planes)

    def cells(self, boxes: F32, grid: int) -> F32:
        """Means over the grid x grid cells of each box: (boxes, grid * grid, planes)."""
        columns, rows = self._steps(boxes, 0, grid), self._steps(boxes, 1, grid)
        at = self._sums[rows[:, :, None] * (self.width + 1) + columns[:, None, :]]
        sums = at[:, 1:, 1:] - at[:, :-1, 1:] - at[:, 1:, :-1] + at[:, :-1, :-1]
        areas = (rows[:, 1:] - rows[:, :-1])[:, :, None] * (columns[:, 1:] - columns[:, :-1])[:, None, :]
        sums /= np.maximum(areas, 1).astype(np.float32)[..., None]
        return sums.reshape(len(boxes), grid * grid, self.planes)

    def ring_means(self, outer: F32, inner: F32) -> F32:
        """Means over what lies between two boxes: (boxes, planes)."""
        sums, areas = self._whole(outer)
        inner_sums, inner_areas = self._whole(inner)
        return (sums - inner_sums) / np.maximum(areas - inner_areas, 1)

    def _whole(self, boxes: F32) -> tuple[F32, F32]:
        columns, rows = self._steps(boxes, 0, 1), self._steps(boxes, 1, 1)
        top, bottom = rows[:, 0] * (self.width + 1), rows[:, 1] * (self.width + 1)
        left, right = columns[:, 0], columns[:, 1]
        sums = self._sums[bottom + right] - self._sums[top + right] - self._sums[bottom + left] + self._sums[top + left]
        areas = (rows[:, 1] - rows[:, 0]) * (right - left)
        return sums, areas.astype(np.float32)[:, None]

    def _steps(self, boxes: F32, axis: int, steps: int) -> npt.NDArray[np.intp]:
        """The grid lines of each box along one axis, in whole pixels inside the picture."""
        parts = np.linspace(0, 1, steps + 1, dtype=np.float32)
        start, end = boxes[:, axis, None], boxes[:, axis + 2, None]
        lines: F32 = np.rint(start + (end - start) * parts)
        return np.clip(lines, 0, self.height if axis else self.width).astype(np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture as the detector sees it: two tables, and its size in channel pixels."""

    width: int
    height: int
    table: Table
    quick: Table

    def features(self, boxes: F32) -> F32:
        """Everything about each box: 1,567 numbers."""
        return self._describe(self.table, boxes, _GRID)

    def quick_features(self, boxes: F32) -> F32:
        """The little that is enough for a first guess: 79 numbers."""
        return self._describe(self.quick, boxes, _QUICK_GRID)

    def _describe(self, table: Table, boxes: F32, grid: int) -> F32:
        inside = table.cells(scaled(boxes, 1.15), grid).reshape(len(boxes), -1)
        mean = table.cells(boxes, 1)[:, 0]
        ring = table.ring_means(scaled(boxes, 1.6), scaled(boxes, 0.8))
        width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        shape = np.stack([np.log(width / height), np.log(width), np.log(height)], 1)
        far = np.array([self.width, self.height], np.float32) - 1
        at_edge = np.concatenate([boxes[:, :2] < 1, boxes[:, 2:] > far], 1)
        return np.concatenate([inside, mean, ring, mean - ring, shape, at_edge.astype(np.float32)], 1)


def look(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> View:
    """The view of a working-size picture."""
    sums = summed(channels(pixels))
    quick = sums[..., list(QUICK_CHANNELS)]
    return View(width=sums.shape[1] - 1, height=sums.shape[0] - 1, table=Table(sums), quick=Table(quick))


def usual_aspects(boxes: F32) -> tuple[float, ...]:
    """Four shapes (width over height) that stand for all boxes of a data set."""
    shapes = np.log((boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1]))
    usual = np.exp(np.quantile(shapes, [0.08, 0.36, 0.64, 0.92]))
    return tuple(float(np.float32(aspect)) for aspect in np.clip(usual, _SLIMMEST, _WIDEST))


def dense_windows(width: int, height: int, aspects: Sequence[float]) -> F32:
    """Windows of all sizes and of the given shapes, everywhere; a little over the edge, then cut there."""
    found = [np.array([[0, 0, width, height]], np.float32)]
    size = _SMALLEST
    while size < max(width, height) * 1.02:
        for aspect in aspects:
            wide, high = size * math.sqrt(aspect), size / math.sqrt(aspect)
            if wide > width * 1.08 or high > height * 1.08 or min(wide, high) < _SHORTEST_SIDE:
                continue
            x = np.arange(-wide * _OVERHANG, width - wide * (1 - _OVERHANG) + 1e-3, max(1, wide * _STRIDE))
            y = np.arange(-high * _OVERHANG, height - high * (1 - _OVERHANG) + 1e-3, max(1, high * _STRIDE))
            left, top = (corner.ravel() for corner in np.meshgrid(x, y))
            found.append(np.stack([left, top, left + wide, top + high], 1).astype(np.float32))
        size *= _GROWTH
    return clipped(np.concatenate(found), width, height)
