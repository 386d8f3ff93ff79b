"""All clients together against the real local Azure: a small lab is made, used, and torn down for good."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from automation.azure import Arm, Cloud, Rest, TokenSource, local_cloud, local_tokens
from automation.cleanup import Target, make_cleanup_plan, run_cleanup, verify_cleanup
from automation.clock import SystemClock
from automation.errors import Conflict, NotFound, OperationFailed, Unauthorized
from automation.labeling import LabelingJobs, ProjectSpec
from automation.storage import BlobStore, Upload
from automation.training import DatasetSpec, ImageAnalysis, ModelKind, ModelSpec

pytestmark = pytest.mark.server

TAGS = {"visionlab:lab": "clients", "visionlab:stack": "local"}
ROLES = {
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Cognitive Services User": "a97b65f3-24c7-4388-baec-2e87135dc908",
}


@dataclass(frozen=True, kw_only=True)
class Local:
    cloud: Cloud
    tokens: TokenSource
    rest: Rest
    arm: Arm
    object_id: str


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    state = tmp_path_factory.mktemp("local-azure")
    endpoint = state / "endpoint.json"
    command = [sys.executable, "-m", "localazure", "serve", "--state", str(state)]
    with (state / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            for _ in range(500):
                assert process.poll() is None, (state / "log").read_text()
                if endpoint.is_file():
                    break
                time.sleep(0.1)
            connection = json.loads(endpoint.read_text())
            cloud = local_cloud(connection)
            tokens = local_tokens(cloud, connection["client_id"], connection["client_secret"])
            with Rest(cloud, tokens) as rest:
                arm = Arm(rest, cloud)
                yield Local(cloud=cloud, tokens=tokens, rest=rest, arm=arm, object_id=connection["object_id"])
        finally:
            process.terminate()
            process.wait(timeout=20)


class Lab:
    """The resources of a lab, made by ARM calls alone."""

    def __init__(self, local: Local) -> None:
        self.arm, self.subscription = local.arm, f"/subscriptions/{local.cloud.subscription_id}"
        self.group = f"{self.subscription}/resourceGroups/rg-clients"
        unique = uuid.uuid4().hex[:8]
        self.arm.put(self.group, {"location": "eastus", "tags": TAGS}, api_version="2021-04-01")
        self.storage = self._put("Microsoft.Storage/storageAccounts", f"store{unique}", "2023-05-01",
                                 kind="StorageV2", sku={"name": "Standard_LRS"}, properties={})  # fmt: skip
        container = f"{self.storage['id']}/blobServices/default/containers/training-images"
        self.arm.put(container, {"properties": {}}, api_version="2023-05-01")
        self.vision = self._put("Microsoft.CognitiveServices/accounts", f"vision-{unique}", "2024-10-01",
                                kind="ComputerVision", sku={"name": "S1"}, identity={"type": "SystemAssigned"},
                                properties={"customSubDomainName": f"vision-{unique}"})  # fmt: skip
        self.vault = self._put("Microsoft.KeyVault/vaults", f"kv-{unique}", "2023-07-01",
                               properties={"tenantId": local.cloud.tenant_id, "enableRbacAuthorization": True,
                                           "sku": {"family": "A", "name": "standard"}})  # fmt: skip
        self.logs = self._put("Microsoft.OperationalInsights/workspaces", f"logs-{unique}", "2023-09-01",
                              properties={"sku": {"name": "PerGB2018"}})  # fmt: skip
        self.workspace = self._put("Microsoft.MachineLearningServices/workspaces", f"ml-{unique}", "2025-12-01",
                                   identity={"type": "SystemAssigned"},
                                   properties={"storageAccount": self.storage["id"], "keyVault": self.vault["id"],
                                               "systemDatastoresAuthMode": "Identity"})  # fmt: skip
        store = {"datastoreType": "AzureBlob", "accountName": self.storage["name"], "containerName": "training-images"}
        body = {"properties": store | {"credentials": {"credentialsType": "None"}}}
        self.arm.put(f"{self.workspace['id']}/datastores/training_images", body, api_version="2025-12-01")
        self._grant(self.storage["id"], local.object_id, "Storage Blob Data Contributor")
        self._grant(self.vision["id"], local.object_id, "Cognitive Services User")
        lock = {"properties": {"level": "CanNotDelete", "notes": "Made by visionlab for a test"}}
        self.lock = f"{self.group}/providers/Microsoft.Authorization/locks/clients-lock"
        self.arm.put(self.lock, lock, api_version="2020-05-01")

    def _put(self, of_type: str, name: str, api_version: str, **body: Any) -> dict[str, Any]:
        resource_id = f"{self.group}/providers/{of_type}/{name}"
        return self.arm.put(resource_id, {"location": "eastus", "tags": TAGS} | body, api_version=api_version)

    def _grant(self, scope: str, principal: str, role: str) -> None:
        definition = f"{self.subscription}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"
        properties = {"roleDefinitionId": definition, "principalId": principal, "principalType": "ServicePrincipal"}
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        self.arm.put(path, {"properties": properties}, api_version="2022-04-01")


def a_png(path: Path, size: int) -> None:
    from PIL import Image

    Image.new("RGB", (64, 48), (size, 90, 90)).save(path, "PNG")


def test_a_lab_is_made_used_and_torn_down(local: Local, tmp_path: Path) -> None:
    lab = Lab(local)
    for number in (1, 2):
        a_png(tmp_path / f"{number}.png", number)
    uploads = [Upload(path=tmp_path / f"{number}.png", name=f"photos/{number}.png") for number in (1, 2)]
    with BlobStore(lab.storage["properties"]["primaryEndpoints"]["blob"], local.cloud, local.tokens) as blobs:
        blobs.wait_for_access("training-images")
        assert len(blobs.upload("training-images", uploads).uploaded) == 2
        assert len(blobs.upload("training-images", uploads).skipped) == 2
        exported = label(lab, local, blobs)
        blobs.put("training-images", "labels.json", exported, "application/json")
        train(lab, local, blobs.url("training-images", "labels.json"))
    tear_down(lab, local, tmp_path / "cleanup.jsonl")


def label(lab: Lab, local: Local, blobs: BlobStore) -> bytes:
    """Make a project, give it labels, and take them out again as COCO."""
    jobs = LabelingJobs(local.arm, local.rest, local.cloud, lab.workspace["id"])
    data_id = jobs.ensure_data_asset("training-images", "training_images")
    assert jobs.ensure_data_asset("training-images", "training_images") == data_id
    spec = ProjectSpec(name="fruit", task="object-detection", classes=("apple", "banana"), data_id=data_id)
    assert jobs.find("fruit") is None
    assert jobs.ensure(spec).total == 2
    coco = {
        "images": [{"id": 7, "file_name": "photos/1.png", "width": 64, "height": 48}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 2, "bbox": [16, 12, 32, 24]}],
        "categories": [{"id": 2, "name": "banana"}],
    }
    assert jobs.import_coco("fruit", json.dumps(coco).encode()).labeled == 1
    assert (jobs.ensure(spec).completed, [project.name for project in jobs.list()]) == (1, ["fruit"])
    export = jobs.export_coco("fruit")
    assert export.rows == 1
    content = blobs.get(export.container, export.path, limit_bytes=100_000)
    assert [row["bbox"] for row in json.loads(content)["annotations"]] == [[0.25, 0.25, 0.5, 0.5]]
    return content


def train(lab: Lab, local: Local, url: str) -> None:
    """Data sets with ETags; a training that cannot work says why. Real training has tests of its own."""
    vision = ImageAnalysis(lab.vision["properties"]["endpoint"], local.rest, local.cloud)
    vision.wait_for_access(timeout_s=30)  # a role assignment takes two seconds to work there
    spec = DatasetSpec(name="training_images", kind=ModelKind.OBJECT_DETECTION, annotation_urls=(url,))
    made = vision.datasets.ensure(spec)
    assert vision.datasets.ensure(spec) == made
    with pytest.raises(Conflict):
        vision.datasets.create(spec)
    with pytest.raises(Conflict):
        vision.datasets.update(spec, etag='"another"')
    assert [dataset.spec for dataset in vision.datasets.list()] == [spec]
    vision.models.ensure(ModelSpec(name="m1", kind=ModelKind.OBJECT_DETECTION, dataset_name="nowhere"))
    with pytest.raises(OperationFailed) as unknown:
        vision.models.wait_for("m1", timeout_s=30)
    assert unknown.value.code == "datasetNotFound"
    # The vision account's identity was given no role on the storage account.
    vision.models.ensure(ModelSpec(name="m2", kind=ModelKind.OBJECT_DETECTION, dataset_name="training_images"))
    with pytest.raises(OperationFailed) as denied:
        vision.models.wait_for("m2", timeout_s=30)
    assert "needs Storage Blob Data Reader" in str(denied.value.hint)
    with pytest.raises(NotFound):
        vision.analyze("nowhere", b"\xff\xd8")


def tear_down(lab: Lab, local: Local, journal: Path) -> None:
    """A foreign thing survives, and its group with it; with it gone everything goes, and then nothing is to do."""
    foreign = f"{lab.group}/providers/Microsoft.OperationalInsights/workspaces/payroll"
    local.arm.put(foreign, {"location": "eastus", "properties": {}}, api_version="2023-09-01")
    with pytest.raises(Conflict) as locked:
        local.arm.delete(foreign, api_version="2023-09-01")
    assert locked.value.code == "ScopeLocked"
    target = Target.lab("clients", stack="local")
    plan = make_cleanup_plan(local.arm, target, cloud=local.cloud, clock=SystemClock())
    assert [kept.name for kept in plan.kept] == ["rg-clients", "payroll"]
    assert len(verify_cleanup(plan, local.arm).left_behind) >= 5
    receipt = run_cleanup(plan, local.arm, journal=journal)
    assert (receipt.failed, receipt.open) == ((), ())
    assert verify_cleanup(plan, local.arm).left_behind == ()
    assert local.arm.find(foreign, api_version="2023-09-01") is not None
    local.arm.delete(foreign, api_version="2023-09-01", params={"force": "true"})
    rest = make_cleanup_plan(local.arm, target, cloud=local.cloud, clock=SystemClock())
    assert run_cleanup(rest, local.arm, journal=journal.with_name("rest.jsonl")).is_complete
    assert verify_cleanup(rest, local.arm).left_behind == ()
    assert make_cleanup_plan(local.arm, target, cloud=local.cloud, clock=SystemClock()).items == ()


def test_a_wrong_secret_is_refused_and_not_shown(local: Local) -> None:
    tokens = local_tokens(local.cloud, str(uuid.uuid4()), "hunter22-is-wrong")
    with pytest.raises(Unauthorized) as caught:
        tokens.token(local.cloud.arm_scope)
    assert "hunter22" not in str(caught.value)
    assert "AADSTS" in str(caught.value)
