"""Which prediction hit which label, by the rules of COCO.

Owns: overlaps of many boxes at once, and the greedy choice: the best score first, the largest overlap of what is left.
Leaves: what the hits mean to `scores.py` and `detection.py`.

A lower threshold never changes what better scores have hit, so that one matching serves all thresholds.
"""

import numpy as np

from automation.coco.columns import Bools, Floats, Ints
from automation.coco.evaluation.types import Found, Truth

__all__ = ["IN_CROWD", "NOTHING", "confused_with", "match"]

NOTHING, IN_CROWD = -1, -2
_PAIRS = 2_000_000  # looked at together
# Of predictions, of labels, and the rows of these labels: a pair with one key may meet.
_Keys = tuple[Ints, Ints, Ints]


def match(truth: Truth, found: Found, iou: float) -> Ints:
    """The label of its own class that each prediction hits: its row, NOTHING, or IN_CROWD.

    Each label is hit once; a region of many takes any number of predictions.
    """
    classes = len(truth.classes)
    keys = found.image * classes + found.category, truth.image * classes + truth.category
    return _match(truth, found, iou, (*keys, np.arange(len(truth.image))))


def confused_with(truth: Truth, found: Found, iou: float, partner: Ints, counts: Bools) -> Ints:
    """For predictions that count and hit nothing of their class: a missed label of another class below them."""
    left = counts & (partner == NOTHING)
    taken = np.zeros(len(truth.image), np.bool_)
    taken[partner[counts & (partner >= 0)]] = True
    places = np.flatnonzero(left)
    labels = np.flatnonzero(~taken & ~truth.crowd)
    among = Found(
        image=found.image[places],
        category=found.category[places],
        boxes=found.boxes[places],
        scores=found.scores[places],
    )
    met = _match(truth, among, iou, (among.image, truth.image[labels], labels))
    answer = np.full(len(found.image), NOTHING)
    answer[places] = met
    return answer


def _match(truth: Truth, found: Found, iou: float, keys: _Keys) -> Ints:
    pairs = list(_overlapping(truth, found, min(iou, 1 - 1e-10), keys))
    partner = np.full(len(found.image), NOTHING)
    if not pairs:
        return partner
    whose, label, overlap = (np.concatenate(column) for column in zip(*pairs, strict=True))
    rank = np.empty(len(found.scores), np.int64)
    rank[np.argsort(-found.scores, kind="stable")] = np.arange(len(found.scores))
    order = np.lexsort((-label, -overlap, truth.crowd[label], rank[whose]))
    crowd = truth.crowd.tolist()
    taken: set[int] = set()
    decided: dict[int, int] = {}
    for prediction, met in zip(whose[order].tolist(), label[order].tolist(), strict=True):
        if prediction in decided:
            continue
        if crowd[met]:
            decided[prediction] = IN_CROWD
        elif met not in taken:
            taken.add(met)
            decided[prediction] = met
    partner[list(decided)] = list(decided.values())
    return partner


def _overlapping(truth: Truth, found: Found, iou: float, keys: _Keys) -> "list[tuple[Ints, Ints, Floats]]":
    """Prediction, label and overlap of all pairs of one key that overlap enough."""
    found_keys, truth_keys, labels = keys
    order = np.argsort(truth_keys, kind="stable")
    first, many = _runs(truth_keys[order], found_keys)
    order = labels[order]
    ends = np.cumsum(many)
    pairs: list[tuple[Ints, Ints, Floats]] = []
    start = 0
    while start < len(many):
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + _PAIRS, "right")), start + 1)
        counted = many[start:stop]
        whose = np.repeat(np.arange(start, stop), counted)
        inside = np.arange(len(whose)) - np.repeat(np.cumsum(counted) - counted, counted)
        label = order[np.repeat(first[start:stop], counted) + inside]
        overlap = _overlaps(found.boxes[whose], truth.boxes[label], truth.crowd[label])
        enough = overlap >= iou
        pairs.append((whose[enough], label[enough], overlap[enough]))
        start = stop
    return pairs


def _runs(ordered: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Where the entries that equal each key begin in what is ordered, and how many they are."""
    if not len(ordered):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
    begin = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    length = np.diff(begin, append=len(ordered))
    place = np.minimum(np.searchsorted(ordered[begin], keys), len(begin) - 1)
    return begin[place], np.where(ordered[begin[place]] == keys, length[place], 0)


def _overlaps(found: Floats, true: Floats, crowd: Bools) -> Floats:
    """Intersection over union of rows; over the prediction's own area where the label is a region of many."""
    low = np.maximum(found[:, :2], true[:, :2])
    sides = np.minimum(found[:, :2] + found[:, 2:], true[:, :2] + true[:, 2:]) - low
    common = np.where((sides > 0).all(axis=1), sides[:, 0] * sides[:, 1], 0.0)
    own = found[:, 2] * found[:, 3]
    union = np.where(crowd, own, own + true[:, 2] * true[:, 3] - common)
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)
