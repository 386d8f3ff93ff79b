"""A lab on the local Azure, labeled in a real Label Studio: pictures by signed links, proposals, answers, COCO."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from automation.labeling import LabelStudio, ProjectSpec, Task, open_studio
from automation.workflow.studio import results_of, studio_dataset
from tests.e2e.label_studio_server import StudioProcess, label_studio_process

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

CLASSES = ("banana", "apple & <b>\"'ü")
PICTURES = ("boxes.png", "dir/ä b.png", "empty.png", "open.png", "skipped.png", "turned.png", "twice.png")
LAB = """\
name: studio
settings: {mlWorkspace: false}
images: {photos: {path: photos}}
labeling:
  backend: label-studio
  url: %s
  project: fruit-labels
  task: object-detection
  container: photos
  classes: ["banana", "apple & <b>\\"'ü"]
  instructions: labeling.md
datasets:
  fruit: {container: photos, coco: {labeling: fruit-labels, as: training-labels.json}}
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Generator[StudioProcess]:
    with label_studio_process(tmp_path_factory.mktemp("label-studio")) as process:
        yield process


def a_box(label: str, frame: tuple[float, float, float, float], rotation: float = 0) -> dict[str, Any]:
    named = dict(zip(("x", "y", "width", "height"), frame, strict=True))
    about = {"from_name": "label", "to_name": "image", "type": "rectanglelabels"}
    size = {"original_width": 200, "original_height": 100, "image_rotation": 0}
    return {**about, **size, "value": {**named, "rotation": rotation, "rectanglelabels": [label]}}


def a_lab(folder: Path, url: str) -> None:
    for name in PICTURES:
        path = folder / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise((200, 100), 60).convert("RGB").save(path)
    proposal = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 10, 100, 50], "area": 5000, "score": 0.5}
    coco = {
        "images": [{"id": 1, "file_name": "photos/boxes.png", "width": 200, "height": 100}],
        "categories": [{"id": 1, "name": CLASSES[1]}],
        "annotations": [proposal],
    }
    (folder / "proposals.json").write_text(json.dumps(coco))
    (folder / "labeling.md").write_text("# Mark <every> fruit")
    (folder / "lab.yaml").write_text(LAB % url)


def read_link(home: Path, link: str) -> bytes:
    """As the browser of a person who labels."""
    endpoint = json.loads(next(home.rglob("endpoint.json")).read_text())
    context = ssl.create_default_context(cafile=endpoint["ca_file"])
    with urllib.request.urlopen(link, timeout=20, context=context) as answer:
        return answer.read()


def test_a_lab_is_labeled_in_label_studio(shell: Any, studio: StudioProcess) -> None:
    a_lab(shell.folder, studio.url)
    shell.environment["LABEL_STUDIO_API_KEY"] = studio.token
    shell.run("local", "start", "--role-delay", "0")
    shell.run("lab", "up")
    shell.run("images", "upload")

    made = shell.json("labeling", "create")
    assert (made["name"], made["classes"], made["total"], made["added"]) == ("fruit-labels", list(CLASSES), 7, 7)
    assert shell.json("labeling", "create")["added"] == 0
    tasks = studio.tasks("fruit-labels")
    assert sorted(tasks) == sorted(PICTURES)
    for name in ("boxes.png", "dir/ä b.png"):
        assert read_link(shell.folder, tasks[name]["data"]["image"]) == (shell.folder / "photos" / name).read_bytes()
    with pytest.raises(urllib.error.HTTPError):
        read_link(shell.folder, tasks["boxes.png"]["data"]["image"].partition("?")[0])

    shell.run("labeling", "import", "proposals.json", "--as", "prelabels")
    shell.run("labeling", "import", "proposals.json", "--as", "prelabels")
    [prediction] = studio.tasks("fruit-labels")["boxes.png"]["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("visionlab", 0.5)
    assert prediction["result"][0]["value"] == a_box(CLASSES[1], (10, 10, 50, 50))["value"]

    for name, results, fields in [
        ("boxes.png", [a_box(CLASSES[1], (10, 10, 50, 50)), a_box(CLASSES[0], (-5, 50, 25, 60))], {}),
        ("dir/ä b.png", [a_box(CLASSES[0], (12.5, 25, 12.5, 25))], {}),
        ("empty.png", [], {}),
        ("skipped.png", [a_box(CLASSES[0], (1, 1, 1, 1))], {"was_cancelled": True}),
        ("turned.png", [a_box(CLASSES[0], (50, 40, 20, 20), 90)], {}),
        ("twice.png", [a_box(CLASSES[0], (0, 0, 10, 10))], {}),
        ("twice.png", [a_box(CLASSES[1], (0, 0, 20, 20))], {}),
    ]:
        studio.annotate(tasks[name]["id"], results, **fields)

    personal = studio.personal_token()
    shell.environment["LABEL_STUDIO_API_KEY"] = personal
    shown = shell.json("labeling", "show")
    assert (shown["total"], shown["completed"], shown["skipped"], shown["status"]) == (7, 5, 1, "Running")
    shell.run("labeling", "export", "--out", "labels.json")
    coco = json.loads((shell.folder / "labels.json").read_text())
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    assert list(names.values()) == ["boxes.png", "dir/ä b.png", "empty.png", "turned.png", "twice.png"]
    assert [category["name"] for category in coco["categories"]] == list(CLASSES)
    found = [(names[a["image_id"]], a["category_id"], [round(v, 9) for v in a["bbox"]]) for a in coco["annotations"]]
    assert found == [
        ("boxes.png", 2, [0.1, 0.1, 0.5, 0.5]),
        ("boxes.png", 1, [0, 0.5, 0.2, 0.5]),
        ("dir/ä b.png", 1, [0.125, 0.25, 0.125, 0.25]),
        ("turned.png", 1, [0.4, 0.4, 0.1, 0.4]),
        ("twice.png", 2, [0, 0, 0.2, 0.2]),
    ]
    assert shell.json("dataset", "create")["fruit"]["images"] == 5

    for path in shell.folder.rglob("*"):  # neither token stands anywhere
        if path.is_file():
            content = path.read_bytes()
            assert studio.token.encode() not in content, path
            assert personal.encode() not in content, path
    shell.json("labeling", "delete", "fruit-labels", "--yes")
    assert studio.call("GET", "/api/projects/?title=fruit-labels")["count"] == 0
    shell.json("lab", "down", "--yes")


@pytest.mark.parametrize("task", list(Task))
def test_every_task_is_made_filled_answered_and_read_back(studio: StudioProcess, task: Task) -> None:
    client = LabelStudio(open_studio(studio.url, studio.token))
    spec = ProjectSpec(name=f"all-{task}"[:50], task=task, classes=CLASSES, data_id="https://x.example/photos/")
    assert client.create(spec).spec == spec
    client.sync(spec.name, {"a.png": "https://x.example/photos/a.png", "b.png": "https://x.example/photos/b.png"})
    polygon = {"points": [[10, 20], [30, 20], [30, 60]], "polygonlabels": [CLASSES[0]]}
    about = {"to_name": "image", "original_width": 200, "original_height": 100}
    said = {
        Task.OBJECT_DETECTION: a_box(CLASSES[0], (10, 20, 20, 40)),
        Task.INSTANCE_SEGMENTATION: {**about, "from_name": "label", "type": "polygonlabels", "value": polygon},
    }.get(task, {"to_name": "image", "from_name": "choice", "type": "choices", "value": {"choices": [CLASSES[0]]}})
    studio.annotate(studio.tasks(spec.name)["a.png"]["id"], [said])
    dataset, findings = studio_dataset(client.pull(spec.name), CLASSES)
    assert findings == []
    [annotation] = dataset.annotations
    boxed = task in (Task.OBJECT_DETECTION, Task.INSTANCE_SEGMENTATION)
    assert (annotation.category_id, str(annotation.box)) == (1, "[0.1, 0.2, 0.2, 0.4]" if boxed else "None")
    # What people said goes back as a proposal for the same picture, and comes out of the server as it went in.
    client.propose(spec.name, results_of(dataset, task))
    [prediction] = studio.tasks(spec.name)["a.png"]["predictions"]
    assert prediction["result"][0]["value"] == said["value"]
    client.delete(spec.name)
    client.close()
