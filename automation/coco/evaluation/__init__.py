"""Evaluation: the truth and what a model predicted go in, figures that one can decide from come out.

Reading stands in `truth.py` and `predictions.py`, who hit what in `matching.py`, thresholds and calibration in
`scores.py`; `detection.py` and `classification.py` put the figures together, `types.py` says what they are.
"""

from automation.coco.evaluation.comparing import Difference, compare_runs, read_outcomes
from automation.coco.evaluation.evaluating import Options, evaluate_files
from automation.coco.evaluation.outcomes import outcome_columns
from automation.coco.evaluation.record import record
from automation.coco.evaluation.thresholds import Wanted
from automation.coco.evaluation.types import (
    ClassFigures,
    Evaluation,
    Figure,
    Found,
    Outcomes,
    Reliability,
    ScorePoint,
    Truth,
)

__all__ = [
    "ClassFigures",
    "Difference",
    "Evaluation",
    "Figure",
    "Found",
    "Options",
    "Outcomes",
    "Reliability",
    "ScorePoint",
    "Truth",
    "Wanted",
    "compare_runs",
    "evaluate_files",
    "outcome_columns",
    "read_outcomes",
    "record",
]
