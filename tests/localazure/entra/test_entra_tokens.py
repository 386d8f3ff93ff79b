from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from localazure.entra.documents import cloud_metadata, openid_configuration
from localazure.entra.keys import SigningKey
from localazure.entra.service import EntraError, Principal, TokenService
from localazure.entra.tokens import Tokens, audience_of

TENANT, CLIENT, OBJECT = (f"{digit * 8}-1111-4111-8111-{digit * 12}" for digit in "123")
ORIGIN = "https://localhost:8443"
KEY = SigningKey(None)


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 6, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def service() -> TokenService:
    clock = StillClock()
    principal = Principal(client_id=CLIENT, object_id=OBJECT, secret="right")
    return TokenService(
        tenant_id=TENANT,
        origin=ORIGIN,
        principals={CLIENT: principal},
        tokens=Tokens(key=KEY, tenant_id=TENANT, origin=ORIGIN, clock=clock),
        clock=clock,
    )


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
    start = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
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
    assert "right" not in repr(Principal(client_id=CLIENT, object_id=OBJECT, secret="right"))


def test_a_kept_key_is_the_same_after_a_restart_and_private(tmp_path: Any) -> None:
    path = tmp_path / "signing.key"
    first = SigningKey(path).jwk()
    assert SigningKey(path).jwk() == first
    assert path.stat().st_mode & 0o777 == 0o600
