"""The labeling client that Microsoft generated, of the last azure-ai-ml that had it; and today's on what it made."""

import io
import json
import os
import ssl
import subprocess
import urllib.request
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import ROOT
from tests.clients.ml_lab import MlLab, entities, ml_lab

PYTHON = ROOT / ".tools" / "labeling-client" / "bin" / "python"
BOOLEANS, ENUMS = "v2022_10_01_preview", "v2024_04_01_preview"


def picture() -> bytes:
    from PIL import Image

    drawn = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 30, 30)).save(drawn, "JPEG")
    return drawn.getvalue()


@dataclass(frozen=True, kw_only=True)
class Labeling:
    """A workspace with two pictures in its own store, and the old client."""

    lab: MlLab
    store: Any
    data_id: str
    environment: Mapping[str, str]
    driver: subprocess.Popen[str]

    def __call__(self, version: str, *steps: str) -> list[Any]:
        """What each step answered."""
        assert self.driver.stdin is not None
        assert self.driver.stdout is not None
        answers: list[Any] = []
        for step in steps:
            self.driver.stdin.write(f"{version} {step}\n")
            self.driver.stdin.flush()
            line = self.driver.stdout.readline()
            assert line, f"the client ended at '{step}'"
            answers.append(json.loads(line))
        return answers

    def import_labels(self, name: str, coco: Mapping[str, Any]) -> Any:
        origin = self.environment["AZURE_AUTHORITY_HOST"]
        url = f"{origin}/labeling/v1.0{self.lab.workspace}/projects/{name}/labels:import"
        token = self.lab.credential.get_token(f"{origin}/.default").token
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps({"coco": coco}).encode(), headers, method="POST")
        context = ssl.create_default_context(cafile=self.environment["REQUESTS_CA_BUNDLE"])
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)

    def exported(self, summary: Mapping[str, Any]) -> str:
        assert summary["container_name"] == self.store.container_name
        return self.store.download_blob(summary["snapshot_path"]).readall().decode()


@pytest.fixture(scope="module")
def labeling(azure: Any) -> Generator[Labeling]:
    if not PYTHON.is_file():
        pytest.skip("the labeling client is not in .tools: run `make labelingclient`")
    from azure.storage.blob import BlobServiceClient

    with pytest.MonkeyPatch.context() as patch:
        for name, value in azure.environment.items():
            patch.setenv(name, value)
        lab = ml_lab(azure, auth_mode="Identity")
        client = lab.client()
        container = client.datastores.get_default().container_name
        from azure.mgmt.storage import StorageManagementClient

        accounts = azure.management(StorageManagementClient, lab.credential).storage_accounts
        group, account = lab.storage.split("/")[4], lab.storage.rsplit("/", 1)[-1]
        endpoint = accounts.get_properties(group, account).primary_endpoints.blob
        store = BlobServiceClient(endpoint, credential=lab.credential, retry_total=0).get_container_client(container)
        for name in ("a.jpg", "more/b.jpg"):
            store.upload_blob(f"photos/{name}", picture())
        path = "azureml://datastores/workspaceblobstore/paths/photos/"
        data = client.data.create_or_update(entities().Data(name="photos", version="1", path=path, type="uri_folder"))
    command = [str(PYTHON), str(Path(__file__).with_name("drive_labeling.py")), lab.workspace, data.id]
    known = {**os.environ, **azure.environment}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=known) as driver:
        try:
            yield Labeling(lab=lab, store=store, data_id=data.id, environment=azure.environment, driver=driver)
        finally:
            driver.kill()


def test_a_project_lives_from_creation_to_deletion(labeling: Labeling) -> None:
    steps = ("create fruit apple banana", "get fruit", "list 1", "pause fruit", "create fruit apple banana pear")
    made, got, listed, paused, changed = labeling(ENUMS, *steps)
    assert made == got
    assert (made["name"], made["status"], made["provisioning_state"]) == ("fruit", "Running", "Succeeded")
    assert made["progress_metrics"]["total_datapoint_count"] == 2
    assert made["data_configuration"] == {"data_id": labeling.data_id, "incremental_data_refresh": "Enabled"}
    assert made["labeling_job_media_properties"] == {"media_type": "Image", "annotation_type": "BoundingBox"}
    assert ("fruit" in listed, paused["status"]) == (True, "Paused")
    assert sorted(changed["label_categories"]["fruit"]["classes"]) == ["apple", "banana", "pear"]
    resumed, deleted, gone, again = labeling(ENUMS, "resume fruit", "delete fruit", "get fruit", "create fruit apple")
    assert (resumed["status"], deleted) == ("Running", None)
    assert gone == {"refused": 404, "code": "ResourceNotFound"}
    assert again == {"refused": 409, "code": "Conflict"}


def test_an_old_version_speaks_booleans_of_the_same_project(labeling: Labeling) -> None:
    made, paused, seen, resumed, running = labeling(
        BOOLEANS, "create old apple", "pause old", "get old", "resume old", "get old"
    )
    assert made["data_configuration"] == {"data_id": labeling.data_id, "incremental_data_refresh_enabled": True}
    assert made["label_categories"]["fruit"]["multi_select_enabled"] is False
    assert (paused, resumed) == (None, None)  # the old client reads no body there
    assert (seen["status"], running["status"]) == ("Paused", "Running")
    (of_today,) = labeling(ENUMS, "get old")
    assert of_today["label_categories"]["fruit"]["multi_select"] == "Disabled"


@pytest.mark.usefixtures("environment")
def test_labels_are_exported_in_three_formats(labeling: Labeling) -> None:
    labeling(ENUMS, "create labels apple banana")
    images = [{"id": 1, "file_name": "photos/more/b.jpg", "width": 40, "height": 20}]
    labels = [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [10, 5, 20, 10]}]
    coco = {"images": images, "annotations": labels, "categories": [{"id": 3, "name": "banana"}]}
    assert labeling.import_labels("labels", coco)["labeled"] == 1
    as_coco, as_csv, dataset = labeling(ENUMS, *(f"export labels {kind}" for kind in ("Coco", "CSV", "Dataset")))
    assert [made["type"] for made in (as_coco, as_csv, dataset)] == [
        "CocoExportSummary", "CsvExportSummary", "DatasetExportSummary",
    ]  # fmt: skip
    assert {made["exported_row_count"] for made in (as_coco, as_csv, dataset)} == {1}
    exported = json.loads(labeling.exported(as_coco))
    assert exported["annotations"][0]["bbox"] == [0.25, 0.25, 0.5, 0.5]
    assert (exported["images"][0]["width"], exported["images"][0]["height"]) == (40.0, 20.0)
    assert labeling.exported(as_csv).splitlines()[1].split(",")[1:-1] == [
        "Banana",
        "1.0",
        "0.25",
        "0.25",
        "0.75",
        "0.75",
    ]
    asset = labeling.lab.client().data.get(dataset["labeled_asset_name"], version="1")
    assert asset.type == "mltable"
    folder = asset.path.partition("/paths/")[2]
    assert folder.startswith("Labeling/export/dataset/")
    row = json.loads(labeling.store.download_blob(f"{folder}annotations.jsonl").readall())
    assert row["image_url"].endswith("/datastores/workspaceblobstore/paths/photos/more/b.jpg")
    assert row["label"][0] == {
        "label": "Banana", "topX": 0.25, "topY": 0.25, "bottomX": 0.75, "bottomY": 0.75, "isCrowd": False,
    }  # fmt: skip
    assert b"read_json_lines" in labeling.store.download_blob(f"{folder}MLTable").readall()


def test_what_is_wrong_is_told_as_azure_tells_it(labeling: Labeling) -> None:
    steps = ("create -bad apple", "get none", "pause none", "export none Coco")
    missing = {"refused": 404, "code": "ResourceNotFound"}
    assert labeling(ENUMS, *steps) == [{"refused": 400, "code": "UserError"}, missing, missing, missing]
