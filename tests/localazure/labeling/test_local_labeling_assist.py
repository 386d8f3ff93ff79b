"""Experiments and the order of the queue over HTTP."""

import json
from typing import Any

import pytest

from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab

EXPERIMENTS = f"/labeling/v1.0{WORKSPACE}/projects/fruit/experiments"
ORDER = f"/labeling/v1.0{WORKSPACE}/projects/fruit/order"


def started(lab: LabelingLab) -> LabelingLab:
    lab.created()
    lab.service.assist.start()
    return lab


def test_a_training_without_labels_fails_with_what_is_missing_and_the_job_goes_on(labeling: LabelingLab) -> None:
    lab = started(labeling)
    answer = lab.client.post(EXPERIMENTS, json={})
    assert (answer.status_code, answer.json()) == (202, {"number": 1, "kind": "training"})
    assert lab.service.assist.wait_idle(20)
    listed = lab.client.get(EXPERIMENTS).json()
    (experiment,) = listed["value"]
    assert {name: experiment[name] for name in ("number", "kind", "state", "progress")} == {
        "number": 1,
        "kind": "training",
        "state": "Failed",
        "progress": {"fraction": 0.0, "stage": ""},
    }
    assert experiment["created"] <= experiment["started"] <= experiment["ended"]
    assert (experiment["detail"]["code"], experiment["detail"]["message"]) == (
        "NotEnoughLabels",
        "No picture is labeled yet.",
    )
    assert listed["assist"] == {
        "enabled": False,
        "labeled": 0,
        "pictures": 3,
        "next": None,
        "model": None,
    }
    properties = lab.job()["properties"]
    assert properties["status"] == "Running"
    assert [(one["code"], one["level"], one["message"]) for one in properties["statusMessages"]] == [
        ("MLAssistFailed", "Warning", "The training (experiment 1) failed: No picture is labeled yet.")
    ]


def test_help_that_is_asked_for_at_creation_is_on(labeling: LabelingLab) -> None:
    compute = f"{WORKSPACE}/computes/gpu"
    labeling.resources.put(compute)
    assist = {"mlAssist": "Enabled", "inferencingComputeBinding": compute, "trainingComputeBinding": compute}
    labeling.created(mlAssistConfiguration=assist)
    assert labeling.client.get(EXPERIMENTS).json()["assist"] == {
        "enabled": True,
        "labeled": 0,
        "pictures": 3,
        "next": 12,
        "model": None,
    }


def test_experiments_are_cancelled_once_and_unknown_ones_never(labeling: LabelingLab) -> None:
    labeling.created()
    assert labeling.client.post(EXPERIMENTS).json()["number"] == 1
    assert labeling.client.post(EXPERIMENTS, json={"kind": "training"}).json()["number"] == 1
    for _ in range(2):
        assert labeling.client.post(f"{EXPERIMENTS}/1/cancel").status_code == 204
    assert labeling.client.get(EXPERIMENTS).json()["value"][0]["state"] == "Canceled"
    assert labeling.client.post(f"{EXPERIMENTS}/2/cancel").json()["error"]["code"] == "ExperimentNotFound"
    labeling.client.post(EXPERIMENTS)
    labeling.service.assist.start()
    assert labeling.service.assist.wait_idle(20)
    answer = labeling.client.post(f"{EXPERIMENTS}/2/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "InvalidState")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"kind": "magic"}, 400, "kind must be one of clustering, training, inference."),
        ({"kind": "clustering"}, 400, "Pictures are grouped for classification only."),
        ({"kind": "inference"}, 409, "There is no model yet that could look at pictures; ask for a training."),
        ({"sort": "training"}, 400, "There is no 'sort'; there is kind."),
        ([], 400, "The body must be an object."),
        ("{", 400, "The body is no JSON."),
    ],
)
def test_what_cannot_be_asked_for_is_refused(labeling: LabelingLab, body: Any, status: int, message: str) -> None:
    labeling.created()
    sent = body if isinstance(body, str) else json.dumps(body)
    answer = labeling.client.post(EXPERIMENTS, content=sent)
    assert (answer.status_code, answer.json()["error"]["message"]) == (status, message)


def test_the_order_is_a_setting_that_the_queue_follows_at_once(labeling: LabelingLab) -> None:
    labeling.created()
    assert labeling.client.put(ORDER, json={"order": "uncertain"}).status_code == 204
    assert labeling.service.settings.read(labeling.service.projects.get(WORKSPACE, "fruit").number).order == "uncertain"
    answer = labeling.client.put(ORDER, json={"order": "clustered"})
    assert answer.json()["error"]["message"] == "Pictures are grouped for classification only."
    answer = labeling.client.put(ORDER, json={"order": "random"})
    assert answer.json()["error"]["message"] == "order must be one of manual, clustered, prelabeled, uncertain."


def test_nothing_is_asked_of_a_job_that_is_still_being_created(labeling: LabelingLab) -> None:
    labeling.create()
    assert labeling.client.post(EXPERIMENTS).json()["error"]["code"] == "InvalidState"
    assert labeling.client.put(ORDER, json={"order": "manual"}).json()["error"]["code"] == "InvalidState"
