"""Numbers of boxes and polygons: between units, and as text.

Owns: the arithmetic for boxes with their polygons, and how numbers are written. Leaves: which unit a file has to
`automation.coco.units`; whether numbers make sense to the rules.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from automation.coco.outline_area import outline_area, polygon_area
from automation.coco.types import Annotation, Box, Dataset, Unit
from automation.coco.units import clamped, edges

__all__ = ["around", "measured", "number", "plain", "polygons_of", "text_of"]

# A thousandth of a pixel survives the way to shares of a picture of 100,000 pixels and back.
DIGITS = {Unit.NORMALISED: 10, Unit.PIXELS: 3}

Polygon = tuple[float, ...]


def plain(value: float) -> float:
    """An int when it is whole."""
    return int(value) if float(value).is_integer() else value


def text_of(value: float, digits: int) -> str:
    """A number as decimal text, without zeros at its end and never with an exponent."""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def number(text: object) -> float | None:
    """A finite number from text or JSON; None when it is none."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        value = float(text)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) and abs(value) < 2**53 else None


def polygons_of(annotation: Annotation) -> tuple[Polygon, ...]:
    """The polygons of a labelled thing, flat lists of x and y; none where there is a mask, or nothing that can be read.

    A shape of which one piece is broken counts as broken.
    """
    found = annotation.extra.get("segmentation")
    if not isinstance(found, list) or not found:
        return ()
    polygons: list[Polygon] = []
    for piece in cast("list[object]", found):
        if not isinstance(piece, list):
            return ()
        values = [number(value) for value in cast("list[object]", piece) if not isinstance(value, str)]
        if len(values) != len(cast("list[object]", piece)) or len(values) < 6 or len(values) % 2 or None in values:
            return ()
        polygons.append(tuple(cast("list[float]", values)))
    return tuple(polygons)


def around(polygons: Sequence[Sequence[float]]) -> Box:
    """The smallest box with all of them in it."""
    xs = [x for polygon in polygons for x in polygon[0::2]]
    ys = [y for polygon in polygons for y in polygon[1::2]]
    return Box(x=min(xs), y=min(ys), w=max(xs) - min(xs), h=max(ys) - min(ys))


def measured(dataset: Dataset, unit: Unit, to: Unit) -> Dataset:
    """The same with boxes, polygons and areas in a unit, for a dataset that the rules have found fit for it.

    What rounding put over the edge is cut, and whole numbers are ints. Every box has its area afterwards: that of its
    polygons or of its mask where it has some.
    """
    images = {image.id: image for image in dataset.images}

    def converted(annotation: Annotation) -> Annotation:
        if annotation.box is None:
            return annotation
        image, polygons = images[annotation.image_id], polygons_of(annotation)
        factors = (1.0, 1.0)
        if unit is not to:
            factors = (image.width, image.height)
            factors = factors if to is Unit.PIXELS else (1 / factors[0], 1 / factors[1])
        box = _scaled_box(annotation.box, factors) if unit is not to else annotation.box
        if (limits := edges(image, to)) is not None:
            box = clamped(box, limits)
        if unit is not to:
            polygons = tuple(_scaled(polygon, factors, to) for polygon in polygons)
            digits = DIGITS[to]
            box = Box(x=round(box.x, digits), y=round(box.y, digits), w=round(box.w, digits), h=round(box.h, digits))
        box = Box(x=plain(box.x), y=plain(box.y), w=plain(box.w), h=plain(box.h))
        area = math.fsum(polygon_area(polygon) for polygon in polygons) if polygons else box.area
        mask = None if polygons else outline_area(annotation.extra.get("segmentation"), shares=to is Unit.NORMALISED)
        area = area if mask is None else mask
        extra = annotation.extra
        if polygons:
            extra = {**extra, "segmentation": [[plain(value) for value in polygon] for polygon in polygons]}
        if unit is not to and (keypoints := _keypoints(annotation, factors, to)):
            extra = {**extra, "keypoints": keypoints}
        return replace(annotation, box=box, area=plain(round(area, DIGITS[to])), extra=extra)

    return replace(
        dataset,
        images=tuple(replace(i, width=plain(i.width), height=plain(i.height)) for i in dataset.images),
        annotations=tuple(converted(annotation) for annotation in dataset.annotations),
    )


def _scaled_box(box: Box, factors: tuple[float, float]) -> Box:
    return Box(x=box.x * factors[0], y=box.y * factors[1], w=box.w * factors[0], h=box.h * factors[1])


def _scaled(polygon: Polygon, factors: tuple[float, float], to: Unit) -> Polygon:
    return tuple(round(value * factors[place % 2], DIGITS[to]) for place, value in enumerate(polygon))


def _keypoints(annotation: Annotation, factors: tuple[float, float], to: Unit) -> list[float]:
    """x, y and visibility in turns; nothing where there are none that can be read."""
    found = annotation.extra.get("keypoints")
    values = [number(value) for value in cast("list[object]", found)] if isinstance(found, list) else []
    if len(values) % 3 or None in values:
        return []
    scales = (*factors, 1.0)
    return [plain(round(v * scales[n % 3], DIGITS[to])) for n, v in enumerate(cast("list[float]", values))]
