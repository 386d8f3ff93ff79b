"""What a picture looks like, in 64 bits: alike pictures differ in few of them.

Owns: the print, by the low frequencies of a small grey copy (scale, compression and a little light change them hardly).
Leaves: which prints are near each other to `near`.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["print_of"]

SIDE_PX, LOW = 32, 8
_FLAT = 2.0  # grey levels of spread below which only noise would be compared
# EXIF orientation: (rows upside down, columns left to right, then rows and columns change places)
_TURNS = {2: (0, 1, 0), 3: (1, 1, 0), 4: (1, 0, 0), 5: (0, 0, 1), 6: (1, 0, 1), 7: (1, 1, 1), 8: (0, 1, 1)}


def print_of(image: "Image.Image", orientation: int = 1) -> int | None:
    """The print of a decoded picture as it is shown; None for a picture of one colour, which is like too many."""
    from PIL import Image as Pictures

    small = image.convert("L").resize((SIDE_PX, SIDE_PX), Pictures.Resampling.BOX)
    grey = np.asarray(small, np.float64)
    if grey.std() < _FLAT:
        return None
    upside, mirrored, turned = _TURNS.get(orientation, (0, 0, 0))
    grey = grey[:: -1 if upside else 1, :: -1 if mirrored else 1]
    low = (_waves() @ (grey.T if turned else grey) @ _waves().T).ravel()
    bits = low > np.median(low[1:])  # the first is the mean: brightness is nothing to tell pictures by
    bits[0] = False
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@cache
def _waves() -> NDArray[np.float64]:
    """Float (8, 32): the cosines of the lowest frequencies."""
    steps = np.arange(SIDE_PX) + 0.5
    return np.cos(np.pi / SIDE_PX * np.arange(LOW)[:, None] * steps)
