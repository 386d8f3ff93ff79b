"""A thing in a picture: what it is and where. The plain type that predictions and true labels share.

Owns: the type. It knows no numpy, so that whoever compares predictions with labels needs none.
"""

from dataclasses import dataclass

__all__ = ["Detection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A class index, how sure that is (1 for a true label), and a box in pixels of the upright picture."""

    class_index: int
    score: float = 1.0
    x: float
    y: float
    w: float
    h: float
