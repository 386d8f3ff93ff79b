"""Windows: where a thing could be, and what a window of the planes looks like in numbers.

Owns: the dense grid of candidate windows, the summed-area table, and the numbers that describe a window.
All boxes here are in channel pixels. Leaves: which windows are worth a second look to `proposals.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32
from localazure.training.boxes import clipped, scaled
from localazure.training.channels import CHANNELS, QUICK_CHANNELS, channels

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
_RING = np.array([cell for cell in range(16) if cell not in (5, 6, 9, 10)])
"""The outer twelve of 4 x 4 cells."""


class Table:
    """Summed areas of planes: the mean over any rectangle costs four look-ups per plane."""

    __slots__ = ("_sums", "height", "planes", "width")

    def __init__(self, planes: F32) -> None:
        self.height, self.width, self.planes = planes.shape
        sums = np.zeros((self.height + 1, self.width + 1, self.planes), np.float64)
        np.cumsum(planes, 0, dtype=np.float64, out=sums[1:, 1:])
        np.cumsum(sums[1:, 1:], 1, out=sums[1:, 1:])
        self._sums = sums.astype(np.float32).reshape(-1, self.planes)

    def cells(self, boxes: F32, grid: int) -> F32:
        """Means over the grid x grid cells of each box: (boxes, grid * grid, planes)."""
        steps = np.linspace(0, 1, grid + 1, dtype=np.float32)
        x = boxes[:, 0:1] + (boxes[:, 2:3] - boxes[:, 0:1]) * steps
        y = boxes[:, 1:2] + (boxes[:, 3:4] - boxes[:, 1:2]) * steps
        columns = np.clip(np.rint(x), 0, self.width).astype(np.intp)
        rows = np.clip(np.rint(y), 0, self.height).astype(np.intp)
        at = self._sums[rows[:, :, None] * (self.width + 1) + columns[:, None, :]]
        sums = at[:, 1:, 1:] - at[:, :-1, 1:] - at[:, 1:, :-1] + at[:, :-1, :-1]
        areas = np.diff(rows)[:, :, None] * np.diff(columns)[:, None, :]
        sums /= np.maximum(areas, 1).astype(np.float32)[..., None]
        return sums.reshape(len(boxes), grid * grid, self.planes)


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
        ring = table.cells(scaled(boxes, 1.6), 4)[:, _RING].mean(1)
        width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        shape = np.stack([np.log(width / height), np.log(width), np.log(height)], 1)
        far = np.array([self.width, self.height], np.float32) - 1
        at_edge = np.concatenate([boxes[:, :2] < 1, boxes[:, 2:] > far], 1)
        return np.concatenate([inside, mean, ring, mean - ring, shape, at_edge.astype(np.float32)], 1)


def look(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> View:
    """The view of a working-size picture."""
    planes = channels(pixels)
    quick = planes[..., list(QUICK_CHANNELS)]
    return View(width=planes.shape[1], height=planes.shape[0], table=Table(planes), quick=Table(quick))


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
