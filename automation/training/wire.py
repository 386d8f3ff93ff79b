"""JSON of Image Analysis 4.0 (2023-04-01-preview) to our types and back: the only file that spells its field names.

Owns: field names, their spelling of kinds and states, and what an answer must have.
Leaves: requests to `image_analysis.py` and its parts.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from automation.azure import as_date, as_object, reading, redact
from automation.training.types import (
    Authentication,
    AuthenticationKind,
    Dataset,
    DatasetSpec,
    Evaluation,
    EvaluationSpec,
    Failure,
    Model,
    ModelKind,
    ModelSpec,
    PredictedBox,
    PredictedTag,
    Prediction,
    Status,
)

__all__ = [
    "dump_dataset",
    "dump_evaluation",
    "dump_model",
    "parse_dataset",
    "parse_evaluation",
    "parse_model",
    "parse_prediction",
]

_T = TypeVar("_T")

_ANNOTATION_KINDS = {
    ModelKind.OBJECT_DETECTION: "imageObjectDetection",
    ModelKind.IMAGE_CLASSIFICATION: "imageClassification",
}
_MODEL_KINDS = {
    ModelKind.OBJECT_DETECTION: "Generic-Detector",
    ModelKind.IMAGE_CLASSIFICATION: "Generic-Classifier",
}
_AUTHENTICATION_KINDS = {
    AuthenticationKind.PUBLIC: "none",
    AuthenticationKind.MANAGED_IDENTITY: "managedIdentity",
    AuthenticationKind.SAS: "sas",
}
_STATES = {
    "notstarted": Status.NOT_STARTED,
    "training": Status.RUNNING,  # models
    "running": Status.RUNNING,  # evaluations
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "cancelling": Status.CANCELLING,
    "cancelled": Status.CANCELLED,
}


def dump_dataset(spec: DatasetSpec) -> dict[str, Any]:
    authentication = {"kind": _AUTHENTICATION_KINDS[spec.authentication.kind]}
    if spec.authentication.sas_token is not None:
        authentication["sasToken"] = spec.authentication.sas_token.removeprefix("?")
    return {
        "annotationKind": _ANNOTATION_KINDS[spec.kind],
        "annotationFileUris": list(spec.annotation_urls),
        "authentication": authentication,
        "customProperties": dict(spec.properties),
    }


def dump_model(spec: ModelSpec) -> dict[str, Any]:
    body: dict[str, Any] = {
        "trainingParameters": {
            "trainingDatasetName": spec.dataset_name,
            "timeBudgetInHours": spec.budget_hours,
            "modelKind": _MODEL_KINDS[spec.kind],
        }
    }
    if spec.evaluation_dataset is not None:
        body["evaluationParameters"] = {"testDatasetName": spec.evaluation_dataset}
    return body


def dump_evaluation(spec: EvaluationSpec) -> dict[str, Any]:
    return {"evaluationParameters": {"testDatasetName": spec.dataset_name}}


def parse_dataset(body: Mapping[str, Any]) -> Dataset:
    with reading(f"read dataset {body.get('name', '')}"):
        said = as_object(body.get("authentication") or {})
        kind = _reverse(_AUTHENTICATION_KINDS, str(said.get("kind", "none")))
        sas_token = str(said.get("sasToken") or "") if kind is AuthenticationKind.SAS else None
        return Dataset(
            spec=DatasetSpec(
                name=body["name"],
                kind=_reverse(_ANNOTATION_KINDS, body["annotationKind"]),
                annotation_urls=tuple(str(url) for url in body["annotationFileUris"]),
                authentication=Authentication(kind=kind, sas_token=sas_token),
                properties={str(k): str(v) for k, v in as_object(body.get("customProperties") or {}).items()},
            ),
            created=as_date(body.get("createdDateTime")),
            updated=as_date(body.get("updatedDateTime")),
            etag=body.get("eTag"),
            raw=body,
        )


def parse_model(body: Mapping[str, Any]) -> Model:
    with reading(f"read model {body.get('name', '')}"):
        asked, measured = as_object(body["trainingParameters"]), as_object(body.get("evaluationParameters") or {})
        cost = body.get("trainingCostInMinutes")
        return Model(
            spec=ModelSpec(
                name=body["name"],
                kind=_reverse(_MODEL_KINDS, asked["modelKind"]),
                dataset_name=asked["trainingDatasetName"],
                budget_hours=int(asked["timeBudgetInHours"]),
                evaluation_dataset=measured.get("testDatasetName"),
            ),
            status=_status(body),
            status_text=str(body.get("status")),
            created=as_date(body.get("createdDateTime")),
            updated=as_date(body.get("updatedDateTime")),
            cost_minutes=None if cost is None else int(cost),
            error=_failure(body.get("error")),
            performance=body.get("modelPerformance"),
            fraction=_fraction(body),
            raw=body,
        )


def parse_evaluation(body: Mapping[str, Any]) -> Evaluation:
    with reading(f"read evaluation {body.get('name', '')}"):
        return Evaluation(
            spec=EvaluationSpec(
                name=body["name"],
                model_name=body["modelName"],
                dataset_name=as_object(body["evaluationParameters"])["testDatasetName"],
            ),
            status=_status(body),
            status_text=str(body.get("status")),
            created=as_date(body.get("createdDateTime")),
            updated=as_date(body.get("updatedDateTime")),
            error=_failure(body.get("error")),
            performance=body.get("modelPerformance"),
            fraction=_fraction(body),
            raw=body,
        )


def parse_prediction(body: Mapping[str, Any]) -> Prediction:
    with reading(f"read prediction {body.get('name', '')}"):
        size, custom = as_object(body["metadata"]), as_object(body["customModelResult"])
        objects = _values(custom.get("objectsResult"))
        tags = [
            PredictedTag(name=str(tag["name"]), confidence=float(tag["confidence"]))
            for tag in _values(custom.get("tagsResult"))
        ]
        return Prediction(
            boxes=tuple(sorted(map(_box, objects), key=lambda box: -box.score)),
            tags=tuple(sorted(tags, key=lambda tag: -tag.confidence)),
            width=int(size["width"]),
            height=int(size["height"]),
        )


def _box(found: Mapping[str, Any]) -> PredictedBox:
    best = max((as_object(tag) for tag in found["tags"]), key=lambda tag: float(tag["confidence"]))
    at = as_object(found["boundingBox"])
    return PredictedBox(
        label=str(best["name"]),
        score=float(best["confidence"]),
        x=int(at["x"]),
        y=int(at["y"]),
        w=int(at["w"]),
        h=int(at["h"]),
    )


def _values(result: object) -> list[dict[str, Any]]:
    values = cast("list[object]", as_object(result or {}).get("values") or [])
    return [as_object(value) for value in values]


def _status(body: Mapping[str, Any]) -> Status:
    return _STATES.get(str(body.get("status")).lower(), Status.UNKNOWN)


def _failure(error: object) -> Failure | None:
    if not isinstance(error, dict):
        return None
    said = cast("dict[str, Any]", error)
    return Failure(code=str(said.get("code") or ""), message=redact(str(said.get("message") or "")))


def _fraction(body: Mapping[str, Any]) -> float | None:
    """The local Azure may say how far it is; Azure does not."""
    progress = body.get("progress")
    fraction = cast("dict[str, Any]", progress).get("fraction") if isinstance(progress, dict) else None
    return min(1.0, max(0.0, float(fraction))) if isinstance(fraction, int | float) else None


def _reverse(names: Mapping[_T, str], said: str) -> _T:
    for value, name in names.items():
        if name.lower() == said.lower():
            return value
    raise ValueError(f"{said!r} is not one of {', '.join(names.values())}")
