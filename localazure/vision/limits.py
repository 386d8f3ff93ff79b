"""Quotas and budget formulas of the vision service, as data.

Owns: the numbers. Where published pages differ the stricter one counts, except for the budget cap, where the API
description decides. Leaves: enforcing them to `staging.py` and `models.py`.
"""

import math
from dataclasses import dataclass

from localazure.vision.types import ModelKind

__all__ = [
    "ANNOTATION_FILES",
    "ANNOTATION_FILE_BYTES",
    "BUDGETS",
    "CUSTOM_PROPERTIES",
    "IMAGE_BYTES",
    "LEARNING",
    "PREDICT_SIDES",
    "TESTING",
    "Budget",
    "Quota",
]

ANNOTATION_FILES = 10
CUSTOM_PROPERTIES = 10
IMAGE_BYTES = 20_971_520  # the service's own error text says 20 MiB, its pages 20 MB
PREDICT_SIDES = (50, 16_000)
ANNOTATION_FILE_BYTES = 256 * 1024 * 1024  # ours: the service names no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much a dataset may and must hold."""

    images: int
    categories: tuple[int, int]
    images_per_category: int
    regions_per_image: int
    sides_px: tuple[int, int]


LEARNING = {
    ModelKind.CLASSIFIER: Quota(
        images=1_000_000, categories=(2, 2_500), images_per_category=2, regions_per_image=1, sides_px=(10, 10_240)
    ),
    ModelKind.DETECTOR: Quota(
        images=200_000, categories=(1, 1_000), images_per_category=2, regions_per_image=1_000, sides_px=(10, 10_240)
    ),
}

TESTING = {
    ModelKind.CLASSIFIER: Quota(
        images=100_000, categories=(1, 2_500), images_per_category=1, regions_per_image=1, sides_px=(50, 16_000)
    ),
    ModelKind.DETECTOR: Quota(
        images=100_000, categories=(1, 1_000), images_per_category=1, regions_per_image=1_000, sides_px=(50, 16_000)
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Compute hours: the least that n images need, what good quality takes, and the cap."""

    hours_per_image: float
    quality_factor: int
    cap_hours: int

    def minimum_hours(self, images: int) -> float:
        return self.hours_per_image * images

    def suggested_hours(self, images: int) -> int:
        """Whole hours for good quality, within the cap."""
        return min(self.cap_hours, max(1, math.ceil(self.quality_factor * self.minimum_hours(images))))


BUDGETS = {
    ModelKind.CLASSIFIER: Budget(hours_per_image=0.0003334, quality_factor=5, cap_hours=336),
    ModelKind.DETECTOR: Budget(hours_per_image=0.0066667, quality_factor=3, cap_hours=1_344),
}
