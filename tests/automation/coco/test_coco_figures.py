"""Statistics, and precision-recall curves."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.coco import CategoryCount, Dataset, Detection, Unit, curves, read_coco, statistics, to_normalised
from automation.coco.types import Box

Build = Callable[..., Dataset]


def test_the_figures_of_a_small_file(dataset: Build) -> None:
    annotations = [
        {"id": n, "image_id": 1, "category_id": c, "bbox": [0, 0, w, 100]}
        for n, c, w in ((1, 1, 20), (2, 1, 200), (3, 2, 40))
    ]
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "cow"}]
    figures = statistics(dataset(annotations=annotations, categories=categories))
    assert (figures.images, figures.annotations, figures.unlabeled_images) == (2, 3, 1)
    assert figures.unit is Unit.PIXELS
    assert figures.categories == (
        CategoryCount(name="cat", annotations=2, images=1),
        CategoryCount(name="dog", annotations=1, images=1),
        CategoryCount(name="cow", annotations=0, images=0),
    )
    assert figures.annotations_per_image == (0, 1.5, 3)
    assert figures.box_shares == (0.1, 0.2, 1.0)
    assert figures.image_sizes == ((200, 100, 2),)


def test_the_figures_of_the_real_labels(fruit_labels: Path) -> None:
    figures = statistics(read_coco(fruit_labels))
    assert [(c.name, c.annotations, c.images) for c in figures.categories] == [
        ("apple", 9, 9),
        ("banana", 13, 13),
        ("orange", 11, 10),
    ]
    assert figures.image_sizes == ((1024, 768, 23),)


def test_an_empty_dataset_has_figures_too() -> None:
    figures = statistics(Dataset(images=(), annotations=(), categories=()))
    assert (figures.annotations_per_image, figures.box_shares, figures.unit) == ((0, 0.0, 0), None, Unit.ABSENT)


def a_guess(labels: Dataset, index: int, *, score: float, shift: float = 0.0) -> Detection:
    truth = labels.annotations[index]
    assert truth.box is not None
    box = Box(x=truth.box.x + shift * truth.box.w, y=truth.box.y, w=truth.box.w, h=truth.box.h)
    return Detection(image_id=truth.image_id, category_id=truth.category_id, box=box, score=score)


def test_one_hit_one_false_alarm_one_miss(dataset: Build) -> None:
    labels = dataset()
    found = curves(labels, [a_guess(labels, 0, score=0.5), a_guess(labels, 1, score=0.9, shift=0.8)])
    (cat,) = found.classes
    assert (cat.name, cat.truths, cat.detections, cat.max_recall) == ("cat", 2, 2, 0.5)
    assert cat.precision == (0.5,) * 51 + (0.0,) * 50  # one of two was right, and half was found
    assert cat.average_precision == pytest.approx(51 * 0.5 / 101)
    assert found.mean_average_precision == cat.average_precision


def test_the_iou_decides_what_a_hit_is(dataset: Build) -> None:
    labels = dataset()
    guesses = [a_guess(labels, index, score=0.9, shift=0.2) for index in (0, 1)]  # IoU 2/3
    assert curves(labels, guesses).mean_average_precision == pytest.approx(1.0)
    assert curves(labels, guesses, iou=0.75).mean_average_precision == 0.0


def test_the_unit_makes_no_difference(dataset: Build) -> None:
    pixels, shares = dataset(), to_normalised(dataset())
    found = [curves(labels, [a_guess(labels, 0, score=0.5)]) for labels in (pixels, shares)]
    assert found[0] == found[1]


def test_nothing_reported_is_precision_nought_and_nothing_to_find_is_no_curve(dataset: Build) -> None:
    labels = dataset(categories=[{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}])
    for guesses in ([], [a_guess(labels, 0, score=0.1, shift=0.9)]):
        found = curves(labels, guesses)
        assert [(c.name, c.average_precision, len(c.precision)) for c in found.classes] == [
            ("cat", 0.0, 101),
            ("dog", None, 0),
        ]
        assert found.mean_average_precision == 0.0


def test_our_curve_is_that_of_pycocotools(dataset: Build, capsys: pytest.CaptureFixture[str]) -> None:
    coco: Any = pytest.importorskip("pycocotools.coco")
    evaluation: Any = pytest.importorskip("pycocotools.cocoeval")
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 200, "height": 100} for n in range(1, 21)]
    truths = [
        {
            "id": n,
            "image_id": n,
            "category_id": 1 + n % 2,
            "bbox": [n, n, 50 + n, 40],
            "area": (50 + n) * 40,
            "iscrowd": 0,
        }
        for n in range(1, 21)
    ]
    labels = dataset(images=images, annotations=truths, categories=[{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}])
    guesses = [a_guess(labels, n, score=((n * 7) % 20) / 20, shift=((n * 3) % 10) / 10) for n in range(20)]
    found = curves(labels, guesses)
    oracle = coco.COCO()
    oracle.dataset = {
        "images": images,
        "annotations": truths,
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
    }
    oracle.createIndex()
    reported = oracle.loadRes(
        [
            {
                "image_id": g.image_id,
                "category_id": g.category_id,
                "score": g.score,
                "bbox": [g.box.x, g.box.y, g.box.w, g.box.h],
            }
            for g in guesses
        ]
    )
    judge = evaluation.COCOeval(oracle, reported, "bbox")
    judge.evaluate()
    judge.accumulate()
    for place, curve in enumerate(found.classes):
        assert curve.precision == pytest.approx(judge.eval["precision"][0, :, place, 0, 2], abs=1e-12)
    assert 0.1 < (found.mean_average_precision or 0) < 0.9


def test_the_slow_libraries_come_only_with_the_first_curve() -> None:
    program = "import sys, automation.coco; print(sorted({'hotcoco', 'matplotlib'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
