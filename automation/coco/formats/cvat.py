"""CVAT XML 1.1, for images: boxes, polygons and tags, with their attributes.

Owns: its elements. Leaves: XML to `xml_text.py`. Tracks, polylines, points, masks, cuboids, ellipses and skeletons have
no place in a dataset of boxes and polygons: they are counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from automation.coco.formats.building import Building
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import number, polygons_of, text_of
from automation.coco.formats.told import Told
from automation.coco.formats.xml_text import Element, element, parse_xml, text
from automation.coco.types import Annotation, Box, Dataset, Image, Unit

__all__ = ["CVAT"]

_CORNERS = ("xtl", "ytl", "xbr", "ybr")
_PLACES = ("meta/task/labels", "meta/job/labels", "meta/project/labels")
_ABOUT = ("id", "name", "width", "height", "subset", "task_id")


def parse(files: Files, told: Told) -> Read:
    """Classes are in the order of the task; a rotated box keeps its angle in degrees as the attribute rotation."""
    [(path, data)] = files.texts.items()
    root = parse_xml(data, path, told)
    building = Building()
    if root is None:
        return Read(dataset=building.dataset, unit=Unit.PIXELS)
    if root.tag != "annotations":
        told.wrong("wrong-type", path, f"the file is about <{root.tag[:40]}>, not <annotations>")
    for labels in (found for place in _PLACES if (found := root.find(place)) is not None):
        for label in labels.all("label"):
            if not label.said("parent"):  # one that has a parent is a point of a skeleton
                building.category(label.said("name"))
    told.lost("lost-tracks", "tracks through a video are not read", sum(1 for _ in root.all("track")))
    for index, page in enumerate(root.all("image")):
        _picture(building, page, f"{path}: image[{index}]", told)
    return Read(dataset=building.dataset, unit=Unit.PIXELS)


def _picture(building: Building, page: Element, where: str, told: Told) -> None:
    if not (name := page.attributes.get("name", "")):
        told.wrong("missing-key", f"{where}/name", "the picture has no name")
        return
    size = (number(page.attributes.get("width")) or 0, number(page.attributes.get("height")) or 0)
    image = building.image(name, size)
    for index, shape in enumerate(page.children):
        if shape.tag in ("box", "polygon", "tag"):
            _shape(building, image, shape, f"{where}/{shape.tag}[{index}]", told)
        else:
            told.lost("lost-shapes", f"shapes are not read: {shape.tag[:40]}")


def _shape(building: Building, image: int, shape: Element, where: str, told: Told) -> None:
    if not (label := shape.attributes.get("label", "")):
        told.lost("lost-shapes", "shapes are not read: they have no label")
        return
    attributes = _attributes(shape)
    if shape.tag == "tag":
        building.label(image, label, attributes=attributes)
        return
    corners = [number(shape.attributes.get(corner)) for corner in _CORNERS]
    points = [number(value) for pair in shape.attributes.get("points", "").split(";") for value in pair.split(",")]
    if shape.tag == "box" and None not in corners:
        left, top, right, bottom = cast("list[float]", corners)
        box = Box(x=left, y=top, w=right - left, h=bottom - top)
        building.label(image, label, box=box, attributes=attributes)
    elif shape.tag == "polygon" and None not in points and len(points) >= 6 and len(points) % 2 == 0:
        building.label(image, label, polygons=[cast("list[float]", points)], attributes=attributes)
    else:
        told.wrong("wrong-type", where, f"a box has {', '.join(_CORNERS)}; a polygon has points, 3 or more x,y;")


def _attributes(shape: Element) -> dict[str, object]:
    found: dict[str, object] = {}
    for kind in ("rotation", "z_order", "group_id", "occluded"):
        if value := number(shape.attributes.get(kind)):
            found[kind] = int(value) if value.is_integer() else value
    return found | {named.attributes.get("name", ""): named.text for named in shape.all("attribute")}


def dump(dataset: Dataset, _told: Told) -> Dumped:
    """Pictures are numbered from 0. An attribute that is not text comes back as text."""
    names = {category.id: category.name for category in dataset.categories}
    of_image: dict[int, list[str]] = {}
    kinds: dict[int, Counter[str]] = {}
    for annotation in dataset.annotations:
        attributes = _given(annotation)
        kinds.setdefault(annotation.category_id, Counter()).update(key for key in attributes if key not in _OWN)
        shapes = _shapes(annotation, names[annotation.category_id], attributes)
        of_image.setdefault(annotation.image_id, []).extend(shapes)
    labels = [_label(c.name, kinds.get(c.id, Counter())) for c in dataset.categories]
    meta = element(
        "task", text("size", str(len(dataset.images)), depth=3), element("labels", *labels, depth=3), depth=2
    )
    pages = [_page(n, image, of_image.get(image.id, [])) for n, image in enumerate(dataset.images)]
    whole = element("annotations", text("version", "1.1", depth=1), element("meta", meta, depth=1), *pages)
    return {"": f'<?xml version="1.0" encoding="utf-8"?>\n{whole}'.encode()}


_OWN = ("rotation", "z_order", "group_id", "occluded")


def _given(annotation: Annotation) -> Mapping[str, object]:
    found = annotation.extra.get("attributes")
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _label(name: str, attributes: Counter[str]) -> str:
    kinds = [
        element("attribute", text("name", key, depth=7), text("input_type", "text", depth=7), depth=6)
        for key in sorted(attributes)
    ]
    return element("label", text("name", name, depth=5), element("attributes", *kinds, depth=5), depth=4)


def _page(place: int, image: Image, shapes: Sequence[str]) -> str:
    width, height = text_of(image.width, 3), text_of(image.height, 3)
    return element("image", *shapes, depth=1, id=str(place), name=image.file_name, width=width, height=height)


def _shapes(annotation: Annotation, label: str, attributes: Mapping[str, object]) -> list[str]:
    inside = [
        text("attribute", _said(value), depth=3, name=key)
        for key, value in attributes.items()
        if key not in _OWN and value is not None
    ]
    own = {key: _said(attributes[key]) for key in ("z_order", "group_id") if attributes.get(key)}
    common = {"label": label, "source": "manual", "occluded": "1" if attributes.get("occluded") else "0", **own}
    if polygons := polygons_of(annotation):
        return [element("polygon", *inside, depth=2, points=_points(polygon), **common) for polygon in polygons]
    if (box := annotation.box) is None:
        return [element("tag", *inside, depth=2, label=label, source="manual")]
    values = (box.x, box.y, box.right, box.bottom)
    edges = {corner: text_of(value, 3) for corner, value in zip(_CORNERS, values, strict=True)}
    turned = {"rotation": _said(attributes["rotation"])} if attributes.get("rotation") else {}
    return [element("box", *inside, depth=2, **common, **edges, **turned)]


def _points(polygon: Sequence[float]) -> str:
    return ";".join(f"{text_of(x, 3)},{text_of(y, 3)}" for x, y in zip(polygon[0::2], polygon[1::2], strict=True))


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


CVAT = Format(
    name="cvat",
    unit=Unit.PIXELS,
    folder=False,
    suffixes=(".xml",),
    parse=parse,
    dump=dump,
    holds=frozenset(Holds) - {Holds.PIECES, Holds.CROWDS, Holds.ADDRESSES, Holds.OTHERS},
    sizes_needed=True,
)
