"""The labeling service in this process: its routes under Starlette, a fake Resource Manager and fake blobs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.routing import BaseRoute

from localazure.blobs import BlobItem
from localazure.errors import BlobMissing
from localazure.identity import Identity, LocalService
from localazure.labeling.service import LabelingService
from localazure.operations import Operations

VERSION = "2024-04-01-preview"
SUB = "/subscriptions/11111111-1111-1111-1111-111111111111"
WORKSPACE = f"{SUB}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/lab-ws"
STORAGE = f"{SUB}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acct"
DATA = f"{WORKSPACE}/data/photos/versions/1"
JOB = f"{WORKSPACE}/labelingJobs/fruit"
BLOBS = "https://127.0.0.1:2/acct/training-images"


class FakeClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


class FakeResources:
    """Resources by id, without case."""

    def __init__(self) -> None:
        store = {"datastoreType": "AzureBlob", "accountName": "acct"}
        self.by_id: dict[str, dict[str, Any]] = {}
        self.put(WORKSPACE, workspaceId="generation-1", storageAccount=STORAGE)
        self.put(STORAGE, primaryEndpoints={"blob": "https://127.0.0.1:2/acct/"})
        self.put(f"{WORKSPACE}/datastores/training_images", **store, containerName="training-images")
        self.put(f"{WORKSPACE}/datastores/workspaceblobstore", **store, containerName="azureml-blobstore-1")
        self.put(DATA, dataType="uri_folder", dataUri="azureml://datastores/training_images/paths/")

    def put(self, resource_id: str, **properties: Any) -> None:
        name = resource_id.rsplit("/", 1)[-1]
        self.by_id[resource_id.lower()] = {"id": resource_id, "name": name, "properties": properties}

    def put_data(self, version_id: str, properties: Mapping[str, Any], *, caller: str) -> None:
        self.put(version_id, **properties, caller=caller)

    def get(self, resource_id: str) -> dict[str, Any] | None:
        return self.by_id.get(resource_id.lower())


@dataclass
class FakeBlobs:
    """Blobs by account/container/name."""

    blobs: dict[str, bytes] = field(default_factory=dict[str, bytes])
    reads: list[str] = field(default_factory=list[str])

    def read(self, url: str, identity: Identity, *, limit_bytes: int) -> bytes:
        self.reads.append(url)
        key = url.removeprefix("https://127.0.0.1:2/").replace("%20", " ")
        if key not in self.blobs:
            raise BlobMissing(url, "it does not exist")
        return self.blobs[key]

    def read_start(self, url: str, *, most_bytes: int) -> bytes:
        return self.read(url, LocalService(), limit_bytes=0)[:most_bytes]

    def list(self, account: str, container: str, prefix: str) -> Iterator[BlobItem]:
        start = f"{account}/{container}/"
        if not any(key.startswith(start) for key in self.blobs):
            raise BlobMissing(f"https://127.0.0.1:2/{start}", "the container does not exist")
        for key in sorted(self.blobs):
            if key.startswith(start + prefix):
                name = key.removeprefix(start)
                yield BlobItem(name=name, size=len(self.blobs[key]), last_modified=datetime(2026, 1, 1, tzinfo=UTC))

    def write(self, account: str, container: str, name: str, data: bytes, content_type: str) -> str:
        self.blobs[f"{account}/{container}/{name}"] = data
        return f"https://127.0.0.1:2/{account}/{container}/{name}"

    def write_pieces(self, account: str, container: str, name: str, pieces: Iterable[bytes], content_type: str) -> str:
        return self.write(account, container, name, b"".join(pieces), content_type)


@dataclass
class LabelingLab:
    service: LabelingService
    client: httpx.Client
    transport: httpx.BaseTransport
    blobs: FakeBlobs
    resources: FakeResources
    operations: Operations
    clock: FakeClock
    routes: list[BaseRoute] = field(default_factory=list[BaseRoute])

    def call(self, method: str, path: str, *, version: str = VERSION, **kwargs: Any) -> httpx.Response:
        params = {"api-version": version} | kwargs.pop("params", {})
        return self.client.request(method, path, params=params, **kwargs)

    def settle(self, seconds: float = 5) -> None:
        self.clock.time += timedelta(seconds=seconds)
        self.operations.advance()

    def create(self, path: str = JOB, **changes: Any) -> httpx.Response:
        return self.call("PUT", path, json={"properties": job(**changes)})

    def created(self, **changes: Any) -> dict[str, Any]:
        assert self.create(**changes).status_code == 201
        self.settle()
        return self.job()

    def job(self) -> dict[str, Any]:
        return self.call("GET", JOB).json()

    def import_labels(self, coco: dict[str, Any], state: str = "labeled") -> httpx.Response:
        body = {"coco": coco, "state": state}
        return self.client.post(f"/labeling/v1.0{WORKSPACE}/projects/fruit/labels:import", json=body)

    def tasks(self, **params: int) -> dict[str, Any]:
        return self.client.get(f"/labeling/v1.0{WORKSPACE}/projects/fruit/tasks", params=params).json()

    def export(self, wanted: str = "Coco") -> dict[str, Any]:
        accepted = self.call("POST", f"{JOB}/exportLabels", json={"format": wanted})
        assert accepted.status_code == 202
        assert self.client.get(accepted.headers["location"]).status_code == 202
        self.settle()
        return self.client.get(accepted.headers["location"]).json()

    def exported(self) -> dict[str, Any]:
        return json.loads(self.blobs.blobs[f"acct/azureml-blobstore-1/{self.export()['snapshotPath']}"])


def job(**changes: Any) -> dict[str, Any]:
    """As Microsoft's serializer emits it."""
    classes: dict[str, Any] = {key: {"displayName": key.title(), "subclasses": {}} for key in ("apple", "banana")}
    body: dict[str, Any] = {
        "experimentName": "Default",
        "isArchived": False,
        "jobType": "Labeling",
        "dataConfiguration": {"dataId": DATA, "incrementalDataRefresh": "Enabled"},
        "jobInstructions": {"uri": "https://example.org/how"},
        "labelCategories": {"fruit": {"displayName": "Fruit", "multiSelect": "Disabled", "classes": classes}},
        "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "BoundingBox"},
        "mlAssistConfiguration": {"mlAssist": "Disabled"},
    }
    return body | changes


def coco(*boxes: list[float] | None, **image: Any) -> dict[str, Any]:
    """One picture, a.jpg, with a label for each box; the classes are apple (7) and Banana (9) in turn."""
    row: dict[str, Any] = {"id": 5, "file_name": "a.jpg", "width": 100, "height": 50} | image
    annotations: list[dict[str, Any]] = []
    for number, box in enumerate(boxes):
        annotation: dict[str, Any] = {"id": number + 1, "image_id": 5, "category_id": 7 + 2 * (number % 2)}
        annotations.append(annotation if box is None else annotation | {"bbox": box})
    categories = [{"id": 9, "name": "Banana"}, {"id": 7, "name": "apple"}]
    return {"images": [row], "annotations": annotations, "categories": categories}
