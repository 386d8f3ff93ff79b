"""A bound on what a template may compute, so that a small text cannot ask for a huge value.

Owns: the counting. Leaves: where it is counted to `evaluate.py`.
"""

from typing import Any

from localazure.arm.deployments.failures import ExpressionError
from localazure.arm.deployments.values import is_array, is_object

__all__ = ["Fuel"]

_STEPS = 2_000_000
_LETTERS_A_STEP = 100


class Fuel:
    """One tank for a deployment."""

    def __init__(self) -> None:
        self._left = _STEPS

    def burn(self, value: Any = None) -> None:
        """Count one step and the size of a value that was made. Raises ExpressionError when the tank is empty."""
        todo = [value]
        while todo:
            self._left -= 1
            if self._left < 0:
                raise ExpressionError(f"The template asks for more than {_STEPS} steps of computing.")
            item = todo.pop()
            if is_array(item):
                todo += item
            elif is_object(item):
                todo += item.values()
            elif isinstance(item, str):
                self._left -= len(item) // _LETTERS_A_STEP
