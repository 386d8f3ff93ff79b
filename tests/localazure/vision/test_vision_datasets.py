"""Datasets of the Image Analysis API: registering, changing, ETags, paging, what is refused."""

from typing import Any

import pytest

from tests.localazure.vision.vision_lab import STORE_URL, Lab


def test_a_dataset_is_registered_and_read_back(lab: Lab) -> None:
    created = lab.dataset(customProperties={"Key": "value"}, authentication={"kind": "managedIdentity"})
    body = created.json()
    assert created.status_code == 201
    assert created.headers["etag"] == body["eTag"]
    assert {key: body[key] for key in body if key != "eTag"} == {
        "name": "fruit",
        "annotationKind": "imageObjectDetection",
        "annotationFileUris": [f"{STORE_URL}/images/fruit.json"],
        "authentication": {"kind": "managedIdentity"},
        "customProperties": {"Key": "value"},
        "createdDateTime": "2026-11-20T12:00:01.000000Z",
        "updatedDateTime": "2026-11-20T12:00:01.000000Z",
    }
    assert lab.call("GET", "/datasets/fruit").json() == body


def test_keys_match_without_case_as_microsofts_sample_client_sends_them(lab: Lab) -> None:
    body = {
        "AnnotationKind": "imageClassification",
        "AnnotationFileUris": [f"{STORE_URL}/c/x.json"] * 2,
        "authentication": {"kind": "managedIdentity", "sasToken": None},
        "customProperties": {"key": "value"},
    }
    answer = lab.call("PUT", "/datasets/d", json=body)
    assert answer.status_code == 201
    assert answer.json()["annotationKind"] == "imageClassification"
    assert len(answer.json()["annotationFileUris"]) == 2


def test_the_same_name_again_is_a_conflict(lab: Lab) -> None:
    lab.dataset()
    again = lab.dataset()
    assert (again.status_code, again.json()["error"]["code"]) == (409, "DatasetAlreadyExists")
    assert again.headers["x-ms-error-code"] == "DatasetAlreadyExists"


def test_patch_replaces_what_is_given_and_keeps_the_rest(lab: Lab) -> None:
    before = lab.dataset(customProperties={"a": "1"}).json()
    after = lab.call("PATCH", "/datasets/fruit", json={"customProperties": {"b": "2"}}).json()
    assert after["customProperties"] == {"b": "2"}
    assert after["annotationFileUris"] == before["annotationFileUris"]
    assert after["eTag"] != before["eTag"]
    assert after["updatedDateTime"] > after["createdDateTime"]


def test_both_content_types_are_taken(lab: Lab) -> None:
    for number, content_type in enumerate(("application/json", "application/json-patch+json; charset=utf-8")):
        answer = lab.call("PUT", f"/datasets/d{number}", content=b"{}", headers={"content-type": content_type})
        assert answer.status_code == 201
    assert lab.call("PUT", "/datasets/d9", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_if_match_guards_a_change(lab: Lab, method: str) -> None:
    etag = lab.dataset().json()["eTag"]
    body: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
    refused = lab.call(method, "/datasets/fruit", headers={"If-Match": '"other"'}, **body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (412, "PreconditionFailed")
    done = lab.call(method, "/datasets/fruit", headers={"If-Match": etag}, **body)
    assert done.status_code == (200 if method == "PATCH" else 204)


def test_any_etag_matches_a_star(lab: Lab) -> None:
    lab.dataset()
    assert lab.call("DELETE", "/datasets/fruit", headers={"If-Match": "*"}).status_code == 204
    gone = lab.call("GET", "/datasets/fruit")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "404")
    assert lab.call("DELETE", "/datasets/fruit").status_code == 404


def test_lists_come_in_pages(lab: Lab) -> None:
    for number in range(12):
        lab.dataset(f"d{number:02d}")
    first = lab.call("GET", "/datasets").json()
    assert [dataset["name"] for dataset in first["value"]] == [f"d{number:02d}" for number in range(10)]
    assert first["nextLink"] == "https://local/computervision/datasets?api-version=2023-04-01-preview&skip=10&top=10"
    last = lab.client.get(first["nextLink"]).json()
    assert [dataset["name"] for dataset in last["value"]] == ["d10", "d11"]
    assert "nextLink" not in last
    assert len(lab.call("GET", "/datasets", params={"top": "30", "skip": "1"}).json()["value"]) == 11


@pytest.mark.parametrize("query", [{"top": "0"}, {"top": "31"}, {"skip": "-1"}, {"skip": "x"}])
def test_paging_outside_its_range_is_refused(lab: Lab, query: dict[str, str]) -> None:
    assert lab.call("GET", "/datasets", params=query).status_code == 400


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ({"annotationKind": "video"}, "InvalidRequest", "annotationKind"),
        ({"annotationFileUris": "x"}, "InvalidRequest", "annotationFileUris"),
        ({"annotationFileUris": ["images/train.json"]}, "DatasetInvalidAnnotationUri", None),
        ({"annotationFileUris": ["https://acct/"]}, "DatasetInvalidAnnotationUri", None),
        ({"annotationFileUris": ["https://a/b/c.json"] * 11}, "DatasetInvalidAnnotationUri", None),
        ({"customProperties": {str(n): "" for n in range(11)}}, "InvalidRequest", None),
        ({"customProperties": {"a": 1}}, "InvalidRequest", "customProperties"),
        ({"authentication": {}}, "InvalidRequest", "authentication.kind"),
        ({"authentication": {"kind": "sas"}}, "InvalidRequest", None),
        ({"authentication": {"kind": "sas", "sasToken": "https://a/b?sig=x"}}, "InvalidRequest", None),
        ({"authentication": {"kind": "none", "sasToken": "sig=x"}}, "InvalidRequest", None),
        ([], "InvalidRequest", None),
    ],
)
def test_a_dataset_that_breaks_a_rule_is_refused(lab: Lab, body: Any, code: str, where: str | None) -> None:
    answer = lab.call("PUT", "/datasets/d", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert answer.json()["error"].get("target") == where


def test_a_sas_token_is_never_given_back(lab: Lab) -> None:
    answer = lab.dataset(authentication={"kind": "sas", "sasToken": "?sv=1&sig=secret"})
    assert answer.json()["authentication"] == {"kind": "sas"}
    assert "secret" not in repr(lab.service.datasets.get(lab.accounts.account.id, "fruit"))


@pytest.mark.parametrize("name", ["-a", ".a", "a b", "a" * 256, "ä"])
def test_names_that_the_service_would_refuse_are_refused(lab: Lab, name: str) -> None:
    assert lab.call("PUT", f"/datasets/{name}", json={}).status_code == 400


def test_the_api_version_is_required_and_known(lab: Lab) -> None:
    assert lab.client.get("/computervision/datasets").status_code == 400
    assert lab.call("GET", "/datasets", version="2023-02-01-preview").status_code == 200
    assert lab.call("GET", "/datasets", version="2024-02-01").status_code == 400


def test_nobody_gets_in_without_a_key(lab: Lab) -> None:
    answer = lab.call("GET", "/datasets", headers={"Ocp-Apim-Subscription-Key": "wrong"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "401")


def test_the_endpoint_with_a_subdomain_and_a_double_slash_lead_to_the_same_place(lab: Lab) -> None:
    lab.dataset()
    answer = lab.client.get(
        "/cognitiveservices/vision-sub/computervision//datasets/fruit", params={"api-version": "2023-04-01-preview"}
    )
    assert answer.json()["name"] == "fruit"


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"annotationKind": "\xed\xa0\x80"}']
)
def test_a_body_that_is_no_json_is_refused(lab: Lab, body: bytes) -> None:
    answer = lab.call("PUT", "/datasets/d", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequest")
