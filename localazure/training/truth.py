"""What is in a picture, in channel pixels: the boxes that training aims at.

Owns: the type, and which image belongs to which fold of a cross-validation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64

__all__ = ["Truth", "folds_by_image"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """Boxes with a class index each."""

    boxes: F32
    labels: I64


def folds_by_image(labels: Sequence[I64], folds: int, *, seed: int) -> I64:
    """A fold for each image, so that each class is spread as evenly as can be. Never more folds than images."""
    folds = max(1, min(folds, len(labels)))
    rng = np.random.default_rng([seed, 101])
    counts = np.bincount(np.concatenate([np.zeros(0, np.int64), *labels]))
    # Images with the rarest classes are dealt first, each to the fold that has least of what it shows.
    rarest = [min((int(counts[label]) for label in shown), default=len(labels) + 1) for shown in labels]
    order = sorted(range(len(labels)), key=lambda image: (rarest[image], rng.random()))
    held = np.zeros((folds, len(counts)), np.int64)
    images = np.zeros(folds, np.int64)
    dealt = np.zeros(len(labels), np.int64)
    for image in order:
        shown = np.unique(labels[image])
        fold = min(
            range(folds),
            key=lambda one: (
                int(images[one]) * folds // max(1, len(labels)),
                int(held[one][shown].sum()),
                int(images[one]),
            ),
        )
        dealt[image] = fold
        images[fold] += 1
        np.add.at(held[fold], labels[image], 1)
    return dealt
