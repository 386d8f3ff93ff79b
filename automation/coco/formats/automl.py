"""AutoML for images: one JSON object per line (JSONL), and the MLTable file that points to it.

Owns: the rows, for labels of whole pictures, boxes and polygons. Leaves: looking whether an address can be read.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from automation.coco.formats.building import Building
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import number, plain, polygons_of
from automation.coco.formats.names import name_of
from automation.coco.formats.told import Told
from automation.coco.types import Annotation, Box, Dataset, Image, Unit

__all__ = ["AUTOML"]

_ROWS = "annotations.jsonl"
_CORNERS = ("topX", "topY", "bottomX", "bottomY")
_ML_TABLE = f"""\
paths:
  - file: ./{_ROWS}
transformations:
  - read_json_lines:
      encoding: utf8
      invalid_lines: error
      include_path_column: false
  - convert_column_types:
      - columns: image_url
        column_type: stream_info
"""


def parse(files: Files, told: Told) -> Read:
    """All .jsonl files, one after the other; rows of one picture make one picture."""
    building = Building()
    for path, data in files.texts.items():
        for line, text in enumerate(data.split(b"\n") if path.endswith(".jsonl") else (), 1):
            if text.strip():
                _row(building, text, f"{path}:{line}", told)
    return Read(dataset=building.dataset, unit=Unit.NORMALISED)


def _row(building: Building, text: bytes, where: str, told: Told) -> None:
    try:
        row: object = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, ValueError) as wrong:
        told.wrong("not-json", where, f"this is no JSON: {wrong}")
        return
    fields = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    address = fields.get("image_url")
    if not isinstance(address, str) or not address:
        told.wrong("missing-key", where, "a row is an object with image_url")
        return
    name = name_of(address)
    image = building.known(name)
    if image is None:
        url = address if "://" in address else None
        image = building.image(name, _size(fields.get("image_details")), url=url)
    if fields.get("label_confidence") not in (None, 1, 1.0):
        told.lost("lost-confidence", "rows have label_confidence, which is not read")
    label = fields.get("label", [])
    for index, entry in enumerate(cast("list[object]", label) if isinstance(label, list) else [label]):
        if isinstance(entry, str):
            building.label(image, entry)
        elif isinstance(entry, dict):
            _thing(building, image, cast("dict[str, object]", entry), f"{where}: label/{index}", told)
        else:
            told.wrong("wrong-type", f"{where}: label/{index}", "a label is text, or an object with label")


def _size(details: object) -> tuple[float, float]:
    known = cast("dict[str, object]", details) if isinstance(details, dict) else {}
    width, height = number(known.get("width")), number(known.get("height"))
    return (width or 0, height or 0)


def _thing(building: Building, image: int, entry: Mapping[str, object], where: str, told: Told) -> None:
    name = entry.get("label")
    crowd = entry.get("isCrowd") in (True, 1, "true", "True")
    corners = [entry.get(key) for key in _CORNERS]
    if None in corners and isinstance(entry.get("bbox"), list):
        corners = cast("list[object]", entry["bbox"])
    values = [number(value) for value in corners]
    polygons: list[list[float]] = []
    for piece in cast("list[object]", entry["polygon"]) if isinstance(entry.get("polygon"), list) else []:
        points = [number(value) for value in cast("list[object]", piece)] if isinstance(piece, list) else []
        if len(points) < 6 or len(points) % 2 or None in points:
            told.wrong("wrong-type", f"{where}/polygon", "a polygon is a list of 3 or more x, y")
            return
        polygons.append(cast("list[float]", points))
    if not isinstance(name, str):
        told.wrong("missing-key", where, "there is no label")
    elif len(values) == 4 and None not in values:
        left, top, right, bottom = cast("list[float]", values)
        box = Box(x=left, y=top, w=right - left, h=bottom - top)
        building.label(image, name, box=box, polygons=polygons, crowd=crowd)
    elif polygons:
        building.label(image, name, polygons=polygons, crowd=crowd)
    else:
        told.wrong("wrong-type", where, f"a box has {', '.join(_CORNERS)}, four numbers")


def dump(dataset: Dataset, told: Told) -> Dumped:
    """Rows in the order of the pictures. A picture without a label has a row among boxes, and none among labels."""
    names = {category.id: category.name for category in dataset.categories}
    of_image: dict[int, list[Annotation]] = {}
    for annotation in dataset.annotations:
        of_image.setdefault(annotation.image_id, []).append(annotation)
    detection = any(a.box is not None for a in dataset.annotations) or not dataset.annotations
    several = any(len(found) > 1 for found in of_image.values())
    rows: list[bytes] = []
    nowhere = 0
    for image in dataset.images:
        address = image.coco_url or image.absolute_url
        if image.coco_url is not None and image.coco_url.lower().startswith("http"):
            address = image.absolute_url or image.coco_url
        nowhere += address is None
        found = of_image.get(image.id, [])
        label: object = [_dumped(a, names[a.category_id]) for a in found if a.box is not None]
        if not detection:
            texts = [names[a.category_id] for a in found]
            label = texts if several else next(iter(texts), None)
            if not texts:
                told.lost("lost-pictures", "pictures without a label have no row among labels of pictures")
                continue
        row = {"image_url": address or image.file_name, **_details(image), "label": label}
        rows.append(msgspec.json.encode(row) + b"\n")
    message = "rows have a file name as image_url: AutoML wants an address, see --url-base"
    told.lost("address-missing", message, nowhere)
    if detection:
        count = sum(a.box is None for a in dataset.annotations)
        told.lost("lost-labels", "labels of whole pictures: they have no place among boxes", count)
    return {_ROWS: b"".join(rows), "MLTable": _ML_TABLE.encode()}


def _details(image: Image) -> dict[str, object]:
    if not image.sized:
        return {}
    suffix = image.file_name.rpartition(".")[2].lower() if "." in image.file_name else ""
    kind = {"format": "jpg" if suffix in ("jpeg", "jpg") else suffix} if suffix.isalnum() else {}
    return {"image_details": {**kind, "width": plain(image.width), "height": plain(image.height)}}


def _dumped(annotation: Annotation, name: str) -> dict[str, object]:
    box = cast("Box", annotation.box)
    corners: Sequence[float] = [plain(round(value, 10)) for value in (box.x, box.y, box.right, box.bottom)]
    if polygons := polygons_of(annotation):
        bbox = list(corners)
        return {
            "label": name,
            "bbox": bbox,
            "isCrowd": bool(annotation.iscrowd),
            "polygon": [list(p) for p in polygons],
        }
    return {"label": name, **dict(zip(_CORNERS, corners, strict=True)), "isCrowd": bool(annotation.iscrowd)}


AUTOML = Format(
    name="automl",
    unit=Unit.NORMALISED,
    folder=True,
    suffixes=(".jsonl",),
    parse=parse,
    dump=dump,
    holds=frozenset(Holds) - {Holds.CLASSES, Holds.ATTRIBUTES, Holds.OTHERS},
    plain_names=False,
    by_name=False,
)
