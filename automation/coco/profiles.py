"""Who is to take a COCO file: what each asks for beyond COCO itself, as data.

Owns: one row for each taker, with its quotas and the faults that only it cares for.
Leaves: the quotas' figures to `quotas.py`, looking for faults to `rules`.

Sources: the limits pages and samples of the services; of the tools, reports of files that they could not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from automation.coco.quotas import (
    CLASSIFIER_EVALUATION,
    CLASSIFIER_TRAINING,
    CUSTOM_VISION_CLASSIFIER,
    CUSTOM_VISION_DETECTOR,
    DETECTOR_EVALUATION,
    DETECTOR_TRAINING,
    Quota,
)

__all__ = ["PROFILES", "Profile", "Purpose"]


class Purpose(StrEnum):
    TRAINING = "training"
    EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The quota of a file with boxes, and that of one without."""

    with_boxes: Quota
    without: Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A taker of COCO files.

    Attributes:
        for_service: Whether it is the vision service, which takes boxes as shares and reads pictures by address.
        quotas: By purpose.
        min_images: How many images it asks for.
        advised_images: How many images of each category it advises.
        wanted: Codes of what others do not miss.
        refused: Codes of what it cannot read, though others can: errors here.
    """

    name: str
    for_service: bool = False
    quotas: Mapping[Purpose, Quotas] = field(default_factory=dict[Purpose, Quotas])
    min_images: int = 0
    advised_images: int = 0
    wanted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def quotas_for(self, purpose: Purpose) -> Quotas | None:
        return self.quotas.get(purpose)


_CUSTOM_VISION = Quotas(with_boxes=CUSTOM_VISION_DETECTOR, without=CUSTOM_VISION_CLASSIFIER)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            # Evaluation with pycocotools looks up both keys.
            Profile(name="coco", wanted=frozenset(("iscrowd-missing", "area-missing"))),
            Profile(
                name="image-analysis",
                for_service=True,
                quotas={
                    Purpose.TRAINING: Quotas(with_boxes=DETECTOR_TRAINING, without=CLASSIFIER_TRAINING),
                    Purpose.EVALUATION: Quotas(with_boxes=DETECTOR_EVALUATION, without=CLASSIFIER_EVALUATION),
                },
                advised_images=5,
            ),
            Profile(name="custom-vision", quotas=dict.fromkeys(Purpose, _CUSTOM_VISION)),
            # Fewer than 10 images are not accepted; 10 to 15 of each label are advised.
            Profile(name="automl", min_images=10, advised_images=10),
            # Its converter ends at the first empty outline.
            Profile(name="label-studio", refused=frozenset(("segmentation-empty",))),
            # It refuses the category 0, and its reader asks for the key `licenses`.
            Profile(
                name="cvat",
                wanted=frozenset(("category-id-zero", "licenses-missing")),
                refused=frozenset(("category-id-zero",)),
            ),
        )
    }
)
