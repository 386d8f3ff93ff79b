"""The one door to OpenCV, and the kinds of array that drawing passes around.

Owns: typed forms of the few OpenCV calls that drawing needs, and colours.
Leaves: what is drawn to the modules beside it. Imported only when something is drawn (OpenCV takes a while to load).
"""

import colorsys
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Pixels",
    "Plane",
    "blend",
    "blur",
    "hsv",
    "jpeg",
    "power",
    "resize",
    "slopes",
    "smoothstep",
    "unsharp",
]

Plane: TypeAlias = NDArray[np.floating[Any]]
"""One value per pixel: height x width."""

Pixels: TypeAlias = NDArray[np.floating[Any]]
"""Red, green, blue in 0..1 per pixel: height x width x 3."""


def blur(values: Plane, sigma: float) -> NDArray[np.float32]:
    """`values` seen through a Gaussian of `sigma` pixels; the border is mirrored."""
    return cast(
        "NDArray[np.float32]", cv2.GaussianBlur(values.astype(np.float32, copy=False), (0, 0), max(sigma, 0.05))
    )


def power(values: Plane, exponent: float) -> NDArray[np.float32]:
    """`values` in 0..1 to the power of `exponent` (OpenCV's is several times faster than numpy's)."""
    return cast("NDArray[np.float32]", cv2.pow(np.clip(values, 0.0, 1.0).astype(np.float32, copy=False), exponent))


def unsharp(values: Pixels, amount: float) -> Pixels:
    """`values` with the edges a camera's own sharpening would give them."""
    return (values + amount * (values - blur(values, 1.2))).astype(np.float32)


def resize(values: NDArray[np.float32], width: int, height: int, *, smooth: bool = True) -> NDArray[np.float32]:
    """`values` at another size: cubic when it grows and is `smooth`, area mean when it shrinks."""
    shrinks = width < values.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    return cast("NDArray[np.float32]", cv2.resize(values, (width, height), interpolation=how))


def jpeg(image: NDArray[np.uint8], quality: int) -> bytes:
    """The JPEG file of an RGB picture."""
    swapped = np.ascontiguousarray(image[..., ::-1])
    done, data = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise MemoryError("OpenCV could not encode a picture")
    return data.tobytes()


def hsv(hue: float, saturation: float, value: float) -> NDArray[np.float32]:
    """A colour from hue (any turn), saturation and value (clipped to 0..1)."""
    clipped = (min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, *clipped), np.float32)


def smoothstep(values: Plane, start: float, end: float) -> NDArray[np.float32]:
    """0 at `start`, 1 at `end`, smooth between and flat beyond; `start` may be the larger one."""
    t = np.clip((values - start) / (end - start), 0.0, 1.0)
    return (t * t * (3.0 - 2.0 * t)).astype(np.float32)


def slopes(values: Plane) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much `values` grows per pixel to the right, and downwards."""
    down, right = cast("tuple[NDArray[np.float32], NDArray[np.float32]]", np.gradient(values))
    return right, down


def blend(below: Pixels, above: Pixels | NDArray[np.float32], share: Plane) -> Pixels:
    """`above` over `below`, as opaque as `share` says per pixel."""
    mixed: Pixels = above - below
    mixed *= share.astype(np.float32, copy=False)[..., None]
    mixed += below
    return mixed
