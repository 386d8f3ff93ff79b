"""Second look: what is in a window, and where exactly. Scoring moves each box, and the moved box is scored again.

Owns: the heads over projected features, the repeated passes, and the choice among overlapping answers.
Leaves: first guesses to `proposals.py`, the meaning of scores to `calibration.py`.
"""

from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64
from localazure.training.boxes import clipped, corrected, iou, suppress
from localazure.training.mlp import Mlp, softmax
from localazure.training.projection import Projection
from localazure.training.windows import View

__all__ = ["Cascade", "Found"]

_BEST = 120
_LEAST_SCORE = 0.03
_SAME_CLASS = 0.4
_ANY_CLASS = 0.7
_VOTES = 0.6
_SHORTEST_SIDE = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What was found in one picture: boxes, a score and a class index each, best first."""

    boxes: F32
    scores: F32
    labels: I64

    @classmethod
    def nothing(cls) -> "Found":
        none = np.zeros(0, np.float32)
        return cls(boxes=none.reshape(0, 4), scores=none, labels=np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cascade:
    """Heads that vote: each gives class logits (background first) and a correction; both are averaged."""

    projection: Projection
    heads: tuple[Mlp, ...]

    def score(self, view: View, boxes: F32) -> tuple[F32, F32]:
        """The boxes moved to where the things seem to be, and the probabilities before the move."""
        rows = self.projection(view.features(boxes))
        raw = np.mean([head.raw(rows) for head in self.heads], 0)
        classes = self.heads[0].classes
        moved = clipped(corrected(boxes, raw[:, classes:]), view.width, view.height)
        sides = moved[:, 2:] - moved[:, :2]
        return np.where(sides.min(1, keepdims=True) < _SHORTEST_SIDE, boxes, moved), softmax(raw[:, :classes])

    def find(self, view: View, proposals: F32) -> Found:
        """Three passes over the proposals; the last two are averaged."""
        boxes, chances = self.score(view, proposals)
        boxes = boxes[np.argsort(chances[:, 0], kind="stable")[:_BEST]]
        second, chances2 = self.score(view, boxes)
        third, chances3 = self.score(view, second)
        return _choose((second + third) / 2, (chances2 + chances3) / 2)


def _choose(boxes: F32, chances: F32) -> Found:
    """One answer per thing: within a class by suppression and voting, across classes by suppression."""
    found: list[F32] = [np.zeros((0, 4), np.float32)]
    scores: list[F32] = [np.zeros(0, np.float32)]
    labels: list[I64] = [np.zeros(0, np.int64)]
    for label in range(chances.shape[1] - 1):
        likely = np.flatnonzero(chances[:, label + 1] > _LEAST_SCORE)
        if not len(likely):
            continue
        here, score = boxes[likely], chances[likely, label + 1]
        kept = suppress(here, score, _SAME_CLASS)
        votes = (iou(here[kept], here) > _VOTES) * score
        found.append(votes @ here / votes.sum(1, keepdims=True))
        scores.append(score[kept])
        labels.append(np.full(len(kept), label, np.int64))
    all_boxes, all_scores, all_labels = np.concatenate(found), np.concatenate(scores), np.concatenate(labels)
    kept = suppress(all_boxes, all_scores, _ANY_CLASS)
    return Found(boxes=all_boxes[kept], scores=all_scores[kept], labels=all_labels[kept])
