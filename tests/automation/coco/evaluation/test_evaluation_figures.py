"""Figures by hand: a few boxes whose precision, recall, confusion and calibration can be counted on fingers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.coco.evaluation import Evaluation, Options, Wanted, evaluate_files
from automation.coco.evaluation.scores import Ranking, calibration_error, reliability
from automation.errors import DatasetError, Refused

IMAGES = [{"id": n, "file_name": f"{n}.jpg", "width": 100, "height": 100} for n in (1, 2, 3)]
CLASSES = [{"id": 1, "name": "apple"}, {"id": 2, "name": "pear"}]


def label(image: int, category: int, *box: float, **more: object) -> dict[str, Any]:
    return {"image_id": image, "category_id": category, **({"bbox": list(box)} if box else {}), **more}


TRUTH = [
    label(1, 1, 0, 0, 20, 20, id=1),
    label(1, 2, 50, 50, 20, 20, id=2),
    label(2, 1, 0, 0, 50, 50, id=3),
    label(3, 2, 10, 10, 40, 40, id=4),
]
RESULTS = [
    label(1, 1, 0, 0, 20, 20, score=0.9),  # hit
    label(1, 1, 50, 50, 20, 20, score=0.8),  # a pear taken for an apple
    label(2, 1, 0, 0, 50, 48, score=0.7),  # hit
    label(2, 1, 60, 60, 20, 20, score=0.6),  # background
    label(3, 2, 10, 10, 40, 40, score=0.2),  # hit, if it counts
]


def evaluated(
    folder: Path,
    results: object = RESULTS,
    truth: Sequence[dict[str, Any]] = TRUTH,
    images: Sequence[dict[str, Any]] = IMAGES,
    **options: Any,
) -> Evaluation:
    gt = {"images": images, "categories": CLASSES, "annotations": [{"id": n, **t} for n, t in enumerate(truth, 1)]}
    (folder / "gt.json").write_text(json.dumps(gt), "utf-8")
    text = results if isinstance(results, str) else json.dumps(results)
    (folder / "dt.json").write_text(text, "utf-8")
    return evaluate_files(folder / "gt.json", folder / "dt.json", Options(**options))


def value(found: Evaluation, name: str) -> float | None:
    figure = found.figure(name)
    assert figure is not None
    return figure.value


def test_counts_and_confusion_at_a_threshold(tmp_path: Path) -> None:
    found = evaluated(tmp_path, wanted=Wanted(threshold=0.5))
    assert found.matrix == ((2, 0, 0), (1, 0, 1), (1, 0, 0))
    apple, pear = found.classes
    assert (apple.hits, apple.misses, apple.false_alarms) == (2, 0, 2)
    assert (pear.hits, pear.misses, pear.false_alarms, pear.precision) == (0, 2, 0, None)
    assert [value(found, name) for name in ("precision", "recall", "F1")] == [0.5, 0.5, 0.5]
    assert [value(found, f"recall-{size}") for size in ("small", "medium", "large")] == [0.5, 0.5, None]


def test_every_figure_says_what_it_holds_for(tmp_path: Path) -> None:
    found = evaluated(tmp_path, wanted=Wanted(threshold=0.5), split="test", iou=0.6)
    assert {figure.split for figure in found.figures} == {"test"}
    assert all(figure.iou for figure in found.figures)
    figure = found.figure("precision")
    assert figure is not None
    assert (figure.iou, figure.threshold) == ("0.6", 0.5)


def test_the_best_threshold_and_one_for_a_wanted_precision(tmp_path: Path) -> None:
    found = evaluated(tmp_path)
    assert (found.threshold, found.chosen) == (0.2, "best F1")
    wanted = evaluated(tmp_path, wanted=Wanted(precision=0.65))
    assert wanted.threshold == 0.7
    assert value(wanted, "precision") == pytest.approx(2 / 3)
    with pytest.raises(Refused, match="no threshold gives a precision of 1"):
        evaluated(tmp_path, RESULTS[1:], wanted=Wanted(precision=1))


def test_what_lies_in_a_crowd_is_neither_hit_nor_false_alarm(tmp_path: Path) -> None:
    crowd = label(2, 1, 55, 55, 40, 40, id=5, iscrowd=1)
    found = evaluated(tmp_path, truth=[*TRUTH, crowd], wanted=Wanted(threshold=0.5))
    assert found.classes[0].false_alarms == 1
    assert found.matrix[-1] == (0, 0, 0)


def test_shares_of_the_image_are_the_same_as_pixels(tmp_path: Path) -> None:
    def shares(entry: dict[str, Any]) -> dict[str, Any]:
        return {**entry, "bbox": [side / 100 for side in entry["bbox"]]}

    pixels = evaluated(tmp_path)
    named: list[dict[str, Any]] = [
        {"file_name": f"{r['image_id']}.jpg", "category": ("apple", "pear")[r["category_id"] - 1], "bbox": r["bbox"]}
        | {"confidence": r["score"]}
        for r in map(shares, RESULTS)
    ]
    normalised = evaluated(tmp_path, {"predictions": named}, [shares(entry) for entry in TRUTH])
    assert [f.value for f in normalised.figures] == pytest.approx([f.value for f in pixels.figures], nan_ok=True)
    mixed = evaluated(tmp_path, named)
    assert mixed.matrix == pixels.matrix
    assert "predictions are in shares of the image" in mixed.notes[0]


def test_without_sizes_there_are_no_figures_by_size(tmp_path: Path) -> None:
    truth = [{**entry, "bbox": [side / 100 for side in entry["bbox"]]} for entry in TRUTH]
    results = [{**entry, "bbox": [side / 100 for side in entry["bbox"]]} for entry in RESULTS]
    images = [{"id": image["id"], "file_name": image["file_name"]} for image in IMAGES]
    found = evaluated(tmp_path, results, truth, images)
    assert found.figure("mAP-small") is None
    assert value(found, "mAP50") == pytest.approx(value(evaluated(tmp_path), "mAP50") or 0)


def test_no_predictions_at_all_is_a_result(tmp_path: Path) -> None:
    found = evaluated(tmp_path, [])
    assert (value(found, "mAP"), value(found, "recall"), value(found, "precision")) == (0, 0, None)
    assert value(found, "mAP-large") is None
    assert found.matrix == ((0, 0, 2), (0, 0, 2), (0, 0, 0))


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", "byte 0", "Expecting value"),
        ('[{"image_id": 1', "byte 15", ""),
        ("{}", "/", "is no list of predictions"),
        ("[" * 100_000, "byte 0", "nested too deeply"),
        ("[7]", "/0", "7 is no prediction"),
        ('[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}]', "/0/score", "there is no score"),
        ('[{"image_id": 9, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]', "/0/image_id", "no image 9"),
        ('[{"image_id": 1, "category_id": 8, "bbox": [0, 0, 1, 1], "score": 1}]', "/0/category_id", "no category 8"),
        ('[{"image_id": 1, "category_id": 1, "bbox": [0, 0, -1, 1], "score": 1}]', "/0/bbox", "a negative side"),
        ('[{"image_id": 1, "category_id": 1, "score": 1}]', "/0/bbox", "there is no box"),
        ('[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, NaN], "score": 1}]', "/0/bbox/3", "nan"),
        ('[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1], "score": 1}]', "/0/bbox", "is not [left"),
        ('[{"image_id": 1e400, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]', "/0/image_id", "whole number"),
        ('[{"image_id": 99999999999999999999, "category_id": 1, "score": 1}]', "/0/image_id", "beyond all measure"),
        ('[{"image_id": 1, "label": "plum", "bbox": [0, 0, 1, 1], "score": 1}]', "/0/label", "no 'plum'"),
    ],
)
def test_bad_predictions_are_findings(tmp_path: Path, text: str, where: str, said: str) -> None:
    with pytest.raises(DatasetError) as caught:
        evaluated(tmp_path, text)
    assert [finding.where for finding in caught.value.findings] == [where]
    assert said in caught.value.findings[0].message


@pytest.mark.parametrize(("shape", "hint"), [({}, "give one each"), ({"segmentation": {}}, "the box around each")])
def test_results_without_boxes_are_told_what_is_compared(tmp_path: Path, shape: dict[str, Any], hint: str) -> None:
    with pytest.raises(DatasetError) as caught:
        evaluated(tmp_path, json.dumps([{"image_id": 1, "category_id": 1, "score": 1, **shape}]))
    assert hint in (caught.value.findings[0].hint or "")


def test_a_bad_truth_is_findings(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gt\.json cannot be evaluated with") as caught:
        evaluated(tmp_path, truth=[label(8, 1, 0, 0, 1, 1)])
    assert caught.value.findings[0].code == "dangling-image"
    with pytest.raises(DatasetError) as caught:
        evaluated(tmp_path, truth=[])
    assert caught.value.findings[0].code == "no-annotations"


def test_a_truth_whose_boxes_leave_their_image_is_measured_with(tmp_path: Path) -> None:
    assert evaluated(tmp_path, truth=[*TRUTH, label(3, 1, 90, 90, 20, 20)]).classes[0].truths == 3


def test_classification(tmp_path: Path) -> None:
    truth = [label(1, 1), label(2, 1), label(3, 2)]
    results = [
        label(1, 1, score=0.9),
        label(1, 2, score=0.1),
        label(2, 1, score=0.3),
        label(2, 2, score=0.7),
        label(3, 2, score=0.6),
    ]
    found = evaluated(tmp_path, results, truth, wanted=Wanted(threshold=0.65))
    assert found.kind == "image-classification"
    assert value(found, "accuracy") == pytest.approx(2 / 3)
    assert value(found, "accuracy-top5") == 1
    assert found.matrix == ((1, 1, 0), (0, 0, 1), (0, 0, 0))
    assert [entry.average_precision for entry in found.classes] == [1, 0.5]
    assert value(found, "ECE") == pytest.approx((0.1 + 0.7 + 0.4) / 3)


def test_calibration_by_hand() -> None:
    bins = reliability(np.array([0.95, 0.95, 0.05, 1.0]), np.array([True, False, False, True]))
    assert [bin_.predictions for bin_ in bins] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert calibration_error(bins) == pytest.approx((0.05 + 3 * abs(2.9 / 3 - 2 / 3)) / 4)
    assert reliability(np.array([2.0]), np.array([True])) == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=30), st.integers(0, 5))
def test_no_threshold_beats_the_best(entries: list[tuple[int, bool]], missed: int) -> None:
    scores = np.array([score / 10 for score, _ in entries])
    hits = np.array([hit for _, hit in entries])
    ranking = Ranking(scores=scores, hits=hits, truths=int(hits.sum()) + missed)
    best = ranking.best()
    if best is None:
        assert ranking.truths == 0
        return
    assert all((point.f1 or 0) <= (best.f1 or 0) + 1e-12 for point in ranking.points())
    wanted = ranking.reaching(0.5)
    reached = [p for p in map(ranking.at, scores.tolist()) if (p.precision or 0) >= 0.5]
    assert (wanted.recall if wanted else 0) == max((p.recall or 0 for p in reached), default=0)


@pytest.mark.parametrize("sized", ["truth in shares", "truth in pixels"])
def test_units_that_differ_need_sizes(tmp_path: Path, sized: str) -> None:
    def shares(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**entry, "bbox": [side / 100 for side in entry["bbox"]]} for entry in entries]

    images = [{"id": image["id"], "file_name": image["file_name"]} for image in IMAGES]
    truth, results = (shares(TRUTH), RESULTS) if sized == "truth in shares" else (TRUTH, shares(RESULTS))
    with pytest.raises(DatasetError) as caught:
        evaluated(tmp_path, results, truth, images)
    assert [finding.code for finding in caught.value.findings] == ["units-mixed"]


def test_a_label_is_hit_before_the_crowd_around_it_and_half_inside_is_inside(tmp_path: Path) -> None:
    truth = [
        label(1, 1, 0, 0, 60, 60, id=1, iscrowd=1),
        label(1, 1, 0, 0, 20, 20, id=2),
    ]
    results = [
        label(1, 1, 0, 0, 20, 16, score=0.9),  # overlaps the label by 0.8, and lies in the crowd wholly
        label(1, 1, 50, 0, 20, 20, score=0.8),  # half in the crowd
        label(1, 1, 51, 0, 20, 20, score=0.7),  # less than half
    ]
    found = evaluated(tmp_path, results, truth, wanted=Wanted(threshold=0.5))
    assert found.outcomes.partner.tolist() == [1, -2, -1]
    assert (found.classes[0].hits, found.classes[0].misses, found.classes[0].false_alarms) == (1, 0, 1)
