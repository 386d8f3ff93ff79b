"""A vocabulary of places: what kinds of place the training pictures have, and how much of each a picture has.

Owns: finding the words (standardise, whiten, k-means) and counting them in a picture. Labels play no part, so
the vocabulary is found once, also where the heads are checked by folds.

A place says each word as loudly as it lies nearer to it than on average ("triangle" coding of Coates and Ng, 2011).
A picture is three numbers per word: how loud on the whole, in the loudest hundredth of it, and in its middle.

Leaves: the places to `classifier_features.py`.
"""

from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32
from localazure.training.classifier_features import Sight, centre_weights
from localazure.training.projection import Projection

__all__ = ["COUNTS_A_WORD", "Vocabulary", "fit_vocabulary"]

COUNTS_A_WORD = 3

_AXES = 40
_ROUNDS = 12
_WHITENING = 0.1
_MIDDLE = 0.25
_LOUDEST = 100
_CLIP = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """`to_words` whitens a place; `words` has one row per word there."""

    to_words: Projection
    words: F32

    def counts(self, sight: Sight) -> F32:
        """One row for the picture: COUNTS_A_WORD numbers per word."""
        said = self._said(self.to_words(sight.places))
        middle = centre_weights(sight.rows, sight.columns, _MIDDLE).reshape(-1)
        most = max(1, len(said) // _LOUDEST)
        loudest = np.partition(said, len(said) - most, axis=0)[len(said) - most :]
        return np.concatenate([np.sqrt(said.mean(0)), loudest.mean(0), np.sqrt(middle @ said)]).astype(np.float32)

    def _said(self, places: F32) -> F32:
        """How loud each place says each word: nothing for words that are farther than on average."""
        squares = (places * places).sum(1, keepdims=True) + (self.words * self.words).sum(1)
        distance = np.sqrt(np.maximum(squares - 2 * (places @ self.words.T), 0))
        return np.maximum(distance.mean(1, keepdims=True) - distance, 0)


def fit_vocabulary(places: F32, words: int, *, seed: int) -> Vocabulary:
    """Find so many words among these places; fewer when there are not enough places."""
    rng = np.random.default_rng([seed, 202])
    mean, spread = places.mean(0), places.std(0) + np.float32(1e-2)
    scaled = np.clip((places - mean) / spread, -_CLIP, _CLIP)
    variances, vectors = np.linalg.eigh((scaled.T @ scaled) / np.float32(len(scaled)))
    axes = vectors[:, ::-1][:, :_AXES] / np.sqrt(np.maximum(variances[::-1][:_AXES], 0) + np.float32(_WHITENING))
    to_words = Projection(mean=mean, spread=spread, axes=np.ascontiguousarray(axes, np.float32))
    return Vocabulary(to_words=to_words, words=_clusters(to_words(places), min(words, len(places)), rng))


def _clusters(points: F32, count: int, rng: np.random.Generator) -> F32:
    """k-means; a cluster that loses all its points starts again at one of them."""
    centres = points[np.sort(rng.choice(len(points), count, replace=False))].copy()
    for _ in range(_ROUNDS):
        nearest = (2 * (points @ centres.T) - (centres * centres).sum(1)).argmax(1)
        sizes = np.bincount(nearest, minlength=count)
        order = np.argsort(nearest, kind="stable")
        filled = np.flatnonzero(sizes)
        starts = np.concatenate([[0], np.cumsum(sizes[filled])[:-1]])
        centres[filled] = np.add.reduceat(points[order], starts, axis=0) / sizes[filled, None].astype(np.float32)
        empty = np.flatnonzero(sizes == 0)
        centres[empty] = points[rng.integers(len(points), size=len(empty))]
    return centres
