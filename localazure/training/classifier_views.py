"""Variations of a picture for the classifier: what may change without changing what the picture shows.

Owns: how much of each. Unlike the detector's (`augment.py`) there are no boxes to carry along, pictures may be cut, and
there are no quarter turns: what tells pets, rooms or signs apart often stands upright. Copy 0 is the picture itself.
"""

import math

import numpy as np

from localazure.training.arrays import U8
from localazure.training.raster import blur, resize_pixels

__all__ = ["varied"]

_SHORTEST_SIDE = 16


def varied(pixels: U8, rng: np.random.Generator) -> U8:
    """Cut, mirrored, stretched and lit differently."""
    pixels = _cut(pixels, rng)
    if rng.random() < 0.5:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    height, width = pixels.shape[:2]
    scale, aspect = math.exp(rng.uniform(-0.3, 0.25)), math.exp(rng.uniform(-0.12, 0.12))
    to = (max(_SHORTEST_SIDE, round(width * scale * aspect)), max(_SHORTEST_SIDE, round(height * scale / aspect)))
    return _relit(resize_pixels(pixels, *to), rng)


def _cut(pixels: U8, rng: np.random.Generator) -> U8:
    """At least 85 % of each side, anywhere."""
    height, width = pixels.shape[:2]
    tall, wide = (max(_SHORTEST_SIDE, round(side * rng.uniform(0.85, 1.0))) for side in (height, width))
    top, left = int(rng.integers(max(1, height - tall + 1))), int(rng.integers(max(1, width - wide + 1)))
    return pixels[top : top + tall, left : left + wide]


def _relit(pixels: U8, rng: np.random.Generator) -> U8:
    """Other light, other white balance, other saturation, a little blur and noise."""
    gains = rng.uniform(0.7, 1.25) * (1 + rng.normal(0, 0.05, 3))
    lit = pixels * gains.astype(np.float32)
    grey = lit.mean(2, keepdims=True)
    lit = grey + (lit - grey) * np.float32(rng.uniform(0.7, 1.3))
    if rng.random() < 0.3:
        lit = blur(lit, rng.uniform(0.4, 1.2))
    lit += rng.standard_normal(lit.shape, np.float32) * np.float32(rng.uniform(0, 6))
    return np.clip(lit, 0, 255).astype(np.uint8)
