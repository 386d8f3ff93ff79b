"""Every error envelope, and every status, becomes one of our errors."""

import json
from typing import Any

import pytest

from automation.azure.problems import Problem, hint_in, read_problem, to_error
from automation.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    QuotaExceeded,
    ServiceError,
    ServiceUnavailable,
    Throttled,
    Unauthorized,
)

ENVELOPES: dict[str, tuple[Any, tuple[str, str]]] = {
    "arm": (
        {"error": {"code": "ScopeLocked", "message": "The scope is locked."}},
        ("ScopeLocked", "The scope is locked."),
    ),
    "arm with details": (
        {"error": {"code": "A", "message": "Many.", "details": [{"code": "B", "message": "The name is taken."}]}},
        ("A", "Many. B: The name is taken."),
    ),
    "vision with inner error": (
        {
            "error": {
                "code": "InvalidRequest",
                "message": "Analyze failed.",
                "innererror": {"code": "InvalidImageFormat", "message": "Not an image."},
            }
        },
        ("InvalidRequest", "Analyze failed. InvalidImageFormat: Not an image."),
    ),
    "inner code without words": (
        {"error": {"code": "InvalidRequest", "message": "No.", "innererror": {"code": "BadArgument"}}},
        ("InvalidRequest", "No. (BadArgument)"),
    ),
    "pascal case": ({"Error": {"Code": "X", "Message": "Y"}}, ("X", "Y")),
    "custom vision, flat": (
        {"code": "BadRequestProjectName", "message": "The name is taken."},
        ("BadRequestProjectName", "The name is taken."),
    ),
    "cognitive gateway": ({"statusCode": 401, "message": "Access denied."}, ("401", "Access denied.")),
    "entra": (
        {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret.\r\nTrace ID: 1"},
        ("invalid_client", "AADSTS7000215: Invalid client secret."),
    ),
    "odata": (
        {"odata.error": {"code": "Request_BadRequest", "message": {"lang": "en", "value": "Wrong."}}},
        ("Request_BadRequest", "Wrong."),
    ),
    "label studio": (
        {"id": "9af7", "status_code": 400, "detail": "Validation error", "validation_errors": {"title": ["Too long."]}},
        ("", "Validation error; title: Too long."),
    ),
    "label studio, one sentence": ({"status_code": 401, "detail": "Invalid token."}, ("", "Invalid token.")),
    "list of one": ([{"error": {"code": "A", "message": "B"}}], ("A", "B")),
    "error without fields": ({"error": {}}, ("", "400 Bad Request")),
    "error null": ({"error": None}, ("", "400 Bad Request")),
    "numbers": ({"error": {"code": 7, "message": 8}}, ("7", "8")),
}


@pytest.mark.parametrize("name", list(ENVELOPES))
def test_json_envelope_gives_code_and_sentence(name: str) -> None:
    body, expected = ENVELOPES[name]
    problem = read_problem(status=400, headers={"content-type": "application/json"}, content=json.dumps(body).encode())
    assert (problem.code, problem.message) == expected


BLOB_XML = (
    b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><Error><Code>ContainerNotFound</Code>'
    b"<Message>The container &lt;a&gt; does not exist.\nRequestId:1</Message></Error>"
)


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"", {}, ("", "503 Service Unavailable")),
        (b"", {"x-ms-error-code": "ServerBusy"}, ("ServerBusy", "503 Service Unavailable")),
        (b"   \n", {}, ("", "503 Service Unavailable")),
        (b"upstream connect error", {}, ("", "upstream connect error")),
        (b"{not json", {}, ("", "{not json")),
        (b"<html><head><title>Bad Gateway</title></head></html>", {}, ("", "Bad Gateway")),
        (b"<html><body>oh</body></html>", {}, ("", "503 Service Unavailable")),
        (BLOB_XML, {}, ("ContainerNotFound", "The container <a> does not exist.")),
        (b"\xff\xfe\x00", {"content-type": "image/jpeg"}, ("", "503 Service Unavailable")),
        (b"[" * 100_000, {}, ("", "[" * 397 + "...")),
    ],
)
def test_other_bodies_give_the_best_there_is(
    content: bytes, headers: dict[str, str], expected: tuple[str, str]
) -> None:
    problem = read_problem(status=503, headers=headers, content=content)
    assert (problem.code, problem.message) == expected


def test_a_status_without_a_name_is_named_by_its_number() -> None:
    assert read_problem(status=599, headers={}, content=b"").message == "status 599"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (301, "", ServiceError),
        (400, "InvalidRequest", InvalidRequest),
        (401, "", Unauthorized),
        (403, "AuthorizationFailed", Unauthorized),
        (403, "OutOfCallVolumeQuota", QuotaExceeded),
        (404, "", NotFound),
        (405, "", InvalidRequest),
        (408, "", ServiceUnavailable),
        (409, "Conflict", Conflict),
        (409, "QuotaExceeded", QuotaExceeded),
        (410, "", NotFound),
        (412, "", Conflict),
        (422, "", InvalidRequest),
        (429, "", Throttled),
        (500, "", ServiceUnavailable),
        (501, "", ServiceError),
        (502, "", ServiceUnavailable),
        (503, "", ServiceUnavailable),
        (504, "", ServiceUnavailable),
        (507, "", ServiceUnavailable),
    ],
)
def test_status_and_code_choose_the_error(status: int, code: str, kind: type[ServiceError]) -> None:
    problem = read_problem(status=status, headers={"x-ms-error-code": code}, content=b"")
    error = to_error(problem, operation="try it", status=status)
    assert (type(error), error.status, error.code, error.exit_code) == (kind, status, code, 1)


def test_the_sentence_names_operation_reason_and_code() -> None:
    problem = read_problem(
        status=409, headers={}, content=b'{"error": {"code": "ScopeLocked", "message": "It is locked."}}'
    )
    error = to_error(problem, operation="delete rg", status=409, request_id="r1")
    assert (str(error), error.hint, error.request_id) == (
        "delete rg: It is locked [ScopeLocked]",
        "remove the lock first",
        "r1",
    )


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("ConflictError", "A vault with the same name already exists in deleted state.", "a deleted vault still has"),
        ("BadRequest", "Soft-deleted workspace exists. Please purge or recover it.", "a deleted workspace keeps this"),
        ("BadRequest", "Something else.", None),
    ],
)
def test_words_tell_apart_what_a_code_does_not(code: str, message: str, hint: str | None) -> None:
    error = to_error(Problem(code=code, message=message), operation="put x", status=400)
    assert (error.hint or "")[: len(hint or "")] == (hint or "")
    assert hint_in(f"error: {message}") == error.hint


def test_throttling_says_how_long_the_service_asked_us_to_wait() -> None:
    problem = read_problem(status=429, headers={}, content=b"")
    error = to_error(problem, operation="try it", status=429, retry_after_s=12.0)
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 12.0
