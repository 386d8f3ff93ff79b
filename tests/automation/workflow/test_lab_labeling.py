"""What stands under `labeling:`: people, help by a model, and Label Studio."""

from pathlib import Path

import pytest

from automation.cli import labeling_place
from automation.errors import ConfigError
from automation.workflow import Lab, lab_labeling, parse_lab
from automation.workflow.lab_types import Assist, Labeler

HEAD = """\
name: fruit
images: {photos: {path: .}}
labeling:
  project: my-labels
  task: %s
  container: photos
  classes: [apple, banana]
"""
DETECTION = HEAD % "object-detection"
PEOPLE = """\
  people:
    Ana@Example.com: administrator
    ben@example.com: {role: teamLead, name: Ben, team: night, share: 0.5}
    cy@example.com: {}
  overlap: 2
  order: uncertain
  gold_every: 10
  assist: {after: 20, retrain_every: 30, threshold: 0.45, classes: [banana], budget_minutes: 1.5}
"""
MODEL = """\
datasets: {things: {container: photos, coco: {labeling: my-labels}}}
models: {finder: {kind: object-detection, train: things}}
"""


def parse(folder: Path, text: str) -> Lab:
    return parse_lab(text.encode(), folder / "lab.yaml")


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(folder, text)
    return [f"{f.code} {f.where}: {f.message} | {f.hint}" for f in caught.value.findings]


def test_people_overlap_order_gold_and_assist_are_read(tmp_path: Path) -> None:
    plan = parse(tmp_path, DETECTION + PEOPLE).labeling
    assert plan is not None
    assert plan.people == (
        Labeler(email="ana@example.com", role="administrator"),
        Labeler(email="ben@example.com", role="teamLead", name="Ben", team="night", share=0.5),
        Labeler(email="cy@example.com"),
    )
    assert (plan.overlap, plan.order, plan.gold_every) == (2, "uncertain", 10)
    assert plan.assist == Assist(
        enabled=True, after=20, retrain_every=30, threshold=0.45, classes=("banana",), budget_minutes=1.5
    )


def test_label_studio_is_an_address_and_where_pictures_come_from(tmp_path: Path) -> None:
    text = DETECTION + "  backend: label-studio\n  url: https://labels.example.com\n"
    plain, connected = parse(tmp_path, text).labeling, parse(tmp_path, text + "  storage: connection\n").labeling
    assert plain is not None
    assert connected is not None
    assert (plain.in_label_studio, plain.url, plain.connected) == (True, "https://labels.example.com", False)
    assert connected.connected


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (
            "  backend: label-studio\n",
            "missing-key lab.yaml:3: labeling: the key 'url' is missing | add Label Studio's",
        ),
        (
            "  url: https://x\n",
            "unknown-key lab.yaml:8: labeling.url: 'url' has no meaning with backend azure-ml | leave",
        ),
        (
            "  backend: label-studio\n  url: https://x\n  overlap: 2\n",
            "unknown-key lab.yaml:10: labeling.overlap: 'overlap' has no meaning with backend label-studio",
        ),
        (
            "  backend: label-studio\n  url: http://labels.example.com\n",
            "bad-address lab.yaml:9: labeling.url: the token does not go there: it is not https, and the token would",
        ),
        ("  people: {ana: labeler}\n", "bad-name lab.yaml:8: labeling.people.ana: 'ana' is no e-mail address"),
        (
            "  people: {a@b.c: boss}\n",
            "unknown-value lab.yaml:8: labeling.people.a@b.c: 'boss' is not known here | it can be labeler, teamLead",
        ),
        (
            "  people: {a@b.c: labeler, A@b.c: labeler}\n",
            "duplicate-key lab.yaml:8: labeling.people.A@b.c: 'A@b.c' stands here twice",
        ),
        (
            "  people: {a@b.c: {share: 0.7}, b@b.c: {share: 0.4}}\n",
            "out-of-range lab.yaml:8: labeling.people: the shares of these people are more than all pictures",
        ),
        (
            "  assist: {threshold: 1.5}\n",
            "out-of-range lab.yaml:8: labeling.assist.threshold: 1.5 is not between 0 and 1",
        ),
        (
            "  assist: {threshold: much}\n",
            "wrong-type lab.yaml:8: labeling.assist.threshold: this must be a number, not",
        ),
        (
            "  assist: {classes: [aple]}\n",
            "dangling-name lab.yaml:8: labeling.assist.classes[0]: there is no class of the project 'aple'",
        ),
        ("  overlap: 11\n", "out-of-range lab.yaml:8: labeling.overlap: 11 is not between 1 and 10"),
    ],
)
def test_mistakes_have_their_place_and_remedy(tmp_path: Path, more: str, found: str) -> None:
    [said] = mistakes(tmp_path, DETECTION + more)
    assert said.startswith(found)


def test_polygons_teach_boxes_and_several_labels_teach_nothing_yet(tmp_path: Path) -> None:
    assert parse(tmp_path, HEAD % "instance-segmentation" + MODEL).models[0].kind == "object-detection"
    [said] = mistakes(tmp_path, HEAD % "image-classification-multilabel" + MODEL)
    assert said.endswith("| models with several labels a picture come later")


def test_commands_know_the_same_backends_as_the_file() -> None:
    assert labeling_place.BACKENDS == lab_labeling.BACKENDS
