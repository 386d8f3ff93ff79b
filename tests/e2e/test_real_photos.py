"""The main job on real photographs, from provisioning to verified teardown."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

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


def part_of_coco(whole: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The part of a COCO file that speaks of these pictures."""
    images = [image for image in whole["images"] if image["file_name"] in names]
    ids = {image["id"] for image in images}
    return {**whole, "images": images, "annotations": [a for a in whole["annotations"] if a["image_id"] in ids]}


def lay_out_detection(photos: Path, into: Path) -> None:
    whole = json.loads((photos / "detection" / "labels.json").read_text())
    names = sorted(image["file_name"] for image in whole["images"])
    parts = {"evaluation": names[::4], "training": [n for i, n in enumerate(names) if i % 4], "test": names[:2]}
    for part, chosen in parts.items():
        folder = into / "photos" / part
        folder.mkdir(parents=True)
        for name in chosen:
            shutil.copyfile(photos / "detection" / name, folder / name)
        if part != "test":
            coco = "labels.json" if part == "training" else "eval-labels.json"
            (folder / coco).write_text(json.dumps(part_of_coco(whole, set(chosen))))


def lay_out_classification(photos: Path, into: Path) -> None:
    classes = ["apple", "banana", "orange"]
    for part, chosen, coco in (
        ("training", slice(0, 7), "labels.json"),
        ("evaluation", slice(7, 10), "eval-labels.json"),
    ):
        folder = into / "photos" / part
        folder.mkdir(parents=True)
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for category, name in enumerate(classes, start=1):
            for picture in sorted((photos / "classification" / name).iterdir())[chosen]:
                shutil.copyfile(picture, folder / picture.name)
                number = len(images) + 1
                images.append({"id": number, "file_name": picture.name})
                annotations.append({"id": number, "image_id": number, "category_id": category})
        categories = [{"id": i, "name": name} for i, name in enumerate(classes, start=1)]
        document = {"images": images, "annotations": annotations, "categories": categories}
        (folder / coco).write_text(json.dumps(document))
    (into / "photos" / "test").mkdir()
    for name in classes:
        last = max((photos / "classification" / name).iterdir())
        shutil.copyfile(last, into / "photos" / "test" / f"{name}.jpg")


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
