"""What an evaluation says, as values.

Owns: the figures, and that each carries its threshold, its IoU and its split.
Leaves: computing them to `detection.py` and `classification.py`, showing them to `automation.report` and the CLI.
"""

from dataclasses import dataclass

from automation.coco.columns import Bools, Floats, Ints

__all__ = ["ClassFigures", "Evaluation", "Figure", "Found", "Outcomes", "Reliability", "ScorePoint", "Truth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The truth as columns: i images, t labels, c classes.

    Attributes:
        image_ids: int (i,).
        names: File names of the images.
        sizes: float (i, 2), width and height in pixels; 0 where the file does not say.
        category_ids: int (c,), ascending.
        classes: Their names.
        image: int (t,), the row of each label's image.
        category: int (t,), the row of each label's class.
        boxes: float (t, 4), in pixels when `in_pixels`, else shares of the image; NaN for a classification.
        areas: float (t,), in pixels, of the segmentation where the file says so; what size buckets are made by.
        crowd: bool (t,), regions of many: they are not to be found, and what is found in them is not wrong.
        boxed: Whether it is a detection's truth.
        in_pixels: Whether all images have a size, so that boxes could be measured in pixels.
        normalised: Whether the file itself measures in shares of the image.
    """

    image_ids: Ints
    names: tuple[str, ...]
    sizes: Floats
    category_ids: Ints
    classes: tuple[str, ...]
    image: Ints
    category: Ints
    boxes: Floats
    areas: Floats
    crowd: Bools
    boxed: bool
    in_pixels: bool
    normalised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Predictions as columns, p of them, in the order of their file.

    Attributes:
        image: int (p,), the row of the image in `Truth`.
        category: int (p,), the row of the class.
        boxes: float (p, 4), in the unit of the truth; NaN for a classification.
        scores: float (p,).
    """

    image: Ints
    category: Ints
    boxes: Floats
    scores: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure, and what it holds for.

    Attributes:
        name: Like mAP50.
        value: None where there is nothing to measure.
        split: What it was measured on.
        iou: The overlap that counts as found, as "0.5" or "0.5:0.95"; None where boxes play no part.
        threshold: The score from which a prediction counts; None where all of them do.
        most: How many predictions of a picture and class count at most; None where all of them do.
    """

    name: str
    value: float | None
    split: str
    iou: str | None = None
    threshold: float | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """One class: AP over all scores, and what comes out at the threshold of the evaluation.

    Attributes:
        name: The class.
        truths: How many there are to find; hits, misses and false alarms are counted at the threshold.
        average_precision: At the evaluation's IoU; None where there is nothing to find.
        best_threshold: Where this class has its best F1; None without predictions.
        precision_points: At recall 0, 0.01 ... 1, interpolated as COCO does; empty where there is nothing to find.
    """

    name: str
    truths: int
    predictions: int
    hits: int
    misses: int
    false_alarms: int
    average_precision: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    best_threshold: float | None
    best_f1: float | None
    precision_points: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePoint:
    """Precision, recall and F1 over all classes when predictions count from this score on."""

    threshold: float
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A bin of scores: how sure the model was, and how often it was right."""

    low: float
    high: float
    predictions: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Who hit what, for pictures of a report and for resampling.

    Attributes:
        partner: int (p,), the label that a prediction hit; -1 for none, -2 for one inside a crowd, is ignored.
        confused: int (p,), for predictions that count and hit nothing of their class: the label of another class
            that they lie on; -1 for none. For a classification the picture's label.
        counts: bool (p,), whether its score reaches the threshold.
    """

    partner: Ints
    confused: Ints
    counts: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All of it.

    Attributes:
        kind: object-detection or image-classification.
        split: What was measured on.
        iou: The overlap that counts as found; None for a classification.
        threshold: The score from which predictions count.
        chosen: How the threshold came about, in words.
        images: Pictures of the truth.
        figures: Those for everything.
        classes: Those of each class.
        matrix: Confusion, rows are the truth, columns the predictions; the last of both is background.
        points: Precision, recall and F1 at a hundred and one thresholds.
        reliability: Ten bins; empty where scores are not between 0 and 1.
        notes: What was left out, and why.
    """

    kind: str
    split: str
    iou: float | None
    threshold: float
    chosen: str
    images: int
    figures: tuple[Figure, ...]
    classes: tuple[ClassFigures, ...]
    matrix: tuple[tuple[int, ...], ...]
    points: tuple[ScorePoint, ...]
    reliability: tuple[Reliability, ...]
    notes: tuple[str, ...]
    truth: Truth
    found: Found
    outcomes: Outcomes

    def figure(self, name: str) -> Figure | None:
        """The figure of this name, whatever its case; None when there is none."""
        return next((figure for figure in self.figures if figure.name.lower() == name.lower()), None)
