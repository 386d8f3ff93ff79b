"""Findings as they are found: counted all, kept up to a bound, so that a million bad boxes are not a million sentences.

Owns: the bound and the line that says what it left out. Leaves: what is wrong to the rules.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from automation.coco.columns import Ints
from automation.errors import Finding, Severity

__all__ = ["AT_MOST_PER_CODE", "Found", "Kinds", "error", "warning"]

AT_MOST_PER_CODE = 1000

Kinds = Counter[tuple[str, Severity]]


def error(code: str, where: str, message: str, *, hint: str | None = None) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint)


def warning(code: str, where: str, message: str, *, hint: str | None = None) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, where=where, message=message, hint=hint)


class Found:
    """What one rule found. `kinds` counts for all rules together."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._kept: list[tuple[int, Finding]] = []

    def add(self, finding: Finding) -> None:
        """One finding."""
        self._add(0, finding)

    def each(self, indices: Ints | Sequence[int], make: Callable[[int], Finding]) -> None:
        """The same thing wrong with many entries; only those that are kept are put into words."""
        if not len(indices):
            return
        first = make(int(indices[0]))
        kind = (first.code, first.severity)
        room = max(0, AT_MOST_PER_CODE - self._kinds[kind])
        self._kinds[kind] += len(indices)
        self._kept += [(int(index), make(int(index))) for index in indices[:room]]

    def in_order(self) -> Iterator[Finding]:
        """Those kept, by the place of their entry."""
        yield from (finding for _, finding in sorted(self._kept, key=lambda kept: kept[0]))

    def _add(self, place: int, finding: Finding) -> None:
        kind = (finding.code, finding.severity)
        self._kinds[kind] += 1
        if self._kinds[kind] <= AT_MOST_PER_CODE:
            self._kept.append((place, finding))
