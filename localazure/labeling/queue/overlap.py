"""How much of two labels is the same: boxes and polygons by intersection over union, whole answers by F1.

Owns: the arithmetic. Pure. Leaves: what the numbers are good for to `gold.py`, `agreement.py` and
`consensus.py`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from localazure.labeling.labels import Label

__all__ = ["f1", "iou", "matches", "overlapping"]

_LINES = 64
_EVERYTHING = (0.0, 0.0, 1.0, 1.0)
_Rings = Sequence[Sequence[float]]


def iou(one: Label, other: Label) -> float:
    """0..1; labels without a shape are the whole picture, so 1. Polygons are compared on 64 lines."""
    if one.polygon is not None and other.polygon is not None:
        return _polygon_iou(one.polygon, other.polygon)
    if one.box is None or other.box is None:
        return 1.0
    (x, y, w, h), (x2, y2, w2, h2) = one.box, other.box
    both = max(0.0, min(x + w, x2 + w2) - max(x, x2)) * max(0.0, min(y + h, y2 + h2) - max(y, y2))
    union = w * h + w2 * h2 - both
    return both / union if union > 0 else 0.0


def overlapping(one: Sequence[Label], other: Sequence[Label], *, least: float) -> list[tuple[float, int, int]]:
    """IoU and places of labels of the same class that overlap by `least` or more, best first. Two thousand labels
    against two thousand take some milliseconds as long as they are small: only those side by side are compared.
    """
    columns: dict[str, list[tuple[float, int]]] = {}
    widest: dict[str, float] = {}
    for place, label in enumerate(other):
        x, _, w, _ = label.box or _EVERYTHING
        columns.setdefault(label.class_key, []).append((x, place))
        widest[label.class_key] = max(widest.get(label.class_key, 0.0), w)
    for column in columns.values():
        column.sort()
    found: list[tuple[float, int, int]] = []
    for here, label in enumerate(one):
        column = columns.get(label.class_key)
        if column is None:
            continue
        x, _, w, _ = label.box or _EVERYTHING
        for _, there in column[
            bisect_left(column, (x - widest[label.class_key], -1)) : bisect_left(column, (x + w, -1))
        ]:
            value = iou(label, other[there])
            if value > 0 and value >= least:
                found.append((value, here, there))
    return sorted(found, key=lambda pair: (-pair[0], pair[1], pair[2]))


def matches(one: Sequence[Label], other: Sequence[Label], *, least: float) -> Counter[str]:
    """How many labels of each class are in both. The best pairs are taken first, each label once."""
    taken: set[int] = set()
    found: set[int] = set()
    counts = Counter[str]()
    for _, here, there in overlapping(one, other, least=least):
        if here not in found and there not in taken:
            found.add(here)
            taken.add(there)
            counts[one[here].class_key] += 1
    return counts


def f1(right: Sequence[Label], given: Sequence[Label], *, least: float) -> float:
    """2 * found / (right + given); a label is found by one of the same class that overlaps by `least` or more.

    Nothing given where nothing is right is 1.
    """
    together = len(right) + len(given)
    return 2 * matches(right, given, least=least).total() / together if together else 1.0


def _polygon_iou(one: _Rings, other: _Rings) -> float:
    ys = [value for rings in (one, other) for ring in rings for value in ring[1::2]]
    top, height = min(ys), max(ys) - min(ys)
    both = union = 0.0
    for line in range(_LINES):
        y = top + height * (line + 0.5) / _LINES
        a, b = _spans(one, y), _spans(other, y)
        shared = sum(max(0.0, min(end, end2) - max(start, start2)) for start, end in a for start2, end2 in b)
        both += shared
        union += sum(end - start for start, end in (*a, *b)) - shared
    return both / union if union > 0 else 0.0


def _spans(rings: _Rings, y: float) -> list[tuple[float, float]]:
    """From where to where a horizontal line is inside; a ring in a ring is a hole."""
    crossings: list[float] = []
    for ring in rings:
        points = list(zip(ring[0::2], ring[1::2], strict=True))
        for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
            if (y1 <= y) != (y2 <= y):
                crossings.append(x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    crossings.sort()
    return list(zip(crossings[0::2], crossings[1::2], strict=True))
