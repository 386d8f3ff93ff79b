"""An evaluation as plain values, for JSON: figures with what they hold for, classes, curves, confusion, calibration.

Owns: the names in metrics.json. Leaves: writing it to `automation.report` and the CLI.
"""

from dataclasses import asdict
from typing import Any

from automation.coco.evaluation.types import Evaluation

__all__ = ["record"]


def record(evaluation: Evaluation) -> dict[str, Any]:
    """All figures; without the predictions themselves."""
    return {
        "kind": evaluation.kind,
        "split": evaluation.split,
        "iou": evaluation.iou,
        "threshold": evaluation.threshold,
        "threshold_chosen": evaluation.chosen,
        "images": evaluation.images,
        "labels": int((~evaluation.truth.crowd).sum()),
        "predictions": len(evaluation.found.image),
        "figures": [asdict(figure) for figure in evaluation.figures],
        "classes": [asdict(figures) for figures in evaluation.classes],
        "confusion": {
            "rows": "truth",
            "columns": "prediction",
            "names": [*evaluation.truth.classes, "(background)"],
            "counts": [list(row) for row in evaluation.matrix],
        },
        "by_threshold": [asdict(point) for point in evaluation.points],
        "reliability": [asdict(bin_) for bin_ in evaluation.reliability],
        "notes": list(evaluation.notes),
    }
