"""Labels: importing COCO in its variants, and exporting them again."""

from typing import Any

import pytest

from tests.localazure.labeling.labeling_lab import BLOBS, JOB, LabelingLab, coco


def report(**counts: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "labeled": 0,
        "annotations": 0,
        "ignored": 0,
        "unmatched": 0,
        "findings": [],
        "findingsTotal": 0,
    }
    return nothing | counts


@pytest.mark.parametrize(
    "boxes", [[[10, 10, 30, 20], [50.04, 0, 50, 50]], [[0.1, 0.2, 0.3, 0.4], [0.5004, 0, 0.5, 1.0]]]
)
def test_pixels_and_fractions_become_the_same_labels(labeling: LabelingLab, boxes: list[list[float]]) -> None:
    labeling.created()
    answer = labeling.import_labels(coco(*boxes))
    assert answer.json() == report(labeled=1, annotations=2)
    task = labeling.tasks()["value"][0]
    assert task["state"] == "labeled"
    assert [(label["class"], label["name"]) for label in task["labels"]] == [("apple", "Apple"), ("banana", "Banana")]
    assert task["labels"][0]["bbox"] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert task["labels"][1]["bbox"] == pytest.approx([0.5004, 0.0, 0.4996, 1.0])
    metrics = labeling.job()["properties"]["progressMetrics"]
    assert (metrics["totalDatapointCount"], metrics["completedDatapointCount"]) == (3, 1)


def test_importing_again_replaces_and_prelabels_do_not_count(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20], [1, 1, 5, 5]), state="prelabeled")
    labeling.import_labels(coco([20, 10, 30, 20]), state="prelabeled")
    task = labeling.tasks()["value"][0]
    assert (task["state"], len(task["labels"]), len(task["prelabels"])) == ("prelabeled", 0, 1)
    assert labeling.job()["properties"]["progressMetrics"]["completedDatapointCount"] == 0


def test_imported_prelabels_take_nobodys_labels_away(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20], [1, 1, 5, 5]))
    labeling.import_labels(coco([20, 10, 30, 20]), state="prelabeled")
    task = labeling.tasks()["value"][0]
    assert (task["state"], len(task["labels"])) == ("labeled", 2)


def test_pixels_without_a_size_are_measured_at_the_picture(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20], width=0.0, height=0.0))
    assert labeling.tasks()["value"][0]["labels"][0]["bbox"] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert labeling.blobs.reads == [f"{BLOBS}/a.jpg"]


@pytest.mark.parametrize(
    "image",
    [
        {"file_name": "more/a2.jpeg"},
        {"file_name": "./more/a2.jpeg"},
        {"file_name": "a2.jpeg"},
        {"file_name": "x.jpg", "absolute_url": f"{BLOBS}/more/a2.jpeg"},
        {"file_name": "x.jpg", "coco_url": "https://acct.blob.core.windows.net/training-images/more/a2.jpeg?sig=1"},
        {"file_name": "x.jpg", "coco_url": "AmlDatastore://training_images/more/a2.jpeg"},
        {"file_name": "x.jpg", "coco_url": "AmlDatastore://more/a2.jpeg"},
    ],
)
def test_pictures_are_found_by_address_path_or_a_unique_name(labeling: LabelingLab, image: dict[str, Any]) -> None:
    labeling.created()
    assert labeling.import_labels(coco([10, 10, 30, 20], **image)).json() == report(labeled=1, annotations=1)
    assert [task["path"] for task in labeling.tasks()["value"] if task["labels"]] == ["more/a2.jpeg"]


def test_a_kind_of_picture_that_no_project_takes_is_told_as_such(labeling: LabelingLab) -> None:
    labeling.created()
    answer = labeling.import_labels(coco([10, 10, 30, 20], file_name="moving.gif")).json()
    assert [finding["message"] for finding in answer["findings"]] == [
        (
            "a labeling project takes no picture like 'moving.gif', "
            "only .jpg, .jpeg, .png, .jpe, .jfif, .bmp, .tif, .tiff, .dcm, .dicom"
        )
    ]


def test_what_cannot_be_taken_is_reported_all_at_once(labeling: LabelingLab) -> None:
    labeling.blobs.blobs["acct/training-images/other/a.jpg"] = b""
    labeling.created()
    labels = coco([10, 10, 30, 20], [10, 10, 0, 20], [90, 10, 30, 20], None, [1, 2, 3])
    labels["images"] += [{"id": 6, "file_name": "none.jpg"}, {"id": 7, "file_name": "sub/a.jpg"}]
    labels["categories"].append({"id": 11, "name": "Kiwi"})
    labels["annotations"] += [
        {"id": 10, "image_id": 5, "category_id": 11, "bbox": [1, 1, 2, 2]},
        {"id": 11, "image_id": 99, "category_id": 7, "bbox": [1, 1, 2, 2]},
    ]
    answer = labeling.import_labels(labels).json()
    assert {key: answer[key] for key in ("labeled", "annotations", "ignored", "unmatched")} == {
        "labeled": 1,
        "annotations": 1,
        "ignored": 6,
        "unmatched": 2,
    }
    assert [(finding["code"], finding["where"]) for finding in answer["findings"]] == [
        ("no-image", "/annotations/6/image_id"),
        ("picture-not-found", "/images/1"),
        ("picture-not-found", "/images/2"),
        ("unknown-class", "/categories/2"),
        ("zero-size", "/annotations/1"),
        ("outside", "/annotations/2"),
        ("no-box", "/annotations/3"),
        ("not-four-numbers", "/annotations/4"),
    ]
    assert answer["findings"][2]["message"] == "several pictures are called 'a.jpg'"


def test_a_unit_that_cannot_be_told_is_refused(labeling: LabelingLab) -> None:
    labeling.created()
    answer = labeling.import_labels(coco([0.5, 0.5, 1.0, 1.0]))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UserError")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"coco": {"images": 1}}', b'{"coco":' + b"[" * 100_000])
def test_a_body_that_is_no_coco_is_refused(labeling: LabelingLab, body: bytes) -> None:
    labeling.created()
    path = "/labeling/v1.0" + JOB.replace("labelingJobs", "projects") + "/labels:import"
    assert labeling.client.post(path, content=body).status_code == 400


def test_labels_wait_until_the_job_is_there(labeling: LabelingLab) -> None:
    labeling.create()
    assert labeling.import_labels(coco([10, 10, 30, 20])).json()["error"]["code"] == "InvalidState"


def test_classification_takes_one_class_unless_several_are_allowed(labeling: LabelingLab) -> None:
    media = {"mediaType": "Image", "annotationType": "Classification"}
    labeling.created(labelingJobMediaProperties=media)
    answer = labeling.import_labels(coco(None, None)).json()
    assert (answer["labeled"], answer["findings"][0]["code"]) == (0, "several-classes")
    assert labeling.import_labels(coco(None)).json() == report(labeled=1, annotations=1)
    label = {"class": "apple", "name": "Apple", "confidence": 1.0, "source": "import"}
    assert labeling.tasks()["value"][0]["labels"] == [label]
    assert labeling.exported()["annotations"] == [{"id": 1, "category_id": 1, "image_id": 1}]


def test_polygons_keep_their_points(labeling: LabelingLab) -> None:
    labeling.created(labelingJobMediaProperties={"mediaType": "Image", "annotationType": "InstanceSegmentation"})
    labels = coco([0, 0, 1, 1], [0, 0, 1, 1])
    labels["annotations"][0]["segmentation"] = [[10, 10, 50, 10, 50, 40]]
    answer = labeling.import_labels(labels).json()
    assert (answer["annotations"], answer["findings"][0]["code"]) == (1, "no-polygon")
    row = labeling.exported()["annotations"][0]
    assert row["segmentation"][0] == pytest.approx([0.1, 0.2, 0.5, 0.2, 0.5, 0.8])
    assert row["bbox"] == pytest.approx([0.1, 0.2, 0.4, 0.6])
