"""What the vision service takes, as data with its source.

Owns: one row for each kind of model and purpose; where sources differ the strictest figure stands.
Leaves: comparing a dataset with a row to `rules.py`.

Sources: "Learn", the service's page on limits; "sample", the quotas in Microsoft's customization sample, whose checker
enforces 2,000 categories and images of 10 to 10,240 pixels for training.
"""

from dataclasses import dataclass

__all__ = [
    "CLASSIFIER_EVALUATION",
    "CLASSIFIER_TRAINING",
    "CUSTOM_VISION_CLASSIFIER",
    "CUSTOM_VISION_DETECTOR",
    "DETECTOR_EVALUATION",
    "DETECTOR_TRAINING",
    "Quota",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The limits for one purpose."""

    what: str
    max_images: int
    min_categories: int
    max_categories: int
    min_images_per_category: int
    min_side_px: int
    max_side_px: int
    max_labels_per_image: int
    boxes: bool
    source: str
    max_ratio: float | None = None  # of the longer side to the shorter


DETECTOR_TRAINING = Quota(
    what="training a detector",
    max_images=200_000,
    min_categories=1,
    max_categories=1_000,
    min_images_per_category=2,
    min_side_px=10,
    max_side_px=10_240,
    max_labels_per_image=1_000,
    boxes=True,
    source="Learn; sample: 1,500 categories, its checker 1 image for each",
)
DETECTOR_EVALUATION = Quota(
    what="evaluating a detector",
    max_images=100_000,
    min_categories=1,
    max_categories=1_000,
    min_images_per_category=1,
    min_side_px=50,
    max_side_px=16_000,
    max_labels_per_image=1_000,
    boxes=True,
    source="Learn",
)
CLASSIFIER_TRAINING = Quota(
    what="training a classifier",
    max_images=1_000_000,
    min_categories=2,
    max_categories=2_000,
    min_images_per_category=2,
    min_side_px=10,
    max_side_px=10_240,
    max_labels_per_image=1,
    boxes=False,
    source="sample; Learn: 2,500 categories",
)
CLASSIFIER_EVALUATION = Quota(
    what="evaluating a classifier",
    max_images=100_000,
    min_categories=2,
    max_categories=2_000,
    min_images_per_category=1,
    min_side_px=50,
    max_side_px=16_000,
    max_labels_per_image=1,
    boxes=False,
    source="Learn",
)
CUSTOM_VISION_DETECTOR = Quota(
    what="training a Custom Vision detector",
    max_images=100_000,
    min_categories=1,
    max_categories=500,
    min_images_per_category=15,
    min_side_px=256,
    max_side_px=10_240,
    max_labels_per_image=300,
    boxes=True,
    source="Learn, for S0; F0: 5,000 images and 50 categories",
    max_ratio=25,
)
CUSTOM_VISION_CLASSIFIER = Quota(
    what="training a Custom Vision classifier",
    max_images=100_000,
    min_categories=2,
    max_categories=500,
    min_images_per_category=5,
    min_side_px=256,
    max_side_px=10_240,
    max_labels_per_image=100,
    boxes=False,
    source="Learn, for S0; F0: 5,000 images and 50 categories",
    max_ratio=25,
)
