"""What a training sees of a picture: 40 planes of colour, edges and spots, at half the working size.

Owns: the working size and the planes. There are no filters to learn; the planes are chosen so that simple
statistics over a window of them (`windows.py`) tell one thing from another.

    0-2     L, a, b
    3-10    eight hues, weighted by chroma
    11-12   colourless light and dark
    13-21, 22-30, 31-39   one block per scale (fine, middle, coarse):
            gradient strength, six orientations, light spots, dark spots

Leaves: reading files to `pictures.py`, variation of pictures to `augment.py`.
"""

import math

import numpy as np

from localazure.training.arrays import F32, U8
from localazure.training.raster import blur, box_blur, halve, lab, resize_pixels, sobel, stack

__all__ = ["CHANNELS", "COLOUR_CHANNELS", "QUICK_CHANNELS", "STRIDE", "channels", "work_size"]

STRIDE = 2
"""One channel pixel covers this many pixels of the working-size picture, both ways."""
COLOUR_CHANNELS = 13
"""The first so many planes know colour only."""
QUICK_CHANNELS = (0, 1, 2, 13, 22, 31)
"""L, a, b and the three gradient strengths: enough to guess where things are."""
CHANNELS = 40

_HUES = 8
_ORIENTATIONS = 6
_SCALES = (0.8, 2.0, 4.0)
_SHORTEST_SIDE = 16


def work_size(pixels: U8, long_side: int) -> U8:
    """The picture with its longer side at `long_side`."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    to = (max(_SHORTEST_SIDE, round(width * scale)), max(_SHORTEST_SIDE, round(height * scale)))
    return resize_pixels(pixels, *to)


def channels(pixels: U8) -> F32:
    """The planes of a working-size picture: (height // 2, width // 2, 40)."""
    full = lab(pixels)
    half = halve(full)
    planes = _colours(half)
    for sigma in _SCALES:
        # A blur above one pixel loses nothing at half size, and costs a quarter there.
        planes += (
            _edges(full, sigma, sigma, at_half=False) if sigma <= 1 else _edges(half, sigma / 2, sigma, at_half=True)
        )
    return stack(planes)


def _colours(half: F32) -> list[F32]:
    light, green_red, blue_yellow = half[..., 0], half[..., 1], half[..., 2]
    chroma = np.sqrt(green_red * green_red + blue_yellow * blue_yellow) + np.float32(1e-4)
    coloured = np.minimum(chroma * 2, 1)
    planes = [light, green_red, blue_yellow]
    for hue in range(_HUES):
        angle = hue * 2 * math.pi / _HUES
        along = (green_red * np.float32(math.cos(angle)) + blue_yellow * np.float32(math.sin(angle))) / chroma
        planes.append(coloured * np.maximum(along, 0) ** 4)
    return [*planes, (1 - coloured) * light, (1 - coloured) * (1 - light)]


def _edges(planes: F32, sigma: float, gain: float, *, at_half: bool) -> list[F32]:
    """Gradient strength, orientations and spots at one scale. The plane that differs most gives the gradient."""
    smooth = blur(planes, sigma)
    all_x, all_y = sobel(smooth, scale=gain)
    squared = all_x * all_x + all_y * all_y
    x, y, strongest = all_x[..., 0], all_y[..., 0], squared[..., 0]
    for plane in (1, 2):
        stronger = squared[..., plane] > strongest
        x = np.where(stronger, all_x[..., plane], x)
        y = np.where(stronger, all_y[..., plane], y)
        strongest = np.maximum(strongest, squared[..., plane])
    strength = np.sqrt(strongest) + np.float32(1e-5)
    # Relative to its surroundings, so that a faint edge in a calm place counts as well.
    relative = strength / (box_blur(strength, int(8 * sigma) | 1) + np.float32(0.05))
    x, y = x / strength, y / strength
    found = [np.minimum(strength, 1)]
    for orientation in range(_ORIENTATIONS):
        angle = orientation * math.pi / _ORIENTATIONS
        along = x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle))
        along *= along
        found.append(relative * along * along)
    spot = (smooth[..., 0] - blur(smooth[..., 0].copy(), sigma * 1.25)) * np.float32(8)
    found += [np.clip(spot, 0, 1), np.clip(-spot, 0, 1)]
    return found if at_half else [halve(np.ascontiguousarray(plane)) for plane in found]
