"""Boxes as rows of left, top, right, bottom: overlap, suppression, and the corrections a network learns.

Owns: the arithmetic. A correction is four numbers, relative to the size of the box that it corrects.
"""

import numpy as np

from localazure.training.arrays import F32, I64

__all__ = ["clipped", "corrected", "corrections", "iou", "scaled", "suppress"]

_HALF = np.float32(0.5)
_STEP = np.float32(5)
"""Corrections are learned this many times enlarged, which makes them about as large as logits."""


def iou(some: F32, others: F32) -> F32:
    """Intersection over union of each of `some` (rows) with each of `others` (columns)."""
    shared = _shared(some, others, 0)
    shared *= _shared(some, others, 1)
    whole: F32 = np.maximum(_areas(some)[:, None] + _areas(others)[None, :] - shared, np.float32(1e-6))
    return shared / whole


def suppress(boxes: F32, scores: F32, overlap: float) -> I64:
    """Indices of the boxes that no better one overlaps by more than `overlap`; best first."""
    order = np.argsort(-scores, kind="stable")
    hides = iou(boxes[order], boxes[order]) > overlap
    hidden = np.zeros(len(order), np.bool_)
    kept: list[int] = []
    for place, index in enumerate(order.tolist()):
        if not hidden[place]:
            kept.append(index)
            hidden |= hides[place]
    return np.array(kept, np.int64)


def corrections(boxes: F32, truth: F32) -> F32:
    """What turns each box into its truth: shift of the centre and change of size."""
    size, true_size = boxes[:, 2:] - boxes[:, :2], truth[:, 2:] - truth[:, :2]
    shift = ((truth[:, :2] + truth[:, 2:]) - (boxes[:, :2] + boxes[:, 2:])) * _HALF / size
    growth: F32 = np.log(true_size / size)
    return np.concatenate([shift, growth], 1) * _STEP


def corrected(boxes: F32, change: F32) -> F32:
    """The boxes after their corrections."""
    size = boxes[:, 2:] - boxes[:, :2]
    centre = (boxes[:, :2] + boxes[:, 2:]) * _HALF + change[:, :2] / _STEP * size
    growth: F32 = np.exp(np.clip(change[:, 2:] / _STEP, -1, 1))
    half = size * growth * _HALF
    return np.concatenate([centre - half, centre + half], 1)


def clipped(boxes: F32, width: float, height: float) -> F32:
    """The boxes cut at the edges of the picture."""
    cut: F32 = np.clip(boxes, np.float32(0), np.array([width, height, width, height], np.float32))
    return cut


def scaled(boxes: F32, factor: float) -> F32:
    """The boxes grown or shrunk about their centres."""
    centre = (boxes[:, :2] + boxes[:, 2:]) * _HALF
    half = (boxes[:, 2:] - boxes[:, :2]) * np.float32(factor / 2)
    return np.concatenate([centre - half, centre + half], 1)


def _shared(some: F32, others: F32, axis: int) -> F32:
    """How long the common stretch is along one axis."""
    start = np.maximum(some[:, axis, None], others[None, :, axis])
    end = np.minimum(some[:, axis + 2, None], others[None, :, axis + 2])
    end -= start
    return np.maximum(end, 0, out=end)


def _areas(boxes: F32) -> F32:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
