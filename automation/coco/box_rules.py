"""The rules about boxes and sizes: does every box lie in its image, in a unit that the whole file shares?

Owns: the checks; a box may be over the edge by half a pixel, since rounding alone does that.
Leaves: deciding the unit to `units.py`, moving boxes to `repair.py` and `convert.py`.
"""

from collections.abc import Callable, Iterator

from automation.coco.subject import Subject, error, warning
from automation.coco.types import Annotation, Box, Unit
from automation.coco.units import NORMALISED_AT_MOST, edges, tolerance, undecided
from automation.errors import Finding

__all__ = ["BOX_RULES"]

MERGED_SHARE = 0.01


def unit_of_boxes(subject: Subject) -> Iterator[Finding]:
    """All boxes of a file have one unit."""
    if subject.unit is Unit.UNDECIDED:
        yield undecided()
    if subject.for_service and subject.unit is Unit.PIXELS:
        hint = "divide left and width by the width of the image, top and height by its height"
        yield error("boxes-in-pixels", "/annotations", "the vision service takes shares of the image", hint=hint)
    if subject.unit is not Unit.PIXELS:
        return
    boxes = list(_boxes(subject))
    tiny = [index for index, _, box in boxes if max(box.right, box.bottom) <= NORMALISED_AT_MOST]
    if len(tiny) > MERGED_SHARE * len(boxes) and not subject.unit_was_said:
        message = f"{len(tiny)} of {len(boxes)} boxes lie within 0 and 1, the others are in pixels"
        hint = "two files with different units were probably merged; convert each before merging"
        yield error("units-mixed", subject.where("annotations", tiny[0], "bbox"), message, hint=hint)
        return
    for index in tiny:
        yield warning("box-within-one", subject.where("annotations", index, "bbox"), "the box is within one pixel")


def sizes(subject: Subject) -> Iterator[Finding]:
    """Azure ML exports sizes of 0; with normalised boxes that is bearable, with pixels it is not."""
    missing = error if subject.unit is Unit.PIXELS else warning
    for index, image in enumerate(subject.dataset.images):
        if image.width < 0 or image.height < 0:
            message = f"{image.width:g} x {image.height:g} is no size"
            yield error("size-negative", subject.where("images", index), message)
        elif not image.sized:
            hint = "take width and height from the picture"
            yield missing("size-missing", subject.where("images", index), "the size is not given", hint=hint)


def boxes_in_images(subject: Subject) -> Iterator[Finding]:
    for index, annotation, box in _boxes(subject):
        where = subject.where("annotations", index, "bbox")
        if box.w < 0 or box.h < 0:
            yield error("box-negative", where, f"{box} has a negative side", hint="write [left, top, width, height]")
            continue
        if box.w == 0 or box.h == 0:
            yield error(
                "box-empty", where, f"{box} has no area", hint="an accidental click leaves such boxes: delete it"
            )
        image = subject.image_of.get(annotation.image_id)
        limits = edges(image, subject.unit) if image and subject.unit is not Unit.UNDECIDED else None
        if image is None or limits is None:
            continue
        slack = tolerance(image, subject.unit)
        over = max(
            -box.x - slack[0], -box.y - slack[1], box.right - limits[0] - slack[0], box.bottom - limits[1] - slack[1]
        )
        if over > 0:
            size = f"{image.width:g} x {image.height:g} px" if subject.unit is Unit.PIXELS else "0 to 1"
            hint = "correct the box, or cut it to the image"
            yield error("box-outside-image", where, f"{box} leaves {image.file_name} ({size})", hint=hint)


def _boxes(subject: Subject) -> Iterator[tuple[int, Annotation, Box]]:
    for index, annotation in enumerate(subject.dataset.annotations):
        if annotation.box is not None:
            yield index, annotation, annotation.box


BOX_RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (unit_of_boxes, sizes, boxes_in_images)
