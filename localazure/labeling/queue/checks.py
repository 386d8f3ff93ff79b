"""Whether labels that a person sends can be taken: classes of the project, shapes inside the picture.

Owns: the refusals and their codes, how many labels a picture may have. Pure. Leaves: the arithmetic of shapes to
`shapes.py`, whose answer it is to `queue.py` and the review.
"""

from collections.abc import Sequence

import msgspec

from localazure.errors import AzureError
from localazure.labeling.labels import Label, Polygon
from localazure.labeling.queue.shapes import ShapeError, unit_box, unit_polygon
from localazure.labeling.types import AnnotationType, Project

__all__ = ["MOST_LABELS", "GivenLabel", "check_labels"]

MOST_LABELS = 2_000
_LEAST = 1e-6
_CODES = {"outside": "OutsideImage", "zero-size": "ZeroSize"}
_WHOLE = (1.0, 1.0)


class GivenLabel(msgspec.Struct, frozen=True, gc=False):
    """One label as it comes; what else is said with it (a name, a score) is left alone. Fractions of the picture."""

    class_key: str = msgspec.field(name="class")
    bbox: tuple[float, ...] | None = None
    segmentation: tuple[tuple[float, ...], ...] | None = None


def check_labels(project: Project, state: str, labels: Sequence[GivenLabel]) -> tuple[Label, ...]:
    """What is kept of an answer; nothing of a skipped one. A class that is named twice for a picture counts once.

    AzureError 400: UnknownClass, OutsideImage, ZeroSize, InvalidShape, NothingLabeled, TooManyClasses, TooManyLabels.
    """
    if state == "skipped":
        return ()
    if not labels:
        raise _refused("NothingLabeled", "Nothing is labeled. Label the picture, or skip it.")
    if len(labels) > MOST_LABELS:
        raise _refused("TooManyLabels", f"A picture takes at most {MOST_LABELS} labels, not {len(labels)}.")
    names = dict(project.spec.class_names())
    for place, given in enumerate(labels):
        if given.class_key not in names:
            raise _refused("UnknownClass", f"The project has no class '{given.class_key[:100]}'.", place)
    if project.spec.annotation_type is AnnotationType.CLASSIFICATION:
        return _classes(project, labels)
    shape = _polygon if project.spec.annotation_type is AnnotationType.INSTANCE_SEGMENTATION else _box
    kept: list[Label] = []
    for place, given in enumerate(labels):
        try:
            kept.append(shape(given))
        except ShapeError as error:
            raise _refused(_CODES.get(error.code, "InvalidShape"), f"{_first_upper(error)}.", place) from None
    return tuple(kept)


def _classes(project: Project, labels: Sequence[GivenLabel]) -> tuple[Label, ...]:
    for place, given in enumerate(labels):
        if given.bbox is not None or given.segmentation is not None:
            raise _refused("InvalidShape", "Pictures of this project get classes, not shapes.", place)
    keys = list(dict.fromkeys(given.class_key for given in labels))
    for category in project.spec.categories.values():
        chosen = len(category.class_keys().intersection(keys))
        if chosen > 1 and not category.multi_select:
            raise _refused("TooManyClasses", f"'{category.display_name[:100]}' takes one class, not {chosen}.")
    return tuple(Label(class_key=key, source="person") for key in keys)


def _box(given: GivenLabel) -> Label:
    if given.bbox is None or given.segmentation is not None:
        raise ShapeError("no-box", "a label of this project is a box")
    box = unit_box(given.bbox, _WHOLE)
    if min(box[2], box[3]) < _LEAST:
        raise ShapeError("zero-size", "the box has no size")
    return Label(class_key=given.class_key, box=box, source="person")


def _polygon(given: GivenLabel) -> Label:
    if not given.segmentation:
        raise ShapeError("no-polygon", "a label of this project is a polygon")
    rings, box = unit_polygon(given.segmentation, _WHOLE)
    if _area(rings) < _LEAST * _LEAST:
        raise ShapeError("zero-size", "the polygon has no area")
    return Label(class_key=given.class_key, box=box, polygon=rings, source="person")


def _area(rings: Polygon) -> float:
    """Of all rings together, whichever way round they go."""
    total = 0.0
    for ring in rings:
        xs, ys = ring[0::2], ring[1::2]
        after = (*xs[1:], xs[0]), (*ys[1:], ys[0])
        total += abs(sum(x * y2 - x2 * y for x, y, x2, y2 in zip(xs, ys, *after, strict=True))) / 2
    return total


def _first_upper(error: ShapeError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]


def _refused(code: str, message: str, place: int | None = None) -> AzureError:
    return AzureError(400, code, message, target=None if place is None else f"labels[{place}]")
