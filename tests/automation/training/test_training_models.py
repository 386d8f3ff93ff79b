"""Trainings are started once, waited for with a deadline, cancelled, and their failures say what to do."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from automation.errors import ConfigError, InvalidRequest, OperationFailed, Refused, ServiceUnavailable, WaitTimeout
from automation.progress import Progress, silent
from automation.training import EvaluationSpec, Failure, Model, ModelKind, ModelSpec, Status
from automation.training.waiting import PERMISSION
from tests.automation.azure.fakes import FakeClock
from tests.automation.training.fake_vision import FakeVision, a_client, error


def a_model_spec(**changes: Any) -> ModelSpec:
    fields: dict[str, Any] = {
        "name": "fruitdetector",
        "kind": ModelKind.OBJECT_DETECTION,
        "dataset_name": "training_images",
        "evaluation_dataset": "evaluation_images",
    }
    return ModelSpec(**(fields | changes))


def test_create_says_it_in_the_services_words() -> None:
    service = FakeVision()
    model = a_client(service).models.create(a_model_spec())
    stored = service.models["fruitdetector"]
    assert {key: stored[key] for key in ("trainingParameters", "evaluationParameters")} == {
        "trainingParameters": {
            "trainingDatasetName": "training_images",
            "timeBudgetInHours": 1,
            "modelKind": "Generic-Detector",
        },
        "evaluationParameters": {"testDatasetName": "evaluation_images"},
    }
    assert (model.spec, model.status, model.error, model.performance) == (
        a_model_spec(),
        Status.NOT_STARTED,
        None,
        None,
    )


def test_without_an_evaluation_dataset_none_is_sent() -> None:
    service = FakeVision()
    spec = a_model_spec(kind=ModelKind.IMAGE_CLASSIFICATION, evaluation_dataset=None)
    assert a_client(service).models.create(spec).spec == spec
    assert "evaluationParameters" not in service.models["fruitdetector"]


def trained(
    service: FakeVision, clock: FakeClock | None = None, *, timeout_s: float = 600, progress: Progress = silent
) -> Model:
    models = a_client(service, clock).models
    models.create(a_model_spec())
    return models.wait_for("fruitdetector", timeout_s=timeout_s, progress=progress)


def test_waiting_gives_the_model_with_its_performance_as_the_service_names_it() -> None:
    service = FakeVision()
    performance = {"meanAveragePrecision50": 0.93, "tagPerformance": {"apple": {"averagePrecision50": 0.9}}}
    service.states = [
        {"status": "training"},
        {"status": "succeeded", "trainingCostInMinutes": 7, "modelPerformance": performance},
    ]
    model = trained(service)
    assert (model.status, model.cost_minutes, model.performance) == (Status.SUCCEEDED, 7, performance)


def test_a_status_that_nobody_knows_is_waited_out() -> None:
    service, clock = FakeVision(), FakeClock()
    service.states = [{"status": "contemplating"}, {"status": "training"}, {"status": "succeeded"}]
    assert trained(service, clock=clock).status is Status.SUCCEEDED
    assert clock.slept == [0.25, 0.375]


def test_waiting_stops_at_the_deadline_and_keeps_the_last_status() -> None:
    service, clock = FakeVision(), FakeClock()
    service.states = [{"status": "training"}]
    with pytest.raises(WaitTimeout) as caught:
        trained(service, clock=clock, timeout_s=60)
    assert (caught.value.last_status, caught.value.exit_code, clock.slept_s) == ("training", 3, 60.0)


def test_on_azure_the_service_is_asked_less_and_less_often() -> None:
    service, clock = FakeVision(), FakeClock()
    service.states = [{"status": "training"}]
    models = a_client(service, clock, cloud="azure").models
    models.create(a_model_spec())
    with pytest.raises(WaitTimeout):
        models.wait_for("fruitdetector", timeout_s=3600)
    assert max(clock.slept) == 30.0
    assert len(clock.slept) < 140


def test_progress_tells_seconds_where_the_service_tells_nothing_and_the_fraction_where_it_does() -> None:
    service = FakeVision()
    service.states = [
        {"status": "training"},
        {"status": "training", "progress": {"fraction": 0.5}},
        {"status": "succeeded"},
    ]
    steps: list[tuple[float, float | None, str]] = []

    def progress(done: float, total: float | None, message: str) -> None:
        steps.append((done, total, message))

    trained(service, progress=progress)
    assert steps == [(0.0, None, "training, 0 s"), (0.5, 1.0, "training, 0 s"), (0.625, None, "succeeded, 1 s")]


FAILURES = [
    ("notEnoughBudget", "At least 2 hours.", "raise budget_hours of the model; the message names the least"),
    ("datasetCorrupt", "Bad JSON.", "check the COCO file and that every image URL in it can be read, then train again"),
    (
        "datasetCorrupt",
        "Cannot read https://x/a.jpg: 403 Forbidden.",
        PERMISSION,
    ),
    ("datasetNotFound", "No.", "create the dataset first: `visionlab dataset list` shows what there is"),
    ("diverged", "No.", "check the labels, add pictures, or train again"),
    ("somethingNew", "No.", None),
]


@pytest.mark.parametrize(("code", "message", "hint"), FAILURES)
def test_a_failed_training_names_code_reason_and_remedy(code: str, message: str, hint: str | None) -> None:
    service = FakeVision()
    service.states = [{"status": "failed", "error": {"code": code, "message": message}}]
    with pytest.raises(OperationFailed) as caught:
        trained(service)
    failed = caught.value
    assert (failed.resource, failed.code, failed.detail, failed.hint) == (
        "model fruitdetector",
        code,
        message.rstrip("."),
        hint,
    )


def test_a_failure_without_a_reason_is_a_failure() -> None:
    service = FakeVision()
    service.states = [{"status": "failed"}]
    with pytest.raises(OperationFailed) as caught:
        trained(service)
    assert str(caught.value) == "model fruitdetector ended as failed: the service gives no reason"


def test_a_cancelled_training_is_cancelled_and_then_can_be_deleted() -> None:
    service = FakeVision()
    models = a_client(service).models
    models.create(a_model_spec())
    with pytest.raises(InvalidRequest):
        models.delete("fruitdetector")
    models.cancel("fruitdetector")
    with pytest.raises(OperationFailed) as caught:
        models.wait_for("fruitdetector", timeout_s=60)
    assert str(caught.value) == "model fruitdetector ended as cancelled: it was cancelled"
    models.delete("fruitdetector")
    assert models.find("fruitdetector") is None


def test_ensure_starts_a_training_once() -> None:
    service = FakeVision()
    models = a_client(service).models
    models.ensure(a_model_spec())
    assert models.ensure(a_model_spec()).status is Status.RUNNING
    assert [call for call in service.calls if call.startswith("PUT")] == ["PUT /models/fruitdetector"]


def test_ensure_takes_a_training_whose_start_was_answered_by_silence() -> None:
    service = FakeVision()
    answers = iter([httpx.ReadTimeout("")])

    def lose_the_answer(call: str) -> httpx.Response | None:
        if call.startswith("PUT") and (lost := next(answers, None)):
            service.models["fruitdetector"] = {
                "name": "fruitdetector",
                "status": "notStarted",
                "trainingParameters": {
                    "trainingDatasetName": "training_images",
                    "timeBudgetInHours": 1,
                    "modelKind": "Generic-Detector",
                },
                "evaluationParameters": {"testDatasetName": "evaluation_images"},
            }
            raise lost
        return None

    service.intercept = lose_the_answer
    assert a_client(service).models.ensure(a_model_spec()).status is Status.RUNNING
    assert service.calls.count("PUT /models/fruitdetector") == 2  # the second was answered 409


def test_ensure_does_not_replace_another_model_unasked() -> None:
    service = FakeVision()
    models = a_client(service).models
    models.create(a_model_spec())
    service.states = [{"status": "training"}] * 2
    other = a_model_spec(budget_hours=3, evaluation_dataset=None)
    with pytest.raises(Refused) as caught:
        models.ensure(other)
    assert str(caught.value) == (
        "model fruitdetector exists already, and differs: budget_hours is 1, not 3,"
        " evaluation_dataset is evaluation_images, not None"
    )
    assert models.ensure(other, replace=True).spec == other
    assert service.calls[-6:] == [
        "GET /models/fruitdetector",
        "POST /models/fruitdetector:cancel",
        "GET /models/fruitdetector",
        "GET /models/fruitdetector",
        "DELETE /models/fruitdetector",
        "PUT /models/fruitdetector",
    ]


def test_ensure_gives_a_failed_training_back_or_starts_it_anew_when_asked() -> None:
    service = FakeVision()
    service.states = [{"status": "failed", "error": {"code": "diverged", "message": "x"}}]
    models = a_client(service).models
    models.create(a_model_spec())
    assert models.ensure(a_model_spec()).error == Failure(code="diverged", message="x")
    assert models.ensure(a_model_spec(), recreate_failed=True).status is Status.NOT_STARTED


def test_trouble_that_passes_is_waited_out_and_lasting_trouble_ends_the_wait() -> None:
    service, clock = FakeVision(), FakeClock()
    models = a_client(service, clock).models
    models.create(a_model_spec())
    answers = iter([error(503, "Busy")] * 3)
    service.intercept = lambda call: next(answers, None) if call.startswith("GET") else None
    assert models.wait_for("fruitdetector", timeout_s=60).status is Status.SUCCEEDED
    service.intercept = lambda _: error(503, "Busy")
    with pytest.raises(ServiceUnavailable):
        models.wait_for("fruitdetector", timeout_s=6000)


@pytest.mark.parametrize(
    ("kind", "hours", "accepted"),
    [
        (ModelKind.OBJECT_DETECTION, 0, False),
        (ModelKind.OBJECT_DETECTION, 1344, True),
        (ModelKind.OBJECT_DETECTION, 1345, False),
        (ModelKind.IMAGE_CLASSIFICATION, 336, True),
        (ModelKind.IMAGE_CLASSIFICATION, 337, False),
    ],
)
def test_budgets_are_those_the_service_takes(kind: ModelKind, hours: int, accepted: bool) -> None:
    if accepted:
        assert a_model_spec(kind=kind, budget_hours=hours).budget_hours == hours
    else:
        with pytest.raises(ConfigError):
            a_model_spec(kind=kind, budget_hours=hours)


def test_evaluations_are_named_below_their_model_and_waited_for() -> None:
    service = FakeVision()
    service.states = [{"status": "running"}, {"status": "succeeded", "modelPerformance": {"accuracyTop1": 1.0}}]
    evaluations = a_client(service).evaluations
    spec = EvaluationSpec(name="e1", model_name="fruitdetector", dataset_name="evaluation_images")
    evaluations.ensure(spec)
    done = evaluations.wait_for("fruitdetector", "e1", timeout_s=60)
    assert (done.spec, done.status, done.performance) == (spec, Status.SUCCEEDED, {"accuracyTop1": 1.0})
    assert [evaluation.name for evaluation in evaluations.list("fruitdetector")] == ["e1"]
    with pytest.raises(Refused):
        evaluations.ensure(replace(spec, dataset_name="other"))
    evaluations.delete("fruitdetector", "e1")
    assert evaluations.find("fruitdetector", "e1") is None


def test_a_failed_evaluation_names_the_remedy() -> None:
    service = FakeVision()
    service.states = [{"status": "failed", "error": {"code": "incorrectModelKind", "message": "No."}}]
    evaluations = a_client(service).evaluations
    evaluations.create(EvaluationSpec(name="e1", model_name="m", dataset_name="d"))
    with pytest.raises(OperationFailed) as caught:
        evaluations.wait_for("m", "e1", timeout_s=60)
    assert caught.value.hint == "the labels of the dataset do not fit the kind of the model"
