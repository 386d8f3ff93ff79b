"""People, shares and settings of lab.yaml reach the project; doing it again changes nothing; Azure is asked once."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from PIL import Image

from automation.azure import Arm, Rest
from automation.errors import Refused
from automation.labeling import LabelingData, LabelingJobs, Task
from automation.workflow.annotations import ensure_project
from automation.workflow.coco_sources import as_coco
from automation.workflow.importing import done_by_people, import_labels
from automation.workflow.lab_types import Assist, Lab, Labeler, LabelingPlan
from automation.workflow.labeling_setup import set_up_people
from automation.workflow.workbench import Workbench
from tests.automation.azure.fakes import FakeClock, FakeTokens, a_cloud
from tests.automation.labeling.test_labeling_data import PICTURES
from tests.localazure.labeling.conftest import labeling_portal, open_labeling
from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab, coco

__all__ = ["labeling_portal", "open_labeling"]

CORNERS = {"label": "apple", "topX": 0.1, "topY": 0.2, "bottomX": 0.3, "bottomY": 0.4}


def a_plan(**changes: Any) -> LabelingPlan:
    fields: dict[str, Any] = {
        "project": "fruit",
        "task": Task.OBJECT_DETECTION,
        "container": "photos",
        "classes": ("Apple", "Banana"),
    }
    return LabelingPlan(**(fields | changes))


def test_a_lab_file_s_people_are_set_up_once(open_labeling: Callable[..., LabelingLab], tmp_path: Path) -> None:
    service = open_labeling()
    service.blobs.blobs |= PICTURES
    service.created()
    cloud = a_cloud(arm_endpoint="https://local")
    data = LabelingData(Rest(cloud, FakeTokens(), FakeClock(), transport=service.transport), cloud, WORKSPACE)
    bench = cast("Workbench", SimpleNamespace(labeling_data=data))
    (tmp_path / "fruit.md").write_text("# Fruit")
    people = (
        Labeler(email="ana@example.com", share=0.4, name="Ana"),
        Labeler(email="ben@example.com", role="teamLead", team="night"),
    )
    plan = a_plan(people=people, order="uncertain", gold_every=5, instructions=tmp_path / "fruit.md", assist=Assist())
    data.put_person("fruit", "old@example.com", role="labeler")
    for _ in range(2):
        assert set_up_people(bench, plan) == 3
    shown = {person.email: (person.name, person.role, person.team, person.assigned) for person in data.people("fruit")}
    assert shown["ana@example.com"] == ("Ana", "labeler", None, 2)
    assert shown["ben@example.com"][1:] == ("teamLead", "night", 0)
    settings = data.document("fruit")["settings"]
    assert (settings["order"], settings["gold"], settings["instructions"]) == ("uncertain", {"every": 5}, "# Fruit")


def test_azure_is_asked_once_and_says_that_labeling_was_retired() -> None:
    asked: list[str] = []

    def azure(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        error = {"code": "NoRegisteredProviderFound", "message": "No registered resource provider found."}
        return httpx.Response(400, json={"error": error})

    cloud = a_cloud(name="azure")
    rest = Rest(cloud, FakeTokens(), FakeClock(), transport=httpx.MockTransport(azure))
    jobs = LabelingJobs(Arm(rest, cloud), rest, cloud, WORKSPACE)
    bench = cast("Workbench", SimpleNamespace(cloud=cloud, labeling=jobs))
    with pytest.raises(Refused, match="was retired on 30 September 2026") as caught:
        ensure_project(bench, a_plan())
    assert caught.value.hint == "use stack local, where it goes on, or backend label-studio"
    assert asked == ["GET fruit"]


def test_labels_in_other_formats_are_read_as_coco(tmp_path: Path) -> None:
    row = {"image_url": "AmlDatastore://photos/a.jpg", "label": [CORNERS]}
    (tmp_path / "labels.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "coco.json").write_text('{"images": [], "annotations": [], "categories": []}')
    Image.new("RGB", (200, 100)).save(tmp_path / "a.jpg")
    with as_coco(tmp_path / "labels.jsonl", tmp_path) as found:
        [annotation] = json.loads(found.read_text())["annotations"]
        assert annotation["bbox"] == [20, 20, 40, 20]
    assert not found.exists()
    with as_coco(tmp_path / "coco.json", tmp_path) as found:
        assert found == tmp_path / "coco.json"


def test_what_people_have_done_is_not_gone_over_by_itself(open_labeling: Callable[..., LabelingLab]) -> None:
    service = open_labeling()
    service.blobs.blobs |= PICTURES
    service.created()
    cloud = a_cloud(arm_endpoint="https://local")
    data = LabelingData(Rest(cloud, FakeTokens(), FakeClock(), transport=service.transport), cloud, WORKSPACE)
    bench = cast("Workbench", SimpleNamespace(labeling_data=data))
    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"):
        service.import_labels(coco([10, 10, 30, 20], file_name=name))
    assert done_by_people(bench, a_plan()) == set()
    version = {task["path"]: (task["id"], task["version"]) for task in data.tasks("fruit", {})}
    data.decide("fruit", "approve", tasks=dict([version["a.jpg"]]))
    answers: list[tuple[str, dict[str, Any]]] = [
        ("b.jpg", {"state": "labeled", "labels": [{"class": "apple", "bbox": [0.1, 0.1, 0.2, 0.2]}]}),
        ("c.jpg", {"state": "skipped", "labels": []}),
    ]
    for name, body in answers:
        task, seen = version[name]
        path = f"/labeling/v1.0{WORKSPACE}/projects/fruit/tasks/{task}"
        assert service.client.put(path, json={"version": seen, **body}).status_code == 200
    assert done_by_people(bench, a_plan()) == {"a.jpg", "b.jpg", "c.jpg"}


def test_what_the_service_exported_as_csv_goes_back_to_it(
    open_labeling: Callable[..., LabelingLab], tmp_path: Path
) -> None:
    service = open_labeling()
    service.blobs.blobs |= PICTURES
    service.created()
    cloud = a_cloud(arm_endpoint="https://local")
    rest = Rest(cloud, FakeTokens(), FakeClock(), transport=service.transport)
    jobs = LabelingJobs(Arm(rest, cloud), rest, cloud, WORKSPACE)
    bench = cast("Workbench", SimpleNamespace(cloud=cloud, labeling=jobs))
    path = tmp_path / "labels.csv"
    head = "image_url,label,label_confidence,topX,topY,bottomX,bottomY,polygon\n"
    path.write_text(head + "https://127.0.0.1:2/acct/training-images/a.jpg,Apple,1.0,0.1,0.2,0.3,0.4,\n")
    said: list[str] = []
    report = import_labels(cast("Lab", None), bench, a_plan(imported=path), said.append, state="prelabeled")
    assert (report.labeled, report.ignored, said) == (1, 0, [])
    task = service.tasks()["value"][0]
    assert (task["state"], task["prelabels"][0]["bbox"]) == ("prelabeled", [0.1, 0.2, pytest.approx(0.2), 0.2])
