"""Requests go out whole, failures come back as our errors, and only what may be repeated is repeated."""

import inspect
import json
import re
import traceback
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from automation.azure import Rest
from automation.azure.connection import NoAnswerError, translate
from automation.errors import (
    ConfigError,
    InvalidRequest,
    LabError,
    ServiceError,
    ServiceUnavailable,
    Throttled,
    TransportError,
    Unauthorized,
)
from tests.automation.azure.fakes import ORIGIN, START, TOKEN, FakeClock, FakeTokens, Script, a_cloud, a_rest

URL = f"{ORIGIN}/things/1"


HTTPX_EXCEPTIONS = [kind for _, kind in inspect.getmembers(httpx, inspect.isclass) if issubclass(kind, Exception)]


def make(kind: Any) -> Exception:
    if kind.__name__ == "HTTPStatusError":
        return httpx.HTTPStatusError("status", request=httpx.Request("GET", URL), response=httpx.Response(500))
    alone = kind.__base__ is httpx.StreamError  # these write their own sentence
    return kind() if alone else kind("it broke")


def test_the_list_of_httpx_exceptions_is_the_whole_tree() -> None:
    def below(kind: type[Exception]) -> set[type[Exception]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    roots = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)
    assert set().union(*(below(root) for root in roots)) == set(HTTPX_EXCEPTIONS)


@pytest.mark.parametrize("kind", HTTPX_EXCEPTIONS)
def test_every_httpx_exception_becomes_one_of_ours(kind: type[Exception]) -> None:
    problem = translate(make(kind), operation="get thing")
    assert isinstance(problem, NoAnswerError)
    expected = ConfigError if kind in {httpx.InvalidURL, httpx.UnsupportedProtocol} else TransportError
    assert type(problem.error) is expected
    assert str(problem.error).startswith("get thing: ")


@pytest.mark.parametrize("kind", HTTPX_EXCEPTIONS)
def test_every_httpx_exception_of_a_request_is_caught_and_kept_as_the_cause(kind: type[Exception]) -> None:
    raised = make(kind)

    def break_down(_: httpx.Request) -> httpx.Response:
        raise raised

    with a_rest(break_down) as rest, pytest.raises(LabError) as caught:
        rest.send("POST", URL, scope=None, operation="get thing", deadline_s=0.1)
    assert caught.value.__cause__ is raised


@pytest.mark.parametrize(
    ("raised", "message", "hint"),
    [
        (
            httpx.ConnectError("[Errno 111] Connection refused"),
            "get thing: no answer (connection refused)",
            "is it running? `visionlab local status`",
        ),
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed (_ssl.c:1)"),
            "get thing: no answer (TLS: certificate not trusted)",
            "the server's certificate is not trusted; behind a proxy, point SSL_CERT_FILE at its authority",
        ),
        (
            httpx.ConnectError("[Errno -2] Name or service not known"),
            "get thing: no answer ([Errno -2] Name or service not known)",
            None,
        ),
        (httpx.ReadTimeout(""), "get thing: no answer (timed out)", None),
        (
            httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"),
            "get thing: no answer (the request cannot be put on the wire)",
            None,
        ),
    ],
)
def test_no_answer_says_why(raised: Exception, message: str, hint: str | None) -> None:
    error = translate(raised, operation="get thing").error
    assert (str(error), error.hint) == (message, hint)


def test_a_request_carries_token_body_and_its_own_identity() -> None:
    script = Script([("PUT /things/1?api-version=1", httpx.Response(201, json={"name": "Ü"}))])
    with a_rest(script) as rest:
        answer = rest.send(
            "PUT", URL, scope="s/.default", operation="put", params={"api-version": "1"}, json={"name": "Ü"}
        )
    sent = script.requests[0]
    assert (answer.status, answer.body) == (201, {"name": "Ü"})
    assert sent.content == '{"name":"Ü"}'.encode()
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert sent.headers["content-type"] == "application/json"
    assert re.fullmatch(r"visionlab/\S+ python/3\.\d+", sent.headers["user-agent"])
    assert re.fullmatch(r"[0-9a-f-]{36}", sent.headers["x-ms-client-request-id"])


def test_params_join_the_query_that_a_link_has_already() -> None:
    script = Script([("GET /things/1?skip=10&api-version=1", httpx.Response(204))])
    with a_rest(script) as rest:
        answer = rest.send("GET", f"{URL}?skip=10", scope=None, operation="get", params={"api-version": "1"})
    assert (answer.body, script.done()) == (None, True)


def test_bodies_that_are_not_json_come_as_bytes() -> None:
    with a_rest(lambda _: httpx.Response(200, content=b"\xff\xd8", headers={"content-type": "image/jpeg"})) as rest:
        answer = rest.send("GET", URL, scope=None, operation="get picture")
        assert answer.body == b"\xff\xd8"
        with pytest.raises(ServiceError) as caught:
            answer.json_object("get picture")
    assert str(caught.value) == "get picture: the answer is image/jpeg, not a JSON object"


def test_an_answer_that_only_says_it_is_json_is_an_error() -> None:
    with (
        a_rest(lambda _: httpx.Response(200, text="<html>", headers={"content-type": "application/json"})) as rest,
        pytest.raises(ServiceError) as caught,
    ):
        rest.send("GET", URL, scope=None, operation="get")
    assert str(caught.value) == "get: the answer says it is JSON and is not"


@pytest.mark.parametrize(
    ("status", "method", "tries"),
    [
        (408, "POST", 2),
        (429, "POST", 2),
        (500, "GET", 2),
        (500, "PUT", 2),
        (500, "DELETE", 2),
        (500, "POST", 1),
        (500, "PATCH", 1),
        (501, "GET", 1),
        (502, "POST", 2),
        (503, "GET", 2),
        (504, "PATCH", 2),
        (400, "GET", 1),
        (404, "GET", 1),
        (409, "PUT", 1),
        (302, "GET", 1),
    ],
)
def test_only_passing_trouble_is_tried_again(status: int, method: str, tries: int) -> None:
    answers = [httpx.Response(status), httpx.Response(200, json={})]
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["x-ms-client-request-id"])
        return answers[len(seen) - 1]

    with a_rest(answer) as rest:
        if tries == 2:
            rest.send(method, URL, scope=None, operation="try")
        else:
            with pytest.raises(ServiceError):
                rest.send(method, URL, scope=None, operation="try")
    assert (len(seen), len(set(seen))) == (tries, 1)


@pytest.mark.parametrize(
    ("raised", "method", "tries"),
    [
        (httpx.ConnectError("refused"), "POST", 2),
        (httpx.ConnectTimeout(""), "POST", 2),
        (httpx.ReadTimeout(""), "GET", 2),
        (httpx.ReadTimeout(""), "POST", 1),
        (httpx.RemoteProtocolError("cut"), "PUT", 2),
        (httpx.RemoteProtocolError("cut"), "PATCH", 1),
        (httpx.ConnectError("certificate verify failed"), "GET", 1),
    ],
)
def test_a_request_that_may_have_arrived_is_sent_twice_only_when_that_does_no_harm(
    raised: Exception, method: str, tries: int
) -> None:
    script = Script([(f"{method} /things/1", raised), (f"{method} /things/1", httpx.Response(200, json={}))][:tries])
    with a_rest(script) as rest:
        if tries == 2:
            rest.send(method, URL, scope=None, operation="try")
        else:
            with pytest.raises(TransportError):
                rest.send(method, URL, scope=None, operation="try")
    assert script.done()


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ({"retry-after": "7"}, [7.0]),
        ({"retry-after": format_datetime(START + timedelta(seconds=9), usegmt=True)}, [9.0]),
        ({"retry-after": "7", "x-ms-retry-after-ms": "250"}, [0.25]),
        ({"retry-after-ms": "1500"}, [1.5]),
        ({"retry-after": "0"}, [0.25]),
        ({"retry-after": "soon"}, [0.25]),
        ({"retry-after": "-4"}, [0.25]),
        ({"retry-after": "nan"}, [0.25]),
        ({}, [0.25]),
    ],
)
def test_the_pause_is_what_the_service_asks_for(headers: dict[str, str], slept: list[float]) -> None:
    clock = FakeClock()
    script = Script([("GET /things/1", httpx.Response(429, headers=headers)), ("GET /things/1", httpx.Response(200))])
    with a_rest(script, clock) as rest:
        rest.send("GET", URL, scope=None, operation="get")
    assert clock.slept == slept


def test_pauses_grow_until_the_deadline_and_the_last_answer_is_the_error() -> None:
    clock = FakeClock()
    busy = {"error": {"code": "Busy", "message": "Later."}}
    with a_rest(lambda _: httpx.Response(503, json=busy), clock) as rest, pytest.raises(ServiceUnavailable) as caught:
        rest.send("GET", URL, scope=None, operation="get", deadline_s=10)
    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0]
    assert str(caught.value) == "get: Later [Busy]"


def test_a_pause_beyond_the_deadline_is_not_slept_but_told() -> None:
    clock = FakeClock()
    answer = httpx.Response(429, headers={"retry-after": "120"})
    with a_rest(lambda _: answer, clock) as rest, pytest.raises(Throttled) as caught:
        rest.send("GET", URL, scope=None, operation="get", deadline_s=60)
    assert (clock.slept, caught.value.retry_after_s) == ([], 120.0)


def test_an_exhausted_quota_is_not_hammered() -> None:
    script = Script([("GET /things/1", httpx.Response(429, json={"error": {"code": "QuotaExceeded", "message": "x"}}))])
    with a_rest(script) as rest, pytest.raises(ServiceError):
        rest.send("GET", URL, scope=None, operation="get")
    assert script.done()


def test_every_attempt_has_a_timeout_and_a_repeatable_one_gives_up_half_way() -> None:
    seen: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"]["read"])
        return httpx.Response(200)

    with a_rest(answer) as rest:
        rest.send("GET", URL, scope=None, operation="get", deadline_s=40)
        rest.send("POST", URL, scope=None, operation="post", deadline_s=40)
        rest.send("GET", URL, scope=None, operation="get", deadline_s=2)
    assert seen == [20.0, 40.0, 2.0]


def test_an_error_answer_carries_its_request_id() -> None:
    answer = httpx.Response(400, json={"error": {"code": "A", "message": "B"}}, headers={"x-ms-request-id": "r-7"})
    with a_rest(lambda _: answer) as rest, pytest.raises(InvalidRequest) as caught:
        rest.send("GET", URL, scope=None, operation="get")
    assert caught.value.request_id == "r-7"


def test_a_redirect_is_never_followed() -> None:
    script = Script([("GET /things/1", httpx.Response(302, headers={"location": "https://elsewhere.example/"}))])
    with a_rest(script) as rest, pytest.raises(ServiceError) as caught:
        rest.send("GET", URL, scope="s", operation="get")
    assert str(caught.value) == "get: the answer is a redirect, and we do not follow one"


@pytest.mark.parametrize("headers", [{}, {"Ocp-Apim-Subscription-Key": "0123456789"}])
def test_secrets_do_not_travel_in_clear_text(headers: dict[str, str]) -> None:
    with a_rest(Script([])) as rest, pytest.raises(ConfigError) as caught:
        rest.send("GET", "http://localhost/x?sig=abc", scope=None if headers else "s", operation="get", headers=headers)
    assert str(caught.value) == "get: http://localhost/x is not https"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
def test_a_secret_may_stay_on_this_machine_without_tls_where_that_is_asked_for(host: str) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(401, json={"detail": "Invalid token 0123456789abcdef."}))
    headers = {"Authorization": "Token 0123456789abcdef"}
    with Rest(a_cloud(), FakeTokens(), transport=answer, plain_loopback=True) as rest:
        with pytest.raises(Unauthorized) as caught:
            rest.send("GET", f"http://{host}/api", scope=None, operation="get", headers=headers)
        assert caught.value.detail == "Invalid token REDACTED"
        with pytest.raises(ConfigError) as refused:
            rest.send("GET", "http://127.0.0.1.example/api", scope=None, operation="get", headers=headers)
    assert str(refused.value) == "get: http://127.0.0.1.example/api is not https"


def test_a_header_that_could_split_the_request_is_refused_without_showing_it() -> None:
    with a_rest(Script([])) as rest, pytest.raises(ConfigError) as caught:
        rest.send("GET", URL, scope=None, operation="get", headers={"training-key": "abc\r\nx: hunter2"})
    assert "hunter2" not in str(caught.value)


def test_no_secret_is_in_message_repr_or_traceback() -> None:
    key, signature = "0123456789abcdef0123456789abcdef", "s%2BgN4tUr3"

    def echo(request: httpx.Request) -> httpx.Response:
        said = f"bad {request.headers['authorization']} {request.headers['training-key']} {request.url}"
        return httpx.Response(400, json={"error": {"code": key, "message": said}})

    with a_rest(echo) as rest:
        with pytest.raises(InvalidRequest) as caught:
            rest.send("GET", f"{URL}?sig={signature}", scope="s", operation="get", headers={"Training-Key": key})
        told = (
            repr(rest)
            + repr(caught.value)
            + str(vars(caught.value))
            + "".join(traceback.format_exception(caught.value))
        )
    assert [secret for secret in (TOKEN, key, signature) if secret in told] == []


def test_an_answer_with_keys_does_not_show_them_in_its_repr() -> None:
    with a_rest(lambda _: httpx.Response(200, json={"key1": "hunter22"})) as rest:
        assert repr(rest.send("POST", URL, scope=None, operation="list keys")) == "Response(status=200)"


def test_a_missing_certificate_authority_is_a_clear_error() -> None:
    with Rest(a_cloud(), FakeTokens(), FakeClock()) as rest, pytest.raises(ConfigError) as caught:
        rest.send("GET", URL, scope=None, operation="get")
    assert str(caught.value) == "the certificate authority unused.pem cannot be read: No such file or directory"


def test_a_closed_client_opens_again() -> None:
    with a_rest(lambda _: httpx.Response(200, json=json.loads("{}"))) as rest:
        rest.send("GET", URL, scope=None, operation="get")
    rest.close()
    assert rest.send("GET", URL, scope=None, operation="get").status == 200
    rest.close()
