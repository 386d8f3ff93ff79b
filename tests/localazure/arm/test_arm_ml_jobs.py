"""Computes and jobs of a workspace over time, on a clock that the test moves."""

from typing import Any

import pytest

LABELER = "c6decf44-fd0a-444c-a844-d653c394e7ab"
SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"
SOMEBODY = "55555555-5555-4555-8555-555555555555"
COMMAND = {"jobType": "Command", "command": "echo", "environmentId": "azureml://registries/x/environments/y/versions/1"}
NO_ENVIRONMENT = (
    "azureml:/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/mlw-lab/environments/none/versions/1"
)
TABLE = {"jobInputType": "mltable", "uri": "azureml://datastores/a/paths/t/"}
TASK = {"taskType": "ImageObjectDetection", "targetColumnName": "label", "trainingData": TABLE}


def give(lab: Any, role: str, scope: str) -> None:
    definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"principalId": SOMEBODY, "roleDefinitionId": definition, "principalType": "ServicePrincipal"}
    answer = lab.put(
        f"{scope}/providers/Microsoft.Authorization/roleAssignments/{SOMEBODY}", {"properties": properties}
    )
    assert answer.status_code == 201, answer.text
    lab.pass_s(3)


def status(lab: Any, path: str) -> str:
    return lab.get(path).json()["properties"]["status"]


def test_a_job_is_accepted_and_ends_with_the_truth(lab: Any) -> None:
    path = f"{lab.workspace()}/jobs/one"
    created = lab.put(path, {"properties": COMMAND})
    assert (created.status_code, created.json()["properties"]["status"]) == (201, "Starting")
    lab.pass_s(5)
    shown = lab.get(path).json()["properties"]
    assert (shown["status"], shown["services"]) == ("Failed", {})
    assert shown["properties"]["localazure.error"].startswith("The local Azure does not run jobs")
    assert "provisioningState" not in shown


def test_a_canceled_job_stays_canceled(lab: Any, error: Any) -> None:
    path = f"{lab.workspace()}/jobs/one"
    lab.put(path, {"properties": COMMAND})
    assert error(lab.send("DELETE", path)) == (409, "Conflict")
    accepted = lab.send("POST", f"{path}/cancel")
    assert (accepted.status_code, status(lab, path)) == (202, "CancelRequested")
    lab.pass_s(1)
    assert status(lab, path) == "Canceled"
    lab.pass_s(5)
    assert status(lab, path) == "Canceled"
    assert lab.send("POST", f"{path}/cancel").status_code == 202
    lab.pass_s(1)
    assert status(lab, path) == "Canceled"
    assert lab.send("DELETE", path).status_code == 202


def test_of_a_job_only_its_description_changes(lab: Any, error: Any) -> None:
    path = f"{lab.workspace()}/jobs/one"
    lab.put(path, {"properties": COMMAND})
    shown = lab.get(path).json()["properties"]
    again = lab.put(path, {"properties": shown | {"isArchived": True, "tags": {"a": "b"}, "inputs": {}}})
    assert (again.status_code, again.json()["properties"]["status"]) == (200, "Starting")
    refused = lab.put(path, {"properties": shown | {"command": "rm"}})
    assert error(refused) == (400, "UserError")
    assert "command cannot be changed" in refused.json()["error"]["message"]
    jobs = path.rsplit("/", 1)[0]
    assert lab.get(jobs, listViewType="ActiveOnly").json()["value"] == []
    assert len(lab.get(jobs, listViewType="All", jobType="Command", tag="a").json()["value"]) == 1


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, (400, "InvalidRequestContent")),
        ({"jobType": "Dance"}, (400, "UserError")),
        ({"jobType": "Pipeline"}, (501, "NotImplementedByLocalAzure")),
        ({"jobType": "Command", "environmentId": "x"}, (400, "UserError")),
        (COMMAND | {"computeId": "cpu"}, (400, "UserError")),
        (COMMAND | {"environmentId": NO_ENVIRONMENT}, (400, "UserError")),
        (COMMAND | {"inputs": {"a": {"jobInputType": "folder", "uri": "x"}}}, (400, "UserError")),
        (COMMAND | {"inputs": {"a": {"jobInputType": "uri_folder"}}}, (400, "UserError")),
        ({"jobType": "AutoML"}, (400, "UserError")),
        ({"jobType": "AutoML", "taskDetails": TASK | {"taskType": "Forecasting"}}, (501, "NotImplementedByLocalAzure")),
        ({"jobType": "AutoML", "taskDetails": TASK | {"targetColumnName": ""}}, (400, "UserError")),
        ({"jobType": "AutoML", "taskDetails": TASK | {"limitSettings": {"maxTrials": 0}}}, (400, "UserError")),
        (
            {"jobType": "AutoML", "taskDetails": TASK | {"validationData": TABLE | {"jobInputType": "uri_file"}}},
            (400, "UserError"),
        ),
    ],
)
def test_a_job_that_says_too_little_or_nonsense_is_refused(
    lab: Any, error: Any, properties: dict[str, object], expected: tuple[int, str]
) -> None:
    assert error(lab.put(f"{lab.workspace()}/jobs/one", {"properties": properties})) == expected


def test_an_instance_starts_and_stops_and_counts_while_it_runs(lab: Any, error: Any) -> None:
    path = f"{lab.workspace()}/computes/desk"
    properties = {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2"}}
    lab.make(path, {"location": "eastus", "properties": properties})

    def used() -> int:
        url = f"{lab.subscription}/providers/Microsoft.MachineLearningServices/locations/eastus/usages"
        rows = {row["name"]["value"]: row["currentValue"] for row in lab.get(url).json()["value"]}
        return rows["standardDSv2Family"]

    def state() -> str:
        return lab.get(path).json()["properties"]["properties"]["state"]

    assert (state(), used()) == ("Running", 4)
    assert lab.send("POST", f"{path}/stop").status_code == 202
    assert (state(), error(lab.send("POST", f"{path}/start"))) == ("Stopping", (409, "ComputeInstanceInWrongState"))
    lab.pass_s(1)
    assert (state(), used()) == ("Stopped", 0)
    lab.send("POST", f"{path}/start")
    lab.pass_s(1)
    assert state() == "Running"
    assert error(lab.send("DELETE", path, underlyingResourceAction="Detach")) == (400, "UserError")
    assert error(lab.send("DELETE", path, underlyingResourceAction="Explode")) == (400, "UserError")
    assert lab.send("DELETE", path, underlyingResourceAction="Delete").status_code == 202


def test_an_action_ends_after_its_resource_is_gone(lab: Any) -> None:
    path = f"{lab.workspace()}/jobs/one"
    lab.put(path, {"properties": COMMAND})
    accepted = lab.send("POST", f"{path}/cancel")
    lab.send("DELETE", path.split("/jobs/", maxsplit=1)[0], forceToPurge="true")
    lab.clock.time += lab.clock.time.resolution * 5_000_000
    poll = accepted.headers["azure-asyncoperation"].removeprefix("https://localhost:8443")
    assert lab.send("GET", poll).json()["status"] in {"Succeeded", "Failed"}


@pytest.mark.parametrize(
    ("kind", "inner"),
    [
        ("AmlCompute", {"vmSize": "Standard_DS3_v2"}),
        ("AmlCompute", {"vmSize": "Standard_NC6", "scaleSettings": {"maxNodeCount": 1}}),
        ("AmlCompute", {"vmSize": "Standard_DS3_v2", "scaleSettings": {"minNodeCount": 2, "maxNodeCount": 1}}),
        ("AmlCompute", {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": "1"}}),
        ("Toaster", {"vmSize": "Standard_DS3_v2"}),
    ],
)
def test_a_compute_that_says_too_little_or_nonsense_is_refused(
    lab: Any, error: Any, kind: str, inner: dict[str, object]
) -> None:
    body = {"location": "eastus", "properties": {"computeType": kind, "properties": inner}}
    assert error(lab.put(f"{lab.workspace()}/computes/cpu", body)) == (400, "UserError")


def test_roles_of_machine_learning_bound_what_people_do(lab: Any, error: Any) -> None:
    workspace = lab.workspace()
    data = {"properties": {"dataType": "uri_file", "dataUri": "azureml://x"}}
    cluster = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 1}}
    compute = {"location": "eastus", "properties": {"computeType": "AmlCompute", "properties": cluster}}

    def put(path: str, body: object) -> Any:
        return lab.send("PUT", f"{workspace}/{path}", body, who=SOMEBODY)

    give(lab, LABELER, workspace)
    assert lab.send("GET", workspace, who=SOMEBODY).status_code == 200
    for path, body in (("data/a/versions/1", data), ("jobs/a", {"properties": COMMAND}), ("computes/cpu", compute)):
        assert error(put(path, body)) == (403, "AuthorizationFailed")
    assert error(lab.send("POST", f"{workspace}/listKeys", who=SOMEBODY)) == (403, "AuthorizationFailed")
    lab.send("DELETE", f"{workspace}/providers/Microsoft.Authorization/roleAssignments/{SOMEBODY}")
    give(lab, SCIENTIST, workspace)
    assert put("data/a/versions/1", data).status_code == 201
    assert put("jobs/a", {"properties": COMMAND}).status_code == 201
    assert error(put("computes/cpu", compute)) == (403, "AuthorizationFailed")
    assert error(lab.send("POST", f"{workspace}/listKeys", who=SOMEBODY)) == (403, "AuthorizationFailed")
    assert lab.send("GET", workspace, who=SOMEBODY).status_code == 200


def test_a_workspace_is_looked_over_and_its_keys_are_given(lab: Any) -> None:
    workspace = lab.workspace()
    keys = lab.send("POST", f"{workspace}/listKeys", {}).json()
    assert keys["userStorageArmId"] == keys["userStorageResourceId"] == lab.storage()
    lab.send("DELETE", lab.vault(), force="true")
    lab.pass_s(2)
    accepted = lab.send("POST", f"{workspace}/diagnose", {"value": {}})
    lab.pass_s(1)
    result = lab.send("GET", accepted.headers["location"].removeprefix("https://localhost:8443")).json()["value"]
    assert [found["code"] for found in result["keyVaultResults"]] == ["keyVaultNotFound"]
    assert result["storageAccountResults"] == []
