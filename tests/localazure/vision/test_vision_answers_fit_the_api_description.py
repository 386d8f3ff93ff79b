"""Every kind of answer is checked against Microsoft's API description, which is not part of the repository."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.localazure.vision.vision_lab import Lab, jpeg

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "specs"
SPEC = Path(os.environ.get("VISIONLAB_SPECS", _FOLDER)) / "image-analysis-2023-04-01-preview.json"


def check(answer: Any, definition: str) -> None:
    spec = json.loads(SPEC.read_text())
    schema = {"definitions": spec["definitions"], "$ref": f"#/definitions/{definition}"}
    jsonschema.Draft4Validator(schema).validate(answer)  # pyright: ignore[reportUnknownMemberType] its own annotations


@pytest.mark.skipif(not SPEC.is_file(), reason="the API description is not here; name its folder in VISIONLAB_SPECS")
def test_answers_fit_the_api_description(lab: Lab) -> None:
    everything: dict[str, Any] = {
        "authentication": {"kind": "sas", "sasToken": "sig=x"},
        "customProperties": {"a": "b"},
    }
    check(lab.dataset(**everything).json(), "Dataset")
    check(lab.train().json(), "Model")
    check(lab.train().json(), "ErrorResponse")
    lab.train("failing", trainingDatasetName="nowhere")
    lab.settle()
    check(lab.model("failing"), "Model")
    evaluation = {"evaluationParameters": {"testDatasetName": "fruit"}}
    check(lab.call("PUT", "/models/model/evaluations/e", json=evaluation).json(), "ModelEvaluation")
    lab.settle()
    check(lab.model(), "Model")
    check(lab.call("GET", "/models/model/evaluations/e").json(), "ModelEvaluation")
    check(lab.call("GET", "/datasets", params={"top": "1"}).json(), "DatasetApiModelCollectionApiModel")
    check(lab.call("GET", "/models", params={"top": "1"}).json(), "ModelApiModelCollectionApiModel")
    check(lab.call("GET", "/models/model/evaluations").json(), "ModelEvaluationApiModelCollectionApiModel")
    picture: dict[str, Any] = {"content": jpeg(), "headers": {"content-type": "image/jpeg"}}
    prediction = lab.call("POST", "/imageanalysis:analyze", params={"model-name": "model"}, **picture)
    check(prediction.json(), "ImageAnalysisResult")
