"""Procedural noise: the grain of everything that is drawn.

Owns: fractal noise, cells (pebbles), fibres (wood, fur), plain grain.
Every function takes its generator, so a seed gives a picture.
Leaves: what a texture means to `backgrounds`, `fruit`, `pets`.
"""

from dataclasses import dataclass

import numpy as np

from automation.drawing.pixels import Plane, blur, resize

__all__ = ["Cells", "cells", "fibres", "fractal", "grain"]


def fractal(
    rng: np.random.Generator, height: int, width: int, *, cells_across: float, octaves: int, fade: float = 0.5
) -> Plane:
    """Cloud-like noise around 0.5: layers, each twice as fine and `fade` times as strong as the one before."""
    total = np.zeros((height, width), np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        across = min(max(2, round(cells_across * 2**octave)), width)
        down = min(max(2, round(across * height / width)), height)
        layer = rng.random((down + 1, across + 1), dtype=np.float32)
        total += weight * resize(layer, width, height)
        weights += weight
        weight *= fade
    return total / np.float32(weights)


def grain(rng: np.random.Generator, height: int, width: int, *, sigma: float) -> Plane:
    """Noise without direction whose grains are `sigma` pixels wide; mean 0, deviation 1."""
    noise = rng.standard_normal((height, width), dtype=np.float32)
    if sigma > 0.3:
        noise = blur(noise, sigma)
    return (noise / (noise.std() + 1e-6)).astype(np.float32)


def fibres(rng: np.random.Generator, along: Plane, across: Plane) -> Plane:
    """Fine lines along one axis: about 38 units long, 1 unit wide; mean 0, deviation 1."""
    table = rng.standard_normal((64, 512), dtype=np.float32)
    row = np.mod(along / 38.0, 64)
    first = row.astype(np.intp)
    share = row - first
    column = np.floor(across * 1.1).astype(np.intp) % 512
    return table[first % 64, column] * (1 - share) + table[(first + 1) % 64, column] * share


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A plane broken into cells around scattered points.

    Attributes:
        edge: Distance to the nearest border between two cells, in cell sizes (0 on the border).
        dx: Horizontal offset from the cell's point, in cell sizes.
        dy: Vertical offset from the cell's point, in cell sizes.
        key: A random number in 0..1 per cell.
    """

    edge: Plane
    dx: Plane
    dy: Plane
    key: Plane


def cells(rng: np.random.Generator, height: int, width: int, *, size: float, jitter: float = 0.8) -> Cells:
    """Break the plane into cells of about `size` pixels; without `jitter` they are squares.

    Measured at half the resolution, which is four times as fast and looks the same.
    """
    full = (width, height)
    height, width, size = height // 2, width // 2, size / 2
    rows, columns = int(height / size) + 3, int(width / size) + 3
    offsets = (0.5 + jitter * (rng.random((2, rows, columns), dtype=np.float32) - 0.5)).astype(np.float32)
    keys = rng.random((rows, columns), dtype=np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(size) + 1.0
    row, column = y.astype(np.intp), x.astype(np.intp)
    nearest = np.full((height, width), 9.0, np.float32)
    second = nearest.copy()
    dx, dy, key = np.zeros_like(nearest), np.zeros_like(nearest), np.zeros_like(nearest)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            r, c = np.clip(row + down, 0, rows - 1), np.clip(column + right, 0, columns - 1)
            px, py = x - (c + offsets[0][r, c]), y - (r + offsets[1][r, c])
            distance = np.sqrt(px * px + py * py)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            nearest = np.where(closer, distance, nearest)
            dx, dy = np.where(closer, px, dx), np.where(closer, py, dy)
            key = np.where(closer, keys[r, c], key)
    edge, dx, dy, key = (resize(plane, *full, smooth=False) for plane in ((second - nearest) / 2, dx, dy, key))
    return Cells(edge=blur(edge, 0.8), dx=blur(dx, 0.8), dy=blur(dy, 0.8), key=blur(key, 0.8))
