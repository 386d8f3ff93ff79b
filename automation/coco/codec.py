"""JSON to datasets and back.

Owns: the field names of COCO, and the findings about JSON that is no COCO file.
Leaves: what a well-formed dataset may still have wrong to `rules.py`, disk to `files.py`.

Read: standard COCO, the vision service's form, the three forms that Azure ML labeling exports, and Custom Vision's.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

import msgspec

from automation.coco.entry import Entry, shown
from automation.coco.types import Annotation, Category, Dataset, Extra, Image
from automation.errors import Finding, Severity

__all__ = [
    "LIMIT_BYTES",
    "Decoded",
    "Positions",
    "Section",
    "decode",
    "dump",
    "missing_section",
    "read_annotations",
    "read_categories",
    "read_images",
]

LIMIT_BYTES = 1 << 30

_SECTIONS = ("images", "annotations", "categories")
_IMAGE_KEYS = frozenset(("id", "file_name", "width", "height", "absolute_url", "coco_url"))
_ANNOTATION_KEYS = frozenset(("id", "image_id", "category_id", "bbox", "area", "iscrowd"))
_CATEGORY_KEYS = frozenset(("id", "name"))

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """Where the entries of a dataset stand in their file; None where nothing was left out."""

    images: tuple[int, ...] | None = None
    annotations: tuple[int, ...] | None = None
    categories: tuple[int, ...] | None = None

    def of(self, section: str, index: int) -> int:
        places = cast("tuple[int, ...] | None", getattr(self, section))
        return index if places is None else places[index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What could be read.

    Attributes:
        dataset: The entries that are well formed.
        positions: Where those stand in the file.
        findings: What is wrong with the others.
        excused: Ids, by section, that annotations may name although no entry has them: those of entries that
            were left out. None stands for every id, where the whole section is missing.
    """

    dataset: Dataset
    positions: Positions = field(default_factory=Positions)
    findings: tuple[Finding, ...] = ()
    excused: Mapping[str, frozenset[int] | None] = field(default_factory=dict[str, frozenset[int] | None])


def decode(data: bytes, *, limit_bytes: int = LIMIT_BYTES) -> Decoded:
    """Read a COCO file; whatever is wrong with it is in the findings, never an exception."""
    if len(data) > limit_bytes:
        size = f"the file has {len(data):,} bytes, and {limit_bytes:,} are allowed"
        return _nothing("too-big", size, hint="split the file, or raise the limit")
    try:
        tree = _json(data)
    except (ValueError, RecursionError) as error:
        return _nothing("not-json", f"this is no JSON: {error}")
    if not isinstance(tree, dict):
        return _nothing("not-an-object", "a COCO file is an object with images, annotations and categories")
    return _read(cast("dict[str, object]", tree))


def dump(dataset: Dataset) -> bytes:
    """Write a dataset as JSON; the same dataset gives the same bytes."""
    tree = {
        **_sorted(dataset.extra),
        "images": [_image_fields(image) for image in dataset.images],
        "annotations": [_annotation_fields(annotation) for annotation in dataset.annotations],
        "categories": [{"id": c.id, "name": c.name, **_sorted(c.extra)} for c in dataset.categories],
    }
    return msgspec.json.format(msgspec.json.encode(tree), indent=1) + b"\n"


def _json(data: bytes) -> object:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Slower, but it reads NaN and Infinity, so that they can be pointed at, and it knows line and column.
        return json.loads(data)


def _nothing(code: str, message: str, *, hint: str | None = None) -> Decoded:
    finding = Finding(code=code, severity=Severity.ERROR, where="", message=message, hint=hint)
    return Decoded(dataset=Dataset(images=(), annotations=(), categories=()), findings=(finding,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Generic[T]):
    """The entries of one section that are well formed, and what became of the others."""

    values: tuple[T, ...] = ()
    places: tuple[int, ...] | None = None
    findings: tuple[Finding, ...] = ()
    broken_ids: frozenset[int] | None = frozenset()


def _read(tree: dict[str, object]) -> Decoded:
    images = _section(tree, "images", read_images)
    annotations = _section(tree, "annotations", read_annotations)
    categories = _section(tree, "categories", read_categories)
    return Decoded(
        dataset=Dataset(
            images=images.values,
            annotations=annotations.values,
            categories=categories.values,
            extra={key: value for key, value in tree.items() if key not in _SECTIONS},
        ),
        positions=Positions(images=images.places, annotations=annotations.places, categories=categories.places),
        findings=images.findings + annotations.findings + categories.findings,
        excused={"images": images.broken_ids, "categories": categories.broken_ids},
    )


def _section(tree: dict[str, object], name: str, read: Callable[[Sequence[object]], Section[T]]) -> Section[T]:
    if not isinstance(entries := tree.get(name), list):
        problem = f"{name} is missing" if name not in tree else f"{name} is {shown(tree[name])}, not a list"
        return Section(findings=(missing_section(name, problem),), broken_ids=None)
    return read(cast("list[object]", entries))


def missing_section(name: str, problem: str) -> Finding:
    return Finding(code="missing-section", severity=Severity.ERROR, where=f"/{name}", message=problem)


def read_images(entries: Sequence[object], first: int = 0) -> Section[Image]:
    """Images from decoded JSON; `first` is the place of the first in its section."""
    return _entries("images", entries, first, _image)


def read_annotations(entries: Sequence[object], first: int = 0) -> Section[Annotation]:
    """As `read_images`."""
    return _entries("annotations", entries, first, _annotation)


def read_categories(entries: Sequence[object], first: int = 0) -> Section[Category]:
    """As `read_images`."""
    return _entries("categories", entries, first, _category)


def _entries(name: str, entries: Sequence[object], first: int, read: Callable[[Entry], T]) -> Section[T]:
    values: list[T] = []
    places: list[int] = []
    findings: list[Finding] = []
    broken: set[int] = set()
    for index, raw in enumerate(entries, first):
        where = f"/{name}/{index}"
        if not isinstance(raw, dict):
            message = f"{shown(raw)} is not an object"
            findings.append(Finding(code="wrong-type", severity=Severity.ERROR, where=where, message=message))
            continue
        entry = Entry(cast("dict[str, object]", raw), where)
        value = read(entry)
        if entry.findings:
            findings += entry.findings
            if (broken_id := Entry(entry.values, where).optional_id("id")) is not None:
                broken.add(broken_id)
        else:
            values.append(value)
            places.append(index)
    return Section(
        values=tuple(values),
        places=tuple(places) if findings else None,
        findings=tuple(findings),
        broken_ids=frozenset(broken),
    )


def _image(entry: Entry) -> Image:
    return Image(
        id=entry.required_id("id"),
        file_name=entry.required_text("file_name"),
        width=_size(entry, "width"),
        height=_size(entry, "height"),
        absolute_url=entry.optional_text("absolute_url"),
        coco_url=entry.optional_text("coco_url"),
        extra=entry.others(_IMAGE_KEYS),
    )


def _size(entry: Entry, key: str) -> float:
    size = entry.optional_number(key)
    return 0 if size is None else size  # an exported 0.0 stays 0.0


def _annotation(entry: Entry) -> Annotation:
    return Annotation(
        id=entry.optional_id("id"),
        image_id=entry.required_id("image_id"),
        category_id=entry.required_id("category_id"),
        box=entry.optional_box("bbox"),
        area=entry.optional_number("area"),
        iscrowd=_flag(entry),
        extra=entry.others(_ANNOTATION_KEYS),
    )


def _flag(entry: Entry) -> int | None:
    value = entry.values.get("iscrowd")
    return int(value) if isinstance(value, bool) else entry.optional_id("iscrowd")


def _category(entry: Entry) -> Category:
    return Category(id=entry.required_id("id"), name=entry.required_text("name"), extra=entry.others(_CATEGORY_KEYS))


def _image_fields(image: Image) -> dict[str, object]:
    urls = {"absolute_url": image.absolute_url, "coco_url": image.coco_url}
    return {
        "id": image.id,
        "width": image.width,
        "height": image.height,
        "file_name": image.file_name,
        **{key: url for key, url in urls.items() if url is not None},
        **_sorted(image.extra),
    }


def _annotation_fields(annotation: Annotation) -> dict[str, object]:
    box = annotation.box
    fields = {
        "id": annotation.id,
        "image_id": annotation.image_id,
        "category_id": annotation.category_id,
        "bbox": None if box is None else [box.x, box.y, box.w, box.h],
        "area": annotation.area,
        "iscrowd": annotation.iscrowd,
    }
    return {key: value for key, value in fields.items() if value is not None} | _sorted(annotation.extra)


def _sorted(extra: Extra) -> dict[str, object]:
    return {key: extra[key] for key in sorted(extra)}
