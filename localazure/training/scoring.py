"""The door to hotcoco: boxes that are true and boxes that were found go in, average precisions come out.

Owns: the call, and nothing else. COCO's rules apply: 101 recall points, 100 boxes an image and class.
"""

from collections.abc import Sequence
from typing import Any

import hotcoco
import numpy as np
import numpy.typing as npt

from localazure.training.detections import Detection

__all__ = ["average_precisions", "calibration_error"]


def average_precisions(
    truth: Sequence[Sequence[Detection]],
    found: Sequence[Sequence[Detection]],
    *,
    classes: int,
    overlaps: Sequence[float],
) -> npt.NDArray[np.float64]:
    """One row per overlap, one column per class; -1 for a class that the truth does not have."""
    images = [{"id": image + 1} for image in range(len(truth))]
    categories = [{"id": label + 1, "name": str(label)} for label in range(classes)]
    known = hotcoco.COCO({"images": images, "annotations": _rows(truth), "categories": categories})
    rows = _rows(found)
    if not rows:
        present = {box.class_index for boxes in truth for box in boxes}
        return np.array([[0.0 if label in present else -1.0 for label in range(classes)] for _ in overlaps])
    judge = hotcoco.COCOeval(known, known.load_res(rows), "bbox")
    judge.params.iou_thrs = list(overlaps)
    judge.evaluate()
    judge.accumulate()
    outcome = judge.eval
    precision = np.asarray((outcome or {})["precision"], dtype=np.float64)  # overlap, recall, class, area, most boxes
    at_all = precision[:, :, :, 0, -1]
    missing = at_all.min(1) < 0
    return np.where(missing, -1.0, at_all.mean(1))


def calibration_error(scores: Sequence[float], right: Sequence[bool], *, bins: int) -> float:
    """The expected distance between how sure the scores are and how often they are right."""
    expected, _ = hotcoco.metrics.calibration_error(list(scores), list(right), bins)
    return float(expected)


def _rows(images: Sequence[Sequence[Detection]]) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "image_id": image + 1,
            "category_id": box.class_index + 1,
            "bbox": [box.x, box.y, box.w, box.h],
            "area": box.w * box.h,
            "iscrowd": 0,
            "score": box.score,
        }
        for number, (image, box) in enumerate(((i, box) for i, boxes in enumerate(images) for box in boxes), start=1)
    ]
