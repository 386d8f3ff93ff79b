"""What a model sees in a picture, as the service answers it.

Owns: the types, and turning raw model output into whole pixels inside the picture.
Leaves: loading models to `model_cache.py`, getting the picture to `analyze.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["FoundObject", "Prediction", "Tag", "TaggedBox", "from_objects", "from_probabilities"]

_DECIMALS = 6


class FoundObject(Protocol):
    """One detection, in pixels of the upright picture."""

    @property
    def class_index(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def w(self) -> float: ...
    @property
    def h(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    name: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedBox:
    """A box in whole pixels, at least 1 wide and high, inside the picture."""

    x: int
    y: int
    w: int
    h: int
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    width: int
    height: int
    tags: tuple[Tag, ...] = ()
    boxes: tuple[TaggedBox, ...] = ()


def from_objects(found: Sequence[FoundObject], classes: Sequence[str], *, width: int, height: int) -> Prediction:
    """Detections, best first."""
    best_first = sorted(found, key=lambda item: -item.score)
    boxes = tuple(_box(item, classes[item.class_index], width, height) for item in best_first)
    return Prediction(width=width, height=height, boxes=boxes)


def from_probabilities(
    probabilities: Sequence[float], classes: Sequence[str], *, width: int, height: int
) -> Prediction:
    """One tag per class, most likely first."""
    tags = [_tag(name, score) for name, score in zip(classes, probabilities, strict=True)]
    return Prediction(width=width, height=height, tags=tuple(sorted(tags, key=lambda tag: -tag.confidence)))


def _box(item: FoundObject, name: str, width: int, height: int) -> TaggedBox:
    left, right = _span(item.x, item.w, width)
    top, bottom = _span(item.y, item.h, height)
    return TaggedBox(x=left, y=top, w=right - left, h=bottom - top, tag=_tag(name, item.score))


def _span(start: float, length: float, side: int) -> tuple[int, int]:
    first = min(max(round(start), 0), side - 1)
    last = min(max(round(start + length), first + 1), side)
    return first, last


def _tag(name: str, score: float) -> Tag:
    return Tag(name=name, confidence=round(min(max(float(score), 0.0), 1.0), _DECIMALS))
