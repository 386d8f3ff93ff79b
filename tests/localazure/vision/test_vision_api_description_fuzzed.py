"""Requests made from Microsoft's API description, right and wrong ones: each answer is one that it knows."""

import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.localazure.vision.vision_lab import Lab

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "specs"
SPEC = Path(os.environ.get("VISIONLAB_SPECS", _FOLDER)) / "image-analysis-2023-04-01-preview.json"
OPERATIONS = (
    "PUT /datasets/{name}",
    "PATCH /datasets/{name}",
    "GET /datasets/{name}",
    "DELETE /datasets/{name}",
    "GET /datasets",
    "PUT /models/{name}",
    "GET /models/{name}",
    "DELETE /models/{name}",
    "GET /models",
    "POST /models/{name}:cancel",
    "PUT /models/{name}/evaluations/{evaluationName}",
    "GET /models/{name}/evaluations/{evaluationName}",
    "DELETE /models/{name}/evaluations/{evaluationName}",
    "GET /models/{name}/evaluations",
    "POST /imageanalysis:analyze",
)
PATIENCE = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
needs_spec = pytest.mark.skipif(
    not SPEC.is_file(), reason="the API description is not here; name its folder in VISIONLAB_SPECS"
)


def spec() -> dict[str, Any]:
    return json.loads(SPEC.read_text("utf-8"))


@needs_spec
def test_every_operation_is_tried_or_is_one_that_answers_501(lab: Lab) -> None:
    methods = {"get", "put", "post", "patch", "delete"}
    known = {f"{m.upper()} {path}" for path, item in spec()["paths"].items() for m in item if m in methods}
    assert set(OPERATIONS) <= known
    for operation in sorted(known - set(OPERATIONS)):
        method, path = operation.split(" ")
        answer = lab.call(method, re.sub(r"{\w+}", "x", path), json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotImplementedByLocalAzure"), operation


@needs_spec
@pytest.mark.client  # by its cost: ten seconds
@pytest.mark.parametrize("operation", OPERATIONS)
def test_requests_made_from_the_description(lab: Lab, operation: str) -> None:
    description = spec()
    method, path = operation.split(" ")
    responses: dict[str, Any] = description["paths"][path][method.lower()]["responses"]
    operations: Any = schemathesis.openapi.from_dict(description)
    made: Any = operations[path][method]

    def check(case: Any, plain: bool) -> None:
        if plain:
            case.path_parameters = dict.fromkeys(case.path_parameters or (), "fruit")
        sent: dict[str, Any] = case.as_transport_kwargs(base_url="https://local/computervision")
        headers: dict[str, Any] = {**(sent.get("headers") or {})}
        headers.pop("User-Agent", None)
        body: dict[str, Any] = {name: sent[name] for name in ("json", "data", "files") if sent.get(name) is not None}
        if isinstance(body.get("data"), bytes):
            body = {"content": body["data"]}
        given_params: Any = sent.get("params") or {}
        params = httpx.QueryParams(given_params)
        params = params if "api-version" in params else params.set("api-version", "2023-04-01-preview")
        try:
            answer = lab.client.request(method, sent["url"], params=params, headers=headers, **body)
        except (UnicodeEncodeError, ValueError, TypeError):
            return  # nothing that HTTP can say
        described = responses.get(str(answer.status_code))
        assert answer.status_code < 500 or answer.status_code == 501, (sent, answer.text)
        if described is None:
            described = {"schema": {"$ref": "#/definitions/ErrorResponse"}} if answer.status_code >= 400 else {}
        if "schema" in described:
            schema = {"definitions": description["definitions"], **described["schema"]}
            jsonschema.Draft4Validator(schema).validate(answer.json())  # pyright: ignore[reportUnknownMemberType] its own annotations

    # Names of any kind are refused at once; with plain ones, bodies and parameters are judged.
    for mode, plain in (
        (GenerationMode.POSITIVE, True),
        (GenerationMode.POSITIVE, False),
        (GenerationMode.NEGATIVE, True),
    ):
        bounded = settings(
            max_examples=8,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=PATIENCE,
        )
        strategy: Any = made.as_strategy(generation_mode=mode)
        bounded(given(case=strategy, plain=st.just(plain))(check))()
