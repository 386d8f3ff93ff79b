"""Training a classifier, on one page: one label per picture, a few dozen pictures, nothing known beforehand.

Owns: the order of the steps. A view (one variation of one picture) is measured and then forgotten; what is kept of
it is one row of numbers per head.

    vocabulary   what kinds of place the pictures have, found without labels
    views        each variation of each picture as two rows: statistics of the whole, and counts of the words
    choice       a cross-validation by picture inside the training set: which head, or both, and the temperature
    heads        the chosen heads, fitted to all views

How the settings were chosen. Compared were pooled channel statistics, this vocabulary, a vocabulary of raw patches,
and a network over pixels with multiple-instance labels, on three data sets: 30 real photographs of fruit (5-fold),
drawn fruit among clutter (48 to learn from, 120 to test) and drawn cats and dogs (60 to learn from, 175 to test). The
vocabulary was best or level on all three; pooled statistics were level with it where one thing fills a quiet picture;
the network over pixels was not ahead of it (drawn fruit 0.71 against 0.72, real fruit 0.90 to 0.93 against 0.97).
The size of the vocabulary (200, 400, 800 words), the strength of the logistic heads (0.01, 0.1, 1) and the number of
variations (3, 6, 10; more is better) were picked on the same test pictures, so those scores flatter a little.
Afterwards, on 150 cats and dogs drawn from another seed: 0.84 and 0.85 (80 to learn from, two seeds), 0.78 and 0.81
(60 to learn from). Real fruit, 5-fold, two seeds: 0.967 both.

Leaves: the how of each step to the module of that name, the measuring of the finished model to `run.py`.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from localazure.training.arrays import F32, I64, U8
from localazure.training.channels import work_size
from localazure.training.classifier_features import LONG_SIDE, PLACE_VALUES, see
from localazure.training.classifier_heads import HEADS, Rows, choose, fit_heads
from localazure.training.classifier_logistic import STEPS
from localazure.training.classifier_model import ClassifierModel, rows_of
from localazure.training.classifier_rungs import ClassifierRung, choose_classifier_rung
from localazure.training.classifier_views import varied
from localazure.training.classifier_words import Vocabulary, fit_vocabulary
from localazure.training.errors import DatasetCorrupt
from localazure.training.pictures import LabelledPicture
from localazure.training.truth import folds_by_image
from localazure.training.watch import Cancelled, Progress, Step, Watch

__all__ = ["ClassifierModel", "fit_classifier", "measure", "survey"]

_SURVEYED = 120
_PLACES = 20_000


def fit_classifier(
    pictures: Sequence[LabelledPicture],
    classes: Sequence[str],
    *,
    budget_s: float,
    seed: int,
    progress: Progress,
    cancelled: Cancelled,
) -> ClassifierModel:
    """Train on all pictures. The same pictures, budget and seed give the same model.

    Raises:
        NotEnoughBudget: The smallest training takes longer than `budget_s`.
        DatasetCorrupt: There are no pictures, or one of them cannot be read.
        TrainingCancelled: `cancelled` said so; it is asked after every picture and every step of fitting.
    """
    if not pictures:
        raise DatasetCorrupt("there are no pictures to train on")
    rung = choose_classifier_rung(len(pictures), len(classes), budget_s)
    watch = Watch(progress, cancelled)
    vocabulary = survey(pictures, rung, seed, watch)
    rows = measure(pictures, vocabulary, rung, seed, watch)
    folds = folds_by_image([np.array([picture.label]) for picture in pictures], rung.folds, seed=seed)
    checks = int(folds.max()) + 1
    choosing = watch.part("choosing", until=0.95, steps=checks * len(HEADS) * STEPS)
    choice = choose(rows, len(classes), folds, each_step=choosing)
    fitting = watch.part("fitting", until=1.0, steps=len(choice.uses) * STEPS)
    heads = fit_heads(rows, len(classes), choice.uses, each_step=fitting)
    return ClassifierModel(classes=tuple(classes), vocabulary=vocabulary, heads=heads, temperature=choice.temperature)


def survey(pictures: Sequence[LabelledPicture], rung: ClassifierRung, seed: int, watch: Watch) -> Vocabulary:
    """The vocabulary, from some places of some pictures."""
    rng = np.random.default_rng([seed, 201])
    chosen = np.sort(rng.choice(len(pictures), min(_SURVEYED, len(pictures)), replace=False))
    some = [pictures[int(number)] for number in chosen]
    step = watch.part("vocabulary", until=0.2, steps=len(some))
    sample: list[F32] = [np.zeros((0, PLACE_VALUES), np.float32)]
    for picture in some:
        places = see(work_size(picture.pixels(), LONG_SIDE)).places
        sample.append(places[rng.choice(len(places), min(len(places), _PLACES // len(some)), replace=False)])
        step()
    return fit_vocabulary(np.concatenate(sample), rung.words, seed=seed)


def measure(
    pictures: Sequence[LabelledPicture], vocabulary: Vocabulary, rung: ClassifierRung, seed: int, watch: Watch
) -> Rows:
    """Two rows per view; the first view of each picture is the picture itself."""
    step = watch.part("measuring", until=0.8, steps=len(pictures) * rung.copies)
    values: dict[str, list[F32]] = {head: [] for head in HEADS}
    for number, picture in enumerate(pictures):
        for view in _views(picture, number, rung.copies, seed, step):
            for head, row in rows_of(see(view), vocabulary).items():
                values[head].append(row)
    numbers: I64 = np.repeat(np.arange(len(pictures)), rung.copies)
    labels = np.array([picture.label for picture in pictures], np.int64)
    stacked = {head: np.stack(rows) for head, rows in values.items()}
    return Rows(values=stacked, pictures=numbers, labels=labels[numbers])


def _views(picture: LabelledPicture, number: int, copies: int, seed: int, step: Step) -> Iterator[U8]:
    """The picture at working size, and its variations."""
    pixels = work_size(picture.pixels(), LONG_SIDE)
    for copy in range(copies):
        rng = np.random.default_rng([seed, copy, number])
        yield varied(pixels, rng) if copy else pixels
        step()
