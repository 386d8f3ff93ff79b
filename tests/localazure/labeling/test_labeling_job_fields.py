"""What a labeling job keeps for its clients: types, words, and which api-version knows which."""

from typing import Any

import pytest

from localazure.labeling.jobs.job_fields import carried
from tests.localazure.labeling.labeling_lab import DATA, JOB, LabelingLab, job

NOTIFY: dict[str, Any] = {
    "emailOn": ["JobCompleted"],
    "emails": ["a@example.org"],
    "webhooks": {"build": {"webhookType": "AzureDevOps", "eventType": "x"}},
}
SECRETS = {"PASSWORD": {"uri": "https://vault.example.org/secrets/a", "workspaceSecretName": "a"}}
KEPT: dict[str, Any] = {
    "componentId": "/a",
    "computeId": "/b",
    "description": "d",
    "displayName": "Fruit",
    "experimentName": "E",
    "identity": {"identityType": "Managed", "clientId": "c"},
    "isArchived": True,
    "notificationSetting": NOTIFY,
    "properties": {"p": "q"},
    "secretsConfiguration": SECRETS,
    "services": {"Studio": {"jobServiceType": "Studio", "endpoint": "https://e"}},
    "tags": {"a": "b"},
}


def put(lab: LabelingLab, version: str, **changes: Any) -> dict[str, Any]:
    body = job(**changes)
    if version < "2022-12-01":
        body["dataConfiguration"] = {"dataId": DATA, "incrementalDataRefreshEnabled": True}
    answer = lab.call("PUT", JOB, version=version, json={"properties": body})
    assert answer.status_code == 200, answer.text
    return answer.json()["properties"]


def test_what_is_kept_comes_back_as_it_was(labeling: LabelingLab) -> None:
    properties = labeling.created(**KEPT)["properties"]
    assert {name: properties[name] for name in KEPT} == KEPT


@pytest.mark.parametrize(
    ("version", "notify", "secrets"),
    [
        ("2022-12-01-preview", None, None),
        ("2023-02-01-preview", {name: NOTIFY[name] for name in ("emailOn", "emails")}, None),
        ("2023-04-01-preview", NOTIFY, SECRETS),
    ],
)
def test_a_version_shows_the_fields_that_it_has(
    labeling: LabelingLab, version: str, notify: object, secrets: object
) -> None:
    labeling.created(**KEPT)
    properties = labeling.call("GET", JOB, version=version).json()["properties"]
    assert (properties.get("notificationSetting"), properties.get("secretsConfiguration")) == (notify, secrets)


def test_a_client_of_an_older_version_wipes_out_nothing_that_it_has_no_word_for(labeling: LabelingLab) -> None:
    labeling.created(**KEPT)
    old = put(labeling, "2022-10-01-preview", tags={"a": "c"}, notificationSetting={"emails": ["unheard@example.org"]})
    assert "notificationSetting" not in old
    properties = labeling.job()["properties"]
    assert (properties["tags"], properties["notificationSetting"]) == ({"a": "c"}, NOTIFY)
    put(labeling, "2023-02-01-preview", notificationSetting={"emails": ["b@example.org"]})
    properties = labeling.job()["properties"]
    assert properties["notificationSetting"] == {"emails": ["b@example.org"], "webhooks": NOTIFY["webhooks"]}
    assert properties["secretsConfiguration"] == SECRETS
    put(labeling, "2024-04-01-preview")
    assert not {"notificationSetting", "secretsConfiguration"} & set(labeling.job()["properties"])


def test_what_an_older_client_removed_above_takes_nothing_along() -> None:
    assert carried({"notificationSetting": NOTIFY}, {}, ("notificationSetting.webhooks",)) == {}
    assert carried({}, {"notificationSetting": {}}, ("notificationSetting.webhooks",)) == {"notificationSetting": {}}


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({"tags": "a"}, "tags"),
        ({"tags": {"a": 1}}, "tags.a"),
        ({"properties": ["a"]}, "properties"),
        ({"displayName": 7}, "displayName"),
        ({"isArchived": "no"}, "isArchived"),
        ({"identity": {"identityType": "Me"}}, "identity.identityType"),
        ({"identity": "Managed"}, "identity"),
        ({"notificationSetting": {"emailOn": ["Always"]}}, "notificationSetting.emailOn[0]"),
        ({"notificationSetting": {"emails": "a@example.org"}}, "notificationSetting.emails"),
        ({"notificationSetting": {"webhooks": {"a": {}}}}, "notificationSetting.webhooks.a.webhookType"),
        ({"secretsConfiguration": {"P": {"value": "hidden"}}}, "secretsConfiguration.P"),
        ({"secretsConfiguration": {"P": "hidden"}}, "secretsConfiguration.P"),
        ({"services": {"a": 1}}, "services.a"),
        ({"jobInstructions": {"uri": "javascript:alert(1)"}}, "jobInstructions.uri"),
        ({"jobInstructions": {"uri": ["https://example.org"]}}, "jobInstructions.uri"),
    ],
)
def test_a_field_of_a_wrong_kind_is_refused(labeling: LabelingLab, change: dict[str, Any], target: str) -> None:
    answer = labeling.create(**change)
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, f"properties.{target}")
    assert "hidden" not in answer.text


def deep(levels: int) -> dict[str, Any]:
    classes: dict[str, Any] = {}
    for level in range(levels, 0, -1):
        classes = {f"level{level}": {"displayName": f"Level {level}", "subclasses": classes}}
    return {"fruit": {"displayName": "Fruit", "classes": classes}}


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        (deep(11), "Classes have at most 10 levels."),
        (
            {"a": {"classes": {"other": {}}}, "b": {"classes": {"c": {"subclasses": {"other": {}}}}}},
            "The class 'other' is there twice.",
        ),
        ({"a": {"classes": {"x": {"displayName": 7}}}}, "properties.labelCategories.a.classes.x.displayName must be"),
        ({"a": {"classes": {"x": {"displayName": "x" * 257}}}}, "properties.labelCategories.a.classes.x is longer"),
    ],
)
def test_classes_that_cannot_be_told_apart_or_shown_are_refused(
    labeling: LabelingLab, categories: dict[str, Any], message: str
) -> None:
    answer = labeling.create(labelCategories=categories)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(message)


def test_subclasses_may_go_ten_levels_deep(labeling: LabelingLab) -> None:
    shown = labeling.created(labelCategories=deep(10))["properties"]["labelCategories"]["fruit"]["classes"]
    for level in range(1, 11):
        assert shown[f"level{level}"]["displayName"] == f"Level {level}"
        shown = shown[f"level{level}"]["subclasses"]
    assert shown == {}


def test_a_file_is_no_folder_of_pictures(labeling: LabelingLab) -> None:
    labeling.resources.put(DATA, dataType="uri_file", dataUri="azureml://datastores/training_images/paths/a.jpg")
    assert labeling.create().json()["error"]["message"] == f"The data asset '{DATA}' is a file: give a folder."
