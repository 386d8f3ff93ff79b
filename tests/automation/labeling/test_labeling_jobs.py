"""Projects go over ARM as the last published contract says, and a retired service is called so."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from automation.azure import Arm, Rest
from automation.errors import ConfigError, Finding, NotFound, Refused, ServiceError, Severity
from automation.labeling import Export, ImportReport, LabelingJobs, ProjectSpec, Task
from tests.automation.azure.fakes import ORIGIN, FakeClock, FakeTokens, Script, a_cloud

WORKSPACE = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws1"
JOB = f"{WORKSPACE}/labelingJobs/fruit-labels?api-version=2024-04-01-preview"
VERSIONS = f"{WORKSPACE}/data/training-images/versions"
DATA = "api-version=2025-12-01"
URI = "azureml://subscriptions/s1/resourcegroups/rg/workspaces/ws1/datastores/training_images/paths/"


def a_project_spec(**changes: Any) -> ProjectSpec:
    fields: dict[str, Any] = {
        "name": "fruit-labels",
        "task": Task.OBJECT_DETECTION,
        "classes": ("apple", "banana"),
        "data_id": f"{VERSIONS}/1",
        "instructions_uri": "https://x/labeling.md",
    }
    return ProjectSpec(**(fields | changes))


def a_job(**properties: Any) -> dict[str, Any]:
    return {
        "id": f"{WORKSPACE}/labelingJobs/fruit-labels",
        "name": "fruit-labels",
        "properties": {
            "jobType": "Labeling",
            "status": "Running",
            "createdDateTime": "2026-11-20T12:00:00Z",
            "dataConfiguration": {"dataId": f"{VERSIONS}/1", "incrementalDataRefresh": "Enabled"},
            "jobInstructions": {"uri": "https://x/labeling.md"},
            "labelCategories": {
                "classes": {
                    "displayName": "classes",
                    "multiSelect": "Disabled",
                    "classes": {
                        "apple": {"displayName": "apple", "subclasses": {}},
                        "banana": {"displayName": "banana", "subclasses": {}},
                    },
                }
            },
            "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "BoundingBox"},
            "progressMetrics": {"totalDatapointCount": 53, "completedDatapointCount": 12, "skippedDatapointCount": 1},
            "statusMessages": [
                {"level": "Information", "code": "a", "message": "fine"},
                {"level": "Error", "code": "b", "message": "a picture is missing"},
            ],
        }
        | properties,
    }


def a_back_end(script: Script, *, cloud: str = "local") -> LabelingJobs:
    place = a_cloud(name=cloud)
    rest = Rest(place, FakeTokens(), FakeClock(), transport=httpx.MockTransport(script), dice=lambda: 0.0)
    return LabelingJobs(Arm(rest, place), rest, place, WORKSPACE)


def refusal(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "No."}} if code else None)


MISSING = refusal(404, "ResourceNotFound")


def test_a_project_is_made_with_one_put_and_read_back() -> None:
    script = Script([(f"PUT {JOB}", httpx.Response(200, json=a_job()))])
    project = a_back_end(script).create(a_project_spec())
    assert json.loads(script.requests[0].content) == {
        "properties": {
            "jobType": "Labeling",
            "displayName": "fruit-labels",
            "dataConfiguration": {"dataId": f"{VERSIONS}/1", "incrementalDataRefresh": "Enabled"},
            "labelCategories": {
                "classes": {
                    "displayName": "classes",
                    "multiSelect": "Disabled",
                    "classes": {
                        "apple": {"displayName": "apple", "subclasses": {}},
                        "banana": {"displayName": "banana", "subclasses": {}},
                    },
                }
            },
            "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "BoundingBox"},
            "mlAssistConfiguration": {"mlAssist": "Disabled"},
            "jobInstructions": {"uri": "https://x/labeling.md"},
        }
    }
    assert (project.spec, project.status, project.total, project.completed, project.skipped) == (
        a_project_spec(),
        "Running",
        53,
        12,
        1,
    )
    assert project.created == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert project.messages == ("a picture is missing", "fine")


@pytest.mark.parametrize(
    ("task", "annotation_type", "multi_select"),
    [
        (Task.OBJECT_DETECTION, "BoundingBox", "Disabled"),
        (Task.IMAGE_CLASSIFICATION, "Classification", "Disabled"),
        (Task.IMAGE_CLASSIFICATION_MULTILABEL, "Classification", "Enabled"),
        (Task.INSTANCE_SEGMENTATION, "InstanceSegmentation", "Disabled"),
    ],
)
def test_every_task_goes_there_and_back(task: Task, annotation_type: str, multi_select: str) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        assert body["properties"]["labelingJobMediaProperties"]["annotationType"] == annotation_type
        assert body["properties"]["labelCategories"]["classes"]["multiSelect"] == multi_select
        return httpx.Response(200, json=body | {"name": "fruit-labels"})

    spec = a_project_spec(task=task, instructions_uri=None)
    assert a_back_end(Script([(f"PUT {JOB}", echo)])).create(spec).spec == spec


def test_ensure_keeps_a_project_and_refuses_to_take_another_for_it() -> None:
    found = (f"GET {JOB}", httpx.Response(200, json=a_job()))
    assert a_back_end(Script([found])).ensure(a_project_spec()).completed == 12
    with pytest.raises(Refused) as caught:
        a_back_end(Script([found])).ensure(a_project_spec(classes=("apple",)))
    assert str(caught.value) == "labeling project fruit-labels exists already, and differs in classes"


def test_ensure_makes_what_is_not_there() -> None:
    script = Script([(f"GET {JOB}", MISSING), (f"PUT {JOB}", httpx.Response(201, json=a_job()))])
    a_back_end(script).ensure(a_project_spec())
    assert script.done()


def test_list_and_delete() -> None:
    base = f"{WORKSPACE}/labelingJobs?api-version=2024-04-01-preview"
    script = Script(
        [
            (f"GET {base}", httpx.Response(200, json={"value": [a_job()]})),
            (f"DELETE {JOB}", MISSING),
            (f"GET {JOB}", MISSING),
        ]
    )
    jobs = a_back_end(script)
    assert [project.name for project in jobs.list()] == ["fruit-labels"]
    jobs.delete("fruit-labels")
    with pytest.raises(NotFound):
        jobs.get("fruit-labels")


def an_asset(version: str, uri: str) -> dict[str, Any]:
    return {"id": f"{VERSIONS}/{version}", "name": version, "properties": {"dataUri": uri}}


def test_a_data_asset_is_made_as_version_1() -> None:
    script = Script(
        [
            (f"GET {VERSIONS}/1?{DATA}", MISSING),
            (f"PUT {VERSIONS}/1?{DATA}", httpx.Response(201, json=an_asset("1", URI))),
        ]
    )
    assert a_back_end(script).ensure_data_asset("training-images", "training_images") == f"{VERSIONS}/1"
    assert json.loads(script.requests[1].content) == {
        "properties": {"dataType": "uri_folder", "dataUri": URI, "isAnonymous": False, "isArchived": False}
    }


def test_a_data_asset_that_is_there_is_taken() -> None:
    there = [an_asset("1", f"{URI}other/"), an_asset("2", URI.rstrip("/"))]
    script = Script(
        [
            (f"GET {VERSIONS}/1?{DATA}", httpx.Response(200, json=there[0])),
            (f"GET {VERSIONS}?{DATA}", httpx.Response(200, json={"value": there})),
        ]
    )
    assert a_back_end(script).ensure_data_asset("training-images", "training_images") == f"{VERSIONS}/2"


def test_another_folder_becomes_the_next_version() -> None:
    there = [an_asset("1", URI), an_asset("7", f"{URI}x/")]
    script = Script(
        [
            (f"GET {VERSIONS}/1?{DATA}", httpx.Response(200, json=there[0])),
            (f"GET {VERSIONS}?{DATA}", httpx.Response(200, json={"value": there})),
            (f"PUT {VERSIONS}/8?{DATA}", httpx.Response(201, json=an_asset("8", f"{URI}photos/"))),
        ]
    )
    a_back_end(script).ensure_data_asset("training-images", "training_images", "/photos/")
    assert json.loads(script.requests[2].content)["properties"]["dataUri"] == f"{URI}photos/"


IMPORT = f"POST /labeling/v1.0{WORKSPACE}/projects/fruit-labels/labels:import"
COCO = {"images": [{"id": 1}], "annotations": [], "categories": []}


def test_labels_are_imported_where_the_local_azure_takes_them() -> None:
    finding = {"code": "picture-not-found", "where": "/images/0", "message": "no such picture"}
    answer = {"labeled": 3, "annotations": 9, "ignored": 1, "unmatched": 1, "findings": [finding]}
    script = Script([(IMPORT, httpx.Response(200, json=answer))])
    report = a_back_end(script).import_coco("fruit-labels", json.dumps(COCO).encode(), state="prelabeled")
    assert json.loads(script.requests[0].content) == {"coco": COCO, "state": "prelabeled"}
    assert report == ImportReport(
        labeled=3,
        ignored=1,
        findings=(
            Finding(code="picture-not-found", severity=Severity.WARNING, where="/images/0", message="no such picture"),
        ),
    )


def test_labels_cannot_be_imported_on_azure() -> None:
    with pytest.raises(Refused) as caught:
        a_back_end(Script([]), cloud="azure").import_coco("fruit-labels", b"{}")
    assert str(caught.value) == "Azure ML has no public way to import labels by program"


EXPORT = f"POST {JOB.replace('?', '/exportLabels?')}"


def test_an_export_is_waited_for_and_says_where_the_file_is() -> None:
    summary = {
        "format": "Coco",
        "exportedRowCount": 53,
        "containerName": "azureml-blobstore-1",
        "snapshotPath": "/Labeling/a.json",
    }
    script = Script(
        [
            (EXPORT, httpx.Response(202, headers={"location": f"{ORIGIN}/poll", "retry-after": "1"})),
            ("GET /poll", httpx.Response(202)),
            ("GET /poll", httpx.Response(200, json=summary)),
        ]
    )
    assert a_back_end(script).export_coco("fruit-labels") == Export(
        container="azureml-blobstore-1", path="Labeling/a.json", rows=53
    )
    assert json.loads(script.requests[0].content) == {"format": "Coco"}


def test_an_export_without_a_place_is_an_error() -> None:
    jobs = a_back_end(Script([(EXPORT, httpx.Response(200, json={"format": "Coco"}))]))
    with pytest.raises(ServiceError) as caught:
        jobs.export_coco("fruit-labels")
    assert str(caught.value) == "export labels of project fruit-labels: the answer lacks 'containerName'"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "InvalidResourceType"),
        (400, "NoRegisteredProviderFound"),
        (400, "InvalidApiVersionParameter"),
        (410, "Gone"),
        (404, ""),
    ],
)
def test_a_retired_service_is_called_so(status: int, code: str) -> None:
    jobs = a_back_end(Script([(f"GET {JOB}", refusal(status, code))]), cloud="azure")
    with pytest.raises(Refused) as caught:
        jobs.find("fruit-labels")
    assert (str(caught.value), caught.value.hint) == (
        "Azure ML data labeling was retired on 30 September 2026",
        "use stack local, where it goes on, or backend label-studio",
    )


@pytest.mark.parametrize("code", ["ResourceNotFound", "ParentResourceNotFound", "ResourceGroupNotFound"])
def test_a_missing_project_or_workspace_is_not_taken_for_the_retirement(code: str) -> None:
    with pytest.raises(NotFound):
        a_back_end(Script([(f"GET {JOB}", refusal(404, code))]), cloud="azure").get("fruit-labels")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a b"}, "'a b' is no name for a labeling project"),
        ({"task": "segmentation"}, "'segmentation' is no labeling task"),
        ({"classes": ()}, "labeling project fruit-labels needs classes, each with a name"),
        ({"classes": ("a", " ")}, "labeling project fruit-labels needs classes, each with a name"),
        ({"classes": ("a", "a")}, "labeling project fruit-labels has a class twice"),
    ],
)
def test_a_project_that_cannot_work_is_refused_before_it_is_made(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        a_project_spec(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"labelingJobMediaProperties": {"annotationType": "NamedEntityRecognition"}},
            "NamedEntityRecognition is no task of ours",
        ),
        ({"dataConfiguration": []}, "an object was expected, not list"),
    ],
)
def test_an_answer_that_breaks_the_contract_names_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    jobs = a_back_end(Script([(f"GET {JOB}", httpx.Response(200, json=a_job(**changes)))]))
    with pytest.raises(ServiceError) as caught:
        jobs.get("fruit-labels")
    assert str(caught.value) == f"read labeling project fruit-labels: the answer is not as agreed: {said}"


def test_a_project_is_paused_at_once_and_resumed_over_an_operation() -> None:
    done = httpx.Response(200, json={"status": "Running", "jobType": "Labeling"})
    location = (
        f"{ORIGIN}/subscriptions/s1/providers/Microsoft.MachineLearningServices/locations/x/mfeOperationResults/1"
    )
    path = JOB.partition("?")[0]
    script = Script(
        [
            (f"POST {path}/pause?api-version=2024-04-01-preview", done),
            (
                f"POST {path}/resume?api-version=2024-04-01-preview",
                httpx.Response(202, headers={"location": location, "retry-after": "1"}),
            ),
            (f"GET {location.removeprefix(ORIGIN)}", done),
        ]
    )
    jobs = a_back_end(script)
    jobs.pause("fruit-labels")
    jobs.resume("fruit-labels")
    assert script.done()


def test_a_csv_goes_whole_or_not_at_all() -> None:
    answer = httpx.Response(200, json={"labeled": 1, "findings": []})
    script = Script([(f"POST /labeling/v1.0{WORKSPACE}/projects/fruit-labels/labels:import", answer)])
    jobs = a_back_end(script)
    assert jobs.import_csv("fruit-labels", "image_url,label\n", state="prelabeled").labeled == 1
    assert json.loads(script.requests[0].content) == {"csv": "image_url,label\n", "state": "prelabeled"}
    with pytest.raises(Refused, match="3,500,000 bytes at most"):
        jobs.import_csv("fruit-labels", "x" * 3_500_001)
