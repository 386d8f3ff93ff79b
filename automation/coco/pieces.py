"""A COCO file of any size as columns, piece by piece, without holding it in memory.

Owns: entries in their usual form, decoded straight into columns; every other entry by the slower, patient reader.
Leaves: where pieces begin and end to `scan.py`, the patient reader to `codec.py`, what is wrong to `rules`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import BinaryIO, TypedDict, cast

import msgspec
import numpy as np

from automation.coco.codec import Section, missing_section, read_annotations, read_categories, read_images
from automation.coco.columns import (
    NO_ID,
    AnnotationColumns,
    Bools,
    ImageColumns,
    annotation_columns,
    image_columns,
)
from automation.coco.entry import shown
from automation.coco.layout import Alike, alike
from automation.coco.scan import Decoder, Entries, Text, scan
from automation.coco.types import Annotation, Category, Image
from automation.errors import Finding, Severity

__all__ = ["SECTIONS", "Piece", "Pieces", "images_come_first"]

# Entries that could not be read excuse references to their ids; beyond so many every reference is excused.
MOST_EXCUSED = 100_000
_BIGGEST = 2**53  # beyond it a float no longer tells neighbouring integers apart
_NAN = float("nan")
_NO_BOX = (_NAN,) * 4
_EMPTY = frozenset((b"[]", b"{}"))
_NOTHING = _EMPTY | {b"", b"null"}
_SURELY, _SPACE = len("null") + 1, ord(" ")


class _Annotation(msgspec.Struct, gc=False):
    image_id: int
    category_id: int
    id: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    iscrowd: int | None = None
    segmentation: msgspec.Raw = msgspec.Raw(b"")
    keypoints: msgspec.Raw = msgspec.Raw(b"")


class _Image(msgspec.Struct, gc=False):
    id: int
    file_name: str
    width: float | None = None
    height: float | None = None
    absolute_url: str | None = None
    coco_url: str | None = None


class _Annotations:
    """Annotations that are written alike as numbers in a row, all others as objects."""

    _objects = msgspec.json.Decoder(list[_Annotation])

    def decode(self, buf: bytes, /) -> Alike | list[_Annotation]:
        found = alike(buf)
        return self._objects.decode(buf) if found is None else found


_DECODERS: dict[str, Decoder] = {
    "images": msgspec.json.Decoder(list[_Image]),
    "annotations": _Annotations(),
    "categories": msgspec.json.Decoder(list[object]),
}
# A key that comes more often than there are entries comes twice in one of them, or in something inside of one.
# (Texts that end in a rare letter are found several times faster than those that end in a quote.)
_ONCE = {"images": (b'"file_name',), "annotations": (b'"image_id', b'"bbox'), "categories": (b'"name',)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of the file as it stands, and what it says.

    Attributes:
        source: Its bytes.
        columns: Of images and annotations; there may be several where a piece is large.
        whole: Whether all its entries were in their usual form.
    """

    source: Text | Entries
    columns: Sequence[ImageColumns | AnnotationColumns] = ()
    whole: bool = True


SECTIONS = tuple(_DECODERS)


def images_come_first(file: BinaryIO) -> bool:
    """Whether one pass is enough: annotations are understood by their images."""
    file.seek(0)
    entries = (source for source in scan(file, _DECODERS) if isinstance(source, Entries))
    return next((source.section for source in entries if source.section != "categories"), "") == "images"


class Pieces:
    """One pass over a file. What was found on the way is complete at its end.

    Attributes:
        sections: Those that are looked into; others pass as they are.
        categories: Place and category, of those that are well formed.
        findings: What is wrong with the other entries.
        excused: Ids of entries that could not be read; None for all of a section that is missing.
    """

    def __init__(self, file: BinaryIO, sections: Sequence[str] = SECTIONS) -> None:
        self._file = file
        self.sections = sections
        self.categories: list[tuple[int, Category]] = []
        self.findings: list[Finding] = []
        self.excused: dict[str, frozenset[int] | None] = {}

    def __iter__(self) -> Iterator[Piece]:
        """From the first byte of the file. Raises NotCoco for bytes that are no JSON object."""
        self._file.seek(0)
        seen: set[str | None] = set()
        for source in scan(self._file, _DECODERS):
            if isinstance(source, Entries):
                yield self._read(source) if source.section in self.sections else Piece(source=source)
                continue
            seen.add(source.key)
            if source.key is not None and source.key in self.sections and not source.raw.startswith(b"["):
                self._missing(source.key, f"{source.key} is {shown(json.loads(source.raw))}, not a list")
            yield Piece(source=source)
        for name in self.sections:
            if name not in seen:
                self._missing(name, f"{name} is missing")

    def _missing(self, name: str, problem: str) -> None:
        self.findings.append(missing_section(name, problem))
        self.excused[name] = None

    def _read(self, source: Entries) -> Piece:
        if isinstance(source.values, Alike):
            return Piece(source=source, columns=[source.values.columns(source.first)])
        once = all(source.text.count(key) <= source.count for key in _ONCE[source.section])
        if source.values is not None and once and source.section != "categories":
            try:
                return Piece(source=source, columns=[_columns(source)])
            except (OverflowError, _Unusual):
                pass
        return self._patiently(source)

    def _patiently(self, source: Entries) -> Piece:
        try:
            entries = cast("list[object]", json.loads(source.text, object_pairs_hook=_Object))
        except (ValueError, RecursionError) as error:
            where = f"/{source.section}/{source.first}"
            message = f"{source.count} entries from here on cannot be read: {error}"
            self.findings.append(Finding(code="not-json", severity=Severity.ERROR, where=where, message=message))
            self.excused[source.section] = None
            return Piece(source=source, whole=False)
        self._duplicates(source, entries)
        if source.section == "categories":
            categories = read_categories(entries, source.first)
            places = _places(categories, source)
            self.categories += zip(places.tolist(), categories.values, strict=True)
            self._keep(source.section, categories)
            return Piece(source=source, whole=not categories.findings)
        if source.section == "images":
            images = read_images(entries, source.first)
            self._keep(source.section, images)
            columns = list(image_columns(images.values, _places(images, source)))
            return Piece(source=source, columns=columns, whole=not images.findings)
        annotations = read_annotations(entries, source.first)
        self._keep(source.section, annotations)
        found = list(annotation_columns(annotations.values, _places(annotations, source)))
        return Piece(source=source, columns=found, whole=not annotations.findings)

    def _duplicates(self, source: Entries, entries: list[object]) -> None:
        for place, entry in enumerate(entries, source.first):
            if isinstance(entry, _Object) and entry.twice is not None:
                message = f"the key {entry.twice!r} stands there twice; the last one counts"
                where = f"/{source.section}/{place}"
                finding = Finding(code="key-duplicate", severity=Severity.ERROR, where=where, message=message)
                self.findings.append(finding)

    def _keep(self, section: str, read: "Section[Image] | Section[Annotation] | Section[Category]") -> None:
        self.findings += read.findings
        excused = self.excused.get(section, frozenset())
        if excused is not None and read.broken_ids:
            excused |= read.broken_ids
            self.excused[section] = excused if len(excused) <= MOST_EXCUSED else None


class _Object(dict[str, object]):
    """An object of the file, which remembers a key that stood in it twice."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.twice = None
        if len(self) < len(pairs):
            seen: set[str] = set()
            self.twice = next(key for key, _ in pairs if key in seen or seen.add(key))


class _Unusual(Exception):
    """Something that the patient reader has to say more about."""


def _places(read: "Section[Image] | Section[Annotation] | Section[Category]", source: Entries) -> "np.ndarray":
    if read.places is None:
        return np.arange(source.first, source.first + len(read.values))
    return np.array(read.places, np.int64)


def _columns(source: Entries) -> ImageColumns | AnnotationColumns:
    if source.section == "images":
        return _images(cast("list[_Image]", source.values), source.first)
    annotations, escapes = cast("list[_Annotation]", source.values), b"\\u" in source.text  # a key may be in escapes
    shapes: _Shapes = {}
    if escapes or b'"segmentation' in source.text:
        shapes |= _outlines(annotations)
    if escapes or b'"keypoints' in source.text:
        shapes |= _keypoints(annotations)
    return _annotations(annotations, source.first, shapes)


def _images(images: list[_Image], first: int) -> ImageColumns:
    n = len(images)
    ids = np.fromiter([image.id for image in images], np.int64, n)
    sizes = np.fromiter(
        chain.from_iterable([(image.width or 0, image.height or 0) for image in images]), np.float64, 2 * n
    ).reshape(n, 2)
    if not (np.abs(ids) <= _BIGGEST).all() or not (np.abs(sizes) <= _BIGGEST).all():
        raise _Unusual
    return ImageColumns(
        index=np.arange(first, first + n),
        ids=ids,
        sizes=sizes,
        names=[image.file_name for image in images],
        urls=[(image.absolute_url, image.coco_url) for image in images],
    )


class _Shapes(TypedDict, total=False):
    outlined: Bools
    emptied: Bools
    outlines: Sequence[bytes]
    pointed: Bools
    keypoints: Sequence[bytes]


def _outlines(annotations: list[_Annotation]) -> _Shapes:
    raws = [bytes(a.segmentation) for a in annotations]
    outlined, emptied = _filled(raws)
    return {"outlined": outlined, "emptied": emptied, "outlines": list(compress(raws, outlined.tolist()))}


def _keypoints(annotations: list[_Annotation]) -> _Shapes:
    raws = [bytes(a.keypoints) for a in annotations]
    pointed, _ = _filled(raws)
    return {"pointed": pointed, "keypoints": list(compress(raws, pointed.tolist()))}


def _filled(raws: list[bytes]) -> tuple[Bools, Bools]:
    """Bool (n,): which values have something in them, and which are empty."""
    filled, emptied = np.ones(len(raws), np.bool_), np.zeros(len(raws), np.bool_)
    # A glance tells most of them: what follows the bracket is a bracket or a number.
    for row in [row for row, raw in enumerate(raws) if len(raw) < _SURELY or raw[1] <= _SPACE]:
        raw = raws[row][:1] + raws[row][1:].lstrip()
        filled[row], emptied[row] = raw not in _NOTHING, raw in _EMPTY
    return filled, emptied


def _annotations(annotations: list[_Annotation], first: int, shapes: _Shapes) -> AnnotationColumns:
    n = len(annotations)
    ids = np.fromiter([NO_ID if a.id is None else a.id for a in annotations], np.int64, n)
    image_ids = np.fromiter([a.image_id for a in annotations], np.int64, n)
    category_ids = np.fromiter([a.category_id for a in annotations], np.int64, n)
    boxes = np.fromiter(chain.from_iterable([a.bbox or _NO_BOX for a in annotations]), np.float64, 4 * n).reshape(n, 4)
    boxed = ~np.isnan(boxes[:, 0])
    areas = np.fromiter([_NAN if a.area is None else a.area for a in annotations], np.float64, n)
    crowds = np.fromiter([_NAN if a.iscrowd is None else a.iscrowd for a in annotations], np.float64, n)
    given = (areas[~np.isnan(areas)], crowds[~np.isnan(crowds)])
    for numbers in (ids[ids != NO_ID], image_ids, category_ids, boxes[boxed], *given):
        if not (np.abs(numbers) <= _BIGGEST).all():
            raise _Unusual
    none = np.zeros(n, np.bool_)
    return AnnotationColumns(
        index=np.arange(first, first + n),
        ids=ids,
        image_ids=image_ids,
        category_ids=category_ids,
        boxes=boxes,
        boxed=boxed,
        areas=areas,
        crowds=crowds,
        outlined=shapes.get("outlined", none),
        emptied=shapes.get("emptied", none),
        outlines=shapes.get("outlines", ()),
        pointed=shapes.get("pointed", none),
        keypoints=shapes.get("keypoints", ()),
    )
