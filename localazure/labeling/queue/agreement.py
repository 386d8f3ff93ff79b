"""How far people agree beyond chance: kappa, for what is chosen from a few classes.

Owns: the arithmetic. Pure. Leaves: shapes to `overlap.py`, whose answers are compared to `agreement_report.py`.

Cohen 1960 for two people, Fleiss 1971 for more, in the form for pictures with different numbers of answers. Where
chance alone would always agree (everybody gives one and the same class) kappa is 1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

__all__ = ["cohen", "fleiss"]


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
