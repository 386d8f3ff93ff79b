"""A labeling project of lab.yaml from its making to the dataset, by commands alone, on the local Azure."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

LAB = """\
name: labels
images: {photos: {path: photos}}
labeling:
  project: fruit-labels
  task: object-detection
  container: photos
  classes: [apple, banana]
  instructions: labeling.md
  people: {ana@example.com: {share: 0.5, name: Ana}, ben@example.com: teamLead}
  order: prelabeled
  gold_every: 5
  assist: {after: 1000, budget_minutes: 0.2}
datasets:
  fruit: {container: photos, coco: {labeling: fruit-labels, as: training-labels.json}}
"""
PICTURES = 14
COLOURS = ((200, 30, 30), (230, 200, 40))


def a_lab(folder: Path) -> None:
    """Pictures with one fruit each, whose labels are known."""
    (folder / "photos").mkdir()
    for number in range(PICTURES):
        picture = Image.effect_noise((160, 120), 30).convert("RGB")
        ImageDraw.Draw(picture).ellipse((40, 30, 100, 90), fill=COLOURS[number % 2])
        picture.save(folder / "photos" / f"p{number:02d}.jpg")
    labeled = range(PICTURES - 2)
    coco = {
        "images": [{"id": n + 1, "file_name": f"photos/p{n:02d}.jpg", "width": 160, "height": 120} for n in labeled],
        "categories": [{"id": 1, "name": "apple"}, {"id": 2, "name": "banana"}],
        "annotations": [
            {"id": n + 1, "image_id": n + 1, "category_id": n % 2 + 1, "bbox": [40, 30, 60, 60], "area": 3600}
            for n in labeled
        ],
    }
    (folder / "labels.json").write_text(json.dumps(coco))
    (folder / "labeling.md").write_text("# Mark fruit")
    (folder / "lab.yaml").write_text(LAB)


def skipped(run: Any) -> list[str]:
    """The steps that a run had not to do again."""
    return [step["name"] for step in run["steps"] if step["skipped"]]


def test_a_project_lives_by_commands(shell: Any) -> None:
    a_lab(shell.folder)
    shell.run("local", "start", "--role-delay", "0")
    shell.run("lab", "up")
    shell.run("images", "upload")

    made = shell.json("labeling", "create")
    assert (made["total"], made["status"], made["people"]) == (PICTURES, "Running", 2)
    people = {person["email"]: person for person in shell.json("labeling", "people", "list")}
    assert (people["ana@example.com"]["assigned"], people["ben@example.com"]["role"]) == (7, "teamLead")
    assert shell.json("labeling", "create")["people"] == 2
    assert shell.json("labeling", "people", "list")[0]["assigned"] == 7

    assert shell.json("labeling", "import", "labels.json", "--as", "prelabels")["labeled"] == 12
    assert shell.json("labeling", "status")["prelabeled"] == 12
    shell.run("labeling", "export", expect=1)
    assert shell.json("labeling", "import", "labels.json")["labeled"] == 12
    assert shell.json("labeling", "review", "approve", "--class", "apple", "--yes")["done"] == [1, 3, 5, 7, 9, 11]
    assert shell.json("labeling", "review", "reject", "12")["done"] == [12]

    assert "labels" not in skipped(shell.json("run", "lab.yaml"))
    assert skipped(shell.json("run", "lab.yaml")) == ["provision", "images", "labeling", "labels", "datasets", "report"]
    shell.json("labeling", "review", "reject", "10")
    assert skipped(shell.json("run", "lab.yaml")) == ["provision", "images", "labeling"]
    assert shell.json("labeling", "import", "labels.json")["labeled"] == 12
    shell.json("labeling", "review", "reject", "12")

    trained = shell.json("labeling", "assist", "start", "--wait")
    assert trained["experiment"]["state"] == "Completed"
    status = shell.json("labeling", "status")
    assert (status["labeled"], status["approved"], status["remaining"]) == (11, 6, 3)

    shell.run("labeling", "pause")
    shell.run("labeling", "classes", "add", "cherry", "--choice", "continue")
    assert shell.json("labeling", "start")["status"] == "Running"
    refused = json.loads(shell.run("labeling", "create", "--json", expect=1))["error"]
    assert refused["hint"].startswith("the project has apple, banana, cherry; write these in lab.yaml")
    (shell.folder / "lab.yaml").write_text(LAB.replace("[apple, banana]", "[apple, banana, cherry]"))
    exported = shell.json("labeling", "export", "--register", "--out", "all.json")
    assert (exported["images"], exported["datasets"]) == (11, ["fruit"])
    assert shell.json("dataset", "show", "fruit")["name"] == "fruit"
    assert shell.json("labeling", "export", "--approved", "--out", "approved.json")["images"] == 6
    csv = shell.json("labeling", "export", "--format", "csv", "--coordinates", "absolute", "--out", "labels.csv")
    assert csv["rows"] == 11
    assert (shell.folder / "labels.csv").read_text().count(",40.0,30.0,100.0,90.0") == 11
    assert shell.json("labeling", "import", "labels.csv")["labeled"] == 11

    link = shell.json("labeling", "open")["link"]
    for path in shell.folder.rglob("*"):  # the link's token stands nowhere
        if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
            assert link.partition("#")[2].encode() not in path.read_bytes(), path
    shell.json("labeling", "delete", "fruit-labels", "--yes")
    shell.json("lab", "down", "--yes")
