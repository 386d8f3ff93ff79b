"""Data sets are made, kept, changed with their ETag, listed over all pages, and deleted twice."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from automation.errors import ConfigError, Conflict, NotFound, ServiceError
from automation.training import Authentication, AuthenticationKind, DatasetSpec, ModelKind
from tests.automation.training.fake_vision import FakeVision, a_client, error

URL = "https://127.0.0.1:10000/lab1/training-images/training-labels.json"


def a_dataset_spec(**changes: Any) -> DatasetSpec:
    fields: dict[str, Any] = {
        "name": "training_images",
        "kind": ModelKind.OBJECT_DETECTION,
        "annotation_urls": (URL,),
        "properties": {"md5": "abc"},
    }
    return DatasetSpec(**(fields | changes))


def test_create_says_it_in_the_services_words() -> None:
    service = FakeVision()
    dataset = a_client(service).datasets.create(a_dataset_spec())
    stored = service.datasets["training_images"]
    assert {
        key: stored[key] for key in ("annotationKind", "annotationFileUris", "authentication", "customProperties")
    } == {
        "annotationKind": "imageObjectDetection",
        "annotationFileUris": [URL],
        "authentication": {"kind": "managedIdentity"},
        "customProperties": {"md5": "abc"},
    }
    assert (dataset.spec, dataset.etag) == (a_dataset_spec(), '"1"')
    assert dataset.created == datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("authentication", "sent"),
    [
        (Authentication(kind=AuthenticationKind.PUBLIC), {"kind": "none"}),
        (
            Authentication(kind=AuthenticationKind.SAS, sas_token="?sp=r&sig=x"),
            {"kind": "sas", "sasToken": "sp=r&sig=x"},
        ),
    ],
)
def test_authentication_is_sent_as_the_service_spells_it(authentication: Authentication, sent: dict[str, str]) -> None:
    service = FakeVision()
    a_client(service).datasets.create(a_dataset_spec(authentication=authentication))
    assert service.datasets["training_images"]["authentication"] == sent


def test_a_sas_token_is_not_in_a_repr() -> None:
    spec = a_dataset_spec(authentication=Authentication(kind=AuthenticationKind.SAS, sas_token="hunter22"))
    service = FakeVision()
    assert "hunter22" not in repr(spec) + repr(a_client(service).datasets.create(spec))


def test_ensure_creates_keeps_and_changes() -> None:
    service = FakeVision()
    datasets = a_client(service).datasets
    datasets.ensure(a_dataset_spec())
    datasets.ensure(a_dataset_spec())
    changed = datasets.ensure(a_dataset_spec(properties={"md5": "def"}))
    assert service.calls == [
        "GET /datasets/training_images",
        "PUT /datasets/training_images",
        "GET /datasets/training_images",
        "GET /datasets/training_images",
        "PATCH /datasets/training_images",
    ]
    assert (changed.spec.properties, changed.etag) == ({"md5": "def"}, '"2"')


def test_ensure_sends_a_sas_token_every_time_for_it_may_be_a_new_one() -> None:
    service = FakeVision()
    datasets = a_client(service).datasets
    spec = a_dataset_spec(authentication=Authentication(kind=AuthenticationKind.SAS, sas_token="sp=r"))
    datasets.ensure(spec)
    datasets.ensure(spec)
    assert service.calls[-1] == "PATCH /datasets/training_images"


def test_ensure_takes_a_dataset_that_was_made_in_the_meantime() -> None:
    service = FakeVision()
    datasets = a_client(service).datasets
    datasets.create(a_dataset_spec())
    answers = iter([error(404, "404")])
    service.intercept = lambda call: next(answers, None) if call.startswith("GET") else None
    assert datasets.ensure(a_dataset_spec()).spec == a_dataset_spec()


def test_a_change_by_somebody_else_is_not_overwritten() -> None:
    service = FakeVision()
    datasets = a_client(service).datasets
    datasets.create(a_dataset_spec())
    with pytest.raises(Conflict):
        datasets.update(a_dataset_spec(), etag='"old"')


def test_list_reads_all_pages_without_following_links() -> None:
    service = FakeVision()
    datasets = a_client(service).datasets
    for number in range(65):
        datasets.create(replace(a_dataset_spec(), name=f"d{number:02}"))
    service.calls.clear()
    assert [dataset.name for dataset in datasets.list()] == [f"d{number:02}" for number in range(65)]
    assert service.calls == ["GET /datasets"] * 3


def test_find_and_delete_take_absence_as_an_answer_only_when_told() -> None:
    datasets = a_client(FakeVision()).datasets
    assert datasets.find("nope") is None
    datasets.delete("nope", missing_ok=True)
    with pytest.raises(NotFound):
        datasets.delete("nope")


def test_on_azure_a_refusal_says_that_the_service_is_gone() -> None:
    service = FakeVision()
    service.intercept = lambda _: error(404, "404", "Resource not found")
    with pytest.raises(NotFound) as caught:
        a_client(service, cloud="azure").datasets.create(a_dataset_spec())
    assert str(caught.value.hint).startswith("Azure switched custom models of Image Analysis 4.0 off on 31 March 2025")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "-x"}, "'-x' is no name for a dataset"),
        ({"name": "a b"}, "'a b' is no name for a dataset"),
        ({"name": "x" * 256}, f"'{'x' * 256}' is no name for a dataset"),
        ({"annotation_urls": ()}, "dataset training_images needs 1 to 10 annotation files"),
        ({"annotation_urls": (URL,) * 11}, "dataset training_images needs 1 to 10 annotation files"),
        ({"properties": {str(i): "" for i in range(11)}}, "dataset training_images has more than 10 properties"),
    ],
)
def test_what_the_service_would_refuse_is_refused_before(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        a_dataset_spec(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"name": "d", "annotationKind": "imageObjectDetection"},
            "read dataset d: the answer lacks 'annotationFileUris'",
        ),
        (
            {"name": "d", "annotationKind": "video", "annotationFileUris": [URL]},
            (
                "read dataset d: the answer is not as agreed: 'video' is not one of "
                "imageObjectDetection, imageClassification"
            ),
        ),
        (
            {"name": "d", "annotationKind": "imageClassification", "annotationFileUris": [URL], "authentication": "x"},
            "read dataset d: the answer is not as agreed: an object was expected, not str",
        ),
    ],
)
def test_an_answer_that_breaks_the_contract_names_what_is_wrong(body: dict[str, Any], message: str) -> None:
    service = FakeVision()
    service.intercept = lambda _: httpx.Response(200, json=body)
    with pytest.raises(ServiceError) as caught:
        a_client(service).datasets.get("d")
    assert str(caught.value) == message
