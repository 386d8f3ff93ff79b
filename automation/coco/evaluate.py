"""Precision and recall of detections against the truth.

Owns: the way from our types to hotcoco, which computes as pycocotools does, and back.
Leaves: drawing curves to `automation.report`.

hotcoco and numpy are imported when the first curve is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from automation.coco.types import Box, Dataset, Detection

__all__ = ["ClassCurve", "Curves", "curves"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCurve:
    """One category's precision over recall.

    Attributes:
        name: The category.
        truths: How many there are to find.
        detections: How many were reported.
        average_precision: Area under the curve; None where there is nothing to find.
        precision: Precision at recall 0, 0.01 ... 1, interpolated as COCO does; empty where there is nothing to find.
        max_recall: The share that was found at all.
    """

    name: str
    truths: int
    detections: int
    average_precision: float | None
    precision: tuple[float, ...]
    max_recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """The curves of all categories, and the mean over those that occur."""

    iou: float
    classes: tuple[ClassCurve, ...]
    mean_average_precision: float | None


def curves(truth: Dataset, detections: Sequence[Detection], *, iou: float = 0.5) -> Curves:
    """Compare detections with the truth; both measure boxes in the same unit."""
    precision, recall = _evaluate(truth, detections, iou) if detections else ({}, {})
    found = [
        ClassCurve(
            name=category.name,
            truths=(truths := sum(a.category_id == category.id and a.box is not None for a in truth.annotations)),
            detections=sum(detection.category_id == category.id for detection in detections),
            average_precision=sum(points) / len(points) if truths else None,
            precision=points if truths else (),
            max_recall=max(recall.get(category.id, 0.0), 0.0),
        )
        for category in truth.categories
        for points in (precision.get(category.id, (0.0,) * 101),)
    ]
    values = [curve.average_precision for curve in found if curve.average_precision is not None]
    return Curves(iou=iou, classes=tuple(found), mean_average_precision=sum(values) / len(values) if values else None)


def _evaluate(
    truth: Dataset, detections: Sequence[Detection], iou: float
) -> tuple[dict[int, tuple[float, ...]], dict[int, float]]:
    """Precision at 101 recalls, and the greatest recall, by category id."""
    import hotcoco

    expected = hotcoco.COCO(
        {
            "images": [{"id": i.id, "width": int(i.width), "height": int(i.height)} for i in truth.images],
            "categories": [{"id": c.id, "name": c.name} for c in truth.categories],
            "annotations": [
                _fields(a.image_id, a.category_id, a.box) | {"id": number, "iscrowd": a.iscrowd or 0}
                for number, a in enumerate(truth.annotations, 1)
                if a.box is not None
            ],
        }
    )
    reported = expected.load_res([_fields(d.image_id, d.category_id, d.box) | {"score": d.score} for d in detections])
    evaluation = hotcoco.COCOeval(expected, reported, "bbox")
    params = evaluation.params
    params.iou_thrs = [iou]
    evaluation.params = params
    evaluation.evaluate()
    evaluation.accumulate()
    result: dict[str, Any] = evaluation.eval or {}
    ids = [int(number) for number in evaluation.params.cat_ids]
    # The axes are IoU, recall, category, area, most detections: one IoU, all areas, the last and largest number.
    precision = {
        number: tuple(max(float(value), 0.0) for value in result["precision"][0, :, place, 0, -1])
        for place, number in enumerate(ids)
    }
    recall = {number: float(result["recall"][0, place, 0, -1]) for place, number in enumerate(ids)}
    return precision, recall


def _fields(image_id: int, category_id: int, box: Box) -> dict[str, Any]:
    bbox = [box.x, box.y, box.w, box.h]
    return {"image_id": image_id, "category_id": category_id, "bbox": bbox, "area": box.area}
