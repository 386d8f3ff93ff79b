"""From which score on a prediction counts: as given, for a wanted precision, or where F1 is best.

Owns: the choice, and how it is said. Leaves: curves to `scores.py`.
"""

from dataclasses import dataclass

from automation.coco.evaluation.scores import Ranking
from automation.errors import Refused

__all__ = ["Wanted", "chosen_threshold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A threshold, or the precision that it has to give; with neither it is where F1 is best."""

    threshold: float | None = None
    precision: float | None = None


def chosen_threshold(ranking: Ranking, wanted: Wanted) -> tuple[float, str]:
    """The threshold, and how it came about.

    Raises:
        Refused: No threshold gives the wanted precision.
    """
    if wanted.threshold is not None:
        return wanted.threshold, "given"
    best = ranking.best()
    if wanted.precision is not None:
        reached = ranking.reaching(wanted.precision)
        if reached is None:
            most = max((point.precision or 0.0 for point in (*ranking.points(), *([best] if best else []))), default=0)
            raise Refused(
                f"no threshold gives a precision of {wanted.precision:g}; the most is about {most:.3f}",
                hint="ask for less with --precision, or set --threshold",
            )
        return reached.threshold, f"the lowest with precision {wanted.precision:g}"
    return (best.threshold, "best F1") if best is not None and best.f1 else (0.5, "nothing was hit at any threshold")
