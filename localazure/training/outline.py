"""From a box to the outline of the thing in it: which pixels look like its middle, and which like its surroundings.

Owns: one polygon per box, by OpenCV's GrabCut on a small cut-out. Where that finds nothing believable the outline is
the box's own four corners: a person corrects it, and corners are easy to pull.
Leaves: finding boxes to the detector.
"""

import cv2
import numpy as np

from localazure.training.arrays import F32, U8
from localazure.training.raster import resize_pixels

__all__ = ["outline"]

_LONG_SIDE = 128
_MARGIN = 0.2
"""What is looked at around the box, as a share of its sides: surely no part of the thing."""
_ROUNDS = 3
_MOST_POINTS = 40
_SMALLEST_SIDE = 8
_BELIEVABLE = (0.25, 0.98)
"""The share of the box that a thing fills."""
_SEED = 7


def outline(pixels: U8, box: tuple[float, float, float, float]) -> list[float]:
    """x, y, x, y, ... in pixels of the picture, inside the box; 4 to 40 points. The box is left, top, width, height."""
    found = _traced(pixels, box)
    if found is not None:
        return found
    left, top, width, height = box
    return [left, top, left + width, top, left + width, top + height, left, top + height]


def _traced(pixels: U8, box: tuple[float, float, float, float]) -> list[float] | None:
    left, top, width, height = box
    rows, columns = pixels.shape[:2]
    x0, y0 = max(0, int(left - _MARGIN * width)), max(0, int(top - _MARGIN * height))
    x1, y1 = (
        min(columns, int(left + (1 + _MARGIN) * width) + 1),
        min(rows, int(top + (1 + _MARGIN) * height) + 1),
    )
    if x1 - x0 < _SMALLEST_SIDE or y1 - y0 < _SMALLEST_SIDE:
        return None
    shrink = min(1.0, _LONG_SIDE / max(x1 - x0, y1 - y0))
    cut = resize_pixels(pixels[y0:y1, x0:x1], max(8, round((x1 - x0) * shrink)), max(8, round((y1 - y0) * shrink)))
    across, down = (x1 - x0) / cut.shape[1], (y1 - y0) / cut.shape[0]
    inner = (
        max(1, round((left - x0) / across)),
        max(1, round((top - y0) / down)),
        min(cut.shape[1] - 2, round(width / across)),
        min(cut.shape[0] - 2, round(height / down)),
    )
    mask = _thing(cut, inner)
    if mask is None:
        return None
    points = _largest_outline(mask)
    if points is None:
        return None
    placed = points * np.array([across, down], np.float32) + np.array([x0, y0], np.float32)
    placed = np.clip(placed, np.array([left, top], np.float32), np.array([left + width, top + height], np.float32))
    return [float(value) for value in placed.reshape(-1)]


def _thing(cut: U8, inner: tuple[int, int, int, int]) -> U8 | None:
    """1 where the thing is; None when nothing believable was found."""
    if inner[2] < 4 or inner[3] < 4:
        return None
    mask = np.zeros(cut.shape[:2], np.uint8)
    ground, thing = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
    cv2.setRNGSeed(_SEED)
    try:
        cv2.grabCut(np.ascontiguousarray(cut), mask, inner, ground, thing, _ROUNDS, cv2.GC_INIT_WITH_RECT)
    except cv2.error:
        return None  # a cut-out of a single colour has nothing to tell apart
    found = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    share = float(found.sum()) / (inner[2] * inner[3])
    return found if _BELIEVABLE[0] <= share <= _BELIEVABLE[1] else None


def _largest_outline(mask: U8) -> F32 | None:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    smooth = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
    contours, _ = cv2.findContours(smooth, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    largest = max(contours, key=cv2.contourArea)
    if cv2.contourArea(largest) < _BELIEVABLE[0] * float(mask.sum()):
        return None
    for tolerance in (1.0, 1.5, 2.0, 3.0, 4.0):
        points = np.asarray(cv2.approxPolyDP(largest, tolerance, closed=True), np.float32).reshape(-1, 2)
        if len(points) <= _MOST_POINTS:
            return points + np.float32(0.5) if len(points) >= 3 else None
    return None
