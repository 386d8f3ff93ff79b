"""labelingJobs: life, shapes, rules, operations, paging, restarts."""

from copy import deepcopy
from typing import Any

import pytest

from tests.localazure.labeling.conftest import OpenLabeling
from tests.localazure.labeling.labeling_lab import BLOBS, DATA, JOB, SUB, VERSION, WORKSPACE, LabelingLab, job


def test_a_job_is_created_by_an_operation_that_ends_when_its_pictures_are_tasks(labeling: LabelingLab) -> None:
    created = labeling.create()
    assert created.status_code == 201
    assert (created.json()["properties"]["provisioningState"], created.json()["properties"]["status"]) == (
        "InProgress",
        "Preparing",
    )
    operation = created.headers["azure-asyncoperation"]
    assert operation.startswith(f"https://local{SUB}/providers/Microsoft.MachineLearningServices/locations/")
    assert created.headers["x-ms-async-operation-timeout"] == "PT1H"
    assert labeling.client.get(operation).json()["status"] == "InProgress"
    labeling.settle()
    assert labeling.client.get(operation).json()["status"] == "Succeeded"
    assert labeling.job() == {
        "id": JOB,
        "name": "fruit",
        "type": "Microsoft.MachineLearningServices/workspaces/labelingJobs",
        "properties": job()
        | {
            "status": "Running",
            "provisioningState": "Succeeded",
            "createdDateTime": "2026-11-20T12:00:00.0000000Z",
            "projectId": created.json()["properties"]["projectId"],
            "progressMetrics": {
                "totalDatapointCount": 3,
                "completedDatapointCount": 0,
                "skippedDatapointCount": 0,
                "incrementalDataLastRefreshDateTime": "2026-11-20T12:00:05.0000000Z",
            },
            "statusMessages": [],
        },
        "systemData": {
            "createdAt": "2026-11-20T12:00:00.0000000Z",
            "createdBy": "me",
            "createdByType": "Application",
            "lastModifiedAt": "2026-11-20T12:00:05.0000000Z",
        },
    }


def test_tasks_are_the_pictures_of_the_folder(labeling: LabelingLab) -> None:
    labeling.created()
    tasks = labeling.tasks()
    assert [(task["path"], task["url"]) for task in tasks["value"]] == [
        ("a.jpg", f"{BLOBS}/a.jpg"),
        ("b c.PNG", f"{BLOBS}/b%20c.PNG"),
        ("more/a2.jpeg", f"{BLOBS}/more/a2.jpeg"),
    ]
    assert {task["state"] for task in tasks["value"]} == {"open"}
    page = labeling.tasks(skip=1, top=1)
    assert ([task["id"] for task in page["value"]], page["count"]) == ([2], 3)
    assert [task["id"] for task in labeling.client.get(page["nextLink"]).json()["value"]] == [3]


@pytest.mark.parametrize(
    "uri",
    [
        "azureml://datastores/training_images/paths/more",
        "azureml://datastores/training_images/paths/more/",
        f"azureml:/{SUB}/resourcegroups/rg/workspaces/LAB-WS/datastores/training_images/paths/more/",
    ],
)
def test_a_folder_of_the_container_can_be_labeled_alone(labeling: LabelingLab, uri: str) -> None:
    labeling.resources.put(DATA, dataUri=uri)
    labeling.created()
    assert [task["path"] for task in labeling.tasks()["value"]] == ["more/a2.jpeg"]


def test_versions_before_2022_12_speak_booleans(labeling: LabelingLab) -> None:
    body = deepcopy(job())
    body["dataConfiguration"] = {"dataId": DATA, "incrementalDataRefreshEnabled": True}
    body["labelCategories"]["fruit"] |= {"multiSelectEnabled": True}
    labeling.call("PUT", JOB, json={"properties": body}, version="2022-10-01-preview")
    labeling.settle()
    old = labeling.call("GET", JOB, version="2022-10-01-preview").json()["properties"]
    new = labeling.call("GET", JOB, version="2022-12-01-preview").json()["properties"]
    assert old["dataConfiguration"] == {"dataId": DATA, "incrementalDataRefreshEnabled": True}
    assert old["labelCategories"]["fruit"]["multiSelectEnabled"] is True
    assert new["dataConfiguration"] == {"dataId": DATA, "incrementalDataRefresh": "Enabled"}
    assert new["labelCategories"]["fruit"]["multiSelect"] == "Enabled"


@pytest.mark.parametrize("version", ["2024-07-01-preview", "2024-04-01", ""])
def test_other_versions_have_no_labeling_jobs(labeling: LabelingLab, version: str) -> None:
    answer = labeling.call("GET", JOB, version=version)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "NoRegisteredProviderFound")


def test_paths_match_without_case(labeling: LabelingLab) -> None:
    labeling.created()
    path = JOB.replace("resourceGroups", "resourcegroups").replace("labelingJobs/fruit", "labelingjobs/FRUIT")
    assert labeling.call("GET", path.replace("lab-ws", "Lab-WS")).json()["name"] == "fruit"


def test_jobs_are_listed_in_pages(labeling: LabelingLab) -> None:
    for name in ("c", "a", "b"):
        labeling.create(f"{WORKSPACE}/labelingJobs/{name}")
    first = labeling.call("GET", f"{WORKSPACE}/labelingJobs", params={"$top": "2"}).json()
    assert [item["name"] for item in first["value"]] == ["a", "b"]
    last = labeling.client.get(first["nextLink"]).json()
    assert ([item["name"] for item in last["value"]], "nextLink" in last) == (["c"], False)


def test_pause_is_synchronous_and_resume_is_an_operation(labeling: LabelingLab) -> None:
    labeling.created()
    paused = labeling.call("POST", f"{JOB}/pause")
    assert (paused.status_code, paused.json()["jobType"], paused.json()["status"]) == (200, "Labeling", "Paused")
    assert labeling.call("POST", f"{JOB}/pause").status_code == 200
    labeling.blobs.blobs["acct/training-images/new.jpg"] = b""
    resumed = labeling.call("POST", f"{JOB}/resume")
    assert (resumed.status_code, resumed.content) == (202, b"")
    assert labeling.client.get(resumed.headers["location"]).status_code == 202
    labeling.settle()
    done = labeling.client.get(resumed.headers["location"]).json()
    assert (done["status"], done["progressMetrics"]["totalDatapointCount"]) == ("Running", 4)
    assert labeling.call("POST", f"{JOB}/resume").json()["status"] == "Running"


def test_without_incremental_refresh_new_pictures_stay_out(labeling: LabelingLab) -> None:
    labeling.created(dataConfiguration={"dataId": DATA})
    labeling.call("POST", f"{JOB}/pause")
    labeling.blobs.blobs["acct/training-images/new.jpg"] = b""
    labeling.call("POST", f"{JOB}/resume")
    labeling.settle()
    assert labeling.job()["properties"]["progressMetrics"]["totalDatapointCount"] == 3


def test_a_job_that_is_being_created_cannot_be_paused_or_changed(labeling: LabelingLab) -> None:
    labeling.create()
    assert labeling.call("POST", f"{JOB}/pause").json()["error"]["code"] == "InvalidState"
    assert labeling.create().json()["error"]["code"] == "Conflict"


def test_put_changes_what_may_change(labeling: LabelingLab) -> None:
    labeling.created()
    changed = labeling.create(jobInstructions={"uri": "https://example.org/new"}, tags={"a": "b"})
    assert changed.status_code == 200
    assert "azure-asyncoperation" not in changed.headers
    properties = labeling.job()["properties"]
    assert (properties["jobInstructions"], properties["tags"]) == ({"uri": "https://example.org/new"}, {"a": "b"})


def test_classes_are_added_while_paused_and_never_renamed_or_removed(labeling: LabelingLab) -> None:
    labeling.created()
    more = deepcopy(job()["labelCategories"])
    more["fruit"]["classes"]["pear"] = {"displayName": "Pear"}
    running = labeling.create(labelCategories=more)
    assert (running.status_code, running.json()["error"]["code"]) == (409, "InvalidState")
    labeling.call("POST", f"{JOB}/pause")
    assert labeling.create(labelCategories=more).status_code == 200
    assert labeling.create().json()["error"]["target"] == "properties.labelCategories.fruit.classes.pear"
    more["fruit"]["classes"]["pear"]["displayName"] = "Quince"
    renamed = labeling.create(labelCategories=more)
    assert renamed.json()["error"]["target"] == "properties.labelCategories.fruit.classes.pear.displayName"


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({"dataConfiguration": {"dataId": DATA + "2"}}, "properties.dataConfiguration.dataId"),
        (
            {"labelingJobMediaProperties": {"mediaType": "Image"}},
            "properties.labelingJobMediaProperties.annotationType",
        ),
    ],
)
def test_data_and_media_never_change(labeling: LabelingLab, change: dict[str, Any], target: str) -> None:
    labeling.created()
    answer = labeling.create(**change)
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, target)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"jobType": "Command"}, 400, "UserError"),
        ({"dataConfiguration": None}, 400, "UserError"),
        ({"dataConfiguration": {"dataId": f"{WORKSPACE}/data/none/versions/1"}}, 400, "UserError"),
        ({"dataConfiguration": {"dataId": DATA, "incrementalDataRefresh": "Yes"}}, 400, "UserError"),
        ({"labelingJobMediaProperties": {"mediaType": "Video"}}, 400, "UserError"),
        ({"labelingJobMediaProperties": {"mediaType": "Text"}}, 501, "NotImplementedByLocalAzure"),
        ({"labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "Dots"}}, 400, "UserError"),
        ({"labelCategories": {"fruit": "apple"}}, 400, "UserError"),
        ({"mlAssistConfiguration": {"mlAssist": "Enabled"}}, 400, "UserError"),
        (
            {
                "mlAssistConfiguration": {
                    "mlAssist": "Enabled",
                    "trainingComputeBinding": f"{WORKSPACE}/computes/none",
                    "inferencingComputeBinding": f"{WORKSPACE}/computes/none",
                }
            },
            400,
            "UserError",
        ),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused(
    labeling: LabelingLab, change: dict[str, Any], status: int, code: str
) -> None:
    answer = labeling.create(**change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert labeling.call("GET", JOB).status_code == 404


def test_a_deleted_name_is_never_free_again(labeling: LabelingLab) -> None:
    labeling.created()
    assert labeling.call("DELETE", JOB).status_code == 200
    assert labeling.call("DELETE", JOB).status_code == 204
    again = labeling.create()
    assert (again.status_code, again.json()["error"]["code"]) == (409, "Conflict")


@pytest.mark.parametrize("name", ["-a", "a.b", "a" * 256])
def test_names_that_azure_would_refuse_are_refused(labeling: LabelingLab, name: str) -> None:
    assert labeling.create(f"{WORKSPACE}/labelingJobs/{name}").status_code == 400


def test_a_missing_container_fails_the_job_and_a_second_put_tries_again(labeling: LabelingLab) -> None:
    kept = dict(labeling.blobs.blobs)
    labeling.blobs.blobs.clear()
    operation = labeling.create().headers["azure-asyncoperation"]
    labeling.settle()
    assert labeling.client.get(operation).json()["error"]["code"] == "UserError"
    properties = labeling.job()["properties"]
    assert (properties["status"], properties["provisioningState"]) == ("Failed", "Failed")
    assert properties["statusMessages"][0]["message"] == (
        "https://127.0.0.1:2/acct/training-images/: the container does not exist"
    )
    labeling.blobs.blobs.update(kept)
    assert labeling.create().status_code == 201
    labeling.settle()
    assert labeling.job()["properties"]["status"] == "Running"


def test_creation_goes_on_after_a_kill(open_labeling: OpenLabeling) -> None:
    lab = open_labeling(on_disk=True)
    lab.blobs.blobs |= {f"acct/training-images/{name}.jpg": b"" for name in "abc"}
    lab.create()
    again = open_labeling(on_disk=True)
    again.settle()
    properties = again.job()["properties"]
    assert (properties["status"], properties["progressMetrics"]["totalDatapointCount"]) == ("Running", 3)


def test_a_workspace_that_is_gone_takes_its_jobs_and_names_with_it(labeling: LabelingLab) -> None:
    labeling.created()
    workspace = labeling.resources.by_id.pop(WORKSPACE.lower())
    gone = labeling.call("GET", JOB)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "ParentResourceNotFound")
    labeling.resources.by_id[WORKSPACE.lower()] = workspace  # recovered
    assert labeling.call("GET", JOB).status_code == 200
    labeling.resources.put(WORKSPACE, workspaceId="generation-2")  # made anew under the same name
    assert labeling.call("GET", JOB).status_code == 404
    assert labeling.create().status_code == 201


def test_the_gates_decide_who_gets_in(labeling: LabelingLab) -> None:
    labeling.created()
    assert labeling.call("GET", JOB, headers={"authorization": "none"}).status_code == 401
    tasks = f"/labeling/v1.0{WORKSPACE}/projects/fruit/tasks"
    denied = labeling.client.get(tasks, headers={"authorization": "labeling/labels/read"})
    assert denied.json()["error"]["message"] == f"me may not labeling/labels/read in {WORKSPACE}"


def test_a_project_takes_half_a_million_pictures_and_leaves_the_rest(labeling: LabelingLab) -> None:
    tasks = labeling.service.tasks
    assert tasks.add(99, [f"{number}.jpg" for number in range(7)], at_most=5) == 5
    assert tasks.add(99, ["8.jpg"], at_most=5) == 0
    assert VERSION == "2024-04-01-preview"
