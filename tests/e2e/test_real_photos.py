"""The main job on real photographs, from provisioning to verified teardown."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.photo_folders import lay_out_classification, lay_out_detection

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

DETECTION = """\
name: photos
stack: local
images:
  training-images: {path: photos/training}
  evaluation-images: {path: photos/evaluation}
labeling:
  backend: azure-ml
  project: fruit-labeling
  task: object-detection
  container: training-images
  classes: [apple, banana, orange]
  import: photos/training/labels.json
datasets:
  training_images: {container: training-images, coco: {labeling: fruit-labeling, as: training-labels.json}}
  evaluation_images: {container: evaluation-images, coco: {file: photos/evaluation/eval-labels.json}}
models:
  fruitdetector:
    backend: image-analysis
    kind: object-detection
    train: training_images
    evaluate: evaluation_images
    budget_hours: 1
predict:
  fruitdetector: {images: photos/test}
"""

CLASSIFICATION = """\
name: kinds
stack: local
images:
  training-images: {path: photos/training}
  evaluation-images: {path: photos/evaluation}
datasets:
  training_images: {container: training-images, coco: {file: photos/training/labels.json}}
  evaluation_images: {container: evaluation-images, coco: {file: photos/evaluation/eval-labels.json}}
models:
  fruitclassifier:
    backend: image-analysis
    kind: image-classification
    train: training_images
    evaluate: evaluation_images
    budget_hours: 1
predict:
  fruitclassifier: {images: photos/test}
"""


def test_a_detector_from_real_photographs(shell: Any, fruit_photos: Path) -> None:
    lay_out_detection(fruit_photos, shell.folder)
    (shell.folder / "lab.yaml").write_text(DETECTION)

    result = shell.json("run", "lab.yaml")
    model = shell.json("model", "show", "fruitdetector")
    (found,) = shell.json("predict", "photos/test/image11.jpg", "--model", "fruitdetector", "--out", "found")
    proof = shell.json("lab", "down", "--yes")

    assert model["status"] == "succeeded"
    assert result["models"]["fruitdetector"]["meanAveragePrecision50"] >= 0.85
    assert {box["label"] for box in found["boxes"]} <= {"apple", "banana", "orange"}
    assert found["boxes"] != []
    assert (shell.folder / "found" / "image11.jpg").stat().st_size > 10_000
    assert proof["left_behind"] == []


def test_a_classifier_from_real_photographs(shell: Any, fruit_photos: Path) -> None:
    lay_out_classification(fruit_photos, shell.folder)
    (shell.folder / "lab.yaml").write_text(CLASSIFICATION)

    result = shell.json("run", "lab.yaml")
    predictions = shell.json("predict", "photos/test", "--model", "fruitclassifier")
    proof = shell.json("lab", "down", "--yes")

    assert result["models"]["fruitclassifier"]["accuracyTop1"] >= 7 / 9
    best = {Path(p["image"]).stem: max(p["tags"], key=lambda tag: tag["confidence"])["name"] for p in predictions}
    assert sum(stem == name for stem, name in best.items()) >= 2
    assert proof["left_behind"] == []
