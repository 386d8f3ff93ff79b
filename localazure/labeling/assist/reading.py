"""What a model saw in a picture, as pre-labels and as one figure for how unsure it was. Pure.

Owns: the threshold, the choice of classes, boxes and outlines as fractions, and what uncertainty means.
Leaves: looking at pictures to `worker.py`, writing to `inferences.py`.

Uncertainty, 0 to 1:
    boxes     the share of what was found that is expected to be wrong: the sum of min(s, 1 - s) over the sum of s, for
              the scores s of all that was found, faint things too; 1 where nothing was found, for a model that sees
              nothing has missed something or knows nothing
    one       1 - (the best chance - the second best)
    several   that of the class it knows least about: 1 - |2p - 1|
"""

from collections.abc import Collection, Sequence

import msgspec

from localazure.labeling.assist.lessons import Lesson
from localazure.labeling.labels import Label

__all__ = ["FAINTEST", "Found", "Seen", "prelabels", "uncertainty"]

FAINTEST = 0.05
"""Boxes that score less are not even counted as doubt."""
_MOST_LABELS = 100
_DIGITS = 6


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing. `box` is left, top, width, height, `outline` x, y, ...; both in fractions of the picture."""

    label: int
    score: float
    box: tuple[float, float, float, float]
    outline: list[float] | None = None


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One picture: what was found in it, or the chance of each class, or why it could not be looked at."""

    width: int = 0
    height: int = 0
    found: list[Found] = []
    chances: list[float] = []
    error: str | None = None


def prelabels(
    lesson: Lesson, seen: Seen, classes: Sequence[str], *, threshold: float, wanted: Collection[str]
) -> list[Label]:
    """The proposals from `threshold` on, the surest first; no `wanted` means all classes."""

    def welcome(label: int, score: float) -> bool:
        return score >= threshold and (not wanted or classes[label] in wanted)

    if lesson is Lesson.BOXES:
        things = sorted((one for one in seen.found if welcome(one.label, one.score)), key=lambda one: -one.score)
        return [_thing(one, classes) for one in things[:_MOST_LABELS] if one.box[2] > 0 and one.box[3] > 0]
    ranked = sorted(enumerate(seen.chances), key=lambda chance: -chance[1])
    most = ranked[:1] if lesson is Lesson.ONE else ranked
    return [_answer(classes[label], score) for label, score in most if welcome(label, score)]


def uncertainty(lesson: Lesson, seen: Seen) -> float:
    if lesson is Lesson.BOXES:
        scores = [one.score for one in seen.found if one.score >= FAINTEST]
        doubt = sum(min(score, 1 - score) for score in scores)
        return round(min(1.0, doubt / sum(scores)), _DIGITS) if scores else 1.0
    if not seen.chances:
        return 1.0
    if lesson is Lesson.ONE:
        best, *rest = sorted(seen.chances, reverse=True)
        return round(1 - (best - max(rest, default=0.0)), _DIGITS)
    return round(max(1 - abs(2 * chance - 1) for chance in seen.chances), _DIGITS)


def _thing(one: Found, classes: Sequence[str]) -> Label:
    left, top, width, height = (round(value, _DIGITS) for value in one.box)
    score = round(one.score, _DIGITS)
    if one.outline is None:
        box = (left, top, min(width, round(1 - left, _DIGITS)), min(height, round(1 - top, _DIGITS)))
        return Label(class_key=classes[one.label], box=box, confidence=score, source="prelabel")
    ring = tuple(round(min(max(value, 0.0), 1.0), _DIGITS) for value in one.outline)
    return Label(class_key=classes[one.label], polygon=(ring,), confidence=score, source="prelabel")


def _answer(key: str, score: float) -> Label:
    return Label(class_key=key, confidence=round(score, _DIGITS), source="prelabel")
