"""An evaluation as plain values, for JSON: figures with what they hold for, classes, curves, confusion, calibration.

Owns: the names in metrics.json. Leaves: writing it to `automation.report` and the CLI.
"""

from typing import Any

import msgspec

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
        "figures": msgspec.to_builtins(evaluation.figures),
        "classes": msgspec.to_builtins(evaluation.classes),
        "confusion": {
            "rows": "truth",
            "columns": "prediction",
            "names": [*evaluation.truth.classes, "(background)"],
            "counts": msgspec.to_builtins(evaluation.matrix),
        },
        "by_threshold": msgspec.to_builtins(evaluation.points),
        "reliability": msgspec.to_builtins(evaluation.reliability),
        "notes": list(evaluation.notes),
    }
