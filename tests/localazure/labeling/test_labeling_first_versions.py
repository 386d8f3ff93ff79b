"""The first two api-versions of labelingJobs, whose words are others: the same project for all of them."""

from typing import Any

import pytest

from tests.localazure.labeling.labeling_lab import DATA, JOB, WORKSPACE, LabelingLab, job

REFRESH = {
    "2020-09-01-preview": "enableIncrementalDatasetRefresh",
    "2021-03-01-preview": "incrementalDatasetRefreshEnabled",
}
BINDING = {"2020-09-01-preview": "computeId", "2021-03-01-preview": "target"}
VERSIONS = sorted(REFRESH)


def first(version: str, **changes: Any) -> dict[str, Any]:
    classes: dict[str, Any] = {key: {"displayName": key.title(), "subclasses": {}} for key in ("apple", "banana")}
    body: dict[str, Any] = {
        "datasetConfiguration": {"assetName": "photos", "datasetVersion": "1", REFRESH[version]: True},
        "jobInstructions": {"uri": "https://example.org/how"},
        "labelCategories": {"fruit": {"displayName": "Fruit", "allowMultiSelect": False, "classes": classes}},
        "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "BoundingBox"},
        "mlAssistConfiguration": {"mlAssistEnabled": False},
        "tags": {"a": "b"},
    }
    return body | changes


def put(lab: LabelingLab, version: str, **changes: Any) -> Any:
    return lab.call("PUT", JOB, version=version, json={"properties": first(version, **changes)})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_project_of_the_first_versions_is_one_of_the_last(labeling: LabelingLab, version: str) -> None:
    assert put(labeling, version).status_code == 201
    labeling.settle()
    old = labeling.call("GET", JOB, version=version).json()["properties"]
    assert {name: old[name] for name in first(version)} == first(version)
    assert old["createdTimeUtc"] == "2026-11-20T12:00:00.0000000Z"
    assert old["progressMetrics"] == {
        "totalDatapointCount": 3,
        "completedDatapointCount": 0,
        "skippedDatapointCount": 0,
        "incrementalDatasetLastRefreshTime": "2026-11-20T12:00:05.0000000Z",
    }
    unknown = {"dataConfiguration", "createdDateTime", "displayName", "experimentName", "isArchived"}
    assert unknown & set(old) == set()
    assert ("jobType" in old) is (version != "2020-09-01-preview")
    new = labeling.job()["properties"]
    assert new["dataConfiguration"] == {"dataId": DATA, "incrementalDataRefresh": "Enabled"}
    assert new["labelCategories"] == job()["labelCategories"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_change_by_a_first_version_keeps_what_it_does_not_know(labeling: LabelingLab, version: str) -> None:
    labeling.created(displayName="Fruit of May", identity={"identityType": "Managed"})
    assert put(labeling, version, tags={"new": "tag"}).status_code == 200
    properties = labeling.job()["properties"]
    assert (properties["displayName"], properties["identity"]) == ("Fruit of May", {"identityType": "Managed"})
    assert properties["tags"] == {"new": "tag"}


@pytest.mark.parametrize("version", VERSIONS)
def test_computes_of_the_first_versions_are_names_or_ids(labeling: LabelingLab, version: str) -> None:
    labeling.resources.put(f"{WORKSPACE}/computes/gpu", computeType="AmlCompute")
    binding = BINDING[version]
    assist = {
        "mlAssistEnabled": True,
        "trainingComputeBinding": {binding: "gpu"},
        "inferencingComputeBinding": {binding: f"{WORKSPACE}/computes/gpu"},
    }
    assert put(labeling, version, mlAssistConfiguration=assist).status_code == 201
    new = labeling.job()["properties"]["mlAssistConfiguration"]
    assert new == {
        "mlAssist": "Enabled",
        "trainingComputeBinding": f"{WORKSPACE}/computes/gpu",
        "inferencingComputeBinding": f"{WORKSPACE}/computes/gpu",
    }
    old = labeling.call("GET", JOB, version=version).json()["properties"]["mlAssistConfiguration"]
    assert old["trainingComputeBinding"] == {binding: f"{WORKSPACE}/computes/gpu"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"assetName": "photos"},
        {"assetName": "a/b", "datasetVersion": "1"},
        "photos",
        {"assetName": "none", "datasetVersion": "1"},
    ],
)
def test_a_data_asset_that_is_not_there_is_refused(labeling: LabelingLab, data: object) -> None:
    answer = put(labeling, "2021-03-01-preview", datasetConfiguration=data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UserError")


def test_a_category_that_is_no_object_is_refused(labeling: LabelingLab) -> None:
    assert put(labeling, "2020-09-01-preview", labelCategories={"fruit": "apple"}).status_code == 400
