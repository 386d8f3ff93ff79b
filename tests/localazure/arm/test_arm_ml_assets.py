"""Versioned assets of a workspace: which version is latest, what never changes, how lists are asked for."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

DATA = {"dataType": "uri_folder", "dataUri": "azureml://datastores/a/paths/b/"}


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["value"]]


def test_the_latest_version_is_the_one_made_last_and_numbers_are_not_used_again(lab: Any) -> None:
    path = f"{lab.workspace()}/data/pictures"
    for version in ("1", "spring", "7"):
        assert lab.put(f"{path}/versions/{version}", {"properties": DATA}).status_code == 201
        lab.pass_s(1)
    lab.put(f"{path}/versions/1", {"properties": DATA | {"description": "said later"}})
    shown = lab.get(path).json()["properties"]
    assert (shown["latestVersion"], shown["nextVersion"]) == ("7", "8")
    lab.send("DELETE", f"{path}/versions/7")
    shown = lab.get(path).json()["properties"]
    assert (shown["latestVersion"], shown["nextVersion"]) == ("spring", "8")
    assert names(lab.get(f"{path}/versions", **{"$orderBy": "createdtime desc", "$top": "1"})) == ["spring"]


def test_lists_tell_archived_from_active_and_go_by_tags(lab: Any, error: Any) -> None:
    path = f"{lab.workspace()}/models"
    model = {"modelUri": "azureml://datastores/a/paths/b/"}
    lab.put(f"{path}/one/versions/1", {"properties": model | {"tags": {"kind": "fruit"}}})
    lab.put(f"{path}/one/versions/2", {"properties": model | {"isArchived": True}})
    assert names(lab.get(f"{path}/one/versions")) == ["1"]
    assert names(lab.get(f"{path}/one/versions", listViewType="ArchivedOnly")) == ["2"]
    assert names(lab.get(f"{path}/one/versions", listViewType="All")) == ["1", "2"]
    assert names(lab.get(f"{path}/one/versions", tags="kind=fruit", listViewType="All")) == ["1"]
    assert error(lab.get(f"{path}/one/versions", listViewType="Some")) == (400, "UserError")
    assert error(lab.get(f"{path}/one/versions", **{"$orderBy": "size"})) == (400, "UserError")
    assert names(lab.get(f"{path}/nothing/versions")) == []
    assert lab.put(f"{path}/two/versions/{'a' * 64}", {"properties": model | {"isAnonymous": True}}).status_code == 201
    shown = lab.get(f"{path}/one/versions/1").json()["properties"]
    assert (shown["flavors"], shown["modelType"]) == ({}, "custom_model")


def test_long_lists_have_a_next_link_that_ends(lab: Any, error: Any) -> None:
    path = f"{lab.workspace()}/datastores"
    store = {"datastoreType": "AzureBlob", "accountName": "a", "containerName": "b",
             "credentials": {"credentialsType": "None"}}  # fmt: skip
    for number in range(3):
        lab.put(f"{path}/many{number}", {"properties": store})
    seen: list[str] = []
    query = {"count": "3", "orderByAsc": "true"}
    while True:
        page: Any = lab.send("GET", path, params=query).json()
        seen += [row["name"] for row in page["value"]]
        if "nextLink" not in page:
            break
        query = dict(parse_qsl(urlsplit(str(page["nextLink"])).query))
        assert "$skip" in query
    assert len(seen) == len(set(seen)) == 7
    assert error(lab.get(path, **{"$skip": "30"})) == (400, "InvalidSkipToken")
    assert error(lab.get(path, count="none")) == (400, "InvalidTopParameter")


@pytest.mark.parametrize(
    ("path", "properties"),
    [
        ("data/a/versions/1", {"dataType": "uri_folder"}),
        ("data/a/versions/1", {"dataType": "folder", "dataUri": "azureml://x"}),
        ("data/a/versions/1", {"dataType": "uri_folder", "dataUri": "no address"}),
        ("data/a b/versions/1", DATA),
        ("data/a/versions/-1", DATA),
        (f"data/a/versions/{'1' * 31}", DATA),
        ("data/a/versions/1", DATA | {"description": 7}),
        ("models/a/versions/1", {"modelType": "onnx", "modelUri": "azureml://x"}),
        ("environments/a/versions/1", {"condaFile": "name: x"}),
        ("environments/a/versions/1", {"image": "x", "build": {"contextUri": "https://x/y"}}),
        ("codes/a/versions/1", {}),
        ("components/a/versions/1", {"componentSpec": {}}),
    ],
)
def test_an_asset_that_says_too_little_or_nonsense_is_refused(
    lab: Any, error: Any, path: str, properties: dict[str, object]
) -> None:
    refused = lab.put(f"{lab.workspace()}/{path}", {"properties": properties})
    assert error(refused)[0] == 400
    assert error(refused)[1] in {"UserError", "InvalidRequestContent"}


def test_code_is_uploaded_into_a_container_of_its_own_and_found_by_content(lab: Any, error: Any) -> None:
    workspace = lab.workspace()
    path = f"{workspace}/codes/one/versions/1"
    offer = lab.send("POST", f"{path}/startPendingUpload", {"pendingUploadType": "TemporaryBlobReference"}).json()
    upload = offer["pendingUploadId"]
    told = offer["blobReferenceForConsumption"]
    assert told["blobUri"] == f"https://127.0.0.1:10000/stlab1/{upload}"
    assert told["credential"]["sasUri"].startswith(f"{told['blobUri']}?sp=racwdl")
    assert upload in lab.containers.accounts["stlab1"]
    lab.put(path, {"properties": {"codeUri": told["blobUri"], "properties": {"hash_sha256": "abc"}}})
    assert names(lab.get(f"{workspace}/codes/other/versions", hash="abc")) == ["1"]
    assert names(lab.get(f"{workspace}/codes/other/versions", hash="xyz")) == []
    group = workspace.split("/providers/", maxsplit=1)[0]
    hub = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/hub"
    lab.make(hub, {"location": "eastus", "kind": "Hub"})
    assert error(lab.send("POST", f"{hub}/codes/one/versions/1/startPendingUpload", {})) == (400, "UserError")
    nowhere = f"{workspace}x/codes/one/versions/1/startPendingUpload"
    assert error(lab.send("POST", nowhere, {})) == (404, "ParentResourceNotFound")


def test_what_the_local_azure_lacks_of_machine_learning_answers_501(lab: Any, error: Any) -> None:
    workspace = lab.workspace()
    assert error(lab.get(f"{workspace}/onlineEndpoints")) == (501, "NotImplementedByLocalAzure")
    assert error(lab.put(f"{workspace}/onlineEndpoints/a/deployments/b", {})) == (501, "NotImplementedByLocalAzure")
    assert error(lab.put(f"{workspace}/nonsense/a", {})) == (404, "InvalidResourceType")


def test_secrets_of_datastores_follow_their_kind(lab: Any, error: Any) -> None:
    workspace = lab.workspace()
    path = f"{workspace}/datastores/keyed"
    key = lab.send("POST", f"{lab.storage()}/listKeys", {}).json()["keys"][1]["value"]

    def store(kind: str, **secrets: str) -> dict[str, Any]:
        credentials = {"credentialsType": kind} | ({"secrets": secrets} if secrets else {})
        named = {"datastoreType": "AzureBlob", "accountName": "stlab1", "containerName": "pictures"}
        return {"properties": named | {"credentials": credentials}}

    assert error(lab.put(path, store("AccountKey"))) == (400, "UserError")
    assert error(lab.put(path, store("AccountKey", key="d3Jvbmc="))) == (400, "UserError")
    assert error(lab.put(path, store("AccountKey", key="no base64!"))) == (400, "UserError")
    assert lab.put(path, store("AccountKey", key=key)).status_code == 201
    assert lab.put(path, store("AccountKey")).status_code == 200
    assert lab.send("POST", f"{path}/listSecrets", {}).json() == {"secretsType": "AccountKey", "key": key}
    signed = lab.send("POST", f"{path}/listSecrets", {"expirableSecret": True, "expireAfterHours": 2}).json()
    query = dict(parse_qsl(signed["sasToken"]))
    assert (signed["secretsType"], query["sr"], query["se"]) == ("Sas", "c", "2026-06-01T02:00:08Z")
    long = lab.send("POST", f"{path}/listSecrets", {"expirableSecret": True, "expireAfterHours": 200})
    assert error(long) == (400, "UserError")
    lab.put(path, store("None"))
    assert error(lab.send("POST", f"{path}/listSecrets", {})) == (400, "UserError")
    assert error(lab.send("DELETE", f"{workspace}/datastores/workspaceblobstore")) == (400, "UserError")
