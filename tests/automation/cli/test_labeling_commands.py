"""`visionlab labeling` over the local Azure's own labeling service, in this process."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from automation.azure import Arm, Rest
from automation.cli.app import main
from automation.cli.given import Given
from automation.cli.labeling_people import ROLES as PEOPLE_ROLES
from automation.labeling import LabelingData, LabelingJobs, LabelStudio
from automation.workflow import lab_labeling
from automation.workflow.journal import Journal
from automation.workflow.workbench import Workbench
from tests.automation.azure.fakes import FakeTokens, a_cloud
from tests.automation.labeling.studio_server import LEGACY, URL, StudioServer
from tests.automation.labeling.test_labeling_data import PICTURES, SettlingClock
from tests.localazure.labeling.conftest import labeling_portal, open_labeling
from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab, coco

__all__ = ["labeling_portal", "open_labeling"]

PAGE = {"x-labeling-client": "page"}
LAB = """\
name: fruit
images: {training-images: {path: .}}
labeling: {project: fruit, task: object-detection, container: training-images, classes: [Apple, Banana]}
"""


class Bench:
    """As much of a Workbench as these commands use."""

    def __init__(self, service: LabelingLab, studio: StudioServer, home: Path) -> None:
        self.clock = SettlingClock(service)
        cloud = a_cloud(arm_endpoint="https://local")
        rest = Rest(cloud, FakeTokens(), self.clock, transport=service.transport, dice=lambda: 0.0)
        self.labeling_data = LabelingData(rest, cloud, WORKSPACE)
        self.labeling = LabelingJobs(Arm(rest, cloud), rest, cloud, WORKSPACE)
        self.journal = Journal(home / "journal.jsonl", clock=self.clock)
        self._studio = studio

    def label_studio(self, url: str | None) -> LabelStudio:
        assert url == URL
        return self._studio.client(LEGACY, url)

    def watch_start(self, progress: object) -> None: ...

    def close(self) -> None: ...


class Commands:
    """The command line on one lab with one project of five pictures."""

    def __init__(self, folder: Path, service: LabelingLab, capsys: pytest.CaptureFixture[str]) -> None:
        self.service, self.studio = service, StudioServer()
        self._folder, self._capsys = folder, capsys
        (folder / "lab.yaml").write_text(LAB)

    def run(self, *words: str, expect: int = 0) -> str:
        given = Given(bench=lambda _lab, home: cast("Workbench", Bench(self.service, self.studio, home)))
        code = main(["labeling", *words, "-f", str(self._folder / "lab.yaml")], given=given)
        said = self._capsys.readouterr()
        assert code == expect, said.err
        return said.out if expect == 0 else said.out + said.err

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))


@pytest.fixture
def labeling(tmp_path: Path, open_labeling: Callable[..., LabelingLab], capsys: pytest.CaptureFixture[str]) -> Commands:
    service = open_labeling()
    service.blobs.blobs |= PICTURES
    service.created()
    return Commands(tmp_path, service, capsys)


def test_people_are_invited_listed_and_taken_out(labeling: Commands) -> None:
    invited = labeling.json("invite", "Ana@example.com", "--team", "night", "--name", "Ana", "--hours", "3")
    assert (invited["email"], invited["role"]) == ("ana@example.com", "labeler")
    assert invited["link"].startswith("https://local/labeling/join#")
    labeling.run("people", "put", "ana@example.com", "--role", "teamLead")
    assert labeling.json("invite", "ana@example.com")["role"] == "teamLead"
    [ana] = labeling.json("people", "list")
    assert (ana["email"], ana["name"], ana["team"], ana["role"]) == ("ana@example.com", "Ana", "night", "teamLead")
    assert "ana@example.com  Ana   teamLead  night" in labeling.run("people", "list")
    labeling.run("people", "revoke", "ana@example.com")
    labeling.run("people", "remove", "ana@example.com")
    assert labeling.json("people", "list") == []


def test_open_shows_a_link_of_an_administrator(labeling: Commands) -> None:
    found = labeling.json("open", "--email", "me@example.com")
    assert found["link"].startswith("https://local/labeling/join#")
    assert [(p["email"], p["role"]) for p in labeling.json("people", "list")] == [("me@example.com", "administrator")]


def test_pictures_are_assigned_by_number_share_or_task(labeling: Commands) -> None:
    labeling.run("people", "put", "ana@example.com", "--role", "labeler")
    assert labeling.json("assign", "ana@example.com", "--count", "2") == {"email": "ana@example.com", "assigned": 2}
    assert labeling.json("assign", "ana@example.com", "--task", "5")["assigned"] == 1
    assert labeling.json("assign", "everybody", "--share", "1") == {"email": None, "assigned": 3}
    assert "one of --count, --share and --task" in labeling.run("assign", "ana@example.com", expect=2)


def test_a_review_lists_approves_and_rejects(labeling: Commands) -> None:
    labeling.service.import_labels(coco([10, 10, 30, 20], [20, 10, 30, 20], [5, 5, 10, 10]))
    assert "1     a.jpg    labeled  2 Apple, Banana  " in labeling.run("review", "list", "--state", "labeled")
    assert labeling.json("review", "approve", "1") == {"done": [1], "refused": []}
    assert "take the approval back first" in labeling.run("review", "reject", "1", expect=1)
    assert labeling.json("review", "unapprove", "--class", "apple", "--yes")["done"] == [1]
    assert labeling.json("review", "reject", "--from", "2026-01-01", "--yes")["done"] == [1]
    assert labeling.json("review", "list", "--decided", "approved") == []
    assert "nobody is here to say yes" in labeling.run("review", "reject", "--state", "open", expect=1)
    assert "name tasks by their numbers" in labeling.run("review", "approve", expect=2)
    assert "name tasks by their numbers" in labeling.run("review", "approve", "1", "--state", "open", expect=2)


def test_gold_pictures_are_made_and_unmade(labeling: Commands) -> None:
    labeling.service.import_labels(coco([10, 10, 30, 20]))
    assert labeling.json("review", "gold", "1") == {"tasks": [1], "gold": True}
    assert labeling.json("review", "list", "--state", "labeled")[0]["gold"] is True
    labeling.run("review", "gold", "1", "--off")
    assert labeling.json("review", "list", "--state", "labeled")[0]["gold"] is False
    labeling.run("review", "gold", "2", expect=1)


def test_status_and_stats_say_how_far_it_is(labeling: Commands) -> None:
    labeling.service.import_labels(coco([10, 10, 30, 20]))
    found = labeling.json("status")
    assert (found["total"], found["labeled"], found["remaining"], found["eta"]["remaining"]) == (5, 1, 4, 4)
    assert "remaining   4" in labeling.run("status")
    apple = labeling.json("stats")["classes"][0]
    assert (apple["key"], apple["name"], apple["labels"], apple["tasks"]) == ("apple", "Apple", 1, 1)
    assert "Apple   1       1" in labeling.run("stats")


def test_agreement_is_by_class_and_person(labeling: Commands) -> None:
    assert labeling.json("stats", "--agreement")["people"] == []
    project = f"/labeling/v1.0{WORKSPACE}/projects/fruit"
    client = labeling.service.client
    assert client.put(f"{project}/settings", json={"overlap": 2}).status_code == 200
    answer = {"state": "labeled", "seconds": 1.0, "labels": [{"class": "apple", "bbox": [0.1, 0.1, 0.2, 0.2]}]}
    for email in ("ana@example.com", "ben@example.com"):
        link = labeling.json("invite", email)["link"]
        session = client.post("/labeling/session", json={"token": link.partition("#")[2]}, headers=PAGE)
        cookie = {**PAGE, "cookie": session.headers["set-cookie"].partition(";")[0]}
        [task] = client.post(f"{project}/queue/take", json={"count": 1}, headers=cookie).json()["tasks"]
        said = {"task": task["id"], "lease": task["lease"]["token"], "version": task["version"], **answer}
        body = {"submission": str(uuid.uuid4()), "answers": [said]}
        assert client.post(f"{project}/queue/submit", json=body, headers=cookie).status_code == 200
        client.cookies.clear()
    found = labeling.json("stats", "--agreement")
    assert [(entry["name"], entry["agreement"]) for entry in found["classes"]] == [("Apple", 1.0)]
    assert "ana@example.com  1        1.0" in labeling.run("stats", "--agreement")


def test_watching_ends_at_its_deadline_and_can_be_gone_on_with(labeling: Commands) -> None:
    said = labeling.run("status", "--watch", "--minutes", "1", expect=3)
    assert "fruit is still at 0 of 5 after 60 s" in said


def test_a_project_pauses_takes_a_class_and_goes_on(labeling: Commands) -> None:
    assert labeling.json("pause") == {"project": "fruit", "status": "Paused"}
    labeling.run("classes", "add", "plum", "--choice", "continue")
    assert labeling.json("show")["classes"] == ["Apple", "Banana", "plum"]
    assert labeling.json("start") == {"project": "fruit", "status": "Running"}


def test_new_pictures_are_looked_for(labeling: Commands) -> None:
    labeling.service.blobs.blobs["acct/training-images/f.jpg"] = b"unread"
    assert labeling.run("refresh") == "1 new, 0 gone, 6 pictures in all\n"


def test_the_assistance_is_asked_and_shown(labeling: Commands) -> None:
    assert labeling.json("assist", "status")["value"] == []
    assert "no experiments" in labeling.run("assist", "status")
    assert "no experiment 1" in labeling.run("assist", "cancel", "1", expect=1)


def test_files_of_the_service_are_named(labeling: Commands) -> None:
    labeling.service.import_labels(coco([10, 10, 30, 20]))
    found = labeling.json("export", "--format", "csv")
    assert (found["rows"], found["container"]) == (1, "azureml-blobstore-1")
    assert labeling.json("export", "--format", "dataset")["asset"].startswith("fruit-")
    assert "--out for files" in labeling.run("export", "--format", "dataset", "--out", "x", expect=2)


def test_label_studio_is_asked_with_the_same_commands(labeling: Commands) -> None:
    from tests.automation.labeling.test_label_studio import a_spec

    labeling.studio.client().create(a_spec(name="fruit"))
    place = ("--backend", "label-studio", "--url", URL)
    assert [project["name"] for project in labeling.json("list", *place)] == ["fruit"]
    assert labeling.json("open", "--url", URL) == {"link": f"{URL}/projects/1/data"}
    assert labeling.json("status", *place) == {
        "project": "fruit",
        "total": 0,
        "labeled": 0,
        "skipped": 0,
        "remaining": 0,
    }
    assert "nothing is labeled in project fruit" in labeling.run("export", *place, expect=1)
    assert "come as COCO" in labeling.run("export", "--format", "csv", *place, expect=2)
    assert "keeps no approvals" in labeling.run("export", "--approved", *place, expect=1)
    labeling.run("delete", "fruit", "--yes", *place)
    assert labeling.json("list", *place) == []


def test_what_label_studio_has_on_its_own_pages_is_said(labeling: Commands, tmp_path: Path) -> None:
    text = LAB.replace("{project", f"{{backend: label-studio, url: '{URL}', project")
    (tmp_path / "lab.yaml").write_text(text)
    for words in (("pause",), ("people", "list"), ("review", "list"), ("assist", "status"), ("stats",)):
        said = labeling.run(*words, expect=1)
        assert "Label Studio has this on its own pages" in said
        assert f"open {URL}" in said
    assert labeling.json("stats", "fruit")["progress"]["total"] == 5


def test_roles_are_those_of_the_lab_file() -> None:
    assert PEOPLE_ROLES == lab_labeling.ROLES


def test_a_lab_without_labeling_needs_a_project(labeling: Commands, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("name: fruit")
    assert "has no `labeling:`" in labeling.run("status", expect=2)
    assert labeling.json("status", "fruit")["total"] == 5
