"""What a COCO file says, as values.

Owns: the dataset and its parts, and the unit in which boxes are measured.
Leaves: JSON to `codec.py`, what is wrong with a dataset to `rules.py`.

Keys that we do not know are kept in `extra` and written back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Annotation", "Box", "Category", "Dataset", "Detection", "Extra", "Image", "Unit"]

Extra = Mapping[str, object]


def _nothing() -> Extra:
    return {}


class Unit(StrEnum):
    """How boxes are measured. It holds for a whole file, never for one box."""

    PIXELS = "pixels"
    NORMALISED = "normalised"
    ABSENT = "absent"  # no boxes at all: a classification
    UNDECIDED = "undecided"  # the numbers fit neither; somebody has to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Left, top, width and height, in the unit of its dataset."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def area(self) -> float:
        return self.w * self.h

    def __str__(self) -> str:
        return f"[{self.x:g}, {self.y:g}, {self.w:g}, {self.h:g}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    id: int
    name: str
    extra: Extra = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One picture; a width or height of 0 means that the file does not say."""

    id: int
    file_name: str
    width: float = 0
    height: float = 0
    absolute_url: str | None = None
    coco_url: str | None = None
    extra: Extra = field(default_factory=_nothing)

    @property
    def sized(self) -> bool:
        return self.width > 0 and self.height > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One labelled thing in a picture, or, without a box, one label of a picture."""

    id: int | None
    image_id: int
    category_id: int
    box: Box | None = None
    area: float | None = None
    iscrowd: int | None = None
    extra: Extra = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    images: tuple[Image, ...]
    annotations: tuple[Annotation, ...]
    categories: tuple[Category, ...]
    extra: Extra = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What a model found; the box is in the unit of the dataset that it is compared with."""

    image_id: int
    category_id: int
    box: Box
    score: float
