import base64
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from localazure.entra.applications import Secret, digest_of
from localazure.entra.documents import cloud_metadata, openid_configuration
from localazure.entra.errors import EntraError
from localazure.entra.keys import SigningKey
from localazure.entra.tokens import audience_of
from localazure.errors import AzureError
from tests.localazure.entra.entra_tenant import (
    CLIENT,
    KEY,
    OBJECT,
    ORIGIN,
    START,
    TENANT,
    StillClock,
    an_application,
    the_service,
    the_tokens,
)


def service() -> Any:
    return the_service(an_application())


def form(**changed: str | None) -> dict[str, str]:
    known: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": "right",
        "scope": f"{ORIGIN}/.default",
    }
    return {name: value for name, value in (known | changed).items() if value is not None}


def claims(answer: dict[str, object]) -> dict[str, Any]:
    public = jwt.PyJWK(KEY.jwk()).key
    unchecked: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    return jwt.decode(str(answer["access_token"]), public, algorithms=["RS256"], options=unchecked)


def test_a_token_is_signed_with_the_published_key_and_says_who_and_for_whom() -> None:
    answer = service().token(TENANT, form(), v2=True)
    said = claims(answer)
    start = int(START.timestamp())
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    assert {name: said[name] for name in ("aud", "iss", "oid", "appid", "tid", "idtyp", "iat", "nbf", "exp")} == {
        "aud": ORIGIN,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "oid": OBJECT,
        "appid": CLIENT,
        "tid": TENANT,
        "idtyp": "app",
        "iat": start,
        "nbf": start,
        "exp": start + 3599,
    }


def test_the_v1_endpoint_takes_a_resource_and_answers_in_texts() -> None:
    answer = service().token(TENANT, form(scope=None, resource="https://storage.azure.com/"), v2=False)
    assert (answer["expires_in"], answer["resource"]) == ("3599", "https://storage.azure.com/")
    assert claims(answer)["aud"] == "https://storage.azure.com"


@pytest.mark.parametrize("scope", ["https://x/.default", "https://x//.default", "https://x/", "https://x"])
def test_scopes_of_one_resource_have_one_audience(scope: str) -> None:
    assert audience_of(scope) == "https://x"


@pytest.mark.parametrize(
    ("changed", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000218),
        ({"client_id": OBJECT}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": ORIGIN}, 400, "invalid_scope", 1002012),
        ({"scope": f"{ORIGIN}/.default openid"}, 400, "invalid_scope", 70011),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"scope": "https://elsewhere.example/.default"}, 400, "invalid_resource", 500011),
    ],
)
def test_refusals_carry_entras_codes(changed: dict[str, str | None], status: int, error: str, number: int) -> None:
    with pytest.raises(EntraError) as caught:
        service().token(TENANT, form(**changed), v2=True)
    body = service().refusal(caught.value)
    assert (caught.value.status, body["error"], body["error_codes"]) == (status, error, [number])
    assert str(body["error_description"]).startswith(f"AADSTS{number}: ")
    assert "wrong" not in str(body)


def test_another_tenant_is_not_found() -> None:
    with pytest.raises(EntraError) as caught:
        service().token(OBJECT, form(), v2=True)
    assert caught.value.number == 90002


def test_documents_point_at_one_origin() -> None:
    configuration = openid_configuration(ORIGIN, TENANT, v2=True)
    metadata = cloud_metadata(ORIGIN, 10000)
    assert configuration["token_endpoint"] == f"{ORIGIN}/{TENANT}/oauth2/v2.0/token"
    assert (metadata["name"], metadata["resourceManager"]) == ("LocalAzure", ORIGIN)


def test_secrets_are_not_shown() -> None:
    secret = Secret(digest=digest_of("right"))
    assert ("right" in repr(secret), secret.digest in repr(secret)) == (False, False)


def test_a_kept_key_is_the_same_after_a_restart_and_private(tmp_path: Any) -> None:
    path = tmp_path / "signing.key"
    first = SigningKey(path).jwk()
    assert SigningKey(path).jwk() == first
    assert path.stat().st_mode & 0o777 == 0o600


def caller_of(token: str, *, tokens: Any = None) -> Any:
    return (tokens or the_tokens()).verify(f"Bearer {token}", [ORIGIN])


def refusal_of(token: str, *, tokens: Any = None) -> tuple[int, str]:
    with pytest.raises(AzureError) as caught:
        caller_of(token, tokens=tokens)
    return caught.value.status, caught.value.code


def issued(tokens: Any = None, audience: str = ORIGIN) -> str:
    return (tokens or the_tokens()).issue(object_id=OBJECT, app_id=CLIENT, audience=audience)


def test_a_token_of_another_local_azure_is_refused() -> None:
    assert caller_of(issued()).object_id == OBJECT
    assert refusal_of(issued(the_tokens(key=SigningKey(None)))) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_our_signature_is_refused(algorithm: str) -> None:
    header = {"alg": algorithm, "typ": "JWT", "kid": KEY.jwk()["kid"]}
    body = issued().split(".")[1]
    front = f"{base64url(json.dumps(header).encode())}.{body}"
    public = jwt.PyJWK({**KEY.jwk(), "alg": "RS256"}).key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    mac = hmac.new(public, front.encode(), "sha256").digest()
    forged = f"{front}.{base64url(mac) if algorithm == 'HS256' else ''}"
    assert refusal_of(forged) == (401, "InvalidAuthenticationToken")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_times_and_audience_of_a_token_count() -> None:
    clock = StillClock()
    token = issued()
    clock.time = START + timedelta(seconds=3599 + 299)
    assert caller_of(token, tokens=the_tokens(clock)).object_id == OBJECT
    clock.time = START + timedelta(seconds=3599 + 301)
    assert refusal_of(token, tokens=the_tokens(clock)) == (401, "ExpiredAuthenticationToken")
    clock.time = START - timedelta(seconds=301)
    assert refusal_of(token, tokens=the_tokens(clock)) == (401, "InvalidAuthenticationToken")
    other = issued(audience="https://storage.azure.com")
    assert refusal_of(other) == (401, "InvalidAuthenticationTokenAudience")


def test_a_changed_key_signs_at_once_and_the_old_one_counts_a_while(tmp_path: Path) -> None:
    key, clock = SigningKey(tmp_path / "signing.key"), StillClock()
    tokens = the_tokens(clock, key)
    before = issued(tokens)
    key.rotate(clock.now())
    again = the_tokens(clock, SigningKey(tmp_path / "signing.key"))
    assert [caller_of(token, tokens=again).object_id for token in (before, issued(tokens))] == [OBJECT, OBJECT]
    clock.time += timedelta(hours=2)
    assert refusal_of(before, tokens=again) == (401, "InvalidAuthenticationToken")
    assert len(key.jwks(clock.now())) == 1


def test_each_of_several_secrets_works_until_it_ends() -> None:
    clock = StillClock()
    old = Secret(digest=digest_of("old"), ends=START + timedelta(days=1))
    tenant = the_service(an_application(secrets=(old, Secret(digest=digest_of("new")))), clock=clock)
    for secret in ("old", "new"):
        assert tenant.token(TENANT, form(client_secret=secret), v2=True)["token_type"] == "Bearer"
    clock.time += timedelta(days=1)
    assert number_of(tenant, client_secret="old") == 7000222
    assert tenant.token(TENANT, form(client_secret="new"), v2=True)["token_type"] == "Bearer"


def number_of(tenant: Any, **changed: str | None) -> int:
    with pytest.raises(EntraError) as caught:
        tenant.token(TENANT, form(**changed), v2=True)
    return caught.value.number


def test_an_application_needs_a_service_principal_that_is_enabled() -> None:
    assert number_of(the_service(an_application(object_id=None))) == 7000229
    assert number_of(the_service(an_application(enabled=False))) == 7000112


def test_whoever_keeps_failing_is_told_to_wait_while_the_right_secret_still_works() -> None:
    clock = StillClock()
    tenant = the_service(an_application(), clock=clock)
    assert {number_of(tenant, client_secret="wrong") for _ in range(30)} == {7000215}
    with pytest.raises(EntraError) as caught:
        tenant.token(TENANT, form(client_secret="wrong"), v2=True)
    assert (caught.value.status, caught.value.number, caught.value.retry_after_s) == (429, 50196, 60)
    assert tenant.token(TENANT, form(), v2=True)["token_type"] == "Bearer"
    clock.time += timedelta(seconds=60)
    assert number_of(tenant, client_secret="wrong") == 7000215


def test_permissions_stand_in_tokens_for_graph_alone() -> None:
    tenant = the_service(an_application(roles=("Directory.Read.All",)))
    graph = claims(tenant.token(TENANT, form(scope=f"{ORIGIN}/graph/.default"), v2=True))
    other = claims(tenant.token(TENANT, form(), v2=True))
    assert (graph["roles"], other.get("roles")) == (["Directory.Read.All"], None)
