"""Annotations in COCO: read, check, convert, repair, count, compare.

It knows no service and, errors aside, no other part of visionlab.
"""

from automation.coco.codec import Decoded, decode, dump
from automation.coco.convert import for_vision_service, to_normalised, to_pixels, with_sizes
from automation.coco.evaluate import ClassCurve, Curves, curves
from automation.coco.files import decode_file, read_coco, write_coco
from automation.coco.places import UrlKind, image_url, rewrite_urls, url_kind
from automation.coco.quotas import (
    CLASSIFIER_EVALUATION,
    CLASSIFIER_TRAINING,
    DETECTOR_EVALUATION,
    DETECTOR_TRAINING,
    Quota,
)
from automation.coco.repair import Repaired, clamp, repair_ids
from automation.coco.rules import check, check_decoded
from automation.coco.statistics import CategoryCount, Statistics, statistics
from automation.coco.types import Annotation, Box, Category, Dataset, Detection, Image, Unit
from automation.coco.units import find_unit, unit_of

__all__ = [
    "CLASSIFIER_EVALUATION",
    "CLASSIFIER_TRAINING",
    "DETECTOR_EVALUATION",
    "DETECTOR_TRAINING",
    "Annotation",
    "Box",
    "Category",
    "CategoryCount",
    "ClassCurve",
    "Curves",
    "Dataset",
    "Decoded",
    "Detection",
    "Image",
    "Quota",
    "Repaired",
    "Statistics",
    "Unit",
    "UrlKind",
    "check",
    "check_decoded",
    "clamp",
    "curves",
    "decode",
    "decode_file",
    "dump",
    "find_unit",
    "for_vision_service",
    "image_url",
    "read_coco",
    "repair_ids",
    "rewrite_urls",
    "statistics",
    "to_normalised",
    "to_pixels",
    "unit_of",
    "url_kind",
    "with_sizes",
    "write_coco",
]
