"""Who hit what, as columns for JSON: enough to compare runs picture by picture.

Owns: its form. Leaves: the comparison to `comparing.py`.
"""

from typing import Any

import numpy as np

from automation.coco.evaluation.matching import IN_CROWD, match
from automation.coco.evaluation.types import Evaluation

__all__ = ["outcome_columns"]

IOU = 0.5


def outcome_columns(evaluation: Evaluation) -> dict[str, Any]:
    """Images, labels and predictions in columns; hits are those at IoU 0.5, or right labels of a classification."""
    truth, found = evaluation.truth, evaluation.found
    partner = evaluation.outcomes.partner
    if truth.boxed and evaluation.iou != IOU:
        partner = match(truth, found, IOU)
    counted = np.flatnonzero(partner != IN_CROWD)
    labels = np.flatnonzero(~truth.crowd)
    return {
        "kind": evaluation.kind,
        "split": evaluation.split,
        "iou": IOU if truth.boxed else None,
        "images": truth.image_ids.tolist(),
        "classes": list(truth.classes),
        "labels": {"image": truth.image[labels].tolist(), "class": truth.category[labels].tolist()},
        "predictions": {
            "image": found.image[counted].tolist(),
            "class": found.category[counted].tolist(),
            "score": found.scores[counted].tolist(),
            "hit": (partner[counted] >= 0).astype(int).tolist(),
        },
    }
