"""Labels as lines of text, read as if they were COCO: AutoML's JSONL, and CSV as our own exports write it.

Owns: both formats, and in which line each entry stood. Pure. Leaves: what the labels are for to `importing.py`.

JSONL: a class, a list of classes, or a list of boxes and polygons, in fractions. Rows of one picture belong together.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from localazure.labeling.errors import user_error
from localazure.labeling.transfer.coco_import import CocoAnnotation, CocoCategory, CocoFile, CocoImage, Finding

__all__ = ["TextPlaces", "read_csv", "read_jsonl"]

_NUMBERS = ("label_confidence", "topX", "topY", "bottomX", "bottomY")


@dataclass(slots=True, kw_only=True)
class TextPlaces:
    """Where the entries of the three lists stood, such as "line 3: label/0"; and what could not be read at all."""

    images: list[str] = field(default_factory=list[str])
    annotations: list[str] = field(default_factory=list[str])
    categories: list[str] = field(default_factory=list[str])
    findings: list[Finding] = field(default_factory=list[Finding])

    def of(self, pointer: str) -> str:
        """The place in the text for a JSON pointer into the COCO file."""
        _, kind, place, *_ = pointer.split("/")
        named: Mapping[str, list[str]] = {
            "images": self.images, "annotations": self.annotations, "categories": self.categories,
        }  # fmt: skip
        return named[kind][int(place)]


class _Thing(msgspec.Struct):
    label: str
    topX: float | None = None  # noqa: N815 AutoML's names
    topY: float | None = None  # noqa: N815 AutoML's names
    bottomX: float | None = None  # noqa: N815 AutoML's names
    bottomY: float | None = None  # noqa: N815 AutoML's names
    bbox: list[float] | str | None = None
    polygon: list[list[float]] | None = None


class _Row(msgspec.Struct):
    image_url: str
    label: str | list[str | _Thing] | None = None
    image_details: dict[str, Any] | None = None
    label_confidence: float | list[float] | None = None


class _Building:
    """A COCO file as it grows. Pictures of one address are one picture, classes of one name are one class."""

    def __init__(self) -> None:
        self.file = CocoFile(images=[], annotations=[], categories=[])
        self.places = TextPlaces()
        self._images: dict[str, CocoImage] = {}
        self._categories: dict[str, int] = {}

    def image(self, address: str, where: str) -> CocoImage:
        known = self._images.get(address)
        if known is not None:
            return known
        image = CocoImage(id=len(self._images) + 1)
        if "://" not in address:
            image.file_name = address
        elif address.lower().startswith("http"):
            image.absolute_url = address
        else:
            image.coco_url = address
        self._images[address] = image
        self.file.images.append(image)
        self.places.images.append(where)
        return image

    def label(self, image: CocoImage, name: str, where: str, *, score: float | None) -> CocoAnnotation:
        category = self._categories.get(name)
        if category is None:
            category = self._categories[name] = len(self._categories) + 1
            self.file.categories.append(CocoCategory(id=category, name=name))
            self.places.categories.append(where)
        row = CocoAnnotation(image_id=image.id, category_id=category, score=score)
        self.file.annotations.append(row)
        self.places.annotations.append(where)
        return row

    def wrong(self, where: str, message: str) -> None:
        self.places.findings.append(Finding(code="wrong-row", where=where, message=message))


def read_jsonl(text: str) -> tuple[CocoFile, TextPlaces]:
    """One row a line; rows that cannot be read are findings."""
    building = _Building()
    decoder = msgspec.json.Decoder(_Row)
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            row = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            building.wrong(where, str(error))
            continue
        image = building.image(row.image_url, where)
        width, height = (_number((row.image_details or {}).get(side)) for side in ("width", "height"))
        if width and height:
            image.width, image.height = width, height
        labels = row.label if isinstance(row.label, list) else [row.label] if row.label is not None else []
        scores = row.label_confidence if isinstance(row.label_confidence, list) else [row.label_confidence]
        for place, label in enumerate(labels):
            score = scores[place] if place < len(scores) else None
            _add(building, image, label, f"{where}: label/{place}", score)
    return building.file, building.places


def _add(building: _Building, image: CocoImage, label: str | _Thing, where: str, score: float | None) -> None:
    if isinstance(label, str):
        building.label(image, label, where, score=score)
        return
    corners = [label.topX, label.topY, label.bottomX, label.bottomY]
    if None in corners and isinstance(label.bbox, list) and len(label.bbox) == 4:
        corners = list[float | None](label.bbox)
    row = building.label(image, label.label, where, score=score)
    row.segmentation = label.polygon or None
    row.bbox = _box(corners)


def read_csv(text: str) -> tuple[CocoFile, TextPlaces]:
    """One label a row, under a header. AzureError 400 when the header lacks image_url or label."""
    building = _Building()
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, list[str]())]
        if not {"image_url", "label"} <= set(header):
            raise user_error("A CSV of labels begins with a header that has image_url and label.", target="csv")
        for cells in reader:
            where = f"line {reader.line_num}"
            if len(cells) > len(header):
                building.wrong(where, f"it has {len(cells)} cells, the header {len(header)}")
            elif any(cells):
                _csv_row(building, dict(zip(header, cells, strict=False)), where)
    except csv.Error as error:
        raise user_error(f"The CSV cannot be read: line {reader.line_num}: {error}.", target="csv") from None
    return building.file, building.places


def _csv_row(building: _Building, cells: Mapping[str, str], where: str) -> None:
    numbers: dict[str, float | None] = {}
    for name in _NUMBERS:
        text = (cells.get(name) or "").strip()
        numbers[name] = _number(text) if text else None
        if text and numbers[name] is None:
            building.wrong(where, f"{name} '{text[:50]}' is no number")
            return
    address, name = (cells.get("image_url") or "").strip(), _plain(cells.get("label") or "")
    if not address or not name:
        building.wrong(where, "it has no image_url or no label")
        return
    row = building.label(building.image(address, where), name, where, score=numbers["label_confidence"])
    row.bbox = _box([numbers["topX"], numbers["topY"], numbers["bottomX"], numbers["bottomY"]])
    if polygon := (cells.get("polygon") or "").strip():
        try:
            row.segmentation = msgspec.json.decode(polygon, type=list[list[float]])
        except (msgspec.DecodeError, RecursionError) as error:
            building.wrong(where, f"polygon: {error}")


def _box(corners: list[float | None]) -> list[float] | None:
    """Left, top, width, height; None unless all four corners are there."""
    numbers = [value for value in corners if value is not None]
    if len(numbers) != 4:
        return None
    left, top, right, bottom = numbers
    return [left, top, right - left, bottom - top]


def _number(value: object) -> float | None:
    """None for what is no finite number."""
    try:
        number = float(value) if isinstance(value, int | float | str) else float("nan")
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def _plain(name: str) -> str:
    """A class as it was before an export kept spreadsheets from running it."""
    return name[1:] if re.match(r"'+[=+\-@\t\r]", name) else name
