"""Imports as lines of text, and what all imports have in common: places of findings, repetition, proposals."""

import json
from typing import Any

import httpx
import pytest

from localazure.labeling.transfer.text_import import read_csv, read_jsonl
from tests.localazure.labeling.labeling_lab import BLOBS, WORKSPACE, LabelingLab, coco

IMPORT = f"/labeling/v1.0{WORKSPACE}/projects/fruit/labels:import"
LONG = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/training_images/paths/"
CLASSIFICATION = {"mediaType": "Image", "annotationType": "Classification"}
POLYGONS = {"mediaType": "Image", "annotationType": "InstanceSegmentation"}
BOX = {"label": "apple", "topX": 0.1, "topY": 0.2, "bottomX": 0.4, "bottomY": 0.6}
HEADER = "image_url,label,label_confidence,topX,topY,bottomX,bottomY,polygon"


def send(lab: LabelingLab, **body: Any) -> httpx.Response:
    return lab.client.post(IMPORT, json=body)


def jsonl(*rows: Any) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def labels(lab: LabelingLab, task: int = 0) -> list[dict[str, Any]]:
    found = lab.tasks()["value"][task]
    return found["labels"] or found["prelabels"]


@pytest.mark.parametrize(
    "address",
    [
        f"{LONG}more/a2.jpeg",
        "azureml://datastores/training_images/paths/more/a2.jpeg",
        "AmlDatastore://training_images/more/a2.jpeg",
        f"{BLOBS}/more/a2.jpeg",
        "more/a2.jpeg",
        "a2.jpeg",
    ],
)
def test_jsonl_names_pictures_in_every_way(labeling: LabelingLab, address: str) -> None:
    labeling.created()
    answer = send(labeling, jsonl=jsonl({"image_url": address, "label": [BOX]})).json()
    assert (answer["labeled"], answer["annotations"], answer["findings"]) == (1, 1, [])
    assert labels(labeling, 2)[0]["bbox"] == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_jsonl_has_classes_lists_of_classes_boxes_and_polygons(labeling: LabelingLab) -> None:
    labeling.created(labelingJobMediaProperties=POLYGONS)
    ring = [0.1, 0.2, 0.5, 0.2, 0.5, 0.8]
    shape = {"label": "banana", "bbox": "null", "isCrowd": "false", "polygon": [ring]}
    assert send(labeling, jsonl=jsonl({"image_url": "a.jpg", "label": [shape]})).json()["annotations"] == 1
    assert labels(labeling)[0]["segmentation"] == [ring]
    file, places = read_jsonl(jsonl({"image_url": "a", "label": "cat"}, {"image_url": "b", "label": ["cat", "dog"]}))
    assert [(row.image_id, row.category_id) for row in file.annotations] == [(1, 1), (2, 1), (2, 2)]
    assert places.annotations == ["line 1: label/0", "line 2: label/0", "line 2: label/1"]


def test_rows_of_one_picture_belong_together(labeling: LabelingLab) -> None:
    labeling.created()
    other = BOX | {"label": "Banana"}
    rows = ({"image_url": f"{LONG}a.jpg", "label": [BOX]}, {"image_url": f"{LONG}a.jpg", "label": [other]})
    assert send(labeling, jsonl=jsonl(*rows)).json()["annotations"] == 2
    assert [label["class"] for label in labels(labeling)] == ["apple", "banana"]


def test_what_a_line_has_wrong_is_told_with_its_place(labeling: LabelingLab) -> None:
    labeling.created()
    text = jsonl(
        {"image_url": f"{LONG}a.jpg", "label": [BOX, BOX | {"bottomX": 1.5}, BOX | {"label": "kiwi"}]},
        "",
        "{",
        {"image_url": "none.jpg", "label": [BOX]},
        {"image_url": "a.jpg", "label": [BOX]},
        {"label": []},
        {"image_url": "b c.PNG", "label": [{"label": "apple", "topX": "left"}]},
        {"image_url": "b c.PNG", "label": ["apple"]},
    )
    answer = send(labeling, jsonl=text).json()
    assert [(finding["code"], finding["where"]) for finding in answer["findings"]] == [
        ("wrong-row", "line 3"),
        ("wrong-row", "line 6"),
        ("wrong-row", "line 7"),
        ("picture-not-found", "line 4"),
        ("picture-twice", "line 5"),
        ("unknown-class", "line 1: label/2"),
        ("outside", "line 1: label/1"),
        ("no-box", "line 8: label/0"),
    ]
    assert answer["findings"][2]["message"] == "Expected `float | null`, got `str` - at `$.label[0].topX`"
    assert answer["findings"][4]["message"] == "line 1 is the same picture"
    assert (answer["labeled"], answer["annotations"], answer["unmatched"]) == (1, 1, 2)


@pytest.mark.parametrize("corners", ["0.1,0.2,0.4,0.6", "10,10,40.0,30"])
def test_csv_has_fractions_or_pixels(labeling: LabelingLab, corners: str) -> None:
    labeling.created()
    answer = send(labeling, csv=f"{HEADER}\r\n{BLOBS}/a.jpg,Apple,1.0,{corners},\r\n").json()
    assert (answer["annotations"], answer["findings"]) == (1, [])
    assert labels(labeling)[0]["bbox"] == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_csv_of_classes_needs_two_columns(labeling: LabelingLab) -> None:
    labeling.created(labelingJobMediaProperties=CLASSIFICATION)
    assert send(labeling, csv="\ufefflabel,image_url\napple,a.jpg\n").json()["labeled"] == 1
    assert [label["class"] for label in labels(labeling)] == ["apple"]


@pytest.mark.parametrize("coordinates", ["normalized", "absolute"])
@pytest.mark.parametrize("media", ["BoundingBox", "InstanceSegmentation"])
def test_a_csv_export_comes_back_as_it_was(labeling: LabelingLab, coordinates: str, media: str) -> None:
    labeling.created(labelingJobMediaProperties={"mediaType": "Image", "annotationType": media})
    given = coco([10, 10, 30, 20], [0, 0, 100, 50])
    given["annotations"][0]["segmentation"] = [[10, 10, 40, 10, 40, 30, 10, 30]]
    given["annotations"][1]["segmentation"] = [[0, 0, 100, 0, 100, 50], [1, 2, 3, 4, 5, 7]]
    labeling.import_labels(given)
    before = labels(labeling)
    accepted = labeling.client.post(
        IMPORT.replace("labels:import", "exports"), json={"format": "CSV", "coordinates": coordinates}
    )
    labeling.settle()
    path = labeling.client.get(accepted.headers["location"]).json()["snapshotPath"]
    text = labeling.blobs.blobs[f"acct/azureml-blobstore-1/{path}"].decode()
    assert send(labeling, csv=text).json() == {
        "labeled": 1,
        "annotations": 2,
        "ignored": 0,
        "unmatched": 0,
        "findings": [],
        "findingsTotal": 0,
    }
    after = labels(labeling)
    assert [label["class"] for label in after] == [label["class"] for label in before]
    for old, new in zip(before, after, strict=True):
        assert new["bbox"] == pytest.approx(old["bbox"])
        assert new.get("segmentation") == old.get("segmentation")


def test_rows_of_a_csv_that_cannot_be_taken_are_told(labeling: LabelingLab) -> None:
    labeling.created()
    rows = (
        "a.jpg,Apple,1.0,0.1,0.2,0.4,0.6,",
        "a.jpg,Apple,1.0,left,0.2,0.4,0.6,",
        "a.jpg,Apple,1.0,0.1,0.2,0.4,0.6,,,",
        ",Apple,1.0,0.1,0.2,0.4,0.6,",
        "a.jpg,Apple,nan,0.1,0.2,0.4,0.6,",
        'a.jpg,Apple,1.0,0.1,0.2,0.4,0.6,"[[1,2"',
        "a.jpg,Kiwi,1.0,0.1,0.2,0.4,0.6,",
    )
    answer = send(labeling, csv="\n".join([HEADER, *rows])).json()
    assert [(finding["code"], finding["where"]) for finding in answer["findings"]] == [
        ("wrong-row", "line 3"),
        ("wrong-row", "line 4"),
        ("wrong-row", "line 5"),
        ("wrong-row", "line 6"),
        ("wrong-row", "line 7"),
        ("unknown-class", "line 8"),
    ]


def test_a_class_that_an_export_made_harmless_is_known_again() -> None:
    file, _ = read_csv("image_url,label\na.jpg,'=1+1\nb.jpg,'quoted\n")
    assert [category.name for category in file.categories] == ["=1+1", "'quoted"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"jsonl": "", "csv": ""},
        {"coco": coco(), "jsonl": ""},
        {"csv": ""},
        {"csv": "picture,label\n"},
        {"csv": f'{HEADER}\n"unfinished'},
        {"jsonl": 7},
        {"jsonl": "", "state": "done"},
    ],
)
def test_a_body_that_says_too_little_or_too_much_is_refused(labeling: LabelingLab, body: dict[str, Any]) -> None:
    labeling.created()
    answer = send(labeling, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UserError")


def test_the_same_import_again_changes_nothing(labeling: LabelingLab) -> None:
    labeling.created()
    text = jsonl({"image_url": "a.jpg", "label": [BOX]})
    send(labeling, jsonl=text)
    exported = labeling.exported()
    first = labeling.tasks()["value"][0]
    assert send(labeling, jsonl=text).json()["labeled"] == 1
    assert labeling.tasks()["value"][0] == first
    assert labeling.exported() == exported
    send(labeling, jsonl=jsonl({"image_url": "a.jpg", "label": [BOX | {"topX": 0.0}]}))
    assert labeling.tasks()["value"][0]["version"] == first["version"] + 1


def test_proposals_keep_their_scores_and_finished_labels_are_certain(labeling: LabelingLab) -> None:
    labeling.created()
    text = jsonl({"image_url": "a.jpg", "label": [BOX], "label_confidence": [0.75]})
    send(labeling, jsonl=text, state="prelabeled")
    assert [label["confidence"] for label in labels(labeling)] == [0.75]
    send(labeling, jsonl=text)
    assert [label["confidence"] for label in labels(labeling)] == [1.0]
    given = coco([10, 10, 30, 20], file_name="b c.PNG")
    given["annotations"][0]["score"] = 0.5
    send(labeling, coco=given, state="prelabeled")
    assert [label["confidence"] for label in labels(labeling, 1)] == [0.5]


def test_proposals_that_come_too_late_are_told(labeling: LabelingLab) -> None:
    labeling.created()
    text = jsonl({"image_url": "a.jpg", "label": [BOX]})
    send(labeling, jsonl=text)
    answer = send(labeling, jsonl=text, state="prelabeled").json()
    assert (answer["labeled"], answer["annotations"], answer["ignored"]) == (0, 0, 1)
    assert [(finding["code"], finding["where"]) for finding in answer["findings"]] == [("left-alone", "line 1")]


def test_the_history_says_who_imported_what(labeling: LabelingLab) -> None:
    labeling.created()
    send(labeling, jsonl=jsonl({"image_url": "a.jpg", "label": [BOX, BOX]}))
    (event,) = (event for event in labeling.service.history.last(1) if event.what == "imported")
    assert event.detail == {"state": "labeled", "labeled": 1, "labels": 2}


def test_a_box_is_drawn_around_a_polygon_that_has_none(labeling: LabelingLab) -> None:
    labeling.created()
    given = coco(None, None)
    given["annotations"][0]["segmentation"] = [[10, 10, 50, 10, 50, 40]]
    given["annotations"][1]["segmentation"] = {"counts": [1, 2], "size": [50, 100]}
    answer = send(labeling, coco=given).json()
    assert labels(labeling)[0]["bbox"] == pytest.approx([0.1, 0.2, 0.4, 0.6])
    (finding,) = answer["findings"]
    assert (finding["code"], finding["where"]) == ("no-box", "/annotations/1")
    assert finding["message"] == "it has no box, but a mask in run lengths: turn it into polygons"
