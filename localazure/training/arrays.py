"""The array types of training, by name.

Owns: nothing but names. `F32` is what is computed with, `U8` is a picture (height, width, RGB).
"""

import numpy as np
import numpy.typing as npt

__all__ = ["F32", "I64", "U8", "Bools"]

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
