"""Exported labels as COCO, in the shape of Azure ML's own exports, piece by piece.

Owns: the format. Same labels, same bytes: no clock in here. Pure. Leaves: the rows to `export_rows.py`.

As Azure wrote it: sizes as floats (0.0 when the picture cannot be read), coordinates as fractions, area 0.0, dates with
seven digits. In pixels an area is the true one.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from localazure.labeling.transfer.export_rows import ExportRows, LabelRow
from localazure.labeling.types import Project

__all__ = ["coco_pieces"]

_AT_ONCE = 5_000
_PIXEL_DIGITS = 3


class _Image(msgspec.Struct, gc=False):
    id: int
    width: float
    height: float
    file_name: str
    coco_url: str
    absolute_url: str
    date_captured: str | msgspec.UnsetType = msgspec.UNSET


class _Tag(msgspec.Struct, gc=False):
    id: int
    category_id: int
    image_id: int


class _Box(msgspec.Struct, gc=False):
    id: int
    category_id: int
    image_id: int
    area: float
    bbox: tuple[float, float, float, float]


class _Polygon(msgspec.Struct, gc=False):
    id: int
    category_id: int
    image_id: int
    segmentation: msgspec.Raw | list[list[float]]
    area: float
    bbox: tuple[float, float, float, float]


class _Category(msgspec.Struct):
    id: int
    name: str


def coco_pieces(project: Project, rows: ExportRows, *, absolute: bool) -> Iterator[bytes]:
    """The file. Images first, then annotations: the rows are read twice, so that neither list is held."""
    numbers = array("L")
    names = list(project.spec.class_names())
    ids = {key: place for place, (key, _) in enumerate(names, start=1)}
    yield b'{"images":['
    yield from _listed(_images(project, rows, numbers))
    yield b'],"annotations":['
    yield from _listed(_annotations(rows.labels(), numbers, ids, absolute=absolute))
    yield b'],"categories":['
    yield from _listed(_Category(id=ids[key], name=shown) for key, shown in names)
    yield b"]}"


def _listed(entries: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    """The entries with commas between them, many in a piece."""
    encoder = msgspec.json.Encoder()
    entries = iter(entries)
    before = b""
    while batch := list(islice(entries, _AT_ONCE)):
        yield before + encoder.encode(batch)[1:-1]
        before = b","


def _images(project: Project, rows: ExportRows, numbers: "array[int]") -> Iterator[_Image]:
    place = project.place
    for number, path, width, height, date in rows.pictures():
        numbers.append(number)
        yield _Image(
            id=len(numbers),
            width=float(width or 0),
            height=float(height or 0),
            file_name=path,
            coco_url=f"AmlDatastore://{place.datastore}/{path}",
            absolute_url=place.url(path),
            date_captured=msgspec.UNSET if date is None else date,
        )


def _annotations(
    rows: Iterable[LabelRow], numbers: "array[int]", ids: dict[str, int], *, absolute: bool
) -> Iterator[msgspec.Struct]:
    image = made = 0
    for number, key, x, y, w, h, rings, _, width, height in rows:
        while numbers[image] != number:
            image += 1
        category = ids.get(key)
        if category is None:
            continue
        made += 1
        if x is None or y is None or w is None or h is None:
            yield _Tag(made, category, image + 1)
        elif not absolute:
            box = (x, y, w, h)
            if rings is None:
                yield _Box(made, category, image + 1, 0.0, box)
            else:
                yield _Polygon(made, category, image + 1, msgspec.Raw(rings), 0.0, box)
        else:
            box = _pixels(x, width), _pixels(y, height), _pixels(w, width), _pixels(h, height)
            if rings is None:
                yield _Box(made, category, image + 1, round(box[2] * box[3], _PIXEL_DIGITS), box)
            else:
                polygon = _polygon_pixels(rings, width, height)
                yield _Polygon(made, category, image + 1, polygon, _area(polygon), box)


def _pixels(fraction: float, side: int) -> float:
    return round(fraction * side, _PIXEL_DIGITS)


def _polygon_pixels(rings: bytes, width: int, height: int) -> list[list[float]]:
    """Each ring's x, y, ... in pixels."""
    sides = (width, height)
    unit = msgspec.json.decode(rings, type=list[list[float]])
    return [[_pixels(value, sides[place % 2]) for place, value in enumerate(ring)] for ring in unit]


def _area(polygon: list[list[float]]) -> float:
    """Of all rings together, in square pixels."""
    return round(sum(abs(_signed_area(ring)) for ring in polygon), _PIXEL_DIGITS)


def _signed_area(ring: list[float]) -> float:
    points = list(zip(ring[0::2], ring[1::2], strict=True))
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True)) / 2
