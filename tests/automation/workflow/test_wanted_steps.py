"""Which steps a lab has, known without loading the steps."""

from pathlib import Path

from automation.workflow import Lab, PictureFolder
from automation.workflow.steps import STEPS
from automation.workflow.wanted import WANTED, wanted_steps


def test_the_names_are_those_of_the_steps_in_their_order() -> None:
    assert list(WANTED) == [step.name for step in STEPS]


def test_a_lab_with_pictures_alone_has_three_steps(tmp_path: Path) -> None:
    images = (PictureFolder(container="c", path=tmp_path),)
    lab = Lab(path=tmp_path / "lab.yaml", name="fruit", stack="local", images=images)
    assert wanted_steps(lab) == ("provision", "images", "report")
