"""What can be set right without asking: ids, and boxes that reach over the edge.

Owns: new ids with references, and cutting boxes to their image.
Leaves: telling what is wrong to `rules.py`. Nothing is dropped here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from automation.coco.rules import check
from automation.coco.types import Annotation, Dataset, Unit
from automation.coco.units import clamped, edges, unit_of
from automation.errors import DatasetError

__all__ = ["Repaired", "clamp", "repair_ids"]

_AMBIGUOUS = frozenset(("dangling-image", "dangling-category"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A dataset with ids from 1 to n, and which old id became which."""

    dataset: Dataset
    image_ids: Mapping[int, int]
    category_ids: Mapping[int, int]


def repair_ids(dataset: Dataset) -> Repaired:
    """Renumber images, annotations and categories from 1, in the order of the file.

    Raises:
        DatasetError: An annotation names an image or a category that does not exist, or that exists twice.
    """
    unclear = [
        finding
        for finding in check(dataset)
        if finding.code in _AMBIGUOUS or (finding.code == "id-duplicate" and "/annotations/" not in finding.where)
    ]
    if unclear:
        raise DatasetError(
            "ids cannot be repaired: it is not clear what some annotations belong to",
            findings=unclear,
            hint="correct the listed entries first",
        )
    image_ids = {image.id: number for number, image in enumerate(dataset.images, 1)}
    category_ids = {category.id: number for number, category in enumerate(dataset.categories, 1)}
    return Repaired(
        dataset=replace(
            dataset,
            images=tuple(replace(image, id=image_ids[image.id]) for image in dataset.images),
            annotations=tuple(
                replace(a, id=number, image_id=image_ids[a.image_id], category_id=category_ids[a.category_id])
                for number, a in enumerate(dataset.annotations, 1)
            ),
            categories=tuple(replace(category, id=category_ids[category.id]) for category in dataset.categories),
        ),
        image_ids=image_ids,
        category_ids=category_ids,
    )


def clamp(dataset: Dataset, *, unit: Unit | None = None) -> Dataset:
    """Cut every box to its image; a box that lies wholly outside ends without area, and the rules find it.

    Raises:
        DatasetError: The unit of the boxes is not clear.
    """
    unit = unit_of(dataset, unit)
    images = {image.id: image for image in dataset.images}

    def cut(annotation: Annotation) -> Annotation:
        image = images.get(annotation.image_id)
        limits = edges(image, unit) if image else None
        if annotation.box is None or limits is None:
            return annotation
        box = clamped(annotation.box, limits)
        if box == annotation.box:
            return annotation
        return replace(annotation, box=box, area=None if annotation.area is None else box.area)

    return replace(dataset, annotations=tuple(cut(annotation) for annotation in dataset.annotations))
