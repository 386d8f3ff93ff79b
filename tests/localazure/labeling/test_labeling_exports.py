"""Exports: three formats, coordinates, filters, the list of exports, restarts."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from localazure.errors import BlobUnreachable
from tests.localazure.labeling.conftest import OpenLabeling, fill
from tests.localazure.labeling.labeling_lab import BLOBS, JOB, WORKSPACE, LabelingLab, coco

EXPORTS = f"/labeling/v1.0{WORKSPACE}/projects/fruit/exports"
STORE = "acct/azureml-blobstore-1/"
IMAGE = (
    "azureml://subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/workspaces/lab-ws"
    "/datastores/training_images/paths/"
)
CLASSIFICATION = {"mediaType": "Image", "annotationType": "Classification"}
POLYGONS = {"mediaType": "Image", "annotationType": "InstanceSegmentation"}


def own(lab: LabelingLab, **order: Any) -> dict[str, Any]:
    """The summary of an export by our own route."""
    accepted = lab.client.post(EXPORTS, json=order)
    assert accepted.status_code == 202, accepted.text
    assert lab.client.get(accepted.headers["location"]).status_code == 202
    lab.settle()
    return lab.client.get(accepted.headers["location"]).json()


def content(lab: LabelingLab, path: str) -> bytes:
    return lab.blobs.blobs[STORE + path]


def polygons() -> dict[str, Any]:
    labels = coco([0, 0, 1, 1])
    labels["annotations"][0]["segmentation"] = [[10, 10, 50, 10, 50, 40]]
    return labels


def test_a_coco_export_has_the_shape_of_azures_own(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20], [20, 10, 30, 20], file_name="b c.PNG"))
    summary = labeling.export()
    path = summary["snapshotPath"]
    assert summary == {
        "format": "Coco",
        "labelingJobId": JOB,
        "exportedRowCount": 1,
        "startDateTime": "2026-11-20T12:00:05.0000000Z",
        "endDateTime": "2026-11-20T12:00:10.0000000Z",
        "containerName": "azureml-blobstore-1",
        "snapshotPath": path,
    }
    assert path.startswith("Labeling/export/coco/")
    assert json.loads(content(labeling, path)) == {
        "images": [
            {
                "id": 1,
                "width": 100.0,
                "height": 50.0,
                "file_name": "b c.PNG",
                "coco_url": "AmlDatastore://training_images/b c.PNG",
                "absolute_url": f"{BLOBS}/b%20c.PNG",
                "date_captured": "2026-11-20T12:00:05.0000000Z",
            }
        ],
        "annotations": [
            {"id": 1, "category_id": 1, "image_id": 1, "area": 0.0, "bbox": [0.1, 0.2, 0.3, 0.4]},
            {"id": 2, "category_id": 2, "image_id": 1, "area": 0.0, "bbox": [0.2, 0.2, 0.3, 0.4]},
        ],
        "categories": [{"id": 1, "name": "Apple"}, {"id": 2, "name": "Banana"}],
    }


def test_coordinates_can_be_pixels(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([0.1, 0.2, 0.3, 0.4], [0, 0, 1 / 3, 1]))
    exported = json.loads(content(labeling, own(labeling, format="Coco", coordinates="absolute")["snapshotPath"]))
    assert [(row["bbox"], row["area"]) for row in exported["annotations"]] == [
        ([10.0, 10.0, 30.0, 20.0], 600.0),
        ([0.0, 0.0, 33.333, 50.0], 1666.65),
    ]


@pytest.mark.parametrize(
    ("coordinates", "ring", "area"),
    [("normalized", [0.1, 0.2, 0.5, 0.2, 0.5, 0.8], 0.0), ("absolute", [10.0, 10.0, 50.0, 10.0, 50.0, 40.0], 600.0)],
)
def test_polygons_are_exported_in_every_format(
    labeling: LabelingLab, coordinates: str, ring: list[float], area: float
) -> None:
    labeling.created(labelingJobMediaProperties=POLYGONS)
    labeling.import_labels(polygons())
    exported = json.loads(content(labeling, own(labeling, format="Coco", coordinates=coordinates)["snapshotPath"]))
    row = exported["annotations"][0]
    assert (row["segmentation"], row["area"]) == ([pytest.approx(ring)], pytest.approx(area))
    text = content(labeling, own(labeling, format="CSV", coordinates=coordinates)["snapshotPath"]).decode()
    assert json.loads(text.splitlines()[1].partition('"')[2].rstrip('"')) == [pytest.approx(ring)]


def test_pixels_need_a_size(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([0.1, 0.2, 0.3, 0.4]))
    labeling.import_labels(coco([0.1, 0.2, 0.3, 0.4], file_name="b c.PNG"))
    labeling.blobs.blobs["acct/training-images/a.jpg"] = b"damaged"
    summary = own(labeling, format="Coco", coordinates="absolute")
    assert (summary["exportedRowCount"], summary["leftOutRowCount"]) == (1, 1)
    exported = json.loads(content(labeling, summary["snapshotPath"]))
    assert [image["file_name"] for image in exported["images"]] == ["b c.PNG"]
    assert [row["image_id"] for row in exported["annotations"]] == [1]
    assert own(labeling, format="Coco")["exportedRowCount"] == 2


def test_only_approved_pictures_can_be_asked_for(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20], file_name="more/a2.jpeg"))
    labeling.import_labels(coco([10, 10, 30, 20], file_name="b c.PNG"))
    labeling.import_labels(coco([10, 10, 30, 20]), state="prelabeled")
    with labeling.service.tables.write() as db:
        db.execute("UPDATE task SET review='approved' WHERE path='more/a2.jpeg'")
    both = json.loads(content(labeling, own(labeling, format="Coco")["snapshotPath"]))
    assert [image["file_name"] for image in both["images"]] == ["b c.PNG", "more/a2.jpeg"]
    summary = own(labeling, format="Coco", include="approved")
    assert summary["exportedRowCount"] == 1
    exported = json.loads(content(labeling, summary["snapshotPath"]))
    assert [image["file_name"] for image in exported["images"]] == ["more/a2.jpeg"]
    assert [row["image_id"] for row in exported["annotations"]] == [1]
    rows = content(labeling, own(labeling, format="CSV", include="approved")["snapshotPath"]).decode().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["image_url", f"{BLOBS}/more/a2.jpeg"]


def test_the_same_labels_export_to_the_same_bytes_and_sizes_are_read_once(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20]))
    for order in ({"format": "Coco"}, {"format": "CSV"}, {"format": "Coco", "coordinates": "absolute"}):
        first, second = own(labeling, **order), own(labeling, **order)
        assert first["snapshotPath"] != second["snapshotPath"]
        assert content(labeling, first["snapshotPath"]) == content(labeling, second["snapshotPath"])
    assert labeling.blobs.reads == [f"{BLOBS}/a.jpg"]


def test_a_picture_that_is_gone_is_exported_without_a_size(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20]))
    del labeling.blobs.blobs["acct/training-images/a.jpg"]
    assert labeling.exported()["images"][0]["width"] == 0.0


def test_a_csv_export_has_a_row_for_each_label(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 40, 20], [20, 10, 30, 20]))
    summary = labeling.export("CSV")
    assert summary["exportedRowCount"] == 2
    assert content(labeling, summary["snapshotPath"]).decode().splitlines() == [
        "image_url,label,label_confidence,topX,topY,bottomX,bottomY,polygon",
        f"{BLOBS}/a.jpg,Apple,1.0,0.1,0.2,0.5,0.6,",
        f"{BLOBS}/a.jpg,Banana,1.0,0.2,0.2,0.5,0.6,",
    ]


def test_no_spreadsheet_runs_a_class_of_a_csv_export(labeling: LabelingLab) -> None:
    classes = {"apple": {"displayName": "=cmd|'/c calc'!A1"}, "banana": {"displayName": "@SUM(1)"}}
    labeling.created(labelCategories={"fruit": {"displayName": "Fruit", "classes": classes}})
    labeling.import_labels({**coco([10, 10, 40, 20]), "categories": [{"id": 7, "name": "apple"}]})
    text = content(labeling, labeling.export("CSV")["snapshotPath"]).decode()
    assert text.splitlines()[1].split(",")[1] == "'=cmd|'/c calc'!A1"


def dataset(lab: LabelingLab) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The registered asset and the rows behind it."""
    summary = lab.export("Dataset")
    version = lab.resources.get(f"{WORKSPACE}/data/{summary['labeledAssetName']}/versions/1")
    assert version is not None
    folder = version["properties"]["dataUri"].partition("/paths/")[2]
    assert content(lab, f"{folder}MLTable").startswith(b"paths:\n  - file: ./annotations.jsonl\n")
    rows = [json.loads(line) for line in content(lab, f"{folder}annotations.jsonl").splitlines()]
    assert summary["exportedRowCount"] == len(rows)
    return version["properties"], rows


def test_a_dataset_export_is_an_mltable_asset_with_automls_rows(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20]))
    labeling.import_labels(coco([10, 10, 40, 20], file_name="more/a2.jpeg"))
    asset, rows = dataset(labeling)
    folder = asset["dataUri"].partition("/paths/")[2]
    assert folder.startswith("Labeling/export/dataset/")
    assert asset == {
        "dataType": "mltable",
        "dataUri": IMAGE.replace("training_images", "workspaceblobstore") + folder,
        "description": "Labels of the labeling project 'fruit'.",
        "referencedUris": ["./annotations.jsonl"],
        "caller": "me",
    }
    details = {"width": 100, "height": 50, "format": "jpg"}
    box = {"label": "Apple", "topX": 0.1, "topY": 0.2, "bottomX": 0.4, "bottomY": 0.6, "isCrowd": False}
    assert rows == [
        {"image_url": f"{IMAGE}a.jpg", "image_details": details, "label": [box]},
        {"image_url": f"{IMAGE}more/a2.jpeg", "image_details": details, "label": [box | {"bottomX": 0.5}]},
    ]


def test_polygons_of_a_dataset_stand_beside_their_box(labeling: LabelingLab) -> None:
    labeling.created(labelingJobMediaProperties=POLYGONS)
    labeling.import_labels(polygons())
    (label,) = dataset(labeling)[1][0]["label"]
    assert label == {
        "label": "Apple",
        "topX": 0.1,
        "topY": 0.2,
        "bottomX": 0.5,
        "bottomY": 0.8,
        "isCrowd": False,
        "polygon": [[0.1, 0.2, 0.5, 0.2, 0.5, 0.8]],
        "bbox": [0.1, 0.2, 0.5, 0.8],
    }


@pytest.mark.parametrize(
    ("several", "boxes", "label", "confidence"),
    [("Disabled", [None], "Apple", 1.0), ("Enabled", [None, None], ["Apple", "Banana"], [1.0, 1.0])],
)
def test_tags_of_a_dataset_are_text_or_lists(
    labeling: LabelingLab, several: str, boxes: list[None], label: object, confidence: object
) -> None:
    classes = {key: {"displayName": key.title()} for key in ("apple", "banana")}
    categories = {"fruit": {"displayName": "Fruit", "multiSelect": several, "classes": classes}}
    labeling.created(labelingJobMediaProperties=CLASSIFICATION, labelCategories=categories)
    labeling.import_labels(coco(*boxes))
    (row,) = dataset(labeling)[1]
    assert (row["label"], row["label_confidence"]) == (label, confidence)


def test_two_datasets_of_one_moment_are_two_assets(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20]))
    for _ in range(2):
        assert labeling.call("POST", f"{JOB}/exportLabels", json={"format": "Dataset"}).status_code == 202
    labeling.settle()
    names = [export["labeledAssetName"] for export in labeling.client.get(EXPORTS).json()["value"]]
    assert sorted(names) == ["fruit-2026-11-20-12-00-05", "fruit-2026-11-20-12-00-05-2"]


def test_a_projects_exports_are_listed_with_their_state(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20]))
    done = labeling.export()
    labeling.client.post(EXPORTS, json={"format": "CSV", "coordinates": "absolute", "include": "approved"})
    newest, oldest = labeling.client.get(EXPORTS).json()["value"]
    assert newest == {
        "id": newest["id"],
        "state": "InProgress",
        "format": "CSV",
        "coordinates": "absolute",
        "include": "approved",
        "startedBy": "me",
        "startDateTime": "2026-11-20T12:00:10.0000000Z",
    }
    asked = {"coordinates": "normalized", "include": "labeled", "startedBy": "me"}
    assert oldest == {"id": oldest["id"], "state": "Succeeded"} | asked | done


def test_an_export_that_fails_says_why(labeling: LabelingLab) -> None:
    labeling.created()
    del labeling.resources.by_id[f"{WORKSPACE}/datastores/workspaceblobstore".lower()]
    accepted = labeling.client.post(EXPORTS, json={"format": "Coco"})
    labeling.settle()
    failed = labeling.client.get(accepted.headers["location"])
    assert (failed.status_code, failed.json()["error"]["code"]) == (409, "UserError")
    (listed,) = labeling.client.get(EXPORTS).json()["value"]
    assert (listed["state"], listed["error"]["message"]) == (
        "Failed",
        "The workspace has no blob datastore 'workspaceblobstore'.",
    )


def test_an_export_goes_on_after_a_kill(open_labeling: OpenLabeling) -> None:
    lab = open_labeling(on_disk=True)
    fill(lab)
    lab.created()
    lab.import_labels(coco([10, 10, 30, 20]))
    lab.client.post(EXPORTS, json={"format": "Coco"})
    again = open_labeling(on_disk=True)
    again.settle()
    (listed,) = again.client.get(EXPORTS).json()["value"]
    assert (listed["state"], listed["exportedRowCount"]) == ("Succeeded", 1)


@pytest.mark.parametrize("wanted", ["coco", "", None, 7, ["Coco"]])
def test_other_formats_are_refused(labeling: LabelingLab, wanted: object) -> None:
    labeling.created()
    assert labeling.call("POST", f"{JOB}/exportLabels", json={"format": wanted}).status_code == 400


@pytest.mark.parametrize(
    ("order", "target"),
    [
        ({"format": "Coco", "coordinates": "pixels"}, "coordinates"),
        ({"format": "Coco", "include": "all"}, "include"),
        ({"format": "Dataset", "coordinates": "absolute"}, "coordinates"),
        ({"format": "Coco", "filter": "x"}, "filter"),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused(labeling: LabelingLab, order: dict[str, Any], target: str) -> None:
    labeling.created()
    answer = labeling.client.post(EXPORTS, json=order)
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, target)


def test_exports_need_their_own_permission(labeling: LabelingLab) -> None:
    labeling.created()
    for method in ("GET", "POST"):
        denied = labeling.client.request(method, EXPORTS, headers={"authorization": "labeling/export/action"})
        assert denied.status_code == 403


def test_a_job_that_is_being_created_cannot_be_exported(labeling: LabelingLab) -> None:
    labeling.create()
    answers = [
        labeling.call("POST", f"{JOB}/exportLabels", json={"format": "Coco"}),
        labeling.client.post(EXPORTS, json={"format": "Coco"}),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(409, "InvalidState")] * 2


def test_the_history_says_who_exported_what(labeling: LabelingLab) -> None:
    labeling.created()
    labeling.import_labels(coco([10, 10, 30, 20]))
    summary = own(labeling, format="Coco")
    (event,) = labeling.service.history.last(labeling.service.projects.list(WORKSPACE)[0].number, top=1)
    assert (event.what, event.who) == ("exported", "me")
    assert event.detail == {name: summary[name] for name in ("format", "exportedRowCount", "snapshotPath")}


def test_a_deleted_project_takes_the_list_of_its_exports_along(labeling: LabelingLab) -> None:
    labeling.created()
    own(labeling, format="Coco")
    project = labeling.service.projects.list(WORKSPACE)[0]
    assert labeling.call("DELETE", JOB).status_code == 200
    assert labeling.service.exporter.list(project) == []


def test_no_tag_of_a_dataset_is_lost_when_several_are_allowed_no_more(labeling: LabelingLab) -> None:
    classes = {key: {"displayName": key.title()} for key in ("apple", "banana")}
    category = {"displayName": "Fruit", "multiSelect": "Enabled", "classes": classes}
    labeling.created(labelingJobMediaProperties=CLASSIFICATION, labelCategories={"fruit": category})
    labeling.import_labels(coco(None, None))
    labeling.import_labels(coco(None, file_name="b c.PNG"))
    one = {"fruit": category | {"multiSelect": "Disabled"}}
    assert labeling.create(labelingJobMediaProperties=CLASSIFICATION, labelCategories=one).status_code == 200
    assert [row["label"] for row in dataset(labeling)[1]] == [["Apple", "Banana"], "Apple"]


def test_an_export_that_cannot_be_written_is_an_error_of_ours(labeling: LabelingLab, monkeypatch: Any) -> None:
    def refuse(account: str, container: str, name: str, *_: object) -> str:
        raise BlobUnreachable(f"https://127.0.0.1:2/{account}/{container}/{name}", "the blob server does not answer")

    labeling.created()
    monkeypatch.setattr(labeling.blobs, "write_pieces", refuse)
    accepted = labeling.client.post(EXPORTS, json={"format": "CSV"})
    labeling.settle()
    failed = labeling.client.get(accepted.headers["location"])
    assert (failed.status_code, failed.json()["error"]["code"]) == (500, "ExportFailed")
    assert failed.json()["error"]["message"].endswith("/fruit.csv: the blob server does not answer")


def tiff_with_its_header_last() -> bytes:
    """As cameras write them: the directory of fields stands behind the picture."""
    drawn = io.BytesIO()
    Image.new("L", (400, 300)).save(drawn, "TIFF")
    first = drawn.getvalue()
    fields = first[8 : 8 + 2 + 12 * int.from_bytes(first[8:10], "little") + 4]
    return b"II*\0" + (8 + 70_000).to_bytes(4, "little") + bytes(70_000) + fields + bytes(100)


def test_sizes_are_read_from_the_start_of_a_picture_or_from_all_of_it(labeling: LabelingLab) -> None:
    labeling.blobs.blobs["acct/training-images/far.tif"] = tiff_with_its_header_last()
    labeling.created()
    labeling.import_labels(coco([0.1, 0.2, 0.3, 0.4]))
    labeling.import_labels(coco([0.1, 0.2, 0.3, 0.4], file_name="far.tif"))
    images = labeling.exported()["images"]
    assert [(image["width"], image["height"]) for image in images] == [(100.0, 50.0), (400.0, 300.0)]
    assert sorted(labeling.blobs.reads) == [f"{BLOBS}/a.jpg", f"{BLOBS}/far.tif", f"{BLOBS}/far.tif"]
