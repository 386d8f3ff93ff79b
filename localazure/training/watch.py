"""How far a training is, and whether it shall stop.

Owns: the progress of named parts, and the look at "cancelled?" after every step of them.
Leaves: where progress goes and who cancels to the caller.
"""

from collections.abc import Callable

from localazure.training.errors import TrainingCancelled

__all__ = ["Cancelled", "Progress", "Step", "Watch"]

Progress = Callable[[float, str, str], None]
"""Called with the fraction done, the stage and a detail."""
Cancelled = Callable[[], bool]
Step = Callable[[], None]


class Watch:
    """Counts the steps of one part after the other."""

    def __init__(self, progress: Progress, cancelled: Cancelled) -> None:
        self._progress, self._cancelled = progress, cancelled
        self._done = 0.0

    def part(self, stage: str, *, until: float, steps: int) -> Step:
        """A function to call after each of so many steps; the last brings the whole to `until`."""
        start, taken = self._done, 0
        self._done = until

        def step() -> None:
            nonlocal taken
            if self._cancelled():
                raise TrainingCancelled("the training was cancelled")
            taken += 1
            share = min(1.0, taken / max(1, steps))
            self._progress(start + (until - start) * share, stage, f"{min(taken, steps)} of {steps}")

        return step
