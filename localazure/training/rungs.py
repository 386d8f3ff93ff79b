"""How much training a data set gets: decided beforehand, from its size and the budget, never from the clock.

Owns: the rungs and what each costs. The table is fixed, so that the same data, budget and seed give the same model on a
busy machine as on an idle one; the clock may only end a training, not shape it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from localazure.training.errors import NotEnoughBudget

__all__ = ["Rung", "choose_rung", "rungs"]

_LONG_BUDGET_S = 2 * 3600.0
"""From this budget on a training takes its time; below, it ends as soon as more would hardly help."""
_SAMPLES_A_VIEW = 160
_MOST_SAMPLES = 100_000

# Seconds on one thread of a busy machine; an idle one takes about half.
_START_S = 4.0
_PICTURE_S = 0.3
_VIEW_S = 0.1
_SAMPLE_EPOCH_S = 20e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """`copies` variations of each picture; `heads` of `epochs` each; `folds` to check with, `fold_epochs` each.

    A head is fitted in `least_steps` steps or more: few samples are gone over more often.
    `share` is the part of the usual samples that a view gives: below 1 for large data sets, whose views are many.
    """

    copies: int
    heads: int
    epochs: int
    folds: int
    fold_epochs: int
    interim_epochs: int = 6
    proposal_epochs: int = 6
    share: float = 1.0
    least_steps: int = 300

    def cost_s(self, pictures: int) -> float:
        """What it takes, by the fixed table."""
        views = pictures * self.copies
        epochs = self.heads * self.epochs + self.folds * self.fold_epochs + self.interim_epochs
        samples = views * _SAMPLES_A_VIEW * self.share
        return _START_S + pictures * _PICTURE_S + views * _VIEW_S + samples * epochs * _SAMPLE_EPOCH_S


def rungs(pictures: int) -> Sequence[Rung]:
    """What there is to choose from, best first. The more pictures, the fewer variations of each are needed."""
    return (
        _rung(pictures, views=900, most_copies=16, heads=3, epochs=25, folds=4, fold_epochs=10),
        _rung(pictures, views=320, most_copies=8, heads=1, epochs=16, folds=4, fold_epochs=8),
        _rung(pictures, views=100, most_copies=3, heads=1, epochs=12, folds=3, fold_epochs=5),
        _rung(pictures, views=1, most_copies=1, heads=1, epochs=8, folds=2, fold_epochs=4, least_steps=100),
    )


def choose_rung(pictures: int, budget_s: float) -> Rung:
    """The best rung that the budget surely pays for. Raises NotEnoughBudget."""
    thorough, good, *lesser = rungs(pictures)
    for rung in ([thorough] if budget_s >= _LONG_BUDGET_S else []) + [good, *lesser]:
        if rung.cost_s(pictures) <= budget_s:
            return rung
    raise NotEnoughBudget(
        f"training on {pictures} pictures needs at least {_time(lesser[-1].cost_s(pictures))} and should have "
        f"{_time(good.cost_s(pictures))}; the budget is {_time(budget_s)}"
    )


def _rung(pictures: int, *, views: int, most_copies: int, **rest: int) -> Rung:
    copies = max(1, min(most_copies, round(views / pictures)))
    share = min(1.0, _MOST_SAMPLES / (pictures * copies * _SAMPLES_A_VIEW))
    return Rung(copies=copies, share=share, **rest)


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{math.ceil(seconds)} seconds"
    return f"{math.ceil(seconds / 60)} minutes" if seconds < 7200 else f"{math.ceil(seconds / 3600)} hours"
