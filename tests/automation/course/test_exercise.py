"""A seat's lab.yaml is the teacher's exercise on the seat's own resources, and what somebody changed stays."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from automation.course.exercise import containers_of, read_exercise
from automation.course.seat_files import write_lab, write_outputs
from automation.course.types import Course, Exercise, Person, Seat
from automation.errors import ConfigError
from automation.provision import LabOutputs
from automation.workflow.lab_file import read_lab

LAB = """\
name: fruit
stack: local
settings: {resourceGroup: rg-old}
images: {training-images: {path: photos}, more: {path: photos}}
labeling:
  project: Fruit
  task: object-detection
  container: training-images
  classes: [apple]
  instructions: how.md
  import: labels.json
datasets:
  things: {container: training-images, coco: {labeling: Fruit, as: training-labels.json}}
  others: {container: more, coco: {file: labels.json}}
models: {finder: {kind: object-detection, train: things, evaluate: others}}
predict: {finder: {images: photos}}
"""


def an_exercise(folder: Path) -> Exercise:
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "a.jpg").touch()
    (folder / "how.md").touch()
    (folder / "labels.json").touch()
    (folder / "lab.yaml").write_text(LAB)
    return Exercise(lab_file=folder / "lab.yaml")


def outputs(**changes: object) -> LabOutputs:
    said = {name: f"the-{name}" for name in LabOutputs.__dataclass_fields__}
    fixed: dict[str, object] = {"containers": ["training-images", "more"], "datastores": {}, "expires": None}
    return LabOutputs.parse({**said, **fixed, **changes})


def a_course(home: Path, exercise: Exercise, stack: str = "local") -> Course:
    return Course(name="botany", folder=home / "courses" / "botany", stack=stack, exercise=exercise)


SEAT = Seat(id="ann-abcdef", person=Person(email="ann@example.org"))


@pytest.mark.parametrize("inside", [True, False])
def test_the_seats_lab_is_the_exercise_with_its_paths(tmp_path: Path, inside: bool) -> None:
    home = tmp_path / ".visionlab"
    folder = home / "courses" / "botany" / "exercise" if inside else tmp_path / "elsewhere"
    course = a_course(home, an_exercise(folder))
    assert write_lab(course, SEAT)
    write_outputs(course, SEAT, outputs())
    lab = read_lab(course.seat_folder(SEAT.id))
    assert (lab.name, lab.stack, lab.settings) == ("botany-ann-abcdef", "local", {})
    assert lab.home is not None
    assert lab.home.resolve() == home
    assert lab.provisioned is not None
    assert (lab.provisioned.course, lab.provisioned.seat) == ("botany", SEAT.id)
    paths = {entry.path for entry in lab.images} | {plan.images for plan in lab.predict}
    assert {path.resolve() for path in paths} == {(folder / "photos").resolve()}
    assert lab.labeling is not None
    assert lab.labeling.project == "Fruit"
    text = (course.seat_folder(SEAT.id) / "lab.yaml").read_text()
    assert (str(tmp_path) in text) is not inside


def test_small_seats_have_projects_of_their_own_in_the_workspace_that_they_share(tmp_path: Path) -> None:
    course = a_course(tmp_path / "home", an_exercise(tmp_path / "lab"))
    small = replace(SEAT, size="small")
    write_lab(course, small)
    write_outputs(course, small, outputs())
    lab = read_lab(course.seat_folder(SEAT.id))
    assert lab.labeling is not None
    assert (lab.labeling.project, lab.dataset("things").labeling) == ("Fruit-ann-abcdef", "Fruit-ann-abcdef")


def test_a_changed_lab_file_stays_and_one_that_was_not_changed_follows_the_exercise(tmp_path: Path) -> None:
    course = a_course(tmp_path / "home", an_exercise(tmp_path / "lab"))
    path = course.seat_folder(SEAT.id) / "lab.yaml"
    assert write_lab(course, SEAT)
    (tmp_path / "lab" / "lab.yaml").write_text(LAB.replace("[apple]", "[apple, pear]"))
    assert write_lab(course, SEAT)
    assert "- pear" in path.read_text()
    path.write_text(path.read_text() + "# mine\n")
    assert write_lab(course, SEAT) is False
    assert path.read_text().endswith("# mine\n")
    path.unlink()
    assert write_lab(course, SEAT)
    path.with_name(".lab.yaml.made").unlink()  # a kill came between the two files
    assert write_lab(course, SEAT)


def test_outputs_are_those_of_the_stack_and_whose_they_are(tmp_path: Path) -> None:
    course = a_course(tmp_path / "home", an_exercise(tmp_path / "lab"), stack="course")
    write_outputs(course, SEAT, outputs(key_vault=None))
    found = json.loads((course.seat_folder(SEAT.id) / "outputs.json").read_text())
    expected = asdict(outputs(key_vault=None)) | {"containers": ["training-images", "more"]}
    assert found == expected | {"course": "botany", "seat": SEAT.id}
    write_lab(course, SEAT)
    assert "home:" not in (course.seat_folder(SEAT.id) / "lab.yaml").read_text()


def test_an_exercise_without_pictures_is_refused(tmp_path: Path) -> None:
    exercise = an_exercise(tmp_path)
    assert containers_of(read_exercise(exercise)) == ("training-images", "more")
    exercise.lab_file.write_text("name: fruit\n")
    with pytest.raises(ConfigError, match="names no pictures"):
        read_exercise(exercise)
