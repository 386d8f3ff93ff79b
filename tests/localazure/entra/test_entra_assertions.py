"""Client assertions: who may speak for an application without a secret."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from localazure.entra.applications import Certificate, Federation
from localazure.entra.assertions import ASSERTION_TYPE
from localazure.entra.errors import EntraError
from localazure.entra.issuers import IssuerUnreachable, fetch_loopback
from localazure.entra.tokens import TOKEN_EXCHANGE
from tests.localazure.entra.entra_tenant import (
    CLIENT,
    OBJECT,
    ORIGIN,
    START,
    TENANT,
    StillClock,
    an_application,
    the_service,
    the_tokens,
)

ISSUER, SUBJECT = "https://issuer.example", "repo:fruit/lab:ref:main"
OUTSIDE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(days: int = 30) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(OUTSIDE.public_key())
    builder = builder.serial_number(1).not_valid_before(START - timedelta(days=1))
    return builder.not_valid_after(START + timedelta(days=days)).sign(OUTSIDE, hashes.SHA256())


LEAF = certificate()
DER = LEAF.public_bytes(serialization.Encoding.DER)
FEDERATION = Federation(issuer=ISSUER, subject=SUBJECT, audiences=(TOKEN_EXCHANGE,))


def thumbprint(algorithm: hashes.HashAlgorithm) -> str:
    import base64

    return base64.urlsafe_b64encode(LEAF.fingerprint(algorithm)).rstrip(b"=").decode()


def keys(key: rsa.RSAPrivateKey = OUTSIDE, kid: str = "k1") -> list[dict[str, Any]]:
    return [json.loads(RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid}]


def external(key: rsa.RSAPrivateKey = OUTSIDE, kid: str = "k1", **changed: Any) -> str:
    start = int(START.timestamp())
    claims = {"iss": ISSUER, "sub": SUBJECT, "aud": TOKEN_EXCHANGE, "nbf": start, "exp": start + 600} | changed
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def signed(key: rsa.RSAPrivateKey = OUTSIDE, algorithm: str = "RS256", **changed: Any) -> str:
    endpoint = f"{ORIGIN}/{TENANT}/oauth2/v2.0/token"
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": endpoint, "exp": int(START.timestamp()) + 600} | changed
    return jwt.encode(claims, key, algorithm=algorithm, headers={"x5t": thumbprint(hashes.SHA1())})


def ask(service: Any, assertion: str) -> dict[str, Any]:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": f"{ORIGIN}/.default",
    }
    answer = service.token(TENANT, form, v2=True)
    return jwt.decode(answer["access_token"], options={"verify_signature": False})


def number_of(service: Any, assertion: str) -> int:
    with pytest.raises(EntraError) as caught:
        ask(service, assertion)
    return caught.value.number


def registered(**changed: Any) -> Any:
    application = an_application(federations=(replace(FEDERATION, **changed),))
    return the_service(application, registered={"issuer": ISSUER, "keys": keys()})


def with_certificate(der: bytes = DER, ends: datetime | None = None) -> Any:
    return the_service(an_application(certificates=(Certificate(der=der, ends=ends),)))


def test_a_registered_issuer_speaks_for_the_application() -> None:
    said = ask(registered(), external())
    assert (said["oid"], said["appid"], said["appidacr"]) == (OBJECT, CLIENT, "2")


@pytest.mark.parametrize(
    ("record", "assertion", "number"),
    [
        ({"issuer": "https://elsewhere.example"}, external(), 700211),
        ({"subject": "repo:fruit/lab"}, external(), 700213),
        ({"audiences": ("https://other.example",)}, external(), 700212),
        ({}, external(OTHER), 50013),
        ({}, external(kid="k2"), 50013),
        ({}, external(exp=int(START.timestamp()) - 301), 700024),
        ({}, external(nbf=int(START.timestamp()) + 301), 700024),
        ({}, external(exp="soon"), 50027),
        ({}, "no.jwt", 50027),
    ],
)
def test_what_does_not_fit_the_record_is_refused(record: dict[str, Any], assertion: str, number: int) -> None:
    assert number_of(registered(**record), assertion) == number


def test_a_clock_a_little_ahead_is_forgiven() -> None:
    assert ask(registered(), external(nbf=int(START.timestamp()) + 299))["oid"] == OBJECT


def test_an_application_without_records_takes_no_assertion() -> None:
    assert number_of(the_service(an_application()), external()) == 70021


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_signatures_by_no_key_or_by_the_public_one_are_refused(algorithm: str) -> None:
    head = external().split(".")[1]
    public = OUTSIDE.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    import base64
    import hmac

    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "k1"}).encode()).rstrip(b"=").decode()
    mac = hmac.new(public, f"{header}.{head}".encode(), "sha256").digest()
    tail = "" if algorithm == "none" else base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    assert number_of(registered(), f"{header}.{head}.{tail}") == 50013


def test_the_keys_of_a_loopback_issuer_are_read_from_it() -> None:
    issuer = "http://127.0.0.1:9000"
    documents = {
        f"{issuer}/.well-known/openid-configuration": {"issuer": issuer, "jwks_uri": f"{issuer}/keys"},
        f"{issuer}/keys": {"keys": keys()},
    }
    service = the_service(
        an_application(federations=(replace(FEDERATION, issuer=issuer),)), fetch=documents.__getitem__
    )
    assert ask(service, external(iss=issuer))["oid"] == OBJECT


@pytest.mark.parametrize(
    "configuration",
    [{"issuer": "https://issuer.example", "jwks_uri": "http://127.0.0.1:9000/keys"}, ["no object"]],
)
def test_a_loopback_issuer_must_name_itself(configuration: object) -> None:
    issuer = "http://127.0.0.1:9000"
    documents = {
        f"{issuer}/.well-known/openid-configuration": configuration,
        f"{issuer}/keys": {"keys": keys()},
    }
    service = the_service(
        an_application(federations=(replace(FEDERATION, issuer=issuer),)), fetch=documents.__getitem__
    )
    assert number_of(service, external(iss=issuer)) == 50166


@pytest.mark.parametrize(
    "url",
    [
        "https://issuer.example/keys",
        "http://127.0.0.1@issuer.example/",
        "file:///etc/passwd",
        "http://[",
        "http://10.0.0.1/",
    ],
)
def test_nobody_but_this_machine_is_asked(url: str) -> None:
    with pytest.raises(IssuerUnreachable, match="asks nobody but this machine"):
        fetch_loopback(url)


def test_an_issuer_elsewhere_without_registered_keys_is_an_error_that_says_what_to_do() -> None:
    service = the_service(an_application(federations=(FEDERATION,)), fetch=fetch_loopback)
    with pytest.raises(EntraError, match="PUT /_local/issuers") as caught:
        ask(service, external())
    assert caught.value.number == 50166


def test_a_token_of_the_local_azure_itself_can_be_exchanged() -> None:
    issuer = f"{ORIGIN}/{TENANT}/v2.0"
    federation = Federation(issuer=issuer, subject="machine", audiences=(TOKEN_EXCHANGE,))
    token = the_tokens().issue(object_id="machine", app_id="m", audience=TOKEN_EXCHANGE)
    assert ask(the_service(an_application(federations=(federation,))), token)["oid"] == OBJECT


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_a_registered_certificate_speaks_for_the_application(algorithm: str) -> None:
    assert ask(with_certificate(), signed(algorithm=algorithm))["oid"] == OBJECT


def test_a_certificate_is_known_by_its_sha256_too() -> None:
    claims = jwt.decode(signed(), options={"verify_signature": False})
    headers = {"x5t#S256": thumbprint(hashes.SHA256())}
    assert ask(with_certificate(), jwt.encode(claims, OUTSIDE, algorithm="PS256", headers=headers))["oid"] == OBJECT


@pytest.mark.parametrize(
    ("assertion", "number"),
    [
        (signed(OTHER), 700027),
        (signed(aud=f"{ORIGIN}/{OBJECT}/oauth2/v2.0/token"), 700023),
        (signed(exp=int(START.timestamp()) - 301), 700024),
        (signed(iss=OBJECT, sub=OBJECT), 700021),
    ],
)
def test_certificate_assertions_are_checked_in_full(assertion: str, number: int) -> None:
    assert number_of(with_certificate(), assertion) == number


def test_an_unregistered_or_expired_certificate_is_refused() -> None:
    assert number_of(the_service(an_application()), signed()) == 700027
    assert number_of(with_certificate(ends=datetime(2026, 5, 1, tzinfo=UTC)), signed()) == 700027


def test_an_assertion_lives_no_longer_than_it_says() -> None:
    clock = StillClock()
    application = an_application(certificates=(Certificate(der=DER),))
    service = the_service(application, clock=clock)
    assert ask(service, signed())["oid"] == OBJECT
    clock.time += timedelta(seconds=901)
    assert number_of(service, signed()) == 700024
