"""What the classifier measures in a picture: one row for the whole, and one row per place.

Owns: the working size and both kinds of row. They stand on the detector's 40 planes (`channels.py`).

    whole    mean and spread of each plane, over the picture and over its middle, their difference, and how
             strong the strongest tenth and hundredth are: 280 numbers that know no place
    places   every third channel pixel both ways: its colour, and all planes blurred over a small, a middle and
             (colours only) a large neighbourhood: 96 numbers per place

Leaves: what the rows mean to `classifier_words.py` and `classifier_logistic.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, U8
from localazure.training.channels import CHANNELS, COLOUR_CHANNELS, channels
from localazure.training.raster import blur, resize

__all__ = ["LONG_SIDE", "PLACE_VALUES", "WHOLE_VALUES", "Sight", "centre_weights", "see", "whole_of"]

LONG_SIDE = 256
"""The working size: the longer side of every picture, in training and in prediction."""
WHOLE_VALUES = 7 * CHANNELS
PLACE_VALUES = 3 + 2 * CHANNELS + COLOUR_CHANNELS

_STEP = 3
_MIDDLE = 0.22
_QUANTILES = (0.9, 0.99)
_SPARSE = 5
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """One picture, measured.

    `places` has one row per place, row by row of a grid of `rows` x `columns`.
    """

    whole: F32
    places: F32
    rows: int
    columns: int


def see(pixels: U8) -> Sight:
    """Measure a picture of working size."""
    planes = channels(pixels)
    offset = _STEP // 2
    near = _each(planes, lambda some: blur(some, 1.5))[offset::_STEP, offset::_STEP]
    rows, columns = near.shape[:2]

    def spread_out(some: F32, sigma: float) -> F32:
        return resize(blur(some, sigma), columns, rows)

    middle = _each(planes[::2, ::2], lambda some: spread_out(some, 2.5))
    far = _each(planes[::4, ::4, :COLOUR_CHANNELS], lambda some: spread_out(some, 3.0))
    colour = planes[offset::_STEP, offset::_STEP, :3]
    grid = np.concatenate([colour, near, middle, far], axis=-1)
    return Sight(whole=_whole(planes), places=grid.reshape(-1, PLACE_VALUES), rows=rows, columns=columns)


def whole_of(pixels: U8) -> F32:
    """Only the row for the whole picture: WHOLE_VALUES numbers, in a fraction of the time."""
    return _whole(channels(pixels))


def centre_weights(rows: int, columns: int, sigma: float) -> F32:
    """A weight for each place of a grid, largest in the middle; together 1. `sigma` is in picture sides."""
    down = (np.arange(rows, dtype=np.float32) + np.float32(0.5)) / np.float32(rows) - np.float32(0.5)
    across = (np.arange(columns, dtype=np.float32) + np.float32(0.5)) / np.float32(columns) - np.float32(0.5)
    weights = np.exp((down[:, None] ** 2 + across[None, :] ** 2) * np.float32(-0.5 / sigma**2))
    return weights / weights.sum()


def _each(planes: F32, change: Callable[[F32], F32]) -> F32:
    """OpenCV takes four planes at once."""
    groups = [np.ascontiguousarray(planes[..., at : at + _AT_ONCE]) for at in range(0, planes.shape[2], _AT_ONCE)]
    changed = [change(group) for group in groups]
    return np.concatenate([one if one.ndim == 3 else one[..., None] for one in changed], axis=-1)


def _whole(planes: F32) -> F32:
    rows, columns = planes.shape[:2]
    flat = planes.reshape(-1, CHANNELS)
    weights = centre_weights(rows, columns, _MIDDLE).reshape(-1)
    squares = flat * flat
    mean, middle = flat.mean(0), weights @ flat
    spread, middle_spread = _root(squares.mean(0) - mean * mean), _root(weights @ squares - middle * middle)
    some = np.ascontiguousarray(flat[::_SPARSE].T)
    ranks = [int(share * (some.shape[1] - 1)) for share in _QUANTILES]
    strongest = np.partition(some, ranks, axis=1)[:, ranks].T
    return np.concatenate([mean, spread, middle, middle_spread, middle - mean, *strongest]).astype(np.float32)


def _root(values: F32) -> F32:
    return np.sqrt(np.maximum(values, 0))
