"""Counts and sizes of a dataset, for people who want to know what they have.

Owns: the figures.
Leaves: showing them to the CLI and the report.
"""

import statistics as numbers
from collections import Counter
from dataclasses import dataclass

from automation.coco.types import Dataset, Unit
from automation.coco.units import find_unit

__all__ = ["CategoryCount", "Statistics", "statistics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """How often a category occurs, and on how many images."""

    name: str
    annotations: int
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures of one dataset.

    Attributes:
        images: Number of images.
        annotations: Number of annotations.
        unlabeled_images: Images without an annotation.
        unit: The unit of the boxes.
        categories: Counts, in the order of the file.
        annotations_per_image: Smallest, mean and largest number of annotations of an image.
        box_shares: Smallest, median and largest share of its image that a box covers; None where sizes are missing.
        image_sizes: Width and height of images, with how many there are of each, most frequent first.
    """

    images: int
    annotations: int
    unlabeled_images: int
    unit: Unit
    categories: tuple[CategoryCount, ...]
    annotations_per_image: tuple[int, float, int]
    box_shares: tuple[float, float, float] | None
    image_sizes: tuple[tuple[int, int, int], ...]


def statistics(dataset: Dataset) -> Statistics:
    """Count."""
    unit = find_unit(dataset)
    by_category = Counter(annotation.category_id for annotation in dataset.annotations)
    seen_on = Counter(
        category
        for category, _ in {(annotation.category_id, annotation.image_id) for annotation in dataset.annotations}
    )
    by_image = Counter(annotation.image_id for annotation in dataset.annotations)
    per_image = [by_image[image.id] for image in dataset.images]
    shares = _box_shares(dataset, unit)
    sizes = Counter((int(image.width), int(image.height)) for image in dataset.images if image.sized)
    return Statistics(
        images=len(dataset.images),
        annotations=len(dataset.annotations),
        unlabeled_images=per_image.count(0),
        unit=unit,
        categories=tuple(
            CategoryCount(name=category.name, annotations=by_category[category.id], images=seen_on[category.id])
            for category in dataset.categories
        ),
        annotations_per_image=(min(per_image), numbers.fmean(per_image), max(per_image)) if per_image else (0, 0.0, 0),
        box_shares=(shares[0], numbers.median(shares), shares[-1]) if shares else None,
        image_sizes=tuple(
            (w, h, count) for (w, h), count in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
        ),
    )


def _box_shares(dataset: Dataset, unit: Unit) -> list[float]:
    images = {image.id: image for image in dataset.images}
    shares: list[float] = []
    for annotation in dataset.annotations:
        image = images.get(annotation.image_id)
        if annotation.box is None or image is None or unit is Unit.UNDECIDED:
            continue
        if unit is Unit.NORMALISED:
            shares.append(annotation.box.area)
        elif image.sized:
            shares.append(annotation.box.area / (image.width * image.height))
    return sorted(shares)
