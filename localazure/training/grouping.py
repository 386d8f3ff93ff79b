"""Pictures that look alike, together: what a picture looks like as a short row, and groups of such rows.

Owns: the row (the classifier's statistics of the whole picture), the number of groups, k-means, and an order of the
groups in which neighbours are alike. No labels are needed.
Leaves: reading pictures to `pictures.py`, what groups are good for to the caller.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from localazure.training.arrays import F32, I64
from localazure.training.channels import work_size
from localazure.training.classifier_features import WHOLE_VALUES, whole_of
from localazure.training.pictures import pixels_of

__all__ = ["ROW_VALUES", "Groups", "appearance", "group"]

ROW_VALUES = WHOLE_VALUES
_LONG_SIDE = 128
_AXES = 24
_ROUNDS = 25
_TRIES = 10
_MOST_GROUPS = 60
_CLIP = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """A group number for each row, and how far the row is from the middle of its group (0 is the middle)."""

    numbers: I64
    distances: F32


def appearance(image: Image.Image) -> F32:
    """What the picture looks like as a whole: ROW_VALUES numbers."""
    return whole_of(work_size(pixels_of(image), _LONG_SIDE))


def group(rows: F32, *, seed: int, count: int | None = None) -> Groups:
    """Groups of rows that are alike, numbered so that neighbouring numbers are alike too.

    `count` None chooses by the number of rows. The same rows and seed give the same groups.
    """
    if not len(rows):
        return Groups(numbers=np.zeros(0, np.int64), distances=np.zeros(0, np.float32))
    points = _short(rows)
    wanted = min(len(rows), count or max(2, min(_MOST_GROUPS, round((len(rows) / 2) ** 0.5))))
    outcomes = [_clusters(points, wanted, np.random.default_rng([seed, 301, attempt])) for attempt in range(_TRIES)]
    nearest, centres, _ = min(outcomes, key=lambda outcome: outcome[2])
    place = np.empty(len(centres), np.int64)
    place[_chain(centres, np.bincount(nearest, minlength=len(centres)))] = np.arange(len(centres))
    distances = np.sqrt(((points - centres[nearest]) ** 2).sum(1))
    return Groups(numbers=place[nearest], distances=distances.astype(np.float32))


def _short(rows: F32) -> F32:
    """The rows, every value counting alike, along the axes in which they differ most."""
    scaled = np.clip((rows - rows.mean(0)) / (rows.std(0) + np.float32(1e-3)), -_CLIP, _CLIP)
    _, variances, axes = np.linalg.svd(scaled, full_matrices=False)
    kept = min(_AXES, int((variances > 1e-3 * variances[0]).sum()) or 1)
    # The square root of the spread: the first axes lead, but do not drown the others.
    return (scaled @ axes[:kept].T) / np.sqrt(np.maximum(variances[:kept], np.float32(1e-6)))


def _clusters(points: F32, count: int, rng: np.random.Generator) -> tuple[I64, F32, float]:
    """k-means from centres far apart (k-means++): the nearest centre of each point, the centres, the cost."""
    centres = points[rng.integers(len(points))][None].copy()
    while len(centres) < count:
        away = _squares(points, centres).min(1)
        total = float(away.sum())
        share = None if total <= 0 else away.astype(np.float64) / float(away.astype(np.float64).sum())
        centres = np.concatenate([centres, points[rng.choice(len(points), p=share)][None]])
    for _ in range(_ROUNDS):
        nearest = _squares(points, centres).argmin(1)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, points)
        filled = sizes > 0
        centres[filled] = sums[filled] / sizes[filled, None].astype(np.float32)
    squares = _squares(points, centres)
    return squares.argmin(1), centres, float(squares.min(1).sum())


def _squares(points: F32, centres: F32) -> F32:
    squares = (points * points).sum(1, keepdims=True) + (centres * centres).sum(1) - 2 * (points @ centres.T)
    return np.maximum(squares, 0)


def _chain(centres: F32, sizes: I64) -> I64:
    """From the largest group always to the nearest that is left."""
    left = set(range(len(centres)))
    here = int(sizes.argmax())
    order = [here]
    left.remove(here)
    while left:
        here = min(sorted(left), key=lambda one: float(((centres[one] - centres[here]) ** 2).sum()))
        left.remove(here)
        order.append(here)
    return np.array(order, np.int64)
