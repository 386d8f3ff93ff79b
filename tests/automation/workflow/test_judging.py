"""A model of the lab is judged picture by picture, in the unit of its labels, and its card says where it is from."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from PIL import Image

from automation.progress import silent
from automation.training import Model, ModelKind, ModelSpec, PredictedBox, PredictedTag, Prediction, Status
from automation.workflow.judging import judge_model
from automation.workflow.workbench import Workbench

SEEN = Prediction(
    boxes=(
        PredictedBox(label="apple", score=0.9, x=2, y=3, w=20, h=10),
        PredictedBox(label="plum", score=0.8, x=0, y=0, w=5, h=5),
    ),
    tags=(),
    width=40,
    height=30,
)
TAGGED = Prediction(boxes=(), tags=(PredictedTag(name="apple", confidence=0.75),), width=40, height=30)


def judged(folder: Path, box: list[float] | None, seen: Prediction) -> dict[str, Any]:
    Image.new("RGB", (40, 30)).save(folder / "a.jpg")
    labels = {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "categories": [{"id": 1, "name": "apple"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, **({"bbox": box} if box else {})}],
    }
    dataset = SimpleNamespace(container="c", coco_name="folder/labels.json")
    blobs, vision, lab = Mock(), Mock(), Mock()
    blobs.get.return_value = json.dumps(labels).encode()
    vision.analyze.return_value = seen
    lab.name, lab.dataset.return_value, lab.folder_of.return_value = "fruit", dataset, folder
    bench = SimpleNamespace(blobs=blobs, vision=vision)
    model = Model(
        spec=ModelSpec(name="finder", kind=ModelKind.OBJECT_DETECTION, dataset_name="things", budget_hours=2),
        status=Status.SUCCEEDED,
        status_text="succeeded",
        created=None,
        updated=None,
        cost_minutes=7,
        error=None,
        performance=None,
        raw={},
    )
    judge_model(lab, cast("Workbench", bench), model, dataset="test_set", out=folder / "out", progress=silent)
    return {
        name: json.loads((folder / "out" / name).read_text("utf-8")) for name in ("metrics.json", "model-card.json")
    }


@pytest.mark.parametrize("box", [[2, 3, 20, 10], [0.05, 0.1, 0.5, 0.3333333]])
def test_boxes_are_judged_in_the_unit_of_the_labels(tmp_path: Path, box: list[float]) -> None:
    said = judged(tmp_path, box, SEEN)
    metrics, card = said["metrics.json"], said["model-card.json"]
    assert (metrics["split"], metrics["predictions"], metrics["confusion"]["counts"]) == (
        "test_set",
        1,
        [[1, 0], [0, 0]],
    )
    assert card["model"] == {
        "model": "finder",
        "lab": "fruit",
        "trainer": "object-detection training of the vision service",
        "trained on": "things",
        "budget": "2 hours",
        "cost": "7 minutes of training were charged, USD 0.35 by the list price of 2026-02-27",
    }
    assert "finder on test_set" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_tags_are_judged_as_a_classification(tmp_path: Path) -> None:
    metrics = judged(tmp_path, None, TAGGED)["metrics.json"]
    assert metrics["kind"] == "image-classification"
    assert metrics["figures"][0]["value"] == 1
