"""MLTable data assets as a project's pictures: what they name, what they lack, what is wrong with them."""

import json
from typing import Any

import pytest

from tests.localazure.labeling.labeling_lab import BLOBS, DATA, JOB, WORKSPACE, LabelingLab

FOLDER = "acct/azureml-blobstore-1/tables/one/"
LONG = f"azureml:/{WORKSPACE.replace('/providers/Microsoft.MachineLearningServices', '')}/datastores"
LINES = """
paths:
  - file: ./rows.jsonl
transformations:
  - read_json_lines: {encoding: utf8, invalid_lines: error}
  - convert_column_types:
      - columns: image_url
        column_type: stream_info
"""


def table(lab: LabelingLab, text: str, *rows: Any, uri: str = "azureml://datastores/workspaceblobstore/paths/") -> None:
    """The data asset, its MLTable file, and the rows that it points to."""
    lab.resources.put(DATA, dataType="mltable", dataUri=f"{uri}tables/one/")
    lab.blobs.blobs[f"{FOLDER}MLTable"] = text.encode()
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    lab.blobs.blobs[f"{FOLDER}rows.jsonl"] = "\n".join(lines).encode()


def paths(lab: LabelingLab) -> list[tuple[str, str]]:
    return [(task["path"], task["fault"]) for task in lab.tasks()["value"]]


def test_the_pictures_of_its_json_lines_become_tasks_and_no_others(labeling: LabelingLab) -> None:
    rows = [
        {"image_url": f"{LONG}/training_images/paths/more/a2.jpeg", "label": "apple"},
        {"image_url": "AmlDatastore://training_images/b c.PNG"},
        {"image_url": "azureml://datastores/training_images/paths/more/a2.jpeg"},
        {"image_url": "azureml://datastores/training_images/paths/notes.txt"},
    ]
    table(labeling, LINES, *rows)
    job = labeling.created()
    assert paths(labeling) == [("more/a2.jpeg", ""), ("b c.PNG", "")]
    assert labeling.tasks()["value"][0]["url"] == f"{BLOBS}/more/a2.jpeg"
    assert (job["properties"]["status"], job["properties"]["statusMessages"]) == ("Running", [])
    assert job["properties"]["dataConfiguration"]["dataId"] == DATA


def test_a_refresh_reads_the_table_again_and_misses_what_is_gone(labeling: LabelingLab) -> None:
    table(labeling, LINES, {"image_url": "azureml://datastores/training_images/paths/a.jpg"})
    labeling.created()
    labeling.call("POST", f"{JOB}/pause")
    table(
        labeling,
        LINES,
        {"image_url": "azureml://datastores/training_images/paths/a.jpg"},
        {"image_url": "azureml://datastores/training_images/paths/gone.jpg"},
    )
    labeling.call("POST", f"{JOB}/resume")
    labeling.settle()
    assert paths(labeling) == [("a.jpg", ""), ("gone.jpg", "missing")]
    assert [message["code"] for message in labeling.job()["properties"]["statusMessages"]] == [
        "MissingData",
        "DataRefreshed",
    ]


def test_pictures_of_another_container_are_left_out_and_counted(labeling: LabelingLab) -> None:
    rows = [
        {"image_url": "azureml://datastores/training_images/paths/a.jpg"},
        {"image_url": "azureml://datastores/workspaceblobstore/paths/b.jpg"},
        {"image_url": "azureml://datastores/none/paths/c.jpg"},
        {"image_url": "https://elsewhere.example.org/d.jpg"},
    ]
    table(labeling, LINES, *rows)
    (message,) = labeling.created()["properties"]["statusMessages"]
    assert paths(labeling) == [("a.jpg", "")]
    assert (message["code"], message["message"]) == (
        "DataElsewhere",
        (
            "3 pictures of the table lie outside 'training-images', and are left out: "
            "a project has its pictures in one container."
        ),
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("file: ./x.jpg", ["tables/one/x.jpg"]),
        ("folder: ./deep", ["tables/one/deep/y.png"]),
        ("pattern: ./**/*.png", ["tables/one/deep/y.png"]),
        ("folder: azureml://datastores/training_images/paths/more/", ["more/a2.jpeg"]),
        ("file: https://127.0.0.1:2/acct/azureml-blobstore-1/tables/one/x.jpg", ["tables/one/x.jpg"]),
    ],
)
def test_a_table_may_name_the_pictures_themselves(labeling: LabelingLab, entry: str, expected: list[str]) -> None:
    labeling.blobs.blobs |= {f"{FOLDER}x.jpg": b"", f"{FOLDER}deep/y.png": b"", f"{FOLDER}deep/z.txt": b""}
    table(labeling, f"paths:\n  - {entry}\n")
    labeling.created()
    assert paths(labeling) == [(path, "") for path in expected]


def test_the_column_of_pictures_is_the_one_that_is_a_stream(labeling: LabelingLab) -> None:
    text = LINES.replace("columns: image_url", "columns: [picture]")
    table(labeling, text, {"picture": "azureml://datastores/training_images/paths/a.jpg", "image_url": "x"})
    labeling.created()
    assert paths(labeling) == [("a.jpg", "")]


def test_an_exported_dataset_can_be_labeled_anew(labeling: LabelingLab) -> None:
    labeling.created()
    body = {"jsonl": json.dumps({"image_url": "a.jpg", "label": [{"label": "apple", "bbox": [0.1, 0.1, 0.5, 0.5]}]})}
    labeling.client.post(f"/labeling/v1.0{WORKSPACE}/projects/fruit/labels:import", json=body)
    name = labeling.export("Dataset")["labeledAssetName"]
    data = f"{WORKSPACE}/data/{name}/versions/1"
    again = f"{WORKSPACE}/labelingJobs/again"
    assert labeling.create(again, dataConfiguration={"dataId": data}).status_code == 201
    labeling.settle()
    metrics = labeling.call("GET", again).json()["properties"]["progressMetrics"]
    assert (metrics["totalDatapointCount"], metrics["completedDatapointCount"]) == (1, 0)


@pytest.mark.parametrize(
    ("text", "rows", "reason"),
    [
        ("a: [", [], "it is no YAML: "),
        ("paths: []", [], "it has no paths"),
        ("- paths", [], "it has no paths"),
        (LINES.replace("read_json_lines", "read_parquet"), [], "read_parquet is not implemented by the local Azure"),
        (LINES, ["{"], "rows.jsonl: line 1: "),
        (LINES, [{"image_url": 7}], "line 1 has no image_url"),
        (LINES, ["{}"], "line 1 has no image_url"),
        (LINES.replace("file:", "folder:"), [], "JSON lines are named file by file, not by folder"),
        ("paths:\n  - file: ../../../x.jpg", [], "'../../../x.jpg' leads to no blob datastore"),
        (LINES.replace("./rows.jsonl", "./none.jsonl"), [], "none.jsonl: it does not exist"),
    ],
)
def test_a_table_that_cannot_be_read_fails_the_job_and_says_why(
    labeling: LabelingLab, text: str, rows: list[Any], reason: str
) -> None:
    table(labeling, text, *rows)
    properties = labeling.created()["properties"]
    assert (properties["status"], properties["provisioningState"]) == ("Failed", "Failed")
    assert reason in properties["statusMessages"][0]["message"]
