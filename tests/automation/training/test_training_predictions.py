"""What a model sees in a picture, and what a training needs."""

from typing import Any

import pytest

from automation.errors import Finding, NotFound, ServiceError, Severity
from automation.training import ModelKind, PredictedBox, PredictedTag, Prediction, check_budget, estimate
from tests.automation.training.fake_vision import FakeVision, a_client, error


def analyzed(body: dict[str, Any]) -> Prediction:
    service = FakeVision()
    service.analyzed = body
    return a_client(service).analyze("fruitdetector", b"\xff\xd8picture")


def an_object(label: str, score: float, x: int) -> dict[str, Any]:
    return {
        "id": "1",
        "boundingBox": {"x": x, "y": 2, "w": 3, "h": 4},
        "tags": [{"name": "other", "confidence": 0.01}, {"name": label, "confidence": score}],
    }


SIZE = {"width": 640, "height": 480}


def test_boxes_come_in_pixels_the_surest_first() -> None:
    objects = {"values": [an_object("apple", 0.5, 10), an_object("banana", 0.9, 20)]}
    prediction = analyzed(
        {
            "modelVersion": "1",
            "metadata": SIZE,
            "customModelResult": {"objectsResult": objects, "tagsResult": {"values": []}},
        }
    )
    assert prediction == Prediction(
        boxes=(
            PredictedBox(label="banana", score=0.9, x=20, y=2, w=3, h=4),
            PredictedBox(label="apple", score=0.5, x=10, y=2, w=3, h=4),
        ),
        tags=(),
        width=640,
        height=480,
    )


def test_tags_come_the_surest_first_also_when_there_are_no_objects() -> None:
    tags = {"values": [{"name": "Dog", "confidence": 0.2}, {"name": "Cat", "confidence": 0.8}]}
    prediction = analyzed({"metadata": SIZE, "customModelResult": {"tagsResult": tags}})
    assert prediction.tags == (PredictedTag(name="Cat", confidence=0.8), PredictedTag(name="Dog", confidence=0.2))


def test_an_answer_without_custom_result_is_an_error_and_not_an_empty_prediction() -> None:
    with pytest.raises(ServiceError) as caught:
        analyzed({"metadata": SIZE, "tagsResult": {"values": []}})
    assert str(caught.value) == "read prediction: the answer lacks 'customModelResult'"


def test_an_unknown_model_is_not_found() -> None:
    service = FakeVision()
    service.intercept = lambda _: error(404, "404", "Resource not found")
    with pytest.raises(NotFound) as caught:
        a_client(service).analyze("nope", b"x")
    assert str(caught.value) == "analyze a picture with model nope: Resource not found [404]"


@pytest.mark.parametrize(
    ("kind", "images", "minimum", "least", "advised"),
    [
        (ModelKind.OBJECT_DETECTION, 53, 0.3533351, 1, 1),
        (ModelKind.OBJECT_DETECTION, 300, 2.00001, 3, 6),
        (ModelKind.OBJECT_DETECTION, 200_000, 1333.34, 1334, 1344),
        (ModelKind.IMAGE_CLASSIFICATION, 53, 0.0176702, 1, 1),
        (ModelKind.IMAGE_CLASSIFICATION, 10_000, 3.334, 4, 17),
    ],
)
def test_the_estimate_follows_the_published_formulas(
    kind: ModelKind, images: int, minimum: float, least: int, advised: int
) -> None:
    need = estimate(kind, images)
    assert (round(need.minimum_hours, 7), need.least_budget, need.advised_budget) == (minimum, least, advised)


@pytest.mark.parametrize(
    ("images", "hours", "codes"),
    [
        (53, 1, []),
        (100, 1, [("budget-small", Severity.WARNING)]),
        (300, 2, [("budget-too-small", Severity.ERROR)]),
        (300, 3, [("budget-small", Severity.WARNING)]),
        (300, 6, []),
        (300_000, 1344, [("budget-impossible", Severity.ERROR)]),
    ],
)
def test_a_budget_is_checked_before_it_is_spent(images: int, hours: int, codes: list[tuple[str, Severity]]) -> None:
    findings = check_budget(ModelKind.OBJECT_DETECTION, images, hours, where="lab.yaml")
    assert [(finding.code, finding.severity) for finding in findings] == codes


def test_a_budget_finding_names_figures_and_remedy() -> None:
    assert check_budget(ModelKind.OBJECT_DETECTION, 300, 2, where="lab.yaml:7: budget_hours") == [
        Finding(
            code="budget-too-small",
            severity=Severity.ERROR,
            where="lab.yaml:7: budget_hours",
            message="2 h are too few for 300 pictures: 2.00 h is the minimum",
            hint="set budget_hours to 6",
        )
    ]
