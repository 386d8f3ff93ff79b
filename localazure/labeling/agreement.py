"""How far people agree: kappa for classes, F1 of matched boxes for shapes.

Owns: the arithmetic. Pure. Leaves: whose answers are compared to `agreement_report.py`, what follows from it to
`consensus.py`.

Cohen 1960 for two people, Fleiss 1971 for more, in the form for pictures with different numbers of answers. Where
chance alone would always agree (everybody gives one and the same class) kappa is 1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from localazure.labeling.labels import Label

__all__ = ["alike", "cohen", "fleiss", "iou", "matches"]

Box = tuple[float, float, float, float]


def iou(one: Box, other: Box) -> float:
    """Intersection over union of boxes (left, top, width, height)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one[2] * one[3] + other[2] * other[3] - common)


def matches(one: Sequence[Label], other: Sequence[Label], *, least_iou: float) -> Counter[str]:
    """How many labels of each class the two have in common. A box is matched once, the best pairs first."""
    pairs: list[tuple[float, int, int]] = []
    found = Counter[str]()
    by_class: dict[str, list[tuple[int, Label]]] = {}
    for place, label in enumerate(other):
        by_class.setdefault(label.class_key, []).append((place, label))
    for place, label in enumerate(one):
        for there, candidate in by_class.get(label.class_key, ()):
            if label.box is None or candidate.box is None:
                overlap = 1.0 if label.box is None and candidate.box is None else 0.0
            else:
                overlap = iou(label.box, candidate.box)
            if overlap > 0 and overlap >= least_iou:
                pairs.append((-overlap, place, there))
    taken_here, taken_there = set[int](), set[int]()
    for _, here, there in sorted(pairs):
        if here not in taken_here and there not in taken_there:
            taken_here.add(here)
            taken_there.add(there)
            found[one[here].class_key] += 1
    return found


def alike(one: Sequence[Label], other: Sequence[Label], *, least_iou: float) -> float:
    """F1 of two answers, 0 to 1: twice what they have in common by what they have together; 1 when both are empty."""
    together = len(one) + len(other)
    return 1.0 if together == 0 else 2 * matches(one, other, least_iou=least_iou).total() / together


def cohen(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Kappa of two people, a pair for each picture that both answered; None without any."""
    if not pairs:
        return None
    count = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    observed = sum(one == other for one, other in pairs) / count
    expected = sum(first[word] * second[word] for word in first) / count**2
    return _kappa(observed, expected)


def fleiss(pictures: Sequence[Mapping[str, int]]) -> float | None:
    """Kappa of any number of people: for each picture, how many gave which answer; None without two on one picture."""
    several = [picture for picture in pictures if sum(picture.values()) > 1]
    if not several:
        return None
    totals, everything, agreeing = Counter[str](), 0, 0.0
    for picture in several:
        given = sum(picture.values())
        agreeing += sum(count * (count - 1) for count in picture.values()) / (given * (given - 1))
        everything += given
        totals.update(picture)
    expected = sum((count / everything) ** 2 for count in totals.values())
    return _kappa(agreeing / len(several), expected)


def _kappa(observed: float, expected: float) -> float:
    return 1.0 if expected >= 1 else (observed - expected) / (1 - expected)
