"""JSON of the Image Analysis API to types and back. The only file that spells the service's field names.

Owns: parsing (keys match without case: Microsoft's sample client sends PascalCase) and dumping (camelCase).
Leaves: rules that need state to the services.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from localazure.bodies import BodyError, json_object
from localazure.vision.errors import bad_request, invalid_annotation_uri
from localazure.vision.fields import Fields
from localazure.vision.limits import ANNOTATION_FILES, BUDGETS, CUSTOM_PROPERTIES
from localazure.vision.predictions import Prediction
from localazure.vision.progress_board import RunProgress
from localazure.vision.types import (
    AnnotationKind,
    Authentication,
    AuthenticationKind,
    Dataset,
    DatasetSpec,
    Evaluation,
    Failure,
    Model,
    ModelKind,
    ModelSpec,
)

__all__ = [
    "check_name",
    "dump_dataset",
    "dump_evaluation",
    "dump_model",
    "dump_page",
    "dump_prediction",
    "parse_dataset_spec",
    "parse_evaluation_spec",
    "parse_image_url",
    "parse_json",
    "parse_model_spec",
    "parse_paging",
]

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}")
_BUDGET_CAP = 1_344


def check_name(name: str) -> str:
    """A dataset, model or evaluation name as the API description allows it."""
    if _NAME.fullmatch(name) is None:
        raise bad_request(
            f"'{name[:300]}' is no valid name: up to 255 letters, digits, '.', '_', '-'; the first a letter or digit."
        )
    return name


def parse_json(body: bytes) -> Mapping[str, Any]:
    try:
        return json_object(body)
    except BodyError as error:
        raise bad_request(f"The body is no JSON object: {error}.") from None


def parse_dataset_spec(body: Mapping[str, Any]) -> tuple[DatasetSpec, frozenset[str]]:
    """The dataset and which of its fields were given, for PATCH."""
    fields = Fields(body)
    kind = fields.choice("annotationKind", AnnotationKind)
    spec = DatasetSpec(
        annotation_kind=kind,
        annotation_file_uris=_annotation_uris(fields),
        custom_properties=_custom_properties(fields),
        authentication=_authentication(fields.child("authentication")),
    )
    names = {
        "annotationKind": "annotation_kind",
        "annotationFileUris": "annotation_file_uris",
        "customProperties": "custom_properties",
        "authentication": "authentication",
    }
    return spec, frozenset(ours for theirs, ours in names.items() if fields.has(theirs))


def parse_model_spec(body: Mapping[str, Any]) -> ModelSpec:
    fields = Fields(body)
    asked = fields.child("trainingParameters", required=True)
    kind = asked.choice("modelKind", ModelKind)
    hours = asked.integer("timeBudgetInHours")
    cap = _BUDGET_CAP if kind is None or kind not in BUDGETS else BUDGETS[kind].cap_hours
    if not 1 <= hours <= cap:
        raise bad_request(
            f"trainingParameters.timeBudgetInHours must be between 1 and {cap}, not {hours}.",
            target="trainingParameters.timeBudgetInHours",
        )
    test = fields.child("evaluationParameters")
    return ModelSpec(
        dataset_name=check_name(asked.required_text("trainingDatasetName")),
        budget_hours=hours,
        kind=kind,
        test_dataset_name=_optional_name(test),
    )


def parse_evaluation_spec(body: Mapping[str, Any]) -> str | None:
    """The name of the dataset to evaluate with."""
    return _optional_name(Fields(body).child("evaluationParameters", required=True))


def parse_image_url(body: Mapping[str, Any]) -> str:
    return Fields(body).required_text("url")


def parse_paging(skip: str | None, top: str | None) -> tuple[int, int]:
    """`skip` from 0 (default 0), `top` from 1 to 30 (default 10)."""
    return _count("skip", skip, least=0, most=2**31 - 1, default=0), _count("top", top, least=1, most=30, default=10)


def dump_dataset(dataset: Dataset) -> dict[str, Any]:
    """A dataset; its SAS token stays here."""
    body: dict[str, Any] = {"name": dataset.name}
    if dataset.spec.annotation_kind is not None:
        body["annotationKind"] = dataset.spec.annotation_kind.value
    body["annotationFileUris"] = list(dataset.spec.annotation_file_uris)
    if dataset.spec.authentication is not None:
        body["authentication"] = {"kind": dataset.spec.authentication.kind.value}
    if dataset.spec.custom_properties is not None:
        body["customProperties"] = dict(dataset.spec.custom_properties)
    return body | _dates(dataset.created, dataset.updated) | {"eTag": dataset.etag}


def dump_model(model: Model, progress: RunProgress | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": model.name,
        "trainingParameters": {
            "trainingDatasetName": model.spec.dataset_name,
            "timeBudgetInHours": model.spec.budget_hours,
            "modelKind": model.kind.value,
        },
    }
    if model.spec.test_dataset_name is not None:
        body["evaluationParameters"] = {"testDatasetName": model.spec.test_dataset_name}
    body |= {"status": model.status.value} | _dates(model.created, model.updated)
    if model.cost_minutes is not None:
        body["trainingCostInMinutes"] = model.cost_minutes
    if model.metrics_from is not None:
        body["metricsFrom"] = model.metrics_from  # our own: numbers without a test set are to be read as what they are
    return body | _outcome(model.failure, model.performance) | _progress(progress)


def dump_evaluation(evaluation: Evaluation, progress: RunProgress | None = None) -> dict[str, Any]:
    asked = {} if evaluation.test_dataset_name is None else {"testDatasetName": evaluation.test_dataset_name}
    body: dict[str, Any] = {
        "name": evaluation.name,
        "modelName": evaluation.model_name,
        "evaluationParameters": asked,
        "status": evaluation.status.value,
    }
    body |= _dates(evaluation.created, evaluation.updated)
    return body | _outcome(evaluation.failure, evaluation.performance) | _progress(progress)


def dump_page(values: Sequence[Mapping[str, Any]], next_link: str | None) -> dict[str, Any]:
    """A page of a list; the last one has no link."""
    page: dict[str, Any] = {"value": list(values)}
    return page if next_link is None else page | {"nextLink": next_link}


def dump_prediction(prediction: Prediction, model_version: str) -> dict[str, Any]:
    """Both results are always there: Microsoft's two API descriptions disagree on what may be left out."""
    tags = [{"name": tag.name, "confidence": tag.confidence} for tag in prediction.tags]
    objects = [
        {
            "id": str(number),
            "boundingBox": {"x": box.x, "y": box.y, "w": box.w, "h": box.h},
            "tags": [{"name": box.tag.name, "confidence": box.tag.confidence}],
        }
        for number, box in enumerate(prediction.boxes, start=1)
    ]
    return {
        "modelVersion": model_version,
        "metadata": {"width": prediction.width, "height": prediction.height},
        "customModelResult": {"tagsResult": {"values": tags}, "objectsResult": {"values": objects}},
    }


def _annotation_uris(fields: Fields) -> tuple[str, ...]:
    value = fields.typed("annotationFileUris", list[str], "a list of strings") or []
    if len(value) > ANNOTATION_FILES:
        raise invalid_annotation_uri(f"A dataset has at most {ANNOTATION_FILES} annotation files, not {len(value)}.")
    for uri in value:
        _check_uri(uri)
    return tuple(value)


def _check_uri(uri: str) -> None:
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        host, parts = None, None
    if parts is None or parts.scheme not in ("http", "https") or not host or len(parts.path) <= 1:
        raise invalid_annotation_uri(f"'{uri.split('?', 1)[0]}' is no absolute URI of a blob.")


def _custom_properties(fields: Fields) -> dict[str, str] | None:
    value = fields.typed("customProperties", dict[str, str], "an object of strings")
    if value is not None and len(value) > CUSTOM_PROPERTIES:
        raise bad_request(f"customProperties has {len(value)} pairs, at most {CUSTOM_PROPERTIES} are allowed.")
    return value


def _authentication(fields: Fields) -> Authentication | None:
    kind = fields.choice("kind", AuthenticationKind)
    token = fields.text("sasToken")
    if kind is None:
        if fields.present:
            raise fields.wrong("kind", "one of " + ", ".join(kind.value for kind in AuthenticationKind))
        return None
    if kind is not AuthenticationKind.SAS:
        if token:
            raise bad_request("authentication.sasToken is only allowed when authentication.kind is sas.")
        return Authentication(kind=kind)
    if not token or "://" in token:
        raise bad_request("authentication.sasToken must be the query string of a shared access signature, not a URL.")
    return Authentication(kind=kind, sas_token=token.removeprefix("?"))


def _optional_name(fields: Fields) -> str | None:
    name = fields.text("testDatasetName")
    return None if name is None else check_name(name)


def _count(name: str, text: str | None, *, least: int, most: int, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"-?\d{1,10}", text) or not least <= int(text) <= most:
        raise bad_request(f"The query parameter '{name}' must be a whole number from {least} to {most}.", target=name)
    return int(text)


def _dates(created: datetime, updated: datetime) -> dict[str, str]:
    return {"createdDateTime": _time(created), "updatedDateTime": _time(updated)}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _progress(progress: RunProgress | None) -> dict[str, Any]:
    """A field of our own, while a run goes on."""
    return {} if progress is None else {"progress": {"fraction": round(progress.fraction, 4), "stage": progress.stage}}


def _outcome(failure: Failure | None, performance: Mapping[str, Any] | None) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if failure is not None:
        body["error"] = {"code": failure.code, "message": failure.message}
    if performance is not None:
        body["modelPerformance"] = dict(performance)
    return body
