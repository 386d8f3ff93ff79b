"""The whole way: two files in, an evaluation out.

Owns: what may be asked for. Leaves: reading and figures to the modules beside it.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from automation.coco.evaluation.classification import evaluate_classification
from automation.coco.evaluation.detection import evaluate_detection
from automation.coco.evaluation.predictions import read_predictions
from automation.coco.evaluation.thresholds import Wanted
from automation.coco.evaluation.truth import read_truth
from automation.coco.evaluation.types import Evaluation
from automation.coco.types import Unit

__all__ = ["Options", "evaluate_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is asked for.

    Attributes:
        iou: The overlap from which a box counts as found, above 0 and at most 1.
        wanted: The threshold, or what it has to give.
        split: What the pictures are, in words; the name of the truth's file when it is empty.
        unit: Of the boxes of both files, where they do not show it.
    """

    iou: float = 0.5
    wanted: Wanted = field(default_factory=Wanted)
    split: str = ""
    unit: Unit | None = None


def evaluate_files(truth_file: Path, predictions_file: Path, options: Options) -> Evaluation:
    """Compare predictions with the truth.

    Raises:
        ConfigError: One of the files is not there.
        DatasetError: One of them cannot be used; the findings say why.
        Refused: No threshold gives the wanted precision.
    """
    with _no_collecting():
        truth, left_out = read_truth(truth_file, unit=options.unit)
        found, changed = read_predictions(predictions_file, truth, unit=options.unit)
    split, notes = options.split or truth_file.name, (*left_out, *changed)
    if truth.boxed:
        return evaluate_detection(truth, found, iou=options.iou, wanted=options.wanted, split=split, notes=notes)
    return evaluate_classification(truth, found, wanted=options.wanted, split=split, notes=notes)


@contextmanager
def _no_collecting() -> Generator[None]:
    """Readers make a million small things and no rings of them: looking for rings is a tenth of their time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
