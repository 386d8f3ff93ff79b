"""The commands around a course that is up: on a course without an Azure, results on stdout, talk on stderr."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from automation.azure import Arm, Cloud, Rest
from automation.cli.app import main
from automation.cli.given import Given
from automation.clock import SystemClock
from automation.course import Course, Exercise, SeatState, read_course, write_course
from automation.workflow.lab_types import Lab
from automation.workflow.workbench import Workbench
from tests.automation.azure.fakes import FakeTokens, a_cloud
from tests.automation.course.course_builders import a_course, a_seat, a_tagged
from tests.automation.workflow.test_provisioned import OUTPUTS

LAB = """\
name: fruit
images: {training-images: {path: photos}, evaluation-images: {path: photos}}
datasets: {held_out: {container: evaluation-images, coco: {file: labels.json}}}
models: {finder: {kind: object-detection, train: held_out, evaluate: held_out}}
"""
LATER = (datetime.now(UTC) + timedelta(days=40)).date()


class Azure:
    """ARM and the vision service, as far as these commands ask them."""

    def __init__(self) -> None:
        self.seats = ["anna-x7q2aa", "shared"]
        self.tagged: list[str] = []
        self.down = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "PATCH":
            self.tagged.append(path.split("/")[4])
            return httpx.Response(200, json={})
        if "/computervision/" in path:
            return self._vision(path)
        if path.endswith("/query"):
            columns = [{"name": name} for name in ("Cost", "UsageQuantity", "TagKey", "TagValue", "Currency")]
            rows = [[1.25, 3, "visionlab:seat", "anna-x7q2aa", "EUR"]]
            refused = httpx.Response(403, json={"error": {"code": "AuthorizationFailed", "message": "no reader"}})
            return (
                refused if self.down else httpx.Response(200, json={"properties": {"columns": columns, "rows": rows}})
            )
        return httpx.Response(200, json={"value": [a_tagged(seat, expires=LATER.isoformat()) for seat in self.seats]})

    def _vision(self, path: str) -> httpx.Response:
        if self.down:
            return httpx.Response(403, json={"error": {"code": "Forbidden", "message": "no role"}})
        model: dict[str, Any] = {
            "name": "finder",
            "status": "succeeded",
            "trainingParameters": {
                "modelKind": "Generic-Detector",
                "trainingDatasetName": "held_out",
                "timeBudgetInHours": 1,
            },
        }
        evaluation = {
            "name": "e1",
            "modelName": "finder",
            "status": "succeeded",
            "evaluationParameters": {"testDatasetName": "held_out"},
            "modelPerformance": {"meanAveragePrecision50": 0.875, "meanAveragePrecision75": 0.5},
        }
        return httpx.Response(200, json={"value": [evaluation]} if path.endswith("/evaluations") else model)


class CourseBench:
    """As much of a Workbench as these commands use."""

    def __init__(self, azure: Azure) -> None:
        self.cloud: Cloud = a_cloud()
        self.clock = SystemClock()
        self.rest = Rest(self.cloud, FakeTokens(), transport=httpx.MockTransport(azure), dice=lambda: 0.0)
        self.arm = Arm(self.rest, self.cloud)

    def watch_start(self, progress: object) -> None: ...

    def close(self) -> None:
        self.rest.close()


class Classroom:
    """A course on disk, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.azure = Azure()
        self.home = folder / "home"
        for name in ("exercise/photos", "home"):
            (folder / name).mkdir(parents=True)
        (folder / "exercise" / "labels.json").write_text("{}")
        (folder / "exercise" / "lab.yaml").write_text(LAB)
        seats = (
            a_seat("anna-x7q2aa", name="Student\x1b[31m One", expires=LATER),
            a_seat("bert-y8r3bb", state=SeatState.PLANNED, expires=LATER),
        )
        course = replace(
            a_course(folder, *seats, expires=LATER), exercise=Exercise(lab_file=folder / "exercise" / "lab.yaml")
        )
        write_course(course)
        seat = course.seat_folder("anna-x7q2aa")
        seat.mkdir(parents=True)
        outputs = replace(OUTPUTS, vision_endpoint="https://localhost:8443/vis")
        (seat / "outputs.json").write_text(json.dumps(asdict(outputs) | {"course": "botany", "seat": "anna-x7q2aa"}))
        (seat / "lab.yaml").write_text("name: botany-anna-x7q2aa\nprovisioned: outputs.json\n")

    def run(self, *words: str) -> int:
        made = CourseBench(self.azure)

        def bench(_lab: Lab, _home: Path) -> Workbench:
            return cast("Workbench", made)

        return main(["course", *words, "--home", str(self.home)], given=Given(bench=bench))

    @property
    def course(self) -> Course:
        return read_course(self.home, "botany")


@pytest.fixture
def classroom(tmp_path: Path) -> Classroom:
    return Classroom(tmp_path)


def test_status_is_a_line_for_each_seat_and_what_differs(
    classroom: Classroom, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom.azure.seats.append("carl-z9s4cc")
    assert classroom.run("status") == 0
    out = capsys.readouterr().out
    assert "botany on local: 1 of 2 seats up, shared parts up" in out
    assert "anna-x7q2aa  Student\\x1b[31m One" in out
    assert "carl-z9s4cc: Azure has 1 group and 1 resource of it, and the course's file does not know it" in out
    assert "\x1b" not in out


def test_status_in_json_has_steps_and_drift(classroom: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    classroom.azure.seats.remove("anna-x7q2aa")
    assert classroom.run("status", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    anna, bert = found["seats"]
    assert (anna["state"], bert["state"]) == ("missing", "planned")
    assert anna["drift"] == ["up by the course's file, and Azure has nothing of it"]
    assert anna["steps"] == ["provision", "images", "files", "datasets", "train", "evaluate", "report"]
    assert (anna["done"], anna["last_activity"]) == ([], None)


def test_costs_are_shown_or_unknown_and_never_nothing(classroom: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert classroom.run("status") == 0
    anna, bert = capsys.readouterr().out.splitlines()[2:4]
    assert "EUR 1.25" in anna
    assert "unknown" in bert
    classroom.azure.down = True
    assert classroom.run("status", "--json") == 0
    said = capsys.readouterr()
    assert "costs are not known: " in said.err
    assert [seat["cost"] for seat in json.loads(said.out)["seats"]] == [None, None]


def test_a_course_that_is_not_here_and_a_seat_that_is_not_in_it_are_said(
    classroom: Classroom, capsys: pytest.CaptureFixture[str]
) -> None:
    assert classroom.run("status", "--name", "zoology") == 2
    assert "there is no course 'zoology'" in capsys.readouterr().err
    assert classroom.run("open", "anna-x7q2") == 2
    assert "did you mean 'anna-x7q2aa'?" in capsys.readouterr().err
    assert classroom.run("open", "bert@example.org") == 2
    assert "the seat bert-y8r3bb is planned" in capsys.readouterr().err


def test_open_prints_links_and_files(classroom: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert classroom.run("open", "ANNA@example.org", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["links"] == {
        "storage": "https://stbotany.blob.core.windows.net",
        "vision": "https://localhost:8443/vis",
    }
    assert list(found["files"]) == ["lab file", "outputs"]
    assert classroom.run("open", "anna-x7q2aa", "--browser") == 2
    assert "the seat anna-x7q2aa has no page" in capsys.readouterr().err


def test_results_are_figures_and_grades(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert classroom.run("results", "anna-x7q2aa", "--scale", "points=20") == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["seat", "email", "name", "team", "finder", "mAP@50", "score", "grade", "note"]
    assert shown[1].endswith("0.8750         0.8750  17.5")
    sheet = tmp_path / "grades.csv"
    assert classroom.run("results", "--format", "csv", "--out", str(sheet), "--scale", "A=0.8,F=0") == 1
    said = capsys.readouterr().err
    assert "1 of 2 seats could not be asked" in said
    lines = sheet.read_bytes().decode("utf-8-sig").split("\r\n")
    assert lines[0] == "seat,email,name,team,finder mAP@50,finder mAP@75,score,grade,note"
    assert lines[1].endswith(",0.8750,0.5000,0.8750,A,")
    assert "not known: outputs.json cannot be read" in lines[2]


def test_an_account_that_refuses_is_not_a_bad_result(classroom: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    classroom.azure.down = True
    assert classroom.run("results", "anna-x7q2aa", "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["score"], found["grade"], found["models"]) == (None, None, [])
    assert "no role" in found["failure"]


def test_results_in_two_ways_at_once_or_by_no_scale_are_refused(classroom: Classroom) -> None:
    assert classroom.run("results", "--json", "--format", "csv") == 2
    assert classroom.run("results", "--scale", "A") == 2


def test_extend_tags_azure_and_then_the_file(classroom: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert classroom.run("extend", "anna-x7q2aa", "--days", "7", "--yes", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    new = LATER + timedelta(days=7)
    assert found["extended"] == [{"seat": "anna-x7q2aa", "old": LATER.isoformat(), "new": new.isoformat()}]
    assert (found["failed"], found["kept"]) == ([], [])
    assert sorted(set(classroom.azure.tagged)) == ["rg-botany-anna-x7q2aa", "rg-botany-shared"]
    days = {seat.id: seat.expires for seat in classroom.course.seats}
    assert days == {"anna-x7q2aa": new, "bert-y8r3bb": LATER}


def test_extend_needs_a_day_and_a_yes(classroom: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert classroom.run("extend") == 2
    assert classroom.run("extend", "--until", "2026-13-01") == 2
    assert classroom.run("extend", "--until", date(2026, 1, 1).isoformat(), "--yes") == 2
    assert "2026-01-01 has passed" in capsys.readouterr().err
    assert classroom.run("extend", "--days", "7") == 1
    assert classroom.azure.tagged == []
    assert classroom.course.seats[0].expires == LATER


def test_handouts_are_a_page_for_each_seat_that_is_up(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pages"
    assert classroom.run("handouts", "--out", str(out), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["written"] == {"anna-x7q2aa": str(out / "anna-x7q2aa.html")}
    assert list(found["left_out"]) == ["bert-y8r3bb"]
    assert (out / "anna-x7q2aa.html").stat().st_mode & 0o777 == 0o644
    assert classroom.run("handouts", "--out", str(out), "--format", "markdown", "anna-x7q2aa") == 0
    assert (out / "anna-x7q2aa.md").read_text().startswith("# botany: the seat of ")
    assert classroom.run("handouts", "--out", str(out), "--labeling-hours", "2", "anna-x7q2aa") == 1
    assert "has no labeling page" in capsys.readouterr().err


def test_a_seat_whose_lab_file_somebody_broke_is_left_out_alone(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (classroom.course.seat_folder("anna-x7q2aa") / "lab.yaml").write_text("name: [")
    assert classroom.run("handouts", "--out", str(tmp_path / "pages")) == 1
    assert "anna-x7q2aa: left out, lab.yaml:1: " in capsys.readouterr().out


def test_run_wants_seats_or_all_and_known_steps(classroom: Classroom, capsys: pytest.CaptureFixture[str]) -> None:
    assert classroom.run("run") == 2
    assert classroom.run("run", "--all", "anna-x7q2aa") == 2
    assert classroom.run("run", "--all", "--until", "trian") == 2
    assert "did you mean 'train'?" in capsys.readouterr().err
    assert classroom.run("run", "bert-y8r3bb") == 2
    assert "the seat bert-y8r3bb is planned and has no lab.yaml" in capsys.readouterr().err
