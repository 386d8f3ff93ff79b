"""`visionlab course plan`, `up` and `down` without an Azure: what is refused, asked, said, and with which exit code."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from click.shell_completion import get_completion_class

from automation.cli.app import cli, main
from automation.cli.course_asking import FRUIT, SIZES
from automation.cli.given import Given
from automation.course import SIZES as COURSE_SIZES
from automation.course import Course, SeatState, course_folder, read_course, write_course
from automation.course.exercise import read_exercise
from automation.errors import LabBusy
from automation.workflow.lab_types import Lab
from automation.workflow.lab_yaml import Reader, parse_yaml
from automation.workflow.workbench import Workbench
from tests.automation.azure.fakes import a_cloud, a_rest
from tests.automation.course.course_builders import a_seat
from tests.automation.course.test_course_up import FakeAzure
from tests.automation.course.test_people import FakeGraph, a_user

ROSTER = "email,expiry\nann@example.org,2027-01-31\nben@example.org,\n"


class ClassRoom:
    """A folder with a roster, an Azure of fakes, and the command line on both."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.azure, self.graph = folder, FakeAzure(), FakeGraph(a_user(1, "ann"), a_user(2, "ben"))
        self.roster = folder / "botany.csv"
        self.roster.write_text(ROSTER)

    def run(self, *words: str) -> int:
        return main(list(words), given=Given(bench=self._bench))

    def course(self, what: str, *words: str) -> int:
        return self.run("course", what, str(self.roster), *words)

    def _bench(self, lab: Lab, home: Path) -> Workbench:
        assert home == self.folder / ".visionlab"
        return cast("Workbench", FakeCourseBench(self, lab))


class FakeCourseBench:
    """As much of a Workbench as these commands use."""

    def __init__(self, room: ClassRoom, lab: Lab) -> None:
        self.clock, self.open_stack = room.azure.clock, room.azure.open_stack
        self.cloud = a_cloud() if lab.stack == "local" else a_cloud(name="azure")
        graph = room.graph if lab.stack == "local" else _nobody
        self.rest = a_rest(graph)

    def watch_start(self, progress: object) -> None: ...
    def close(self) -> None: ...


def _nobody(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"value": []})


@pytest.fixture
def room(tmp_path: Path) -> ClassRoom:
    return ClassRoom(tmp_path)


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_plan_says_who_gets_a_seat_and_writes_nothing(room: ClassRoom, capsys: pytest.CaptureFixture[str]) -> None:
    assert room.course("plan", "--json") == 0
    found = answer(capsys)
    assert (found["course"], found["stack"], found["shared"]) == ("botany", "local", "add")
    assert found["counts"] == {"add": 2, "change": 0, "repair": 0, "keep": 0, "remove": 0}
    assert [(seat["email"], seat["act"], seat["expires"]) for seat in found["seats"]] == [
        ("ann@example.org", "add", "2027-01-31"),
        ("ben@example.org", "add", None),
    ]
    assert list(room.folder.iterdir()) == [room.roster]
    assert room.course("plan") == 0
    assert capsys.readouterr().out.splitlines()[0] == "botany on local: 2 to add; shared parts: add"


def test_a_name_that_will_not_do_is_refused_with_one_that_does(
    room: ClassRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    room.roster = room.roster.rename(room.folder / "2026 Botany.csv")
    assert room.course("plan", "--json") == 2
    error = answer(capsys)["error"]
    assert "the name of the file, '2026 Botany': a name is lower-case letters" in error["message"]
    assert error["hint"] == "say --name course-2026-botany"
    assert room.course("plan", "--name", "Bio_1", "--json") == 2
    error = answer(capsys)["error"]
    assert "cannot be called 'Bio_1': a name is lower-case" in error["message"]
    assert error["hint"] == "say --name bio-1"


def test_every_mistake_of_a_roster_comes_at_once(room: ClassRoom, capsys: pytest.CaptureFixture[str]) -> None:
    room.roster.write_text("email;size\nann@example.org;smal\nANN@example.org;\nnobody;\n")
    assert room.course("up", "--json") == 2
    error = answer(capsys)["error"]
    assert error["message"] == "botany.csv has 3 mistakes"
    assert [finding["where"] for finding in error["findings"]] == [
        "botany.csv:2: size",
        "botany.csv:3",
        "botany.csv:4: email",
    ]
    assert room.azure.ran == []


def test_people_who_are_not_in_the_directory_stop_everything_before_anything_is_made(
    room: ClassRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    room.roster.write_text("email\nann@example.org\nzoe@example.org\n")
    assert room.course("up", "--exercise", an_exercise(room.folder), "--json") == 2
    error = answer(capsys)["error"]
    assert [finding["where"] for finding in error["findings"]] == ["botany.csv:3"]
    assert "--create-people" in error["hint"]
    assert room.azure.ran == []
    assert room.course("plan", "--stack", "course", "--create-people", "--json") == 1  # not on Azure
    assert "local Azure's directory only" in answer(capsys)["error"]["message"]


def test_with_object_ids_no_directory_is_asked(room: ClassRoom, capsys: pytest.CaptureFixture[str]) -> None:
    assert room.course("plan", "--no-directory", "--json") == 2
    assert "no objectId for ann@example.org in line 2 and 1 more" in answer(capsys)["error"]["message"]
    room.roster.write_text("email,objectid\nann@example.org,5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a11\n")
    assert room.course("plan", "--no-directory", "--json") == 0
    assert room.graph.filters == []


def an_exercise(folder: Path) -> str:
    """A lab file whose pictures are nowhere; nothing of it is copied here."""
    (folder / "photos").mkdir(exist_ok=True)
    (folder / "lab.yaml").write_text("name: tiny\nimages: {training-images: {path: photos}}\n")
    return str(folder / "lab.yaml")


def test_pictures_alone_are_an_exercise_with_nothing_to_do(room: ClassRoom, capsys: pytest.CaptureFixture[str]) -> None:
    (room.folder / "photos").mkdir()
    room.azure.broken = {"botany.shared": LabBusy("not now")}
    words = ("--pictures", str(room.folder / "photos"))
    assert room.course("plan", *words, "--json") == 0
    assert room.course("up", *words) == 3
    exercise = read_course(room.folder / ".visionlab", "botany").exercise
    assert exercise is not None
    assert [(entry.container, entry.path) for entry in read_exercise(exercise).images] == [
        ("training-images", room.folder / "photos")
    ]
    capsys.readouterr()
    assert room.course("plan", *words, "--exercise", an_exercise(room.folder), "--json") == 2
    assert "an exercise names its own pictures" in answer(capsys)["error"]["message"]


def test_shared_parts_that_fail_stop_the_command_and_what_is_planned_is_kept(
    room: ClassRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    room.azure.broken = {"botany.shared": LabBusy("the stack is locked by somebody else")}
    assert room.course("up", "--exercise", an_exercise(room.folder), "--json") == 3
    assert "locked by somebody else" in answer(capsys)["error"]["message"]
    course = read_course(room.folder / ".visionlab", "botany")
    assert [seat.state.value for seat in course.seats] == ["planned", "planned"]
    assert course.settings["budget"] == {"amount": 20.0}
    assert {seat.since for seat in course.seats} == {datetime.now(UTC).date()}


def test_on_azure_the_price_is_said_and_asked_about_before_anything_is_made(
    room: ClassRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    room.roster.write_text("email,objectid\nann@example.org,5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a11\n")
    words = ("--stack", "course", "--no-directory", "--exercise", an_exercise(room.folder))
    assert room.course("up", *words) == 1
    said = capsys.readouterr().err
    assert "cost: in westeurope: USD" in said
    assert "This sets up 1 seat on Azure, which costs money: nobody is here to say yes" in said
    assert room.azure.ran == []


def test_ending_wants_the_courses_name_and_not_another(room: ClassRoom, capsys: pytest.CaptureFixture[str]) -> None:
    from automation.cli.console import Console
    from automation.cli.course_down import demand_name
    from automation.errors import Refused

    console = Console(quiet=True)
    demand_name(console, "botany", given="botany", what="This ends it.")
    with pytest.raises(Refused, match="--confirm says 'Botany', and the course is 'botany'"):
        demand_name(console, "botany", given="Botany", what="This ends it.")
    with pytest.raises(Refused) as caught:
        demand_name(console, "botany", given=None, what="This ends it.")
    assert caught.value.hint == "add --confirm botany when you mean it"
    assert room.course("down", "--confirm", "botany", "--json") == 2
    assert "there is no course 'botany'" in answer(capsys)["error"]["message"]
    assert room.course("down", "--archive", "--json") == 2
    assert "--archive needs --seat" in answer(capsys)["error"]["message"]


def test_settings_that_come_from_elsewhere_are_refused(room: ClassRoom, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("person=x", "novalue", "bad key=1"):
        assert room.course("plan", "--set", text, "--json") == 2
        assert "--set" in answer(capsys)["error"]["message"]
    assert room.course("plan", "--set", "location=westeurope", "--set", "customVision=true", "--json") == 0


def test_what_the_commands_say_of_themselves_is_what_the_course_knows() -> None:
    lab = Path(__file__).resolve().parents[3] / "examples" / "fruit" / "lab.yaml"
    images = parse_yaml(lab.read_bytes(), Reader("lab.yaml"), "lab.yaml").entries or {}
    assert (tuple(images["images"].entries or ()), SIZES) == (FRUIT, COURSE_SIZES)


@pytest.mark.parametrize("words", ["course open ", "course run ", "course down botany.csv --seat "])
def test_seats_are_completed_by_id_and_address(room: ClassRoom, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    folder = course_folder(room.folder / ".visionlab", "botany")
    seats = (a_seat("ann-aaaaaa"), a_seat("ben-bbbbbb"), a_seat("anton-cccccc", state=SeatState.GONE))
    write_course(Course(name="botany", folder=folder, seats=seats))
    monkeypatch.chdir(room.folder)
    made = get_completion_class("bash")
    assert made is not None
    found = made(cli, {}, "visionlab", "_VISIONLAB_COMPLETE").get_completions(words.split(), "an")
    assert [item.value for item in found] == ["ann-aaaaaa", "ann@example.org"]
    (folder / "course.json").write_text("{")
    assert made(cli, {}, "visionlab", "_VISIONLAB_COMPLETE").get_completions(words.split(), "an") == []
