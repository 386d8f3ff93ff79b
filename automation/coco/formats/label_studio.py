"""Label Studio's JSON: a list of tasks, with rectangles, polygons and choices in percent of the picture.

Owns: tasks and results. Leaves: other kinds of result, which are counted; and addresses to `names.py`.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from urllib.parse import quote

import msgspec

from automation.coco.formats.building import Building
from automation.coco.formats.format import Dumped, Files, Format, Holds, Read
from automation.coco.formats.measures import number, plain, polygons_of
from automation.coco.formats.names import name_of
from automation.coco.formats.told import Told
from automation.coco.types import Annotation, Box, Dataset, Image, Unit

__all__ = ["LABEL_STUDIO"]

Tree = Mapping[str, object]

_LOCAL = "/data/local-files/?d="
_FRAME = ("x", "y", "width", "height")


def parse(files: Files, told: Told) -> Read:
    """The first annotation of each task that was not cancelled; the picture is the data of the task named image."""
    [(path, data)] = files.texts.items()
    building = Building()
    try:
        tasks: object = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, ValueError) as wrong:
        told.wrong("not-json", path, f"this is no JSON: {wrong}")
        tasks = []
    if not isinstance(tasks, list):
        told.wrong("wrong-type", path, "a Label Studio export is a list of tasks")
        tasks = []
    for index, task in enumerate(cast("list[object]", tasks)):
        _task(building, _tree(task), f"/{index}", told)
    return Read(dataset=building.dataset, unit=Unit.NORMALISED)


def _tree(value: object) -> Tree:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _task(building: Building, task: Tree, where: str, told: Told) -> None:
    data = _tree(task.get("data"))
    address = data.get("image", next((value for value in data.values() if isinstance(value, str)), None))
    if not isinstance(address, str) or not address:
        told.wrong("missing-key", f"{where}/data/image", "a task has the address of a picture in data")
        return
    given = [entry for entry in map(_tree, _list(task.get("annotations"))) if not entry.get("was_cancelled")]
    told.lost("lost-annotations", "further annotations of a task are not read", max(len(given) - 1, 0))
    told.lost("lost-predictions", "predictions are not read", len(_list(task.get("predictions"))))
    results = [_tree(result) for entry in given[:1] for result in _list(entry.get("result"))]
    sizes = [(number(r.get("original_width")) or 0, number(r.get("original_height")) or 0) for r in results]
    sizes.append((number(data.get("width")) or 0, number(data.get("height")) or 0))
    size = next((found for found in sizes if all(found)), (0, 0))
    image = building.image(name_of(address), size, url=address if "://" in address else None)
    for index, result in enumerate(results):
        _result(building, image, result, f"{where}/annotations/0/result/{index}", told)


def _result(building: Building, image: int, result: Tree, where: str, told: Told) -> None:
    kind = str(result.get("type"))[:40]
    value = _tree(result.get("value"))
    labels = [label for label in _list(value.get(kind)) if isinstance(label, str)]
    if kind not in ("rectanglelabels", "polygonlabels", "choices"):
        told.lost("lost-results", f"results are not read: {kind}")
        return
    if not labels:
        told.lost("lost-unlabelled", f"results have no label and are not read: {kind}")
        return
    if kind == "choices":
        if any(key in value for key in (*_FRAME, "points")):  # a choice per region repeats the region's frame
            told.lost("lost-answers", "answers about single shapes are not read")
            return
        for label in labels:
            building.label(image, label)
        return
    told.lost("lost-second-labels", "further labels of one shape are not read", len(labels) - 1)
    frame = [number(value.get(key)) for key in _FRAME]
    points = [number(part) for point in _list(value.get("points")) for part in _list(point)]
    if kind == "rectanglelabels" and None not in frame:
        x, y, w, h = (part / 100 for part in cast("list[float]", frame))
        box, size = Box(x=x, y=y, w=w, h=h), building.size_of(image)
        turned = number(value.get("rotation")) or 0
        if turned and not all(size):
            told.wrong("size-missing", where, "a rotated rectangle needs original_width and original_height")
        elif turned:
            box = _about(box, turned, size, to_middle=True)
        building.label(image, labels[0], box=box, attributes={"rotation": plain(turned)} if turned else None)
    elif kind == "polygonlabels" and None not in points and len(points) >= 6 and len(points) % 2 == 0:
        building.label(image, labels[0], polygons=[[part / 100 for part in cast("list[float]", points)]])
    else:
        told.wrong("wrong-type", f"{where}/value", "a rectangle has x, y, width and height; a polygon 3 or more points")


def dump(dataset: Dataset, _told: Told) -> Dumped:
    """Tasks as Label Studio imports them; its controls are to be named label and choice, for an image named image."""
    names = {category.id: category.name for category in dataset.categories}
    sizes = {image.id: image for image in dataset.images}
    of_image: dict[int, list[dict[str, object]]] = {}
    for annotation in dataset.annotations:
        results = _dumped(annotation, names[annotation.category_id], sizes[annotation.image_id])
        of_image.setdefault(annotation.image_id, []).extend(results)
    tasks: list[dict[str, object]] = []
    for image in dataset.images:
        results = [{"id": f"r{n}", **result} for n, result in enumerate(of_image.get(image.id, []), 1)]
        address = image.absolute_url or image.coco_url or _LOCAL + quote(image.file_name, safe="/~")
        tasks.append(
            {
                "data": {"image": address, "width": image.width, "height": image.height},
                "annotations": [{"result": results}],
            }
        )
    return {"": msgspec.json.format(msgspec.json.encode(tasks), indent=1) + b"\n"}


def _dumped(annotation: Annotation, name: str, image: Image) -> list[dict[str, object]]:
    about: dict[str, object] = {"to_name": "image"}
    if annotation.box is None:
        return [{**about, "from_name": "choice", "type": "choices", "value": {"choices": [name]}}]
    about = {**about, "from_name": "label", "original_width": image.width, "original_height": image.height}
    if polygons := polygons_of(annotation):
        return [
            {
                **about,
                "type": "polygonlabels",
                "value": {
                    "points": [[_percent(x), _percent(y)] for x, y in zip(p[0::2], p[1::2], strict=True)],
                    "polygonlabels": [name],
                },
            }
            for p in polygons
        ]
    turned = number(_tree(annotation.extra.get("attributes")).get("rotation")) or 0
    box = _about(annotation.box, turned, (image.width, image.height), to_middle=False) if turned else annotation.box
    frame = {key: _percent(part) for key, part in zip(_FRAME, (box.x, box.y, box.w, box.h), strict=True)}
    value = {**frame, "rotation": plain(turned), "rectanglelabels": [name]}
    return [{**about, "type": "rectanglelabels", "value": value}]


def _about(box: Box, degrees: float, size: tuple[float, float], *, to_middle: bool) -> Box:
    """Label Studio turns a box about its left upper corner, everybody else about its middle: the box for the other."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    half_w, half_h = box.w * size[0] / 2, box.h * size[1] / 2
    x = (cos * half_w - sin * half_h - half_w) / size[0]
    y = (sin * half_w + cos * half_h - half_h) / size[1]
    sign = 1 if to_middle else -1
    return replace(box, x=box.x + sign * x, y=box.y + sign * y)


def _percent(share: float) -> float:
    return plain(round(share * 100, 8))


LABEL_STUDIO = Format(
    name="label-studio",
    unit=Unit.NORMALISED,
    folder=False,
    suffixes=(".json",),
    parse=parse,
    dump=dump,
    holds=frozenset(Holds) - {Holds.PIECES, Holds.CROWDS, Holds.CLASSES, Holds.ATTRIBUTES, Holds.OTHERS},
    attributes=frozenset(("rotation",)),
    sizes_needed=True,
)
