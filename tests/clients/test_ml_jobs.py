"""azure-ai-ml: the workspace itself, computes, jobs that are recorded and not run, and who may not do what."""

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.clients.ml_lab import ACCOUNT, WORKSPACE, MlLab, entities, ml_lab, sdk
from tests.clients.signed_in import somebody_else

LABELER = "c6decf44-fd0a-444c-a844-d653c394e7ab"
DATA_SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"


@pytest.fixture(scope="module")
def lab(azure: Any) -> MlLab:
    return ml_lab(azure, auth_mode="AccessKey")


@pytest.fixture
def client(lab: MlLab, environment: Mapping[str, str]) -> Any:
    assert environment["ARM_CLOUD_METADATA_URL"]
    return lab.client()


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def training(client: Any, numbers: Iterator[int]) -> Any:
    """A cluster and an environment, and a function that makes commands for them, each time under a new name."""
    client.compute.begin_create_or_update(
        entities().AmlCompute(name="cpu", size="Standard_DS3_v2", max_instances=2)
    ).result(30)
    client.environments.create_or_update(
        entities().Environment(name="training", version="1", image="registry.example/base:1")
    )

    def make(**more: Any) -> Any:
        told: dict[str, Any] = {"command": "python main.py", "environment": "training:1", "compute": "cpu"} | more
        return sdk().command(name=f"job-{next(numbers)}", experiment_name="trials", **told)

    return make


def test_the_workspace_is_read_changed_and_checked(lab: MlLab, client: Any) -> None:
    shown = client.workspaces.get(WORKSPACE)
    assert (shown.storage_account, shown.discovery_url) == (lab.storage, f"{lab.azure.origin}/discovery")
    assert [row.name for row in client.workspaces.list()] == [WORKSPACE]
    shown.description, shown.tags = "of the course", {"course": "a"}
    client.workspaces.begin_update(shown).result(30)
    again = client.workspaces.get(WORKSPACE)
    assert (again.description, again.tags) == ("of the course", {"course": "a"})
    assert client.workspaces.get_keys(WORKSPACE).user_storage_resource_id == lab.storage
    client.workspaces.begin_sync_keys(WORKSPACE).result(30)
    assert client.workspaces.begin_diagnose(WORKSPACE).result(30).storage_account_results == []
    assert client.datastores.get_default(include_secrets=True).credentials.sas_token.startswith("sv=")


def test_computes_start_stop_and_go(client: Any) -> None:
    cluster = client.compute.begin_create_or_update(
        entities().AmlCompute(name="cluster", size="Standard_NC4as_T4_v3", max_instances=2)
    ).result(30)
    assert (cluster.provisioning_state, cluster.min_instances, cluster.max_instances) == ("Succeeded", 0, 2)
    cluster.max_instances = 3
    assert client.compute.begin_update(cluster).result(30).max_instances == 3
    instance = entities().ComputeInstance(name="desk", size="Standard_DS3_v2")
    assert client.compute.begin_create_or_update(instance).result(30).state == "Running"
    client.compute.begin_stop("desk").result(30)
    assert client.compute.get("desk").state == "Stopped"
    with pytest.raises(HttpResponseError, match="is Stopped: Stop needs it Running"):
        client.compute.begin_stop("desk")
    client.compute.begin_start("desk").result(30)
    client.compute.begin_restart("desk").result(30)
    assert client.compute.get("desk").state == "Running"
    assert {(row.name, row.type) for row in client.compute.list()} >= {
        ("cluster", "amlcompute"),
        ("desk", "computeinstance"),
    }
    assert list(client.compute.list_nodes("cluster")) == []
    assert "Standard_NC4as_T4_v3" in [size.name for size in client.compute.list_sizes()]
    with pytest.raises(HttpResponseError, match="The VM size 'Standard_NC6' is not known"):
        client.compute.begin_create_or_update(entities().AmlCompute(name="old", size="Standard_NC6", max_instances=1))
    with pytest.raises(HttpResponseError, match="belongs to the workspace: delete it"):
        client.compute.begin_delete("desk", action="Detach")
    client.compute.begin_delete("desk").result(30)
    with pytest.raises(ResourceNotFoundError):
        client.compute.get("desk")


def test_a_job_with_code_is_recorded_and_can_be_canceled(client: Any, training: Any, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print('never printed')")
    client.data.create_or_update(
        entities().Data(name="pictures", version="1", path=_address("pictures"), type="uri_folder")
    )
    pictures = sdk().Input(type="uri_folder", path="azureml:pictures:1")
    job = client.jobs.create_or_update(training(code=str(tmp_path), inputs={"pictures": pictures}))
    client.jobs.begin_cancel(job.name).result(30)
    assert client.jobs.get(job.name).status == "Canceled"
    # With the user's identity, for which the client asks a token of machine learning's own resource.
    identity = entities().UserIdentityConfiguration()
    again = client.jobs.create_or_update(training(code=str(tmp_path), identity=identity))
    assert (job.status, job.code, again.code) == ("Starting", again.code, job.code)
    nameless = training(environment=entities().Environment(image="registry.example/base:1"))
    assert client.jobs.create_or_update(nameless).status == "Starting"
    unknown = sdk().Input(type="uri_folder", path="azureml:pictures:99")
    with pytest.raises(HttpResponseError, match="versions/99' was not found"):
        client.jobs.create_or_update(training(inputs={"pictures": unknown}))
    with pytest.raises(HttpResponseError, match="Unknown compute target 'nowhere'"):
        client.jobs.create_or_update(training(compute="nowhere"))


def test_a_job_fails_honestly_and_is_described_archived_and_deleted(client: Any, training: Any) -> None:
    name = client.jobs.create_or_update(training(display_name="first")).name
    with pytest.raises(sdk("azure.ai.ml.exceptions").JobException, match="The local Azure does not run jobs"):
        client.jobs.stream(name)
    assert client.jobs.get(name).status == "Failed"
    assert client.jobs.show_services(name) is None
    assert list(client.jobs.list(parent_job_name=name)) == []
    client.jobs.update(name, display_name="second", tags={"kind": "trial"})
    fetched = client.jobs.get(name)
    assert (fetched.display_name, fetched.tags) == ("second", {"kind": "trial"})
    fetched.description = "by hand"
    assert client.jobs.create_or_update(fetched).description == "by hand"
    client.jobs.archive(name)
    assert name not in [job.name for job in client.jobs.list()]
    client.jobs.restore(name)
    assert name in [job.name for job in client.jobs.list()]
    client.jobs.begin_delete(name).result(30)
    with pytest.raises(ResourceNotFoundError):
        client.jobs.get(name)


@pytest.mark.usefixtures("localhost_names")
def test_what_a_failed_job_left_is_downloaded(client: Any, training: Any, tmp_path: Path) -> None:
    name = client.jobs.create_or_update(training()).name
    client.jobs.begin_cancel(name).result(30)
    client.jobs.download(name, download_path=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_automl_for_images_is_checked_and_recorded(client: Any, training: Any) -> None:
    def detection(**limits: int) -> Any:
        job = sdk("azure.ai.ml.automl").image_object_detection(
            compute="cpu",
            experiment_name="automl",
            training_data=sdk().Input(type="mltable", path=_address("table")),
            target_column_name="label",
            primary_metric="mean_average_precision",
        )
        job.set_limits(timeout_minutes=60, **limits)
        job.set_training_parameters(model_name="yolov5")
        return job

    assert training  # the cluster
    made = client.jobs.create_or_update(detection(max_trials=2, max_concurrent_trials=1))
    shown = client.jobs.get(made.name)
    assert (shown.status, shown.primary_metric, shown.limits.max_trials) == ("Starting", "MeanAveragePrecision", 2)
    with pytest.raises(HttpResponseError, match="maxConcurrentTrials from 1 to maxTrials"):
        client.jobs.create_or_update(detection(max_trials=1, max_concurrent_trials=2))


def test_a_labeler_reads_the_workspace_and_writes_nothing(lab: MlLab, environment: Mapping[str, str]) -> None:
    labeler, scientist = somebody_else(environment, "labeler"), somebody_else(environment, "scientist")
    lab.give(labeler.object_id, LABELER, lab.workspace)
    lab.give(scientist.object_id, DATA_SCIENTIST, lab.workspace)
    labels, science = lab.client(labeler.credential), lab.client(scientist.credential)
    assert labels.workspaces.get(WORKSPACE).name == WORKSPACE
    with pytest.raises(HttpResponseError, match="workspaces/datastores/write"):
        labels.datastores.create_or_update(
            entities().AzureBlobDatastore(name="x", account_name=ACCOUNT, container_name="x")
        )
    asset = entities().Data(name="of-science", version="1", path=_address("x"), type="uri_folder")
    with pytest.raises(HttpResponseError, match="workspaces/data/versions/write"):
        labels.data.create_or_update(asset)
    assert science.data.create_or_update(asset).version == "1"
    with pytest.raises(HttpResponseError, match="workspaces/computes/write"):
        science.compute.begin_create_or_update(entities().AmlCompute(name="x1", size="Standard_DS3_v2"))


def _address(folder: str) -> str:
    return f"azureml://datastores/workspaceblobstore/paths/{folder}/"
