"""Classifiers for pictures that show several things: each class by itself, and honest figures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from localazure.training.classifier_model import ClassifierModel
from localazure.training.classifier_several import ANSWERS, TaggedPicture, chances_of, fit_several
from localazure.training.errors import DatasetCorrupt, NotEnoughBudget, TrainingCancelled

CLASSES = ("red", "blue")
COLOURS = ((220, 30, 30), (40, 40, 220))


def silent(fraction: float, stage: str, detail: str) -> None:
    pass


def draw(shown: frozenset[int], seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(100, 140, (48, 64, 3)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for label in sorted(shown):
        left, top = int(rng.integers(2, 10)) + 32 * label, int(rng.integers(2, 20))
        pen.ellipse((left, top, left + 20, top + 20), fill=COLOURS[label])
    return image


def tagged(folder: Path, count: int) -> list[TaggedPicture]:
    """Nothing, red, blue and both, in turn."""
    found: list[TaggedPicture] = []
    for number in range(count):
        shown = frozenset(label for label in (0, 1) if number >> label & 1)
        path = folder / f"{number}.png"
        draw(shown, number).save(path)
        found.append(TaggedPicture(path=path, labels=shown))
    return found


def test_each_class_is_told_by_itself_also_after_the_models_went_through_files(tmp_path: Path) -> None:
    pictures = tagged(tmp_path, 12)
    models, metrics = fit_several(pictures, CLASSES, budget_s=5.5, seed=0, progress=silent, cancelled=lambda: False)
    assert [model.classes for model in models] == [ANSWERS, ANSWERS]
    assert set(metrics["tagPerformance"]) == set(CLASSES)
    assert metrics["averagePrecision"] >= 0.9
    read: list[ClassifierModel] = []
    for number, model in enumerate(models):
        model.save(tmp_path / f"{number}.vlm")
        read.append(ClassifierModel.load(tmp_path / f"{number}.vlm"))
    for shown in (frozenset[int](), frozenset({0}), frozenset({1}), frozenset({0, 1})):
        chances = chances_of(read, draw(shown, 100 + len(shown)))
        assert chances == pytest.approx(chances_of(models, draw(shown, 100 + len(shown))), abs=1e-5)
        assert {label for label, chance in enumerate(chances) if chance >= 0.5} == shown


def test_a_single_picture_is_enough_to_fit_and_too_little_to_judge(tmp_path: Path) -> None:
    _, metrics = fit_several(
        tagged(tmp_path, 2)[1:], CLASSES, budget_s=5, seed=0, progress=silent, cancelled=lambda: False
    )
    assert (metrics["averagePrecision"], metrics["accuracy"]) == (0.0, 0.0)


def test_what_cannot_be_trained_is_said(tmp_path: Path) -> None:
    pictures = tagged(tmp_path, 2)
    with pytest.raises(DatasetCorrupt, match="no pictures"):
        fit_several([], CLASSES, budget_s=60, seed=0, progress=silent, cancelled=lambda: False)
    with pytest.raises(NotEnoughBudget, match="training 2 classifiers on 2 pictures needs at least"):
        fit_several(pictures, CLASSES, budget_s=1, seed=0, progress=silent, cancelled=lambda: False)
    with pytest.raises(TrainingCancelled):
        fit_several(pictures, CLASSES, budget_s=60, seed=0, progress=silent, cancelled=lambda: True)
