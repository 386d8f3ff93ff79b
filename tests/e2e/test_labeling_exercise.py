"""The exercise as it was meant: photographs, a dozen labelled by hand, the rest with help, reviewed, trained on."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser_driver import drive
from tests.e2e.photo_folders import lay_out_detection

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

BY_HAND = 12
PATIENCE_S = 300
CLASSES = ["apple", "banana", "orange"]
LAB = """\
name: exercise
stack: local
images:
  training-images: {path: photos/training}
  evaluation-images: {path: photos/evaluation}
labeling:
  backend: azure-ml
  project: custom-object-detection-labeling
  task: object-detection
  container: training-images
  classes: [apple, banana, orange]
  instructions: labeling.md
  assist: {enabled: true, after: 12}
datasets:
  training_images:
    container: training-images
    coco: {labeling: custom-object-detection-labeling, as: training-labels.json}
  evaluation_images: {container: evaluation-images, coco: {file: photos/evaluation/eval-labels.json}}
models:
  fruitdetector:
    backend: image-analysis
    kind: object-detection
    train: training_images
    evaluate: evaluation_images
    budget_hours: 1
"""

Boxes = dict[str, list[list[float]]]


def true_boxes(folder: Path) -> Boxes:
    """What a person would see on the photographs of a folder, out of the labels beside them, which go."""
    labels = folder / "labels.json"
    whole = json.loads(labels.read_text())
    labels.unlink()
    assert [category["name"] for category in whole["categories"]] == CLASSES
    return {
        image["file_name"]: [
            [
                box["category_id"],
                *(n / side for n, side in zip(box["bbox"], [image["width"], image["height"]] * 2, strict=True)),
            ]
            for box in whole["annotations"]
            if box["image_id"] == image["id"]
        ]
        for image in whole["images"]
    }


def wait_for_proposals(shell: Any) -> Boxes:
    """What the model proposes, by file name; AssertionError when it does not come, or an experiment failed."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        experiments = shell.json("labeling", "assist", "status")["value"]
        assert not [one for one in experiments if one["state"] == "Failed"], experiments
        if any(one["kind"] == "inference" and one["state"] == "Completed" for one in experiments):
            tasks = shell.json("labeling", "review", "list")
            return {
                task["name"]: [[CLASSES.index(one["name"]) + 1, *one["bbox"]] for one in task["prelabels"]]
                for task in tasks
                if task["prelabels"]
            }
        time.sleep(1)
    raise AssertionError(f"no proposals within {PATIENCE_S} s")


def test_from_photographs_without_labels_to_a_trained_model(shell: Any, fruit_photos: Path, tmp_path: Path) -> None:
    lay_out_detection(fruit_photos, shell.folder)
    truth = true_boxes(shell.folder / "photos" / "training")
    (shell.folder / "lab.yaml").write_text(LAB)
    (shell.folder / "labeling.md").write_text("# Fruit\n\nDraw a **box** around every apple, banana and orange.\n")
    shell.run("local", "start", "--role-delay", "0")
    shell.run("lab", "up")
    shell.run("images", "upload")
    shell.run("labeling", "create")
    ana = str(tmp_path / "ana.json")
    boss = str(tmp_path / "boss.json")

    link = shell.json("labeling", "invite", "ana@example.com")["link"]
    begun = drive("labeling_exercise.mjs", act="label", link=link, state=ana, truth=truth, count=BY_HAND)
    proposals = wait_for_proposals(shell)
    rest = len(truth) - BY_HAND
    done = drive(
        "labeling_exercise.mjs",
        act="finish",
        address=begun["address"],
        state=ana,
        truth=truth,
        proposals=proposals,
        count=rest,
    )
    link = shell.json("labeling", "open", "--no-browser")["link"]
    seen = drive("labeling_exercise.mjs", act="review", link=link, state=boss)

    assert begun["problems"] + done["problems"] + seen["problems"] == []
    assert done["progress"] == f"{len(truth)}/{len(truth)}"
    assert proposals
    tasks = shell.json("labeling", "review", "list")
    assert {(task["state"], task["review"], task["labeledBy"]) for task in tasks} == {
        ("labeled", "approved", "ana@example.com")
    }
    result = shell.json("run", "lab.yaml")
    assert result["models"]["fruitdetector"]["meanAveragePrecision50"] >= 0.8
    assert shell.json("lab", "down", "--yes")["left_behind"] == []
