"""Grades out of figures: a scale of steps or of points.

Owns: how a scale is written and what it makes of a figure. Pure. Leaves: which figure counts to `figures.py`.
"""

from dataclasses import dataclass

from automation.errors import ConfigError

__all__ = ["DEFAULT_SCALE", "Scale", "parse_scale"]

DEFAULT_SCALE = "points=100"
MOST_STEPS = 30
MOST_POINTS = 10_000
_HINT = "write A=0.9,B=0.8,F=0 (from which figure on a grade is given) or points=20 (the figure times 20)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a figure between 0 and 1 becomes a grade.

    Attributes:
        points: The figure is multiplied by it, to one decimal; None where there are steps.
        steps: Grades with the least figure of each, highest first.
    """

    points: int | None = None
    steps: tuple[tuple[str, float], ...] = ()

    def grade(self, figure: float) -> str:
        """The grade; empty when the figure is below every step."""
        if self.points is not None:
            return f"{round(figure * self.points, 1):g}"
        return next((word for word, least in self.steps if figure >= least), "")


def parse_scale(text: str) -> Scale:
    """Read a scale. Raises ConfigError."""
    pairs = [part.partition("=") for part in text.split(",")]
    found = [(word.strip(), number.strip()) for word, _, number in pairs]
    if any(not word or not number for word, number in found) or len(found) > MOST_STEPS:
        raise ConfigError(f"{text!r} is no scale", hint=_HINT)
    if [word for word, _ in found] == ["points"]:
        if not found[0][1].isdecimal() or not 1 <= int(found[0][1]) <= MOST_POINTS:
            raise ConfigError(f"{text!r} is no scale: points are a whole number, 1 to {MOST_POINTS}", hint=_HINT)
        return Scale(points=int(found[0][1]))
    try:
        steps = tuple((word, float(number)) for word, number in found)
    except ValueError as exc:
        raise ConfigError(f"{text!r} is no scale: {exc}", hint=_HINT) from exc
    limits = [least for _, least in steps]
    if any(not 0 <= least <= 1 for least in limits):
        raise ConfigError(f"{text!r} is no scale: figures are between 0 and 1", hint=_HINT)
    if sorted(set(limits), reverse=True) != limits or len({word for word, _ in steps}) != len(steps):
        raise ConfigError(f"{text!r} is no scale: each step is lower than the one before it", hint=_HINT)
    return Scale(steps=steps)
