"""The few OpenCV operations we use, typed: arrays in, arrays out.

Owns: the door to OpenCV. One thread, so that a training is repeatable and leaves the machine usable.
Leaves: what the operations are good for to `channels.py`, `augment.py` and the classifier.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from localazure.training.arrays import F32, U8

__all__ = ["blur", "box_blur", "halve", "lab", "resize", "resize_pixels", "sobel", "stack", "summed"]

cv2.setNumThreads(1)


def resize_pixels(pixels: U8, width: int, height: int) -> U8:
    """A picture in another size: averaged when it shrinks, interpolated when it grows."""
    smaller = width * height < pixels.shape[0] * pixels.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=how), dtype=np.uint8)


def resize(plane: F32, width: int, height: int) -> F32:
    """A plane, or a stack of up to four, in another size, interpolated."""
    return np.asarray(cv2.resize(plane, (width, height)), dtype=np.float32)


def halve(plane: F32) -> F32:
    """Half the size, by averages of 2 x 2; an odd last row or column is dropped."""
    height, width = plane.shape[0] // 2, plane.shape[1] // 2
    even = plane[: height * 2, : width * 2]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)


def lab(pixels: U8) -> F32:
    """CIELAB, each value about between -1 and 1: L/100, a/60, b/60."""
    rgb = pixels.astype(np.float32) * np.float32(1 / 255)
    scale = np.array([0.01, 1 / 60, 1 / 60], np.float32)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), dtype=np.float32) * scale


def blur(planes: F32, sigma: float) -> F32:
    """Gaussian blur of a plane, or of a stack of up to four."""
    return np.asarray(cv2.GaussianBlur(planes, (0, 0), sigma), dtype=np.float32)


def box_blur(plane: F32, side: int) -> F32:
    """The mean of a square around each pixel."""
    return np.asarray(cv2.blur(plane, (side, side)), dtype=np.float32)


def sobel(planes: F32, *, scale: float) -> tuple[F32, F32]:
    """The horizontal and the vertical gradient, times `scale`."""
    horizontal = cv2.Sobel(planes, cv2.CV_32F, 1, 0, scale=scale)
    vertical = cv2.Sobel(planes, cv2.CV_32F, 0, 1, scale=scale)
    return np.asarray(horizontal, dtype=np.float32), np.asarray(vertical, dtype=np.float32)


def summed(planes: F32) -> F32:
    """The sum of everything above and left of each pixel, with a row and a column of zeros before the first."""
    return np.asarray(cv2.integral(planes, sdepth=cv2.CV_64F), dtype=np.float32)


def stack(planes: Sequence[F32]) -> F32:
    """Planes of one size, as one array (height, width, plane)."""
    return np.asarray(cv2.merge([np.ascontiguousarray(plane) for plane in planes]), dtype=np.float32)
