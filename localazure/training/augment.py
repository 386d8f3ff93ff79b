"""Variations of a picture: what may change without changing what it shows.

Owns: how much of each variation. Copy 0 is the picture itself. The dice are thrown by the caller's generator.
"""

import numpy as np

from localazure.training.arrays import F32, U8
from localazure.training.raster import blur, resize_pixels

__all__ = ["augmented"]


def augmented(pixels: U8, boxes: F32, rng: np.random.Generator) -> tuple[U8, F32]:
    """Turned, mirrored, stretched and lit differently; the boxes go along."""
    if rng.random() < 0.3:
        pixels, boxes = _quarter_turn(pixels, boxes)
    if rng.random() < 0.5:
        pixels, boxes = _mirrored(pixels, boxes)
    pixels, boxes = _stretched(pixels, boxes, rng)
    return _relit(pixels, rng), boxes


def _quarter_turn(pixels: U8, boxes: F32) -> tuple[U8, F32]:
    width = pixels.shape[1]
    turned = np.stack([boxes[:, 1], width - boxes[:, 2], boxes[:, 3], width - boxes[:, 0]], 1)
    return np.ascontiguousarray(np.rot90(pixels)), turned


def _mirrored(pixels: U8, boxes: F32) -> tuple[U8, F32]:
    width = pixels.shape[1]
    mirrored = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
    return np.ascontiguousarray(pixels[:, ::-1]), mirrored


def _stretched(pixels: U8, boxes: F32, rng: np.random.Generator) -> tuple[U8, F32]:
    height, width = pixels.shape[:2]
    scale, aspect = np.exp(rng.uniform(-0.35, 0.3)), np.exp(rng.uniform(-0.12, 0.12))
    to = (max(16, int(width * scale * aspect)), max(16, int(height * scale / aspect)))
    factors = np.array([to[0] / width, to[1] / height] * 2, np.float32)
    return resize_pixels(pixels, *to), boxes * factors


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
