"""Lab files for seats, and what becomes of a seat's labels."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from automation.coco import Category, Dataset, dump
from automation.course import Course
from automation.course.seat_labels import delete_shared_project, export_seat_labels
from automation.course.seat_labs import seat_lab_path, write_other_lab
from automation.errors import ConfigError, DatasetError, Finding, NotFound, Severity
from automation.labeling import Task
from automation.workflow import Lab, LabelingPlan, read_lab
from automation.workflow.workbench import Workbench
from tests.automation.course.course_builders import a_course, a_seat
from tests.automation.workflow.test_provisioned import OUTPUTS

SEAT = a_seat()
OTHER = "name: second-one\nimages: {training-images: {path: photos}}\n"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = a_course(tmp_path, SEAT)
    folder = course.seat_folder(SEAT.id)
    folder.mkdir(parents=True)
    (folder / "outputs.json").write_text(json.dumps(asdict(OUTPUTS) | {"course": "botany", "seat": SEAT.id}))
    (tmp_path / "photos").mkdir()
    (tmp_path / "lab.yaml").write_text(OTHER)
    return course


def test_another_lab_file_runs_on_the_seats_resources_under_a_name_of_its_own(course: Course, tmp_path: Path) -> None:
    path = write_other_lab(course, SEAT, tmp_path / "lab.yaml")
    lab = read_lab(path)
    assert path == course.seat_folder(SEAT.id) / "second-one.yaml"
    assert lab.name == "botany-anna-x7q2aa-second-one"
    assert lab.provisioned is not None
    assert lab.provisioned.whose == "the seat anna-x7q2aa of the course botany"
    assert lab.home is not None
    assert lab.home.resolve() == course.home
    assert lab.images[0].path.resolve() == tmp_path / "photos"
    assert path != seat_lab_path(course, SEAT)


def test_mistakes_in_another_lab_file_are_told_with_the_teachers_lines(course: Course, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("name: x\nimagse: {}\n")
    with pytest.raises(ConfigError) as caught:
        write_other_lab(course, SEAT, tmp_path / "lab.yaml")
    assert [finding.where for finding in caught.value.findings] == ["lab.yaml:2: imagse"]
    assert [path.name for path in course.seat_folder(SEAT.id).iterdir()] == ["outputs.json"]


class FakeLabeling:
    """A workspace's labeling projects, and what their exports are."""

    def __init__(self, *projects: str, rows: int = 1, failure: Exception | None = None) -> None:
        self.projects, self.rows, self.failure = list(projects), rows, failure

    def find(self, name: str) -> object:
        return name if name in self.projects else None

    def delete(self, name: str) -> None:
        self.projects.remove(name)

    def export_coco(self, _name: str) -> Any:
        if self.failure:
            raise self.failure
        return SimpleNamespace(rows=self.rows, container="exports", path="snapshot")


class Exports:
    """The account that exports are written to."""

    def list(self, _container: str, path: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=f"{path}/labels.json")]

    def get(self, _container: str, _name: str, *, limit_bytes: int) -> bytes:
        return dump(LABELS)[:limit_bytes]


def a_seat_bench(labeling: FakeLabeling, *, workspace: str | None = None, is_local: bool = True) -> Workbench:
    bench = SimpleNamespace(
        cloud=SimpleNamespace(is_local=is_local),
        labeling=labeling,
        export_blobs=Exports(),
        outputs=lambda: replace(OUTPUTS, ml_workspace_id=workspace),
    )
    return cast("Workbench", bench)


LABELS = Dataset(images=(), annotations=(), categories=(Category(id=1, name="apple"),))
PLAN = LabelingPlan(project="p", task=Task.OBJECT_DETECTION, container="training-images", classes=("apple",))
LAB = Lab(path=Path("/nowhere/lab.yaml"), name="botany-anna", stack="local", labeling=PLAN)
OWN = f"{OUTPUTS.resource_group_id}/providers/Microsoft.MachineLearningServices/workspaces/mlw"
SHARED = OWN.replace("anna", "shared")


def test_labels_are_exported_as_coco() -> None:
    assert export_seat_labels(LAB, a_seat_bench(FakeLabeling("p"))) == {"p.json": dump(LABELS)}


@pytest.mark.parametrize(
    ("lab", "labeling", "is_local"),
    [
        (replace(LAB, labeling=None), FakeLabeling("p"), True),
        (LAB, FakeLabeling(), True),
        (LAB, FakeLabeling("p", rows=0), True),
        (LAB, FakeLabeling("p", failure=NotFound("gone", operation="export", status=404)), True),
        (LAB, FakeLabeling("p"), False),
    ],
)
def test_where_nothing_is_labeled_there_is_nothing_to_keep(lab: Lab, labeling: FakeLabeling, is_local: bool) -> None:
    assert export_seat_labels(lab, a_seat_bench(labeling, is_local=is_local)) == {}


def test_labels_that_cannot_be_read_are_no_reason_to_have_none() -> None:
    finding = Finding(code="x", severity=Severity.ERROR, where="p", message="unreadable")
    broken = FakeLabeling("p", failure=DatasetError("some answers cannot be read", findings=[finding]))
    with pytest.raises(DatasetError):
        export_seat_labels(LAB, a_seat_bench(broken))


def test_only_a_project_in_a_shared_workspace_is_deleted_by_itself() -> None:
    for workspace, deleted in ((OWN, None), (None, None), (SHARED, "p")):
        labeling = FakeLabeling("p", "somebody-elses")
        assert delete_shared_project(LAB, a_seat_bench(labeling, workspace=workspace)) == deleted
        assert labeling.projects == (["somebody-elses"] if deleted else ["p", "somebody-elses"])
    assert delete_shared_project(LAB, a_seat_bench(FakeLabeling(), workspace=SHARED)) is None
