"""The figures of models as a teacher reads them: few, named as people name them, and the one that counts.

Owns: which of the service's figures are shown. Leaves: asking for them to `results.py`.
"""

from collections.abc import Mapping
from typing import cast

__all__ = ["FIGURES", "figures_of", "headline_of", "main_figure"]

FIGURES: tuple[tuple[str, str], ...] = (
    ("meanAveragePrecision50", "mAP@50"),
    ("accuracyTop1", "accuracy"),
    ("meanAveragePrecision75", "mAP@75"),
    ("meanAveragePrecision30", "mAP@30"),
    ("averagePrecision", "average precision"),
)
"""The service's name and ours; the first that a model has is the one that counts."""


def figures_of(performance: object) -> dict[str, float]:
    """The figures of one model, by our names, in the order of FIGURES."""
    found = _mapping(performance)
    numbers = {ours: found.get(theirs) for theirs, ours in FIGURES}
    return {
        name: float(value)
        for name, value in numbers.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def main_figure(figures: Mapping[str, float]) -> tuple[str, float] | None:
    """The figure that counts, with its name."""
    return next(((ours, figures[ours]) for _, ours in FIGURES if ours in figures), None)


def headline_of(models: object) -> str:
    """Each model's figure that counts, in one line; `models` maps names to what the service said of them."""
    told = {name: main_figure(figures_of(performance)) for name, performance in _mapping(models).items()}
    return ", ".join(f"{name} {main[0]} {main[1]:.3f}" for name, main in told.items() if main)


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
