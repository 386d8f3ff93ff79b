"""COCO's own twelve numbers, and average precision of each class, by hotcoco.

Owns: the way to hotcoco and back: columns in, figures out.
Leaves: precision and recall at a threshold to `scores.py`.

hotcoco gives what pycocotools gives, to the last digits that floating point leaves (tests compare the two).
"""

from dataclasses import dataclass

import numpy as np

from automation.coco.columns import Floats
from automation.coco.evaluation.types import Figure, Found, Truth

__all__ = ["CocoNumbers", "coco_numbers"]

_IOUS = (0.3, *np.linspace(0.5, 0.95, 10).tolist())
_RANGE = "0.5:0.95"
_ALL, _SIZES = 0, (("small", 1), ("medium", 2), ("large", 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class CocoNumbers:
    """The twelve, those of the vision service, and AP50 of each class (NaN where there is nothing to find)."""

    figures: tuple[Figure, ...]
    by_class: Floats


def coco_numbers(truth: Truth, found: Found, split: str) -> CocoNumbers:
    """All figures that COCO and the service give for boxes."""
    precision, recall = _accumulated(truth, found)

    def ap(name: str, ious: slice, iou: str, area: int = _ALL) -> Figure:
        return Figure(name=name, value=_mean(precision[ious, :, :, area, 2]), split=split, iou=iou, most=100)

    def ar(name: str, most: int, area: int = _ALL) -> Figure:
        value = _mean(recall[1:, :, area, most])
        return Figure(name=name, value=value, split=split, iou=_RANGE, most=(1, 10, 100)[most])

    sized = _SIZES if truth.in_pixels else ()
    figures = (
        ap("mAP", slice(1, None), _RANGE),
        ap("mAP30", slice(0, 1), "0.3"),
        ap("mAP50", slice(1, 2), "0.5"),
        ap("mAP75", slice(6, 7), "0.75"),
        *(ap(f"mAP-{name}", slice(1, None), _RANGE, area) for name, area in sized),
        *(ar(f"AR-{most}", place) for place, most in enumerate((1, 10, 100))),
        *(ar(f"AR-{name}", 2, area) for name, area in sized),
    )
    return CocoNumbers(figures=figures, by_class=_by_class(precision[1, :, :, _ALL, 2]))


def _accumulated(truth: Truth, found: Found) -> tuple[Floats, Floats]:
    """Precision by IoU, recall, class, area and most predictions, and recall without its own axis; -1 for nothing."""
    classes = len(truth.classes)
    if not len(found.image):  # hotcoco refuses to load nothing
        there = np.full((classes, 4), -1.0)
        for area, (low, high) in enumerate(((0, 1e10), (0, 1024), (1024, 9216), (9216, 1e10))):
            inside = ~truth.crowd & (truth.areas >= low) & (truth.areas <= high)
            there[np.unique(truth.category[inside]), area] = 0
        precision = np.broadcast_to(there[None, None, :, :, None], (len(_IOUS), 101, classes, 4, 3))
        return precision, np.broadcast_to(there[None, :, :, None], (len(_IOUS), classes, 4, 3))
    import hotcoco

    # Rows stand for ids: any ids may be in a file, and 0 and negative ones are none to hotcoco.
    scale = 1.0 if truth.in_pixels else 1000.0
    expected = hotcoco.COCO.from_arrays(
        [{"id": row + 1, "width": 1, "height": 1} for row in range(len(truth.image_ids))],
        [{"id": row + 1, "name": str(row)} for row in range(classes)],
        truth.image + 1,
        truth.category + 1,
        truth.boxes * scale,
        area=truth.areas * scale * scale,
        iscrowd=truth.crowd,
    )
    table = np.column_stack((found.image + 1, found.boxes * scale, found.scores, found.category + 1))
    evaluation = hotcoco.COCOeval(expected, expected.load_res(table), "bbox")
    params = evaluation.params
    params.iou_thrs = list(_IOUS)
    evaluation.evaluate()
    evaluation.accumulate()
    result = evaluation.eval or {}
    return np.asarray(result["precision"], np.float64), np.asarray(result["recall"], np.float64)


def _mean(values: Floats) -> float | None:
    known = values[values > -1]
    return float(known.mean()) if known.size else None


def _by_class(precision: Floats) -> Floats:
    return np.where((precision > -1).all(axis=0), precision.mean(axis=0), np.nan)
