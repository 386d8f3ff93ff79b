"""azure-identity: every credential that works without a person, against the local Azure."""

import base64
import json
import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

EXCHANGE = "api://AzureADTokenExchange"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(credential: Any, scope: str) -> Mapping[str, Any]:
    token = credential.get_token(scope).token
    return jwt.decode(token, options={"verify_signature": False})


class Rest:
    """Plain requests as the owner, for what has no SDK here: Graph, and a few of ARM's."""

    def __init__(self, azure: Any) -> None:
        known = azure.environment
        self.tenant, self.origin = known["AZURE_TENANT_ID"], azure.origin
        self.subscription = f"/subscriptions/{azure.subscription_id}"
        self.credential = ClientSecretCredential(
            self.tenant,
            known["AZURE_CLIENT_ID"],
            known["AZURE_CLIENT_SECRET"],
            authority=azure.origin,
            disable_instance_discovery=True,
        )

    def send(self, method: str, path: str, body: object = None, *, credential: Any = None) -> httpx.Response:
        scope = f"{self.origin}/graph/.default" if path.startswith("/graph") else f"{self.origin}/.default"
        token = (credential or self.credential).get_token(scope).token
        url = self.origin + path
        if not path.startswith("/graph"):
            url += "?api-version=2022-04-01"
        return httpx.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"})

    def made(self, method: str, path: str, body: object) -> dict[str, Any]:
        answer = self.send(method, path, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def application(self, **body: object) -> dict[str, Any]:
        application = self.made("POST", "/graph/v1.0/applications", {"displayName": f"app-{uuid.uuid4()}", **body})
        principal = self.made("POST", "/graph/v1.0/servicePrincipals", {"appId": application["appId"]})
        return application | {"principal": principal["id"]}

    def federate(self, application: Mapping[str, Any], issuer: str, subject: str) -> None:
        body = {"name": f"f-{uuid.uuid4()}", "issuer": issuer, "subject": subject, "audiences": [EXCHANGE]}
        self.made("POST", f"/graph/v1.0/applications/{application['id']}/federatedIdentityCredentials", body)

    def grant(self, principal: str, role: str = READER) -> None:
        definition = f"{self.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        path = f"{self.subscription}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        properties = {"principalId": principal, "roleDefinitionId": definition}
        self.made("PUT", path, {"properties": properties})


@pytest.fixture
def rest(azure: Any, environment: Mapping[str, str]) -> Rest:
    return Rest(azure)


@pytest.fixture
def options(azure: Any) -> dict[str, Any]:
    return {"authority": azure.origin, "disable_instance_discovery": True}


def test_secrets_and_the_environment(rest: Rest, azure: Any, options: dict[str, Any]) -> None:
    known, scope = azure.environment, f"{azure.origin}/.default"
    owner = claims(rest.credential, scope)["oid"]
    environment = claims(EnvironmentCredential(disable_instance_discovery=True), scope)
    chain = claims(DefaultAzureCredential(disable_instance_discovery=True), scope)
    assert (environment["oid"], chain["oid"], chain["appid"]) == (owner, owner, known["AZURE_CLIENT_ID"])
    for client, secret, number in (
        (known["AZURE_CLIENT_ID"], "wrong", 7000215),
        (str(uuid.uuid4()), "wrong", 700016),
    ):
        with pytest.raises(ClientAuthenticationError, match=f"AADSTS{number}"):
            ClientSecretCredential(rest.tenant, client, secret, **options).get_token(scope)
    other = ClientSecretCredential(str(uuid.uuid4()), known["AZURE_CLIENT_ID"], "any", **options)
    with pytest.raises((ClientAuthenticationError, ValueError), match=r"(?i)tenant"):
        other.get_token(scope)


def test_a_new_application_signs_in_with_each_of_its_secrets(rest: Rest, options: dict[str, Any]) -> None:
    application, scope = rest.application(), f"{rest.origin}/.default"
    path = f"/graph/v1.0/applications/{application['id']}"
    first, second = (rest.made("POST", f"{path}/addPassword", {}) for _ in range(2))
    for secret in (first, second):
        credential = ClientSecretCredential(rest.tenant, application["appId"], secret["secretText"], **options)
        assert claims(credential, scope)["oid"] == application["principal"]
    assert rest.send("POST", f"{path}/removePassword", {"keyId": first["keyId"]}).status_code == 204
    gone = ClientSecretCredential(rest.tenant, application["appId"], first["secretText"], **options)
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        gone.get_token(scope)


def test_a_certificate(rest: Rest, options: dict[str, Any], tmp_path: Path) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab")])
    now = datetime.now(tz=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    leaf = builder.serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    signed = leaf.sign(KEY, hashes.SHA256())
    der = signed.public_bytes(serialization.Encoding.DER)
    credential = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode()}
    application = rest.application(keyCredentials=[credential])
    pem = tmp_path / "app.pem"
    private = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    for chain in (False, True):
        certificate = CertificateCredential(
            rest.tenant, application["appId"], str(pem), send_certificate_chain=chain, **options
        )
        assert claims(certificate, f"{rest.origin}/.default")["oid"] == application["principal"]
    stranger = rest.application()
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        CertificateCredential(rest.tenant, stranger["appId"], str(pem), **options).get_token(f"{rest.origin}/.default")


def test_assertions_of_an_issuer_whose_keys_are_registered(
    rest: Rest, azure: Any, options: dict[str, Any], tmp_path: Path
) -> None:
    issuer, subject, scope = "https://ci.example", "repo:fruit/lab", f"{rest.origin}/.default"
    jwk = json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "ci"}
    admin = json.loads((azure.home / "local" / "endpoint.json").read_text())["admin_token"]
    answer = httpx.put(
        f"{rest.origin}/_local/issuers",
        json={"issuer": issuer, "keys": [jwk]},
        headers={"Authorization": f"Bearer {admin}"},
    )
    assert answer.status_code == 200, answer.text
    application = rest.application()
    rest.federate(application, issuer, subject)

    def assertion(sub: str = subject) -> str:
        ends = datetime.now(tz=UTC) + timedelta(minutes=5)
        said = {"iss": issuer, "sub": sub, "aud": EXCHANGE, "exp": ends}
        return jwt.encode(said, KEY, algorithm="RS256", headers={"kid": "ci"})

    credential = ClientAssertionCredential(rest.tenant, application["appId"], assertion, **options)
    assert claims(credential, scope)["oid"] == application["principal"]
    token_file = tmp_path / "token"
    token_file.write_text(assertion())
    workload = WorkloadIdentityCredential(
        tenant_id=rest.tenant, client_id=application["appId"], token_file_path=str(token_file), **options
    )
    assert claims(workload, scope)["oid"] == application["principal"]
    other = ClientAssertionCredential(rest.tenant, application["appId"], lambda: assertion("repo:else"), **options)
    with pytest.raises(ClientAuthenticationError, match="AADSTS700213"):
        other.get_token(scope)


def test_a_managed_identity_stands_for_an_application(rest: Rest, options: dict[str, Any]) -> None:
    machine = ManagedIdentityCredential()
    said = claims(machine, f"{EXCHANGE}/.default")
    application = rest.application()
    rest.federate(application, said["iss"], said["sub"])
    credential = ClientAssertionCredential(
        rest.tenant, application["appId"], lambda: machine.get_token(f"{EXCHANGE}/.default").token, **options
    )
    assert claims(credential, f"{rest.origin}/.default")["oid"] == application["principal"]


def test_managed_identities_in_app_service_style(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = f"{rest.origin}/.default"
    rest.made("PUT", f"{rest.subscription}/resourceGroups/rg", {"location": "eastus"})
    path = f"{rest.subscription}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai"
    identity = rest.made("PUT", path, {"location": "eastus"})["properties"]
    by = (
        ManagedIdentityCredential(client_id=identity["clientId"]),
        ManagedIdentityCredential(identity_config={"object_id": identity["principalId"]}),
        ManagedIdentityCredential(identity_config={"resource_id": path}),
    )
    assert [claims(credential, scope)["oid"] for credential in by] == [identity["principalId"]] * 3
    group = f"{rest.subscription}/resourceGroups/rg"
    assert rest.send("GET", group, credential=by[0]).status_code == 403
    rest.grant(identity["principalId"])
    assert rest.send("GET", group, credential=by[0]).status_code == 200
    with pytest.raises((ClientAuthenticationError, CredentialUnavailableError), match="Identity not found"):
        ManagedIdentityCredential(client_id=str(uuid.uuid4())).get_token(scope)
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    with pytest.raises((ClientAuthenticationError, CredentialUnavailableError), match="401"):
        ManagedIdentityCredential().get_token(scope)


def test_a_token_of_another_local_azure_is_refused(rest: Rest) -> None:
    own = rest.credential.get_token(f"{rest.origin}/.default").token
    said = jwt.decode(own, options={"verify_signature": False})
    forged = jwt.encode(said, KEY, algorithm="RS256", headers={"kid": jwt.get_unverified_header(own)["kid"]})
    answer = httpx.get(
        f"{rest.origin}/subscriptions?api-version=2022-12-01", headers={"Authorization": f"Bearer {forged}"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_the_token_of_whoever_signed_in_with_az(
    azure: Any, az: Any, environment: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = ("-u", environment["AZURE_CLIENT_ID"], "-p", environment["AZURE_CLIENT_SECRET"])
    az("login", "--service-principal", *secret, "--tenant", environment["AZURE_TENANT_ID"])
    python = Path(__file__).resolve().parents[2] / ".tools" / "az" / "bin" / "python"
    command = tmp_path / "az"
    command.write_text(f'#!/bin/sh\nexec "{python}" -m azure.cli "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    credential = AzureCliCredential(process_timeout=60)
    assert claims(credential, f"{azure.origin}/.default")["appid"] == environment["AZURE_CLIENT_ID"]
