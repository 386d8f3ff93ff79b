"""Pascal VOC: one XML file for each picture, in Annotations/.

Owns: its elements. Corners are edges in pixels from 0, as annotation tools write them, not the pixels counted from 1
of the first VOC sets. Leaves: XML to `xml_text.py`; parts, poses and masks are not read.
"""

from pathlib import PurePosixPath
from typing import cast

from automation.coco.formats.building import Building
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import number, text_of
from automation.coco.formats.names import leads_out, stem_of
from automation.coco.formats.told import Told
from automation.coco.formats.xml_text import Element, element, parse_xml, text
from automation.coco.types import Annotation, Box, Dataset, Image, Unit

__all__ = ["VOC"]

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_FLAGS = ("truncated", "difficult", "occluded")
_CLASSES = "labelmap.txt"
_FOLDER = "Annotations"
_SET = "ImageSets/Main/default.txt"


def parse(files: Files, told: Told) -> Read:
    """Files in the order of their names; classes in that of labelmap.txt, where there is one."""
    building = Building(_classes(files, told))
    for path, data in files.texts.items():
        if path.lower().endswith(".xml") and (root := parse_xml(data, path, told)) is not None:
            if root.tag == "annotation":
                _picture(building, root, path, told)
            else:
                told.wrong("wrong-type", path, f"the file is about <{root.tag[:40]}>, not <annotation>")
    return Read(dataset=building.dataset, unit=Unit.PIXELS)


def _classes(files: Files, told: Told) -> list[str]:
    lines = files.text(_CLASSES, told).splitlines() if _CLASSES in files.texts else []
    return [line.rsplit(":", 3)[0] for line in lines if line.strip() and not line.startswith("# label:")]


def _picture(building: Building, root: Element, path: str, told: Told) -> None:
    name = root.said("filename")
    if not name:
        told.wrong("missing-key", f"{path}: filename", "the file does not say which picture it is about")
        return
    if "/" not in name:
        parts = PurePosixPath(path).parent.parts
        name = "/".join([*(parts[parts.index(_FOLDER) + 1 :] if _FOLDER in parts else ()), name])
    if (building.known(name)) is not None:
        told.wrong("name-collision", path, f"another file is about {name!r} already", hint="remove one of them")
        return
    image = building.image(name, (number(root.said("size/width")) or 0, number(root.said("size/height")) or 0))
    for index, thing in enumerate(root.all("object")):
        where = f"{path}: object[{index}]"
        corners = [number(thing.said(f"bndbox/{corner}")) for corner in _CORNERS]
        if None in corners or not (kind := thing.said("name")):
            told.wrong("wrong-type", where, f"an object has a name, and a bndbox with {', '.join(_CORNERS)}")
            continue
        left, top, right, bottom = cast("list[float]", corners)
        flags = {flag: 1 for flag in _FLAGS if thing.said(flag) == "1"}
        told.lost("lost-parts", "parts of things are not read", sum(1 for _ in thing.all("part")))
        told.lost("lost-poses", "poses are not read", int(thing.said("pose") not in ("", "Unspecified")))
        told.lost(
            "lost-polygons", "polygons of things are not read: their boxes are", sum(1 for _ in thing.all("polygon"))
        )
        box = Box(x=left, y=top, w=right - left, h=bottom - top)
        building.label(image, kind, box=box, attributes=flags)
    told.lost("lost-masks", "pictures have a mask beside them, which is not read", int(root.said("segmented") == "1"))


def dump(dataset: Dataset, told: Told) -> Dumped:
    """A file for each picture, the list of classes, and that of pictures, which other readers go by."""
    stems: dict[str, str] = {}
    for image in dataset.images:
        if leads_out(image.file_name):
            told.wrong("path-outside", "/images", f"{image.file_name!r} leads out of the folder", hint="rename it")
        elif (other := stems.setdefault(stem_of(image.file_name), image.file_name)) != image.file_name:
            message = f"{other!r} and {image.file_name!r} would share one XML file"
            told.wrong("name-collision", "/images", message, hint="rename one")
    for index, category in enumerate(dataset.categories):
        if category.name != category.name.strip() or category.name.startswith("# label"):
            message = f"{category.name!r} would not come back as it is"
            told.wrong("name-unwritable", f"/categories/{index}/name", message, hint="rename it")
    names = {category.id: category.name for category in dataset.categories}
    of_image: dict[int, list[str]] = {}
    for annotation in dataset.annotations:
        if annotation.box is not None:
            thing = _dumped(annotation, annotation.box, names[annotation.category_id])
            of_image.setdefault(annotation.image_id, []).append(thing)
    classes = "".join(f"{category.name}:::\n" for category in dataset.categories)
    stems_listed = "".join(f'"{stem}"\n' if " " in stem else f"{stem}\n" for stem in stems)
    made = {_CLASSES: f"# label:color_rgb:parts:actions\n{classes}".encode(), _SET: stems_listed.encode()}
    for image in dataset.images:
        page = _page(image, of_image.get(image.id, []))
        made[f"{_FOLDER}/{stem_of(image.file_name)}.xml"] = page.encode()
    return made


def _page(image: Image, things: list[str]) -> str:
    folder = str(PurePosixPath(image.file_name).parent)
    size = [("width", image.width), ("height", image.height), ("depth", 3)]
    return element(
        "annotation",
        text("folder", "" if folder == "." else folder, depth=1),
        text("filename", image.file_name, depth=1),
        element("size", *(text(tag, text_of(value, 3), depth=2) for tag, value in size), depth=1),
        text("segmented", "0", depth=1),
        *things,
    )


def _dumped(annotation: Annotation, box: Box, name: str) -> str:
    found = annotation.extra.get("attributes")
    attributes = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    edges = zip(_CORNERS, (box.x, box.y, box.right, box.bottom), strict=True)
    return element(
        "object",
        text("name", name, depth=2),
        text("pose", "Unspecified", depth=2),
        *(text(flag, "1" if attributes.get(flag) else "0", depth=2) for flag in _FLAGS),
        element("bndbox", *(text(corner, text_of(value, 3), depth=3) for corner, value in edges), depth=2),
        depth=1,
    )


VOC = Format(
    name="voc",
    unit=Unit.PIXELS,
    folder=True,
    suffixes=(".xml", _CLASSES),
    parse=parse,
    dump=dump,
    holds=frozenset((Holds.BOXES, Holds.SIZES, Holds.CLASSES, Holds.EMPTY)),
    attributes=frozenset(_FLAGS),
    sizes_needed=True,
    by_name=True,
)
