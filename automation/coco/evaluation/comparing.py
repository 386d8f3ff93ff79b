"""Two runs on the same pictures: is one better, or could it be chance?

Owns: the figure that runs are compared by (mAP50, or accuracy), and its interval by resampling pictures.
Leaves: what outcomes are to `outcomes.py`.

Both runs see the same resampled pictures, so that hard pictures do not count as a difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from automation.coco.columns import Bools, Floats, Ints
from automation.coco.files import open_coco
from automation.errors import ConfigError, DatasetError, Finding, Severity

__all__ = ["Difference", "Run", "compare_runs", "read_outcomes"]

LIMIT_BYTES = 1 << 30
POINTS = np.linspace(0, 1, 101)


class _Labels(msgspec.Struct, gc=False):
    image: list[int]
    category: list[int] = msgspec.field(name="class")


class _Predictions(msgspec.Struct, gc=False):
    image: list[int]
    score: list[float]
    hit: list[int]
    category: list[int] = msgspec.field(name="class")


class _Outcomes(msgspec.Struct, gc=False):
    kind: str
    split: str
    iou: float | None
    images: list[int]
    classes: list[str]
    labels: _Labels
    predictions: _Predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run's outcomes.

    Attributes:
        name: The path that was given.
        image: int (p,), the row of each prediction's image among `images`; predictions stand from best to worst.
        labels: int (t, 2), image and class of each label.
    """

    name: str
    kind: str
    split: str
    images: Ints
    classes: tuple[str, ...]
    labels: Ints
    image: Ints
    category: Ints
    hit: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far a run is from the first one.

    Attributes:
        figure: mAP50 or accuracy.
        first: The figure of the first run, `second` that of the other.
        difference: The second less the first; with 95 of 100 resamplings it is from `low` to `high`.
        better: The share of resamplings in which the second is better.
        resamples: How many there were.
    """

    run: str
    figure: str
    split: str
    iou: str | None
    first: float
    second: float
    difference: float
    low: float
    high: float
    better: float
    resamples: int

    @property
    def certain(self) -> bool:
        """Whether the interval leaves no doubt about which is better."""
        return self.low > 0 or self.high < 0


def read_outcomes(path: Path) -> Run:
    """The outcomes in a bundle, or in an outcomes.json itself.

    Raises:
        ConfigError: There are none.
        DatasetError: They are not what `visionlab evaluate` writes.
    """
    with open_coco(path / "outcomes.json" if path.is_dir() else path) as file:
        data = file.read(LIMIT_BYTES)
    try:
        said = msgspec.json.decode(data, type=_Outcomes)
        found, labels = said.predictions, said.labels
        scores = np.array(found.score, np.float64)
        order = np.argsort(-scores, kind="stable")
        run = Run(
            name=str(path),
            kind=said.kind,
            split=said.split,
            images=np.array(said.images, np.int64),
            classes=tuple(said.classes),
            labels=np.column_stack((np.array(labels.image, np.int64), np.array(labels.category, np.int64))),
            image=np.array(found.image, np.int64)[order],
            category=np.array(found.category, np.int64)[order],
            hit=np.array(found.hit, np.int64)[order] > 0,
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, IndexError, OverflowError) as wrong:
        raise _unusable(path, str(wrong) or "it is nested too deeply") from wrong
    if not len(found.image) == len(found.category) == len(found.hit) == len(scores) or not len(run.images):
        raise _unusable(path, "columns of predictions are of different lengths, or there are no images")
    within = ((run.image, run.images), (run.category, run.classes), (run.labels[:, 0], run.images))
    for rows, known in (*within, (run.labels[:, 1], run.classes)):
        if len(rows) and (rows.min() < 0 or rows.max() >= len(known)):
            raise _unusable(path, "a row points to nothing")
    return run


def compare_runs(runs: Sequence[Run], *, resamples: int = 1000, seed: int = 1) -> list[Difference]:
    """Each further run against the first; the same seed gives the same interval.

    Raises:
        ConfigError: There are fewer than two.
        DatasetError: They were not measured with the same truth.
    """
    if len(runs) < 2:
        raise ConfigError("there is nothing to compare with", hint="name two evaluations or more")
    first = runs[0]
    for other in runs[1:]:
        same = first.kind == other.kind and first.classes == other.classes
        same = same and np.array_equal(first.images, other.images) and np.array_equal(first.labels, other.labels)
        if not same:
            raise _unusable(Path(other.name), f"its truth is another one than that of {first.name}")
    boxes = first.kind == "object-detection"
    measure = _map50 if boxes else _accuracy
    whole = np.ones(len(first.images))
    values = [measure(run, whole) for run in runs]
    random = np.random.default_rng(seed)
    drawn = np.empty((resamples, len(runs)))
    for number in range(resamples):
        picked = random.integers(len(first.images), size=len(first.images))
        weights = np.bincount(picked, minlength=len(first.images)).astype(np.float64)
        drawn[number] = [measure(run, weights) for run in runs]
    found: list[Difference] = []
    for place, run in enumerate(runs[1:], 1):
        apart = drawn[:, place] - drawn[:, 0]
        low, high = (float(value) for value in np.quantile(apart, (0.025, 0.975)))
        found.append(
            Difference(
                run=run.name,
                figure="mAP50" if boxes else "accuracy",
                split=first.split,
                iou="0.5" if boxes else None,
                first=values[0],
                second=values[place],
                difference=values[place] - values[0],
                low=low,
                high=high,
                better=float((apart > 0).mean()),
                resamples=resamples,
            )
        )
    return found


def _map50(run: Run, weights: Floats) -> float:
    """Mean average precision when each picture counts as often as its weight says."""
    truths = np.bincount(run.labels[:, 1], weights[run.labels[:, 0]], len(run.classes))
    values: list[float] = []
    order = np.argsort(run.category, kind="stable")  # class by class, still from best to worst
    ends = np.searchsorted(run.category[order], np.arange(len(run.classes) + 1))
    many, hits = weights[run.image[order]], (weights[run.image] * run.hit)[order]
    for row in np.flatnonzero(truths > 0).tolist():
        own = slice(int(ends[row]), int(ends[row + 1]))
        counted, right = np.cumsum(many[own]), np.cumsum(hits[own])
        precision = np.divide(right, counted, out=np.zeros_like(right), where=counted > 0)
        best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
        values.append(float(best[np.searchsorted(right / truths[row], POINTS, "left")].mean()))
    return sum(values) / len(values) if values else 0.0


def _accuracy(run: Run, weights: Floats) -> float:
    """The share of labeled pictures whose best guess is right."""
    labeled = np.zeros(len(run.images), np.bool_)
    labeled[run.labels[:, 0]] = True
    images, best = np.unique(run.image, return_index=True)  # the first of each image is its best
    right = np.zeros(len(run.images))
    right[images] = run.hit[best]
    whole = float(weights[labeled].sum())
    return float((weights * right)[labeled].sum()) / whole if whole else 0.0


def _unusable(path: Path, message: str) -> DatasetError:
    finding = Finding(code="outcomes", severity=Severity.ERROR, where=str(path), message=message)
    hint = "evaluate both with the same truth: visionlab evaluate GT PREDICTIONS --out FOLDER"
    return DatasetError(f"{path} cannot be compared", findings=[finding], hint=hint)
