"""How much training a set of labelled pictures gets: decided from its size and the budget, never from the clock.

Owns: the classifier's rungs and their fixed costs; the reason is told in `rungs.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from localazure.training.errors import NotEnoughBudget

__all__ = [
    "CHECKS",
    "CHECK_FOLDS",
    "ClassifierRung",
    "choose_classifier_rung",
    "choose_several_rung",
    "classifier_rungs",
]

CHECKS = 3
"""How often the training of several classes is checked on pictures that it has not seen."""
CHECK_FOLDS = 2
"""Folds inside of each check; to choose a head with, there are as many as the rung says."""

# Seconds on one thread of a busy machine; an idle one takes about half.
_START_S = 2.0
_PICTURE_S = 0.06
_VIEW_S = 0.06
_WORD_S = 0.012
_VIEW_CLASS_FOLD_S = 0.0012
_VIEW_FIT_S = 0.0015


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierRung:
    """`copies` variations of each picture, `words` in the vocabulary, `folds` to choose and calibrate with."""

    copies: int
    words: int
    folds: int

    def cost_s(self, pictures: int, classes: int) -> float:
        """What it takes, by the fixed table."""
        views = pictures * self.copies
        heads = views * (1 + classes / 10) * (self.folds + 1) * _VIEW_CLASS_FOLD_S
        return _START_S + pictures * _PICTURE_S + views * _VIEW_S + self.words * _WORD_S + heads


def classifier_rungs(pictures: int) -> Sequence[ClassifierRung]:
    """What there is to choose from, best first. The more pictures, the fewer variations of each are needed."""
    return (
        ClassifierRung(copies=_copies(pictures, views=600, most=10), words=400, folds=5),
        ClassifierRung(copies=_copies(pictures, views=180, most=4), words=200, folds=4),
        ClassifierRung(copies=1, words=100, folds=3),
    )


def choose_classifier_rung(pictures: int, classes: int, budget_s: float) -> ClassifierRung:
    """The best rung that the budget surely pays for. Raises NotEnoughBudget."""
    offered = classifier_rungs(pictures)
    for rung in offered:
        if rung.cost_s(pictures, classes) <= budget_s:
            return rung
    least, good = (math.ceil(offered[place].cost_s(pictures, classes)) for place in (-1, 0))
    raise NotEnoughBudget(
        f"training a classifier on {pictures} pictures needs at least {least} seconds and should have {good}; "
        f"the budget is {math.floor(budget_s)} seconds"
    )


def choose_several_rung(pictures: int, classes: int, budget_s: float) -> ClassifierRung:
    """The same where each class has a classifier of its own. Raises NotEnoughBudget."""

    def cost_s(rung: ClassifierRung) -> float:
        fits = rung.folds + 1 + CHECKS * (CHECK_FOLDS + 1)
        return rung.cost_s(pictures, 0) + classes * fits * pictures * rung.copies * _VIEW_FIT_S

    offered = classifier_rungs(pictures)
    for rung in offered:
        if cost_s(rung) <= budget_s:
            return rung
    raise NotEnoughBudget(
        f"training {classes} classifiers on {pictures} pictures needs at least {math.ceil(cost_s(offered[-1]))} "
        f"seconds; the budget is {math.floor(budget_s)} seconds"
    )


def _copies(pictures: int, *, views: int, most: int) -> int:
    return max(1, min(most, round(views / pictures)))
