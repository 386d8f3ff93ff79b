"""What a format cannot hold of a dataset, and what stands against writing it at all.

Owns: the comparison, in one place for all formats. Leaves: what a format holds to its module.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import cast

from automation.coco.formats.format import Format, Holds
from automation.coco.formats.measures import polygons_of
from automation.coco.formats.names import has_control
from automation.coco.formats.told import Told
from automation.coco.types import Annotation, Dataset, Extra

__all__ = ["tell_losses", "tell_obstacles"]

_SHAPE_KEYS = ("segmentation", "attributes")


def tell_losses(dataset: Dataset, target: Format, told: Told) -> None:
    """Say everything in the dataset that the target does not hold, with counts."""
    holds, to = target.holds, target.name
    if Holds.BOXES not in holds:
        told.lost("lost-boxes", f"boxes: {to} has none", sum(a.box is not None for a in dataset.annotations))
    if Holds.LABELS not in holds:
        count = sum(a.box is None for a in dataset.annotations)
        told.lost("lost-labels", f"labels of whole pictures: {to} has labels of boxes only", count)
    if Holds.CROWDS not in holds:
        told.lost("lost-crowds", f"crowds are single things in {to}", sum(bool(a.iscrowd) for a in dataset.annotations))
    if Holds.ADDRESSES not in holds:
        count = sum(bool(i.absolute_url or i.coco_url) for i in dataset.images)
        told.lost("lost-addresses", f"addresses of pictures: {to} knows file names only", count)
    if Holds.SIZES not in holds:
        told.lost("lost-sizes", f"sizes of pictures: {to} has none", sum(i.sized for i in dataset.images))
    if Holds.EMPTY not in holds:
        labelled = {a.image_id for a in dataset.annotations}
        count = sum(i.id not in labelled for i in dataset.images)
        told.lost("lost-pictures", f"pictures without labels: they have no place in {to}", count)
    if Holds.OTHERS not in holds:
        _shapes(dataset.annotations, target, told)
        _attributes(dataset.annotations, target, told)
    if Holds.CLASSES not in holds:
        _classes(dataset, target, told)
    if Holds.OTHERS not in holds:
        _others("annotations", (a.extra for a in dataset.annotations), to, told, known=_SHAPE_KEYS)
        _others("images", (i.extra for i in dataset.images), to, told)
        _others("categories", (c.extra for c in dataset.categories), to, told)
        _others("files", [dataset.extra], to, told)


def _shapes(annotations: Iterable[Annotation], target: Format, told: Told) -> None:
    holds, to = target.holds, target.name
    for annotation in annotations:
        if not annotation.extra.get("segmentation"):
            continue
        if not (polygons := polygons_of(annotation)):
            told.lost("lost-masks", f"masks, or shapes that are no polygons: {to} gets their boxes")
        elif Holds.POLYGONS not in holds:
            told.lost("lost-polygons", f"polygons: {to} gets their boxes")
        elif len(polygons) > 1 and Holds.PIECES not in holds:
            instead = "a thing for each piece" if Holds.SPLITS in holds else "the largest piece"
            told.lost("lost-pieces", f"things in several pieces: {to} gets {instead}")


def _attributes(annotations: Iterable[Annotation], target: Format, told: Told) -> None:
    to = target.name
    attributes: Counter[str] = Counter()
    for annotation in annotations:
        found = annotation.extra.get("attributes")
        if isinstance(found, Mapping):
            for name, value in cast("Mapping[str, object]", found).items():
                held = Holds.ATTRIBUTES in target.holds or name in target.attributes
                if not held and value not in (None, False, 0, ""):
                    attributes[str(name)] += 1
    for name, count in sorted(attributes.items()):
        if name == "rotation":
            told.lost("lost-rotation", f"boxes are rotated: {to} gets them upright, with the same middle", count)
        else:
            told.lost("lost-attributes", f"values of the attribute {name!r}: {to} has none", count)


def _classes(dataset: Dataset, target: Format, told: Told) -> None:
    met = list(dict.fromkeys(a.category_id for a in dataset.annotations))
    unused = len(dataset.categories) - len(met)
    told.lost("lost-classes", f"classes that nothing has: {target.name} knows the classes of its labels only", unused)
    places = {category.id: place for place, category in enumerate(dataset.categories)}
    moved = sum(places.get(a, -1) > places.get(b, -1) for a, b in pairwise(met))
    if moved:
        message = f"classes: {target.name} has no list of them, and they come in another order"
        told.lost("lost-class-order", message, len(met))


def _others(section: str, extras: Iterable[Extra], to: str, told: Told, *, known: tuple[str, ...] = ()) -> None:
    counted = Counter(key for extra in extras for key, value in extra.items() if value not in (None, [], {}, "", 0))
    for key, count in sorted(counted.items()):
        if key not in known:
            told.lost("lost-keys", f"{section} have {key!r}: it has no place in {to}", count)


def tell_obstacles(dataset: Dataset, target: Format, told: Told) -> None:
    """Say what makes it impossible to write the dataset in this format."""
    if target.sizes_needed:
        for index, image in enumerate(dataset.images):
            if not image.sized:
                hint = "give the folder with the pictures as --images"
                told.wrong("size-missing", f"/images/{index}", f"{image.file_name!r} has no size", hint=hint)
    if target.plain_names:
        _names(dataset, target, told)
    if target.by_name:
        _collisions("images", "pictures", (image.file_name for image in dataset.images), target, told)
    if Holds.OTHERS not in target.holds:
        _collisions("categories", "classes", (category.name for category in dataset.categories), target, told)


def _names(dataset: Dataset, target: Format, told: Told) -> None:
    named = [(f"/images/{n}/file_name", image.file_name) for n, image in enumerate(dataset.images)]
    named += [(f"/categories/{n}/name", category.name) for n, category in enumerate(dataset.categories)]
    for where, name in named:
        if has_control(name) or not name.strip():
            told.wrong("name-unwritable", where, f"{name!r} cannot be written in {target.name}", hint="rename it")


def _collisions(section: str, what: str, names: Iterable[str], target: Format, told: Told) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            message = f"{count} {what} are named {name!r}, and {target.name} tells them apart by name"
            told.wrong("name-collision", f"/{section}", message, hint="rename all but one")
