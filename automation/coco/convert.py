"""From pixels to shares of the image and back, and the form that the vision service takes.

Owns: the arithmetic, and the service's profile of COCO.
Leaves: which unit a file has to `units.py`; whether its boxes make sense to `box_rules.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from automation.coco.places import rewrite_urls
from automation.coco.repair import repair_ids
from automation.coco.rules import check
from automation.coco.types import Annotation, Box, Dataset, Image, Unit
from automation.coco.units import clamped, edges, unit_of
from automation.errors import DatasetError, Severity

__all__ = ["for_vision_service", "to_normalised", "to_pixels", "with_sizes"]


def with_sizes(dataset: Dataset, sizes: Mapping[str, tuple[int, int]]) -> Dataset:
    """Give images the width and height of their pictures, by file name; others stay as they are."""

    def sized(image: Image) -> Image:
        width, height = sizes.get(image.file_name, (image.width, image.height))
        return replace(image, width=width, height=height)

    return replace(dataset, images=tuple(sized(image) for image in dataset.images))


def to_normalised(dataset: Dataset, *, unit: Unit | None = None) -> Dataset:
    """Measure boxes as shares of their image; what rounding put over the edge is cut.

    Raises:
        DatasetError: The unit is not clear, a size is missing, or a box leaves its image.
    """
    return _converted(dataset, unit, Unit.NORMALISED)


def to_pixels(dataset: Dataset, *, unit: Unit | None = None) -> Dataset:
    """Measure boxes in pixels; what rounding put over the edge is cut.

    Raises:
        DatasetError: The unit is not clear, a size is missing, or a box leaves its image.
    """
    return _converted(dataset, unit, Unit.PIXELS)


def for_vision_service(dataset: Dataset, url_for: Callable[[str], str], *, unit: Unit | None = None) -> Dataset:
    """The form that the vision service reads: ids from 1, absolute_url, boxes as shares, and no other keys.

    Raises:
        DatasetError: As `to_normalised` and `repair_ids`.
    """
    dataset = rewrite_urls(repair_ids(to_normalised(dataset, unit=unit)).dataset, url_for)
    return Dataset(
        images=tuple(replace(image, extra={}) for image in dataset.images),
        annotations=tuple(replace(a, iscrowd=None, extra={}) for a in dataset.annotations),
        categories=tuple(replace(category, extra={}) for category in dataset.categories),
    )


def _converted(dataset: Dataset, asked: Unit | None, target: Unit) -> Dataset:
    source = unit_of(dataset, asked)
    if source is Unit.ABSENT:
        return dataset
    images = {image.id: image for image in dataset.images}
    _refuse_what_cannot_be_converted(dataset, asked, sizes_needed=source is not target)
    return replace(
        dataset, annotations=tuple(_annotation(a, images[a.image_id], source, target) for a in dataset.annotations)
    )


def _refuse_what_cannot_be_converted(dataset: Dataset, asked: Unit | None, *, sizes_needed: bool) -> None:
    fatal = {"dangling-image", "size-negative", "box-negative", "box-outside-image", "units-mixed"}
    if sizes_needed:
        fatal.add("size-missing")
    findings = [
        replace(finding, severity=Severity.ERROR)
        for finding in check(dataset, unit=asked)
        if finding.code in fatal or (finding.code == "id-duplicate" and finding.where.startswith("/images"))
    ]
    if findings:
        raise DatasetError("the boxes cannot be converted", findings=findings, hint=findings[0].hint)


def _annotation(annotation: Annotation, image: Image, source: Unit, target: Unit) -> Annotation:
    if annotation.box is None:
        return annotation
    box = _scaled(annotation.box, image, source, target)
    if (limits := edges(image, target)) is not None:
        box = clamped(box, limits)  # what is left to cut is rounding: the rest was refused
    return replace(annotation, box=box, area=box.area)


def _scaled(box: Box, image: Image, source: Unit, target: Unit) -> Box:
    if source is target:
        return box
    width, height = image.width, image.height
    if target is Unit.NORMALISED:
        return Box(x=box.x / width, y=box.y / height, w=box.w / width, h=box.h / height)
    return Box(x=box.x * width, y=box.y * height, w=box.w * width, h=box.h * height)
