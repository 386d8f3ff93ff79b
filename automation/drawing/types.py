"""What drawing hands on: a picture, and what is marked in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Mark", "Picture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that is looked for.

    Attributes:
        label: Name of its class.
        box: left, top, width, height of its visible part in pixels; None when the picture as a whole has the label.
    """

    label: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawn picture.

    Attributes:
        pixels: RGB, 0..255.
        marks: What is to be found in it.
        owners: Per pixel the number of the thing that is seen there, -1 for the ground; in the order of placing.
        quality: JPEG quality to store it with.
    """

    pixels: NDArray[np.uint8]
    marks: tuple[Mark, ...]
    owners: NDArray[np.int16]
    quality: int
