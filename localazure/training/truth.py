"""What training aims at: the boxes of a picture, in channel pixels.

Owns: the types, and which picture belongs to which fold of a cross-validation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64
from localazure.training.windows import View

__all__ = ["Scene", "Truth", "folds_by_image"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """Boxes with a class index each."""

    boxes: F32
    labels: I64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """One view of one picture with its truth, and the dice for whatever is drawn from it by lot."""

    picture: int
    view: View
    truth: Truth
    rng: np.random.Generator


def folds_by_image(labels: Sequence[I64], folds: int, *, seed: int) -> I64:
    """A fold for each picture, so that folds are of one size and each class is spread over them as evenly as can be.

    There are never more folds than pictures.
    """
    folds = max(1, min(folds, len(labels)))
    full = math.ceil(len(labels) / folds)
    rng = np.random.default_rng([seed, 101])
    counts = np.bincount(np.concatenate([np.zeros(0, np.int64), *labels]))
    rarest = [min((int(counts[label]) for label in shown), default=len(labels) + 1) for shown in labels]
    held = np.zeros((folds, len(counts)), np.int64)
    sizes = [0] * folds
    dealt = np.zeros(len(labels), np.int64)
    # Pictures with the rarest classes are dealt first, each to the fold that has least of what it shows.
    for picture in sorted(range(len(labels)), key=lambda number: (rarest[number], rng.random())):
        shown = np.unique(labels[picture])
        ranks = [(int(held[fold][shown].sum()), sizes[fold], fold) for fold in range(folds) if sizes[fold] < full]
        fold = min(ranks)[-1]
        dealt[picture] = fold
        sizes[fold] += 1
        held[fold] += np.bincount(labels[picture], minlength=len(counts))
    return dealt
