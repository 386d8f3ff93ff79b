"""obstore's messages, word for word as it gave them, become our errors."""

import pytest

from automation.errors import NotFound, ServiceUnavailable, TransportError, Unauthorized
from automation.storage.failures import AGAIN, NO_CONTAINER, explain

MISSING = (
    "Object at location xy not found: Error performing PUT https://127.0.0.1:1/labpics/no/xy in 8.5ms - Server "
    'returned non-2xx status code: 404 Not Found: <?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Error>\n'
    "  <Code>ContainerNotFound</Code>\n  <Message>The specified container does not exist.\nRequestId:5d71349e\n"
    'Time:2026-11-20T21:00:50.956Z</Message>\n</Error>\n\nDebug source:\nNotFound {\n    path: "xy",\n}'
)
DENIED = (
    "The operation lacked the necessary privileges to complete for path x: Error performing PUT https://h/x in 9ms - "
    'Server returned non-2xx status code: 403 Forbidden: <?xml version="1.0"?>\n<Error>\n'
    "  <Code>AuthorizationPermissionMismatch</Code>\n  <Message>No.\nRequestId:1</Message>\n</Error>"
    "\n\nDebug source:\nx"
)
BUSY = (
    "Generic MicrosoftAzure error: Error performing PUT https://h/x in 9s, after 6 retries - Server returned non-2xx "
    "status code: 503 Service Unavailable: \n\nDebug source:\nx"
)
REFUSED = (
    "Generic MicrosoftAzure error: Error performing PUT https://127.0.0.1:1/a/b in 103ms, after 1 retries, "
    "max_retries: 1, retry_timeout: 180s  - HTTP error: error sending request\n\nDebug source:\n"
    'ConnectError(\n"tcp connect error", Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })'
)


def test_a_missing_container_is_named_as_such() -> None:
    error = explain(FileNotFoundError(MISSING), operation="upload xy to no")
    assert (type(error), str(error), error.hint) == (
        NotFound,
        "upload xy to no: The specified container does not exist [ContainerNotFound]",
        NO_CONTAINER,
    )


def test_a_missing_role_says_that_new_ones_take_time() -> None:
    error = explain(RuntimeError(DENIED), operation="upload x")
    assert (type(error), str(error), error.hint) == (
        Unauthorized,
        "upload x: No [AuthorizationPermissionMismatch]",
        "the identity lacks a blob data role; a new role assignment takes up to 10 minutes to work",
    )


def test_trouble_that_lasted_is_the_service_being_unavailable() -> None:
    error = explain(RuntimeError(BUSY), operation="upload x")
    assert (type(error), str(error)) == (ServiceUnavailable, "upload x: 503 Service Unavailable")


def test_an_upload_that_was_cut_says_that_it_may_be_repeated() -> None:
    cut = RuntimeError("x in 1ms, retry_timeout: 180s - HTTP error: cut\n\nDebug source:\nretry_timeout: 180s")
    assert explain(cut, operation="upload x to y").hint == AGAIN
    assert explain(cut, operation="list container y").hint is None


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (REFUSED, "connection refused"),
        ("Generic error: x - HTTP error: request or response body error\n\nDebug source:\nkind: Timeout", "timed out"),
        ("x - HTTP error\n\nDebug source:\ninvalid peer certificate: UnknownIssuer", "TLS: certificate not trusted"),
        ("x in 1ms, retry_timeout: 180s - HTTP error: cut\n\nDebug source:\nretry_timeout: 180s", "HTTP error: cut"),
        ("odd", "odd"),
    ],
)
def test_no_answer_says_why(message: str, reason: str) -> None:
    error = explain(RuntimeError(message), operation="upload x")
    assert (type(error), str(error)) == (TransportError, f"upload x: no answer ({reason})")
