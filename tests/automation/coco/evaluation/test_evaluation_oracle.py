"""The twelve numbers of COCO are those of pycocotools, crowds included; and so is every hit."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automation.coco.evaluation import Evaluation, Options, evaluate_files

pytestmark = pytest.mark.filterwarnings("ignore")  # pycocotools has its own

TWELVE = (
    *("mAP", "mAP50", "mAP75", "mAP-small", "mAP-medium", "mAP-large"),
    *("AR-1", "AR-10", "AR-100", "AR-small", "AR-medium", "AR-large"),
)


def generated(seed: int, *, crowds: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Images with labels of all sizes, and predictions near and far from them, with equal scores among them."""
    random = np.random.default_rng(seed)
    images = [{"id": 3 * n + 7, "file_name": f"{n}.jpg", "width": 640, "height": 480} for n in range(12)]
    categories = [{"id": n, "name": f"class {n}"} for n in (9, 2, 5, 77)]
    annotations: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for number in range(120):
        image, category = int(random.integers(12)) * 3 + 7, (9, 2, 5)[int(random.integers(3))]
        w, h = (float(np.exp(random.uniform(1.5, 5.5))) for _ in range(2))
        x, y = random.uniform(0, 640 - min(w, 639)), random.uniform(0, 480 - min(h, 479))
        box = [round(value, 2) for value in (x, y, min(w, 639), min(h, 479))]
        crowd = int(crowds and random.random() < 0.2)
        area = round(box[2] * box[3] * float(random.uniform(0.5, 1)), 3)
        fields = {"id": number + 1, "image_id": image, "category_id": category}
        annotations.append({**fields, "bbox": box, "area": area, "iscrowd": crowd})
        for _ in range(int(random.integers(4))):
            moved = np.array(box) + random.normal(0, 0.12, 4) * np.array([w, h, w, h])
            results.append(
                {
                    "image_id": image if random.random() < 0.9 else int(random.integers(12)) * 3 + 7,
                    "category_id": category if random.random() < 0.8 else 77,
                    "bbox": [round(float(v), 2) for v in (*moved[:2], *np.maximum(moved[2:], 1))],
                    "score": round(float(random.random()), 2),
                }
            )
    return {"images": images, "annotations": annotations, "categories": categories}, results


def files(folder: Path, truth: object, results: object) -> tuple[Path, Path]:
    (folder / "truth.json").write_text(json.dumps(truth), "utf-8")
    (folder / "results.json").write_text(json.dumps(results), "utf-8")
    return folder / "truth.json", folder / "results.json"


def oracle(truth: Path, results: Path) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        expected = COCO(str(truth))
        evaluation = COCOeval(expected, expected.loadRes(str(results)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def evaluated(truth: Path, results: Path) -> Evaluation:
    return evaluate_files(truth, results, Options())


@pytest.mark.parametrize(("seed", "crowds"), [(1, False), (2, True), (3, True)])
def test_twelve_numbers_as_pycocotools(tmp_path: Path, seed: int, *, crowds: bool) -> None:
    truth, results = files(tmp_path, *generated(seed, crowds=crowds))
    expected = oracle(truth, results)
    found = evaluated(truth, results)
    values = [found.figure(name) for name in TWELVE]
    assert [figure.value for figure in values if figure] == pytest.approx(list(expected.stats), abs=1e-9)


@pytest.mark.parametrize("seed", [4, 5])
def test_each_hit_as_pycocotools(tmp_path: Path, seed: int) -> None:
    truth, results = files(tmp_path, *generated(seed, crowds=True))
    expected = oracle(truth, results)
    found = evaluated(truth, results)
    hits: dict[int, int] = {}
    ignored: set[int] = set()
    for entry in expected.evalImgs:
        if entry and entry["aRng"] == [0, 1e10]:
            for place, number in enumerate(entry["dtIds"]):
                if entry["dtMatches"][0][place] and not entry["dtIgnore"][0][place]:
                    hits[number - 1] = int(entry["dtMatches"][0][place]) - 1
                if entry["dtIgnore"][0][place]:
                    ignored.add(number - 1)
    partner = found.outcomes.partner
    assert {row: int(partner[row]) for row in np.flatnonzero(partner >= 0).tolist()} == hits
    assert set(np.flatnonzero(partner == -2).tolist()) == ignored
    assert ignored


def test_average_precision_of_a_class_as_pycocotools(tmp_path: Path) -> None:
    truth, results = files(tmp_path, *generated(6, crowds=True))
    precision = oracle(truth, results).eval["precision"][0, :, :, 0, 2]
    found = evaluated(truth, results)
    assert [entry.name for entry in found.classes] == ["class 2", "class 5", "class 9", "class 77"]
    for place, entry in enumerate(found.classes[:3]):
        assert entry.average_precision == pytest.approx(float(precision[:, place].mean()), abs=1e-9)
        assert entry.precision_points == pytest.approx(precision[:, place].tolist(), abs=1e-9)
    assert found.classes[3].average_precision is None
