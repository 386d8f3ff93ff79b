"""azure-ai-ml: datastores, data by upload and by address, models, environments, components."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.clients.conftest import visionlab
from tests.clients.ml_lab import ACCOUNT, GROUP, MlLab, entities, ml_lab, sdk


@pytest.fixture(scope="module")
def lab(azure: Any) -> MlLab:
    return ml_lab(azure, auth_mode="Identity")


@pytest.fixture
def client(lab: MlLab, environment: Mapping[str, str]) -> Any:
    assert environment["ARM_CLOUD_METADATA_URL"]
    return lab.client()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "more" / "b.txt").write_text("b")
    return folder


def test_datastores_live_and_keep_their_secrets(lab: MlLab, client: Any) -> None:
    from azure.mgmt.storage import StorageManagementClient

    store = {"account_name": ACCOUNT, "container_name": "pictures"}
    assert client.datastores.get_default().name == "workspaceblobstore"
    assert (
        client.datastores.create_or_update(entities().AzureBlobDatastore(name="bare", **store)).credentials.type
        == "None"
    )
    assert client.datastores.get("bare", include_secrets=True).credentials.type == "None"
    signed = entities().AzureBlobDatastore(
        name="signed", credentials=entities().SasTokenConfiguration(sas_token="sv=1&sig=x"), **store
    )
    client.datastores.create_or_update(signed)
    assert client.datastores.get("signed").credentials.sas_token is None
    assert client.datastores.get("signed", include_secrets=True).credentials.sas_token == "sv=1&sig=x"
    accounts = lab.azure.management(StorageManagementClient, lab.credential).storage_accounts
    key = accounts.list_keys(GROUP, ACCOUNT).keys_property[0].value
    keyed = entities().AzureBlobDatastore(
        name="keyed", credentials=entities().AccountKeyConfiguration(account_key=key), **store
    )
    client.datastores.create_or_update(keyed)
    assert client.datastores.get("keyed", include_secrets=True).credentials.sas_token.endswith("%3D")
    wrong = entities().AzureBlobDatastore(
        name="wrong", credentials=entities().AccountKeyConfiguration(account_key="AAAA"), **store
    )
    with pytest.raises(HttpResponseError, match="does not open the storage account"):
        client.datastores.create_or_update(wrong)
    client.datastores.delete("signed")
    with pytest.raises(ResourceNotFoundError):
        client.datastores.get("signed")


def test_long_lists_come_in_pages(client: Any) -> None:
    for number in range(31):
        store = entities().AzureBlobDatastore(name=f"many{number:02}", account_name=ACCOUNT, container_name="pictures")
        client.datastores.create_or_update(store)
    names = [store.name for store in client.datastores.list() if store.name.startswith("many")]
    assert sorted(names) == [f"many{number:02}" for number in range(31)]


def test_data_by_address_has_versions_that_do_not_change(client: Any) -> None:
    def remote(path: str, **more: Any) -> Any:
        return client.data.create_or_update(entities().Data(name="remote", path=path, type="uri_folder", **more))

    first, second = remote("azureml://datastores/bare/paths/a/"), remote("azureml://datastores/bare/paths/b/")
    assert (first.version, second.version) == ("1", "2")
    assert remote("azureml://datastores/bare/paths/c/", version="spring").version == "spring"
    assert remote("azureml://datastores/bare/paths/d/").version == "3"
    assert client.data.get("remote", label="latest").version == "3"
    assert [row.version for row in client.data.list("remote")] == ["1", "2", "3", "spring"]
    with pytest.raises(HttpResponseError, match=r"\(UserError\) Asset paths cannot be updated\."):
        remote("azureml://datastores/bare/paths/elsewhere/", version="1")
    client.data.archive("remote", version="2")
    assert [row.version for row in client.data.list("remote")] == ["1", "3", "spring"]
    client.data.archive("remote")
    assert "remote" not in [row.name for row in client.data.list()]
    client.data.restore("remote")
    assert "remote" in [row.name for row in client.data.list()]
    with pytest.raises(HttpResponseError, match="The asset name 'no name' is invalid"):
        client.data.create_or_update(
            entities().Data(name="no name", version="1", path="azureml://x/y", type="uri_folder")
        )
    with pytest.raises(ResourceNotFoundError):
        client.data.get("remote", version="99")


@pytest.mark.usefixtures("localhost_names")
def test_local_folders_and_files_are_uploaded_once(lab: MlLab, client: Any, pictures: Path) -> None:
    from azure.storage.blob import BlobServiceClient

    folder = client.data.create_or_update(entities().Data(name="pictures", path=str(pictures), type="uri_folder"))
    again = client.data.create_or_update(entities().Data(name="pictures", path=str(pictures), type="uri_folder"))
    file = client.data.create_or_update(
        entities().Data(name="one", path=str(pictures / "a.txt"), type="uri_file", version="7")
    )
    (pictures / "MLTable").write_text("paths:\n  - folder: ./more\n")
    table = entities().Data(
        name="table", path=str(pictures), type="mltable", mltable_schema_url=f"{lab.azure.origin}/none"
    )
    assert client.data.create_or_update(table).type == "mltable"
    assert (again.version, again.path, file.version) == ("2", folder.path, "7")
    assert folder.path.startswith("azureml://datastores/workspaceblobstore/paths/LocalUpload/")
    store = client.datastores.get_default()
    account = BlobServiceClient(f"https://{ACCOUNT}.blob.{store.endpoint}", lab.credential)
    container = account.get_container_client(store.container_name)
    below = folder.path.split("/paths/", 1)[1]
    blobs = {blob.name.removeprefix(below): blob for blob in container.list_blobs(below, include=["metadata"])}
    assert sorted(blobs) == ["/a.txt", "/more/b.txt"]
    marked = [blob.metadata for blob in blobs.values() if blob.metadata]
    assert [mark["upload_status"] for mark in marked] == ["completed"]


@pytest.mark.usefixtures("localhost_names")
def test_models_are_registered_and_come_back(client: Any, pictures: Path, tmp_path: Path) -> None:
    first = client.models.create_or_update(entities().Model(name="detector", path=str(pictures), type="custom_model"))
    remote = entities().Model(name="detector", path="azureml://datastores/bare/paths/model/", type="mlflow_model")
    second = client.models.create_or_update(remote)
    assert (first.version, second.version, second.type) == ("1", "2", "mlflow_model")
    assert client.models.get("detector", label="latest").version == "2"
    assert [(row.name, row.latest_version) for row in client.models.list()] == [("detector", "2")]
    client.models.archive("detector", version="2")
    assert [row.version for row in client.models.list("detector")] == ["1"]
    client.models.download("detector", version="1", download_path=str(tmp_path / "back"))
    found = sorted(path.name for path in (tmp_path / "back").rglob("*.txt"))
    assert found == ["a.txt", "b.txt"]


def test_environments_and_components_are_registered(client: Any, tmp_path: Path) -> None:
    conda = tmp_path / "conda.yml"
    conda.write_text("name: x\ndependencies:\n  - python=3.11\n")
    made = entities().Environment(name="training", image="registry.example/base:1", conda_file=str(conda))
    assert client.environments.create_or_update(made).version == "1"
    assert client.environments.get("training", label="latest").image == "registry.example/base:1"
    assert [row.name for row in client.environments.list()] == ["training"]
    with pytest.raises(HttpResponseError, match="An environment version cannot be changed"):
        client.environments.create_or_update(
            entities().Environment(name="training", version="1", image="registry.example/other")
        )
    client.environments.archive("training")
    assert list(client.environments.list()) == []
    step = sdk().command(name="step", version="1", command="echo ${{inputs.word}}", environment="training:1",
                   inputs={"word": "hello"})  # fmt: skip
    assert client.components.create_or_update(step.component).name == "step"
    assert client.components.get("step", "1").command == "echo ${{inputs.word}}"


@pytest.mark.usefixtures("localhost_names")
def test_the_names_that_clients_insist_on_are_told(lab: MlLab) -> None:
    told = json.loads(visionlab(lab.azure.home, "local", "hosts", "--json"))["hosts"]
    assert told == [
        {"address": "127.0.0.1", "name": "kv-ml-lab.vault.localhost", "resolves": True},
        {"address": "127.0.0.1", "name": f"{ACCOUNT}.blob.localhost", "resolves": True},
    ]
    lines = visionlab(lab.azure.home, "local", "hosts")
    assert lines == f"127.0.0.1 kv-ml-lab.vault.localhost\n127.0.0.1 {ACCOUNT}.blob.localhost\n"
    assert visionlab(lab.azure.home, "local", "hosts", "--missing") == ""


def test_what_is_missing_says_so(lab: MlLab, client: Any) -> None:
    for rows, words in (
        (client.online_endpoints, "Online endpoints"),
        (client.batch_endpoints, "Batch endpoints"),
        (client.connections, "Workspace connections"),
        (client.schedules, "Schedules"),
    ):
        with pytest.raises(HttpResponseError, match=f"{words} are not implemented by the local Azure"):
            list(rows.list())
    with pytest.raises(ResourceNotFoundError, match="mlw-nobody"):
        lab.client(workspace="mlw-nobody").workspaces.get("mlw-nobody")
