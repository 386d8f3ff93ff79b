"""YOLO, as Ultralytics reads it: data.yaml, labels/**/*.txt, and a list of the pictures.

Owns: rows of class and shares, for boxes and for polygons. Leaves: pictures themselves: they belong in images/, under
the same names as in the list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import cast

import yaml

from automation.coco.formats.building import Building
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import number, polygons_of, text_of
from automation.coco.formats.names import leads_out, stem_of
from automation.coco.formats.told import Told
from automation.coco.outline_area import polygon_area
from automation.coco.types import Annotation, Box, Dataset, Unit

__all__ = ["BOXES", "POLYGONS"]

DIGITS = 10
_LIST = "train.txt"


def parse(files: Files, told: Told) -> Read:
    """Pictures are those of the lists and those that lie in images/; one without a file of labels has none."""
    classes = _classes(files, told)
    labels = {_below(name, "labels"): name for name in files.texts if _in(name, "labels") and name.endswith(".txt")}
    labels.pop("classes.txt", None)
    building = Building(classes)
    stems: dict[str, str] = {}
    for name in _pictures(files, told):
        stem = stem_of(name)
        if (other := stems.setdefault(stem, name)) != name:
            told.wrong("name-collision", name, f"{other!r} and {name!r} share one file of labels", hint="rename one")
            continue
        image = building.image(name)
        if (path := labels.pop(stem + ".txt", None)) is not None:
            for where, values in _rows(path, files.text(path, told), told):
                _label(building, image, values, classes, where=where, told=told)
    for path in labels.values():
        hint = "give the folder with the pictures as --images, or list them in train.txt"
        told.wrong("picture-unknown", path, "there is no picture to these labels", hint=hint)
    return Read(dataset=building.dataset, unit=Unit.NORMALISED)


def _in(name: str, folder: str) -> bool:
    return folder in PurePosixPath(name).parts[:-1]


def _below(name: str, folder: str) -> str:
    """images/train/a.jpg and train/images/a.jpg both give train/a.jpg."""
    parts = list(PurePosixPath(name).parts)
    if folder in parts[:-1]:
        parts.remove(folder)
    return "/".join(parts)


def _classes(files: Files, told: Told) -> list[str]:
    found = next((name for name in ("data.yaml", "dataset.yaml") if name in files.texts), None)
    others = [name for name in files.texts if name.endswith(".yaml") and "/" not in name]
    if found is None and len(others) == 1:
        found = others[0]  # Ultralytics is told the file, and it has any name
    if found is not None:
        tree = _tree(files.texts[found], found, told)
        return [] if tree is None else _listed(tree, found, told)
    listed = next((name for name in ("classes.txt", "labels/classes.txt") if name in files.texts), None)
    if listed is None:
        message = "there is no data.yaml with the names of the classes"
        if others:
            message += f", and {len(others)} other YAML files: {', '.join(sorted(others)[:3])}"
        told.wrong("classes-missing", "data.yaml", message)
        return []
    return [line.strip() for line in files.text(listed, told).splitlines() if line.strip()]


def _tree(data: bytes, path: str, told: Told) -> Mapping[str, object] | None:
    if len(data) > 1 << 20:
        told.wrong("not-yaml", path, "a file of more than 1 MB is not read")
        return None
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, Loader=yaml.SafeLoader)):
            told.wrong("not-yaml", path, "references inside the file are not followed")
            return None
        tree: object = yaml.safe_load(data)
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        told.wrong("not-yaml", path, f"this is no YAML: {str(wrong).splitlines()[0]}")
        return None
    return cast("dict[str, object]", tree) if isinstance(tree, dict) else {}


def _listed(tree: Mapping[str, object], path: str, told: Told) -> list[str]:
    names = tree.get("names")
    if isinstance(names, list):
        return [str(name) for name in cast("list[object]", names)]
    if isinstance(names, dict):
        numbered = cast("dict[object, object]", names)
        if set(numbered) == set(range(len(numbered))):
            return [str(numbered[place]) for place in range(len(numbered))]
    told.wrong("classes-missing", f"{path}: names", "names is neither a list nor numbered from 0 without gaps")
    return []


def _pictures(files: Files, told: Told) -> list[str]:
    found = dict.fromkeys(_below(name, "images") for name in files.pictures)
    for path in files.texts:
        if not path.endswith(".txt") or "/" in path or path == "classes.txt":
            continue
        for line, text in enumerate(files.text(path, told).splitlines(), 1):
            if name := text.strip().removeprefix("./"):
                if leads_out(name):
                    told.wrong("path-outside", f"{path}:{line}", f"{name!r} leads out of the folder")
                else:
                    found[_below(name, "images")] = None
    return sorted(found)


def _rows(path: str, rows: str, told: Told) -> Iterator[tuple[str, list[float]]]:
    for line, text in enumerate(rows.splitlines(), 1):
        if not (fields := text.split()):
            continue
        values = [number(field) for field in fields]
        if None in values or (len(values) != 5 and (len(values) < 7 or len(values) % 2 == 0)):
            message = "a row is a class and 4 numbers of a box, or 3 or more points of a polygon"
            told.wrong("wrong-type", f"{path}:{line}", message)
        else:
            yield f"{path}:{line}", cast("list[float]", values)


def _label(
    building: Building, image: int, values: Sequence[float], classes: Sequence[str], *, where: str, told: Told
) -> None:
    kind, *rest = values
    if not kind.is_integer() or not 0 <= kind < len(classes):
        told.wrong("dangling-category", where, f"there is no class {kind:g}: {len(classes)} are named")
    elif len(rest) == 4:
        x, y, w, h = rest
        building.label(image, classes[int(kind)], box=Box(x=x - w / 2, y=y - h / 2, w=w, h=h))
    else:
        building.label(image, classes[int(kind)], polygons=[rest])


def _dump(dataset: Dataset, told: Told, *, polygons: bool) -> Dumped:
    stems: dict[str, str] = {}
    for image in dataset.images:
        if leads_out(image.file_name) or {"images", "labels"} & set(PurePosixPath(image.file_name).parts):
            message = f"{image.file_name!r} leads out of the folder, or has a folder named images or labels"
            told.wrong("path-outside", "/images", message, hint="rename it")
        elif (other := stems.setdefault(stem_of(image.file_name), image.file_name)) != image.file_name:
            message = f"{other!r} and {image.file_name!r} would share one file of labels"
            told.wrong("name-collision", "/images", message, hint="rename one")
    told.refuse("the dataset")
    places = {category.id: place for place, category in enumerate(dataset.categories)}
    names = {image.id: image.file_name for image in dataset.images}
    rows: dict[int, list[str]] = {}
    for annotation in dataset.annotations:
        if annotation.box is not None:
            values = _polygon(annotation, told) if polygons else _box(annotation.box)
            shares = " ".join(text_of(value, DIGITS) for value in values)
            rows.setdefault(annotation.image_id, []).append(f"{places[annotation.category_id]} {shares}\n")
    listed = {n: c.name for n, c in enumerate(dataset.categories)}
    head: Mapping[str, object] = {"path": ".", "train": _LIST, "val": _LIST, "names": listed}
    texts = {
        "data.yaml": yaml.safe_dump(head, sort_keys=False, allow_unicode=True),
        _LIST: "".join(f"./images/{name}\n" for name in names.values()),
    }
    texts |= {f"labels/{stem_of(name)}.txt": "".join(rows[n]) for n, name in names.items() if n in rows}
    return {name: text.encode() for name, text in texts.items()}


def _box(box: Box) -> Sequence[float]:
    return (box.x + box.w / 2, box.y + box.h / 2, box.w, box.h)


def _polygon(annotation: Annotation, told: Told) -> Sequence[float]:
    if found := polygons_of(annotation):
        return max(found, key=polygon_area)
    told.lost("boxes-as-polygons", "boxes are polygons of four corners in yolo-seg")
    box = cast("Box", annotation.box)
    return (box.x, box.y, box.right, box.y, box.right, box.bottom, box.x, box.bottom)


def dump_boxes(dataset: Dataset, told: Told) -> Dumped:
    return _dump(dataset, told, polygons=False)


def dump_polygons(dataset: Dataset, told: Told) -> Dumped:
    return _dump(dataset, told, polygons=True)


BOXES = Format(
    name="yolo",
    unit=Unit.NORMALISED,
    folder=True,
    suffixes=(".txt", ".yaml"),
    parse=parse,
    dump=dump_boxes,
    holds=frozenset((Holds.BOXES, Holds.CLASSES, Holds.EMPTY)),
    by_name=True,
)
POLYGONS = replace(BOXES, name="yolo-seg", dump=dump_polygons, holds=BOXES.holds | {Holds.POLYGONS})
