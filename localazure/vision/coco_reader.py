"""A dataset's annotation file as the service reads it: strictly, and with nothing of the toolkit's own reader.

Owns: the rules for images, annotations and categories (boxes are fractions of the picture).
Leaves: fetching the file and the pictures to `staging.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec

from localazure.vision.failures import corrupt
from localazure.vision.types import AnnotationKind

__all__ = ["AnnotatedImage", "AnnotationFile", "UnitBox", "read_annotation_file"]

_OVERSHOOT = 1e-3  # four-digit rounding and float32 go over 1.0 by less; Azure's own exports do


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitBox:
    """Left, top, width and height as fractions of the picture, and the name of what is in it."""

    left: float
    top: float
    width: float
    height: float
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedImage:
    """A picture's address and what it shows: boxes, or for classification one category."""

    url: str
    boxes: tuple[UnitBox, ...] = ()
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationFile:
    """`categories` in the order of their ids."""

    categories: tuple[str, ...]
    images: tuple[AnnotatedImage, ...]


class _Image(msgspec.Struct):
    id: int
    file_name: str | None = None
    width: float | None = None
    height: float | None = None
    absolute_url: str | None = None
    coco_url: str | None = None


class _Annotation(msgspec.Struct):
    id: int
    image_id: int
    category_id: int
    bbox: list[float] | None = None


class _Category(msgspec.Struct):
    id: int
    name: str


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


def read_annotation_file(data: bytes, kind: AnnotationKind, *, source: str) -> AnnotationFile:
    """Raises RunFailed (`datasetCorrupt`) that names `source` and the place in it."""
    try:
        return _Reader(source, kind).read(msgspec.json.decode(data, type=_File))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise corrupt(f"The annotation file {source} cannot be read: {error}.") from None


class _Reader:
    def __init__(self, source: str, kind: AnnotationKind) -> None:
        self._source = source
        self._kind = kind

    def read(self, file: _File) -> AnnotationFile:
        categories = self._categories(file.categories)
        images: dict[int, _Image] = {}
        for place, image in enumerate(file.images):
            if image.id in images:
                self._fail(f"images[{place}].id", f"{image.id} stands twice")
            images[image.id] = image
        found = self._annotations(file.annotations, images, categories)
        return AnnotationFile(
            categories=tuple(categories[number] for number in sorted(categories)),
            images=tuple(self._image(place, image, found.get(image.id, [])) for place, image in enumerate(file.images)),
        )

    def _categories(self, rows: list[_Category]) -> dict[int, str]:
        categories: dict[int, str] = {}
        for place, row in enumerate(rows):
            if row.id in categories:
                self._fail(f"categories[{place}].id", f"{row.id} stands twice")
            if not row.name.strip():
                self._fail(f"categories[{place}].name", "it is empty")
            categories[row.id] = row.name
        return categories

    def _annotations(
        self, rows: list[_Annotation], images: Mapping[int, Any], categories: Mapping[int, str]
    ) -> dict[int, list[UnitBox | str]]:
        found: dict[int, list[UnitBox | str]] = {}
        seen: set[int] = set()
        for place, row in enumerate(rows):
            if row.id in seen:
                self._fail(f"annotations[{place}].id", f"{row.id} stands twice")
            seen.add(row.id)
            if row.image_id not in images:
                self._fail(f"annotations[{place}].image_id", f"there is no image {row.image_id}")
            if row.category_id not in categories:
                self._fail(f"annotations[{place}].category_id", f"there is no category {row.category_id}")
            found.setdefault(row.image_id, []).append(self._label(place, row, categories[row.category_id]))
        return found

    def _label(self, place: int, row: _Annotation, category: str) -> UnitBox | str:
        if self._kind is AnnotationKind.CLASSIFICATION:
            return category
        if row.bbox is None:
            self._fail(f"annotations[{place}].bbox", "it is missing, and object detection needs it")
        return self._box(place, row.bbox, category)

    def _box(self, place: int, bbox: list[float], category: str) -> UnitBox:
        where = f"annotations[{place}].bbox"
        if len(bbox) != 4:
            self._fail(where, f"it has {len(bbox)} numbers, not 4")
        left, top, width, height = bbox
        if max(left, top, width, height) > 1 + _OVERSHOOT:
            self._fail(where, f"{bbox} is not normalised: left, top, width and height must be between 0 and 1")
        if min(left, top) < -_OVERSHOOT or min(width, height) <= 0:
            self._fail(where, f"{bbox} has a negative place or no size")
        if max(left + width, top + height) > 1 + _OVERSHOOT:
            self._fail(where, f"{bbox} leaves the picture")
        left, top = max(left, 0.0), max(top, 0.0)
        width, height = min(width, 1 - left), min(height, 1 - top)
        if min(width, height) <= 0:
            self._fail(where, f"{bbox} lies outside the picture")
        return UnitBox(left=left, top=top, width=width, height=height, category=category)

    def _image(self, place: int, row: _Image, labels: list[UnitBox | str]) -> AnnotatedImage:
        url = row.absolute_url or row.coco_url
        if url is None:
            self._fail(f"images[{place}]", "it has neither absolute_url nor coco_url")
        if not url.lower().startswith(("https://", "http://")):
            self._fail(f"images[{place}]", f"'{url[:200]}' is no https address of a blob")
        if self._kind is AnnotationKind.DETECTION:
            boxes = tuple(label for label in labels if isinstance(label, UnitBox))
            return AnnotatedImage(url=url, boxes=boxes)
        names = {label for label in labels if isinstance(label, str)}
        if len(labels) > 1 and len(names) > 1:
            self._fail(f"images[{place}]", f"it has {len(names)} categories; a classifier learns one per image")
        return AnnotatedImage(url=url, category=next(iter(names), None))

    def _fail(self, where: str, reason: str) -> NoReturn:
        raise corrupt(f"The annotation file {self._source} is not valid: {where}: {reason}.")
