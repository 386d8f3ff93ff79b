"""The array types of training, by name.

Owns: nothing but names. `F32` is what is computed with: float32 throughout. For the type checker it is any float,
because numpy's own types forget the width in arithmetic. `U8` is a picture (height, width, RGB).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["F32", "I64", "U8", "Bools"]

F32 = npt.NDArray[np.floating[Any]]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
