"""Custom Vision: the COCO file that an exported project becomes, and the list of pictures that its training API gives.

Owns: both forms. Leaves: fetching pictures, whose addresses end after some hours, to whoever exports.
"""

from collections.abc import Mapping
from typing import cast

import msgspec

from automation.coco.codec import dump as dump_coco
from automation.coco.formats import coco_json
from automation.coco.formats.building import Building
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import number
from automation.coco.formats.told import Told
from automation.coco.repair import repair_ids
from automation.coco.types import Annotation, Box, Dataset, Image, Unit

__all__ = ["CUSTOM_VISION"]

Tree = Mapping[str, object]

_FRAME = ("left", "top", "width", "height")


def parse(files: Files, told: Told) -> Read:
    """An object is the COCO file; a list is pictures with tags and regions, each named by its id."""
    [(path, data)] = files.texts.items()
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        return coco_json.parse(files, told)
    building = Building()
    entries: list[object] = []
    try:
        entries = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=list[object])
    except (msgspec.DecodeError, RecursionError, ValueError) as wrong:
        told.wrong("not-json", path, f"this is no JSON: {wrong}")
    for index, entry in enumerate(entries):
        _picture(building, _tree(entry), f"/{index}", told)
    return Read(dataset=building.dataset, unit=Unit.NORMALISED)


def _tree(value: object) -> Tree:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _entries(value: object) -> list[Tree]:
    return [_tree(entry) for entry in cast("list[object]", value)] if isinstance(value, list) else []


def _picture(building: Building, entry: Tree, where: str, told: Told) -> None:
    name = entry.get("id")
    if not isinstance(name, str) or not name:
        told.wrong("missing-key", f"{where}/id", "the picture has no id")
        return
    address = entry.get("originalImageUri")
    size = (number(entry.get("width")) or 0, number(entry.get("height")) or 0)
    image = building.image(name, size, url=address if isinstance(address, str) else None)
    regions = _entries(entry.get("regions"))
    for index, region in enumerate(regions):
        frame = [number(region.get(key)) for key in _FRAME]
        tag = region.get("tagName")
        if not isinstance(tag, str) or None in frame:
            told.wrong("wrong-type", f"{where}/regions/{index}", f"a region has tagName and {', '.join(_FRAME)}")
            continue
        x, y, w, h = cast("list[float]", frame)
        building.label(image, tag, box=Box(x=x, y=y, w=w, h=h))
    for index, tag in enumerate(_entries(entry.get("tags")) if not regions else ()):
        if isinstance(named := tag.get("tagName"), str):
            building.label(image, named)
        else:
            told.wrong("missing-key", f"{where}/tags/{index}/tagName", "the tag has no name")


def dump(dataset: Dataset, _told: Told) -> Dumped:
    """The COCO file: ids from 1, boxes as shares, an address in coco_url.

    Raises:
        DatasetError: Annotations name pictures or classes that do not exist, or that exist twice.
    """
    made = repair_ids(dataset).dataset
    return {
        "": dump_coco(
            Dataset(
                images=tuple(_image(image) for image in made.images),
                annotations=tuple(_annotation(annotation) for annotation in made.annotations),
                categories=made.categories,
            )
        )
    }


def _image(image: Image) -> Image:
    address = image.absolute_url or image.coco_url
    return Image(id=image.id, file_name=image.file_name, width=image.width, height=image.height, coco_url=address)


def _annotation(annotation: Annotation) -> Annotation:
    return Annotation(
        id=annotation.id, image_id=annotation.image_id, category_id=annotation.category_id, box=annotation.box
    )


CUSTOM_VISION = Format(
    name="custom-vision",
    unit=Unit.NORMALISED,
    folder=False,
    suffixes=(".json",),
    parse=parse,
    dump=dump,
    holds=frozenset((Holds.BOXES, Holds.LABELS, Holds.SIZES, Holds.ADDRESSES, Holds.CLASSES, Holds.EMPTY)),
    sizes_needed=True,
)
