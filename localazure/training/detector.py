"""Training a detector, on one page.

Owns: the order of the steps. A view (one variation of one picture) is looked at and then forgotten; what is kept
of it is a couple of hundred short rows of numbers.

    survey     windows with things and without, for the proposer; the projection
    samples    each view gives its things, its proposals, and the mistakes that the heads so far make on it
    heads      the model's heads, fitted to all samples
    check      for each fold, a proposer and a head that never saw its pictures find what is in them: these answers
               calibrate the scores, and are the metrics where there is no evaluation set

Leaves: the how of each step to the module of that name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from localazure.training.arrays import F32, I64, Bools
from localazure.training.calibration import Calibration, fit_calibration, hits
from localazure.training.cascade import Cascade, Found
from localazure.training.detections import Detection
from localazure.training.detector_model import LONG_SIDE, DetectorModel, as_detections
from localazure.training.errors import DatasetCorrupt
from localazure.training.mlp import MlpSettings
from localazure.training.pictures import BoxedPicture
from localazure.training.projection import Projection, fit_projection
from localazure.training.proposals import Proposer, QuickSamples
from localazure.training.rungs import Rung
from localazure.training.samples import HeadSamples, jittered
from localazure.training.shelf import Shelf
from localazure.training.truth import folds_by_image
from localazure.training.watch import Watch
from localazure.training.windows import dense_windows, usual_aspects

__all__ = ["TrainedDetector", "fit_detector"]

_PROJECTED = 256
_SURVEY_ROWS = 6000
_SURVEY_COPIES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedDetector:
    """The model, and what was found in each training picture by a fold that had not seen it."""

    model: DetectorModel
    out_of_fold: tuple[list[Detection], ...]


def fit_detector(
    pictures: Sequence[BoxedPicture], classes: Sequence[str], *, rung: Rung, seed: int, watch: Watch
) -> TrainedDetector:
    """Train on all pictures. The same pictures, rung and seed give the same model."""
    shelf = Shelf(pictures, long_side=LONG_SIDE, seed=seed, step=watch.part("reading", until=0.05, steps=len(pictures)))
    boxes = np.concatenate([truth.boxes for truth in shelf.truths])
    if not len(boxes):
        raise DatasetCorrupt("no picture of the training set has a box")
    quick, projection = _survey(shelf, usual_aspects(boxes), rung, seed, watch)
    step = watch.part("proposals", until=0.12, steps=rung.proposal_epochs)
    proposer = quick.fit(_all, _for_proposer(rung, seed), step)
    samples = _collect(shelf, proposer, projection, classes=len(classes), rung=rung, seed=seed, watch=watch)
    step = watch.part("heads", until=0.75, steps=rung.heads * rung.epochs)
    heads = tuple(
        samples.fit(_all, _for_head(rung, seed + head, epochs=rung.epochs), step) for head in range(rung.heads)
    )
    found = _check(shelf, quick, samples, projection, rung=rung, seed=seed, watch=watch)
    calibration = _calibrated(shelf, found)
    model = DetectorModel(
        classes=tuple(classes),
        proposer=proposer,
        cascade=Cascade(projection=projection, heads=heads),
        calibration=calibration,
    )
    answers = zip(found, shelf.to_picture, strict=True)
    return TrainedDetector(
        model=model,
        out_of_fold=tuple(as_detections(one, calibration, to_picture) for one, to_picture in answers),
    )


def _survey(
    shelf: Shelf, aspects: tuple[float, ...], rung: Rung, seed: int, watch: Watch
) -> tuple[QuickSamples, Projection]:
    """A first look at every picture."""
    copies = min(rung.copies, _SURVEY_COPIES)
    step = watch.part("survey", until=0.1, steps=copies * len(shelf))
    rows_each = max(1, _SURVEY_ROWS // (copies * len(shelf)))
    quick = QuickSamples(aspects, share=rung.share)
    rows: list[F32] = []
    for copy in range(copies):
        for number in range(len(shelf)):
            scene = shelf.scene(number, copy)
            quick.add(scene)
            windows = dense_windows(scene.view.width, scene.view.height, aspects)
            anywhere = windows[scene.rng.integers(0, len(windows), 40)]
            some = np.concatenate([jittered(scene, 14), anywhere])
            rows.append(scene.view.features(some[scene.rng.permutation(len(some))[:rows_each]]))
            step()
    return quick, fit_projection(np.concatenate(rows), _PROJECTED, seed=seed)


def _collect(
    shelf: Shelf, proposer: Proposer, projection: Projection, *, classes: int, rung: Rung, seed: int, watch: Watch
) -> HeadSamples:
    """Go through all views. After each third of them a head is fitted, and later views give its mistakes too."""
    samples = HeadSamples(projection, classes, share=rung.share)
    order = np.random.default_rng([seed, len(shelf)]).permutation(len(shelf)).tolist()
    views = [(number, copy) for copy in reversed(range(rung.copies)) for number in order]
    pauses = {len(views) // 3, len(views) * 2 // 3} - {0}
    step = watch.part("samples", until=0.6, steps=len(views) + len(pauses) * rung.interim_epochs)
    so_far: Cascade | None = None
    for done, (number, copy) in enumerate(views):
        if done in pauses:
            head = samples.fit(_all, _for_interim_head(rung, seed), step)
            so_far = Cascade(projection=projection, heads=(head,))
        scene = shelf.scene(number, copy)
        proposals = proposer.propose(scene.view)
        samples.add_basics(scene, proposals, proposer.aspects)
        if so_far:
            samples.add_mistakes(scene, proposals, so_far)
        step()
    return samples


def _check(
    shelf: Shelf,
    quick: QuickSamples,
    samples: HeadSamples,
    projection: Projection,
    *,
    rung: Rung,
    seed: int,
    watch: Watch,
) -> list[Found]:
    """Answers for every picture, by networks fitted without it. For a single picture there are none.

    Only what knows no labels (the projection), and which windows were picked as mistakes, comes from all pictures.
    """
    folds = folds_by_image([truth.labels for truth in shelf.truths], rung.folds, seed=seed)
    found = [Found.nothing() for _ in range(len(shelf))]
    count = int(folds.max()) + 1
    step = watch.part("check", until=1.0, steps=count * (rung.proposal_epochs + rung.fold_epochs) + len(shelf))
    for fold in range(count if count > 1 else 0):
        others = _without(folds, fold)
        proposer = quick.fit(others, _for_proposer(rung, seed), step)
        head = samples.fit(others, _for_head(rung, seed, epochs=rung.fold_epochs), step)
        cascade = Cascade(projection=projection, heads=(head,))
        for number in np.flatnonzero(folds == fold).tolist():
            view = shelf.scene(number, 0).view
            found[number] = cascade.find(view, proposer.propose(view))
            step()
    return found


def _for_proposer(rung: Rung, seed: int) -> MlpSettings:
    least = rung.least_steps // 3
    return MlpSettings(seed=seed, epochs=rung.proposal_epochs, hidden=32, dropout=0.2, least_steps=least)


def _for_head(rung: Rung, seed: int, *, epochs: int) -> MlpSettings:
    return MlpSettings(seed=seed, epochs=epochs, hidden=96, dropout=0.3, least_steps=rung.least_steps)


def _for_interim_head(rung: Rung, seed: int) -> MlpSettings:
    """Good enough to see where mistakes will be."""
    return replace(_for_head(rung, seed, epochs=rung.interim_epochs), least_steps=rung.least_steps // 3)


def _calibrated(shelf: Shelf, found: Sequence[Found]) -> Calibration:
    right = [hits(answer, truth) for answer, truth in zip(found, shelf.truths, strict=True)]
    return fit_calibration(np.concatenate([answer.scores for answer in found]), np.concatenate(right))


def _all(pictures: I64) -> Bools:
    return np.ones(len(pictures), np.bool_)


def _without(folds: I64, fold: int) -> Callable[[I64], Bools]:
    return lambda pictures: folds[pictures] != fold
