"""Managed identity over plain http: who may ask, how identities are named, what the two styles answer."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import jwt
import pytest

from localazure.entra.issuers import IssuerUnreachable, fetch_loopback
from localazure.entra.managed import Managed, ManagedTokens
from localazure.entra.managed_routes import identity_app
from tests.localazure.entra.entra_tenant import START, StillClock, an_application, the_service, the_tokens

RESOURCE = "https://management.azure.com/"
SYSTEM = Managed(client_id="c0", object_id="o0", resource_id=None)
SEAT = Managed(client_id="c1", object_id="o1", resource_id="/subscriptions/s/resourceGroups/rg/providers/x/y/seat")
APP_SERVICE = {"api-version": "2019-08-01", "resource": RESOURCE}
IMDS_PATH = "/metadata/identity/oauth2/token"
IMDS = {"api-version": "2018-02-01", "resource": RESOURCE}


class TwoIdentities:
    """The identities of a machine."""

    def system(self) -> Managed:
        return SYSTEM

    def user_assigned(self) -> list[Managed]:
        return [SEAT]

    def roles_of(self, object_id: str) -> tuple[str, ...]:
        return ("Directory.Read.All",)


def ask(path: str, query: Mapping[str, str], headers: Mapping[str, str], *, imds: bool = True) -> httpx.Response:
    service = the_service(an_application())
    tokens = ManagedTokens(identities=TwoIdentities(), service=service, tokens=the_tokens(), clock=StillClock())
    app = identity_app(tokens, secret="guarded", imds=imds)

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9000") as client:
            return await client.get(path, params=query, headers=headers)

    return asyncio.run(once())


def app_service(headers: Mapping[str, str] | None = None, **query: str) -> httpx.Response:
    return ask("/msi/token", APP_SERVICE | query, headers or {"X-IDENTITY-HEADER": "guarded"})


def imds(headers: Mapping[str, str] | None = None, **query: str) -> httpx.Response:
    return ask(IMDS_PATH, IMDS | query, {"Metadata": "true"} if headers is None else headers)


def claims(answer: httpx.Response) -> dict[str, Any]:
    return jwt.decode(answer.json()["access_token"], options={"verify_signature": False})


def test_app_service_answers_in_texts() -> None:
    answer = app_service()
    body = answer.json()
    said = claims(answer)
    token = body.pop("access_token")
    ends = str(int(START.timestamp()) + 3599)
    assert token
    assert body == {"client_id": "c0", "expires_on": ends, "resource": RESOURCE, "token_type": "Bearer"}
    assert (said["oid"], said["aud"], said["appidacr"], "xms_mirid" in said) == (
        "o0",
        "https://management.azure.com",
        "2",
        False,
    )


@pytest.mark.parametrize(
    "query",
    [
        {"client_id": "C1"},
        {"object_id": "o1"},
        {"principal_id": "o1"},
        {"mi_res_id": str(SEAT.resource_id).upper()},
        {"msi_res_id": f"{SEAT.resource_id}/"},
    ],
)
def test_an_identity_is_named_in_several_ways(query: dict[str, str]) -> None:
    for answer in (app_service(None, **query), imds(None, **query)):
        assert (claims(answer)["oid"], claims(answer)["xms_mirid"]) == ("o1", SEAT.resource_id)


def test_permissions_of_an_identity_stand_in_tokens_for_graph_alone() -> None:
    graph = claims(imds(None, resource="https://graph.microsoft.com"))
    assert (graph["roles"], "roles" in claims(imds())) == (["Directory.Read.All"], False)


def test_imds_says_when_its_token_starts_and_ends() -> None:
    body = imds().json()
    start = int(START.timestamp())
    assert (body["expires_in"], body["expires_on"], body["not_before"]) == ("3599", str(start + 3599), str(start))


@pytest.mark.parametrize(
    "headers", [{"X": "x"}, {"X-IDENTITY-HEADER": "wrong"}, {"X-IDENTITY-HEADER": "guarded", "Host": "evil.example"}]
)
def test_app_service_asks_for_the_secret(headers: dict[str, str]) -> None:
    answer = app_service(headers)
    assert (answer.status_code, answer.json()["statusCode"]) == (401, 401)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Metadata": "true", "X-Forwarded-For": "10.0.0.1"}, {"Metadata": "true", "Host": "evil.example:9000"}],
)
def test_imds_answers_only_what_was_sent_to_this_machine_on_purpose(headers: dict[str, str]) -> None:
    assert imds(headers).status_code == 400


def test_imds_is_not_there_unless_it_was_asked_for() -> None:
    assert ask(IMDS_PATH, IMDS, {"Metadata": "true"}, imds=False).status_code == 404


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"client_id": "c2"}, "Identity not found"),
        ({"client_id": "c1", "object_id": "o1"}, "more than one way"),
        ({"resource": "https://elsewhere.example"}, "AADSTS500011"),
        ({"resource": ""}, "'resource'"),
        ({"api-version": "2015-01-01"}, "api-version"),
    ],
)
def test_bad_questions_are_refused_in_both_styles(query: dict[str, str], words: str) -> None:
    first, second = app_service(None, **query), imds(None, **query)
    assert (first.status_code, second.status_code) == (400, 400)
    assert words in first.json()["message"]
    assert words in second.json()["error_description"]


def test_an_issuer_that_sends_elsewhere_or_says_nothing_useful_has_no_keys() -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Issuer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            if self.path != "/away":
                self.wfile.write(b'{"a": 1}' if self.path == "/json" else b"<html>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the standard library's name
            del format, args

    server = HTTPServer(("127.0.0.1", 0), Issuer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        assert fetch_loopback(f"{base}/json") == {"a": 1}
        with pytest.raises(IssuerUnreachable, match="answered 302"):
            fetch_loopback(f"{base}/away")
        with pytest.raises(IssuerUnreachable, match="gave no JSON"):
            fetch_loopback(f"{base}/html")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    with pytest.raises(IssuerUnreachable, match="gave no JSON"):
        fetch_loopback(f"{base}/json")
