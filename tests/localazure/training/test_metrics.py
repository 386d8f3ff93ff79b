import contextlib
import io
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from localazure.training.detections import Detection
from localazure.training.metrics import evaluate_classifier, evaluate_detector

Images = list[list[Detection]]


def at(label: int, *box: float, score: float = 1.0) -> Detection:
    x, y, w, h = box
    return Detection(class_index=label, score=score, x=x, y=y, w=w, h=h)


def random_answers(seed: int, classes: int) -> tuple[Images, Images]:
    """Boxes, and answers that are more or less right, sometimes of the wrong class, sometimes for nothing."""
    rng = np.random.default_rng(seed)
    truth: Images = []
    found: Images = []
    for _ in range(12):
        here = [
            at(int(rng.integers(classes)), *rng.uniform(0, 80, 2).tolist(), *rng.uniform(8, 40, 2).tolist())
            for _ in range(int(rng.integers(0, 5)))
        ]
        answers: list[Detection] = []
        for box in here * 2:
            x, y, w, h = (np.array([box.x, box.y, box.w, box.h]) * rng.normal(1, 0.12, 4)).tolist()
            label = box.class_index if rng.random() < 0.8 else int(rng.integers(classes))
            answers.append(at(label, x, y, w, h, score=float(rng.random())))
        answers += [at(int(rng.integers(classes)), 5, 5, 20, 20, score=float(rng.random())) for _ in range(2)]
        truth.append(here)
        found.append(answers)
    return truth, found


def by_pycocotools(truth: Images, found: Images, classes: int, overlap: float | None) -> dict[int, float]:
    """Average precision by class, by the reference implementation."""
    rows = [
        {"id": 1 + 100 * i + j, "image_id": i + 1, "category_id": b.class_index + 1, "bbox": [b.x, b.y, b.w, b.h]}
        | {"area": b.w * b.h, "iscrowd": 0}
        for i, boxes in enumerate(truth)
        for j, b in enumerate(boxes)
    ]
    answers = [
        {"image_id": i + 1, "category_id": b.class_index + 1, "bbox": [b.x, b.y, b.w, b.h], "score": b.score}
        for i, boxes in enumerate(found)
        for b in boxes
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        known: Any = COCO()
        known.dataset = {
            "images": [{"id": i + 1} for i in range(len(truth))],
            "annotations": rows,
            "categories": [{"id": label + 1, "name": str(label)} for label in range(classes)],
            "info": {},
        }
        known.createIndex()
        judge: Any = COCOeval(known, known.loadRes(answers), "bbox")
        if overlap is not None:
            judge.params.iouThrs = np.array([overlap])
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, 2]
    return {label: float(precision[:, :, label].mean()) for label in range(classes) if precision[0, 0, label] > -1}


@pytest.mark.parametrize("seed", range(4))
def test_detection_figures_agree_with_pycocotools(seed: int) -> None:
    truth, found = random_answers(seed, 3)
    metrics = evaluate_detector(truth, found, ["a", "b", "c"])
    expected = [by_pycocotools(truth, found, 3, overlap) for overlap in (0.3, 0.5, 0.75, None)]
    means = [float(np.mean(list(one.values()))) for one in expected]
    assert 0.1 < means[1] < 0.9
    assert [metrics.map30, metrics.map50, metrics.map75, metrics.average_precision] == pytest.approx(means, abs=1e-9)
    assert metrics.per_class50 == pytest.approx({"abc"[label]: value for label, value in expected[1].items()})


def test_perfect_answers_get_full_marks_under_the_service_names() -> None:
    truth = [[at(0, 10, 10, 30, 30)], [at(1, 5, 5, 10, 20)], []]
    assert evaluate_detector(truth, truth, ["cup", "pen", "absent"]).performance() == {
        "averagePrecision": pytest.approx(1.0),
        "meanAveragePrecision30": pytest.approx(1.0),
        "meanAveragePrecision50": pytest.approx(1.0),
        "meanAveragePrecision75": pytest.approx(1.0),
        "tagPerformance": {
            "cup": {"averagePrecision50": pytest.approx(1.0)},
            "pen": {"averagePrecision50": pytest.approx(1.0)},
        },
    }


def test_no_answers_get_no_marks() -> None:
    metrics = evaluate_detector([[at(0, 1, 1, 5, 5)]], [[]], ["cup", "pen"])
    assert (metrics.map50, metrics.per_class50) == (0.0, {"cup": 0.0})


def test_no_truth_gives_zero_and_no_class() -> None:
    metrics = evaluate_detector([[]], [[at(0, 1, 1, 5, 5)]], ["cup"])
    assert (metrics.map50, metrics.per_class50) == (0.0, {})


def test_classifier_figures_are_exact() -> None:
    labels = [0, 0, 1, 1]
    probabilities = [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]
    metrics = evaluate_classifier(labels, probabilities, ["cat", "dog", "fish"][:2])
    assert metrics.accuracy_top1 == 0.75
    assert metrics.accuracy_top5 == 1.0
    assert metrics.per_class == {"cat": 0.5, "dog": 1.0}
    assert metrics.average_precision == pytest.approx(1.0)  # each class's own pictures come first
    assert metrics.calibration_ece == pytest.approx((0.1 + 0.6 + 0.2 + 0.3) / 4)


def test_average_precision_of_a_class_is_the_area_in_steps() -> None:
    labels = [0, 1, 0, 1]
    probabilities = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.7, 0.3]]
    # a: right, wrong, then one of each as equals; b: one of each as equals, right, wrong
    expected = ((0.5 + 0.25) + (0.25 + 1 / 3)) / 2
    assert evaluate_classifier(labels, probabilities, ["a", "b"]).average_precision == pytest.approx(expected)


def test_without_pictures_nothing_is_right() -> None:
    metrics = evaluate_classifier([], [], ["a", "b"])
    assert (metrics.accuracy_top1, metrics.average_precision, dict(metrics.per_class)) == (0.0, 0.0, {})


def test_classes_without_pictures_are_left_out() -> None:
    metrics = evaluate_classifier([0], [[0.5, 0.2, 0.3]], ["a", "b", "c"])
    assert (metrics.accuracy_top1, dict(metrics.per_class)) == (1.0, {"a": 1.0})
