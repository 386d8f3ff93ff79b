"""Evaluation runs: states, failure codes, deleting; and what is not implemented or retired."""

import pytest

from localazure.vision.coverage import COVERAGE, NOT_IMPLEMENTED
from tests.localazure.vision.conftest import OpenLab
from tests.localazure.vision.vision_lab import STORE_URL, Lab, coco_of, jpeg

EVALUATION = "/models/model/evaluations/first"


@pytest.fixture
def trained(lab: Lab) -> Lab:
    lab.dataset()
    lab.train()
    lab.settle()
    return lab


def evaluate(lab: Lab, dataset: str = "fruit") -> dict[str, object]:
    created = lab.call("PUT", EVALUATION, json={"EvaluationParameters": {"TestDatasetName": dataset}})
    assert (created.status_code, created.json()["status"]) == (201, "notStarted")
    lab.settle()
    return lab.call("GET", EVALUATION).json()


def test_an_evaluation_succeeds_with_the_models_performance(trained: Lab) -> None:
    done = evaluate(trained)
    assert {key: done[key] for key in done if not key.endswith("DateTime")} == {
        "name": "first",
        "modelName": "model",
        "evaluationParameters": {"testDatasetName": "fruit"},
        "status": "succeeded",
        "modelPerformance": {"averagePrecision": 0.9, "tagPerformance": {}},
    }
    job = trained.last_job()
    assert [row["labels"] for row in job["images"]] == [[0, 1], [0, 1]]
    assert trained.call("GET", "/models/model/evaluations").json()["value"] == [done]


@pytest.mark.parametrize("kind", ["imageClassification"])
def test_a_dataset_of_another_kind_fails_it(trained: Lab, kind: str) -> None:
    trained.dataset("other", kind=kind)
    assert evaluate(trained, "other")["error"] == {
        "code": "incorrectModelKind",
        "message": "The model 'model' is a Generic-Detector; the dataset 'other' is imageClassification.",
    }


def test_a_missing_dataset_and_a_missing_model_fail_it(trained: Lab) -> None:
    assert evaluate(trained, "nowhere")["error"] == {
        "code": "datasetNotFound",
        "message": "There is no dataset 'nowhere'.",
    }
    created = trained.call("PUT", "/models/m2/evaluations/e", json={"evaluationParameters": {"testDatasetName": "d"}})
    assert created.status_code == 201
    trained.settle()
    assert trained.call("GET", "/models/m2/evaluations/e").json()["error"]["code"] == "modelNotFound"


def test_a_category_that_the_model_does_not_know_fails_it(trained: Lab) -> None:
    coco = coco_of(["a"])
    coco["categories"][0]["name"] = "plum"
    trained.upload("plums", coco)
    trained.dataset("plums")
    assert evaluate(trained, "plums")["error"] == {
        "code": "datasetCorrupt",
        "message": f"{STORE_URL}/images/a.jpg has the category 'plum', which the model does not know.",
    }


def test_pictures_below_50_pixels_cannot_be_evaluated_with(trained: Lab) -> None:
    trained.upload("fruit", coco_of(["a", "b"]), a=jpeg(49, 60))
    error = evaluate(trained)["error"]
    assert error == {
        "code": "datasetCorrupt",
        "message": f"The image {STORE_URL}/images/a.jpg is 49 x 60 pixels; sides of 50 to 16000 are taken.",
    }


def test_an_evaluation_is_deleted_by_itself_or_with_its_model(trained: Lab) -> None:
    evaluate(trained)
    assert trained.call("DELETE", EVALUATION).status_code == 204
    assert trained.call("DELETE", EVALUATION).status_code == 404
    evaluate(trained)
    again = trained.call("PUT", EVALUATION, json={"evaluationParameters": {"testDatasetName": "fruit"}})
    assert again.json()["error"]["code"] == "EvaluationAlreadyExists"
    trained.call("DELETE", "/models/model")
    assert trained.call("GET", "/models/model/evaluations").json() == {"value": []}


def test_an_evaluation_that_has_not_ended_cannot_be_deleted(open_lab: OpenLab) -> None:
    lab = open_lab(start=False)
    lab.call("PUT", EVALUATION, json={"evaluationParameters": {"testDatasetName": "fruit"}})
    assert lab.call("DELETE", EVALUATION).status_code == 400
    lab = open_lab()
    lab.settle()
    assert lab.call("GET", EVALUATION).json()["status"] == "failed"


def test_evaluation_parameters_are_required(lab: Lab) -> None:
    assert lab.call("PUT", EVALUATION, json={}).status_code == 400


def test_what_is_not_implemented_says_so(lab: Lab) -> None:
    for method, path, _ in NOT_IMPLEMENTED:
        answer = lab.call(method, path.replace("{model}", "m").replace("{run}", "r"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotImplementedByLocalAzure")
    assert len(COVERAGE) == 16 + len(NOT_IMPLEMENTED)


def test_a_retired_service_refuses_every_customization_call(open_lab: OpenLab) -> None:
    lab = open_lab(retired=True)
    for method, path in (("GET", "/datasets"), ("GET", "/models/m"), ("POST", "/imageanalysis:analyze?model-name=m")):
        answer = lab.client.request(method, f"/computervision{path}", params={"api-version": "2023-04-01-preview"})
        if "model-name" in path:
            answer = lab.call("POST", "/imageanalysis:analyze", params={"model-name": "m"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "410")
    assert lab.call("POST", "/imageanalysis:analyze", params={"features": "tags"}).status_code == 501
