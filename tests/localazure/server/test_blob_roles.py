"""What a token may do with blobs: role assignments decide, as in Azure."""

import base64
import hmac
import os
import re
import ssl
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx
import pytest

from localazure.blob.azurite import find_toolchain
from localazure.clock import SystemClock
from localazure.entra.keys import SigningKey
from localazure.entra.tokens import Tokens

pytestmark = pytest.mark.server

READER, CONTRIBUTOR = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
OWNER_OF_ALL, OWNER_OF_BLOBS = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
ACCOUNT = "resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stroles1"
DENIED = (403, "AuthorizationPermissionMismatch")
VERSION = "2025-11-05"


@dataclass(frozen=True, kw_only=True)
class Blobs:
    """One storage account with two containers, asked by several principals with tokens of their own."""

    process: Any
    http: httpx.Client
    tokens: Tokens

    def as_(
        self, who: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        token = self.tokens.issue(object_id=who, app_id="app", audience="https://storage.azure.com")
        sent = {"Authorization": f"Bearer {token}", "x-ms-version": VERSION}
        if "x-ms-copy-source" not in (headers or {}):
            sent["x-ms-blob-type"] = "BlockBlob"
        answer = self.http.request(method, f"/stroles1{path}", content=body, headers={**sent, **(headers or {})})
        return answer.status_code, answer.headers.get("x-ms-error-code", "")

    def assign(self, who: str, role: str, scope: str = ACCOUNT, *, kind: str = "User") -> str:
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}".lstrip("/")
        subscription = f"/subscriptions/{self.process.connection['subscription_id']}"
        definition = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        properties = {"principalId": who, "roleDefinitionId": definition, "principalType": kind}
        answer = self.process.send("PUT", path, {"properties": properties})
        assert answer.status_code == 201, answer.text
        return path

    def define(self, **permission: list[str]) -> str:
        name = str(uuid.uuid4())
        subscription = f"/subscriptions/{self.process.connection['subscription_id']}"
        properties = {"roleName": name, "permissions": [permission], "assignableScopes": [subscription]}
        path = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{name}"
        assert self.process.send("PUT", path, {"properties": properties}).status_code == 201
        return name


@pytest.fixture(scope="module")
def blobs(running: Any) -> Any:
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    running.send("PUT", "resourceGroups/rg", {"location": "eastus"})
    running.send("PUT", ACCOUNT, body)
    running.wait_for(ACCOUNT)
    for container in ("mine", "other"):
        assert running.send("PUT", f"{ACCOUNT}/blobServices/default/containers/{container}", {}).status_code == 201
    tokens = Tokens(
        key=SigningKey(running.state / "signing.key"),
        tenant_id=running.connection["tenant_id"],
        origin=running.connection["origin"],
        clock=SystemClock(),
    )
    context = ssl.create_default_context(cafile=running.connection["ca_file"])
    with httpx.Client(base_url=running.connection["blob_origin"], verify=context, trust_env=False) as http:
        found = Blobs(process=running, http=http, tokens=tokens)
        writer = str(uuid.uuid4())
        found.assign(writer, CONTRIBUTOR)
        assert found.as_(writer, "PUT", "/mine/a.txt", b"a") == (201, "")
        yield found


@pytest.fixture
def who() -> Callable[[], str]:
    return lambda: str(uuid.uuid4())


def test_nothing_is_allowed_by_default_and_the_next_request_sees_each_change(blobs: Blobs, who: Any) -> None:
    seat = who()
    assert blobs.as_(seat, "PUT", "/mine/a.txt", b"a") == DENIED
    for _ in range(5):
        path = blobs.assign(seat, CONTRIBUTOR)
        assert blobs.as_(seat, "PUT", "/mine/a.txt", b"a") == (201, "")
        assert blobs.process.send("DELETE", path).status_code == 200
        assert blobs.as_(seat, "GET", "/mine/a.txt") == DENIED


def test_a_reader_reads_and_lists_and_does_no_more(blobs: Blobs, who: Any) -> None:
    writer, reader = who(), who()
    blobs.assign(writer, CONTRIBUTOR)
    blobs.assign(reader, READER, f"{ACCOUNT}/blobServices/default/containers/mine")
    assert blobs.as_(writer, "PUT", "/mine/b.txt", b"b") == (201, "")
    for method, path, expected in (
        ("GET", "/mine/b.txt", (200, "")),
        ("HEAD", "/mine/b.txt", (200, "")),
        ("GET", "/mine?restype=container&comp=list", (200, "")),
        ("GET", "/mine?restype=container", (200, "")),
        ("GET", "/mine/B.TXT", (404, "BlobNotFound")),
        ("GET", "/other?restype=container&comp=list", DENIED),
        ("GET", "/other/b.txt", DENIED),
        ("GET", "/?comp=list", DENIED),  # needs the account
        ("GET", "/?restype=service&comp=properties", DENIED),
        ("GET", "/mine/b.txt?comp=tags", DENIED),
        ("PUT", "/mine/b.txt", DENIED),
        ("PUT", "/mine/new.txt", DENIED),
        ("PUT", "/mine/b.txt?comp=metadata", DENIED),
        ("PUT", "/mine/b.txt?comp=lease", DENIED),
        ("PUT", "/fresh?restype=container", DENIED),
        ("DELETE", "/mine/b.txt", DENIED),
        ("DELETE", "/mine?restype=container", DENIED),
    ):
        more = {"x-ms-lease-action": "acquire", "x-ms-lease-duration": "15"} if "lease" in path else {}
        assert blobs.as_(reader, method, path, headers=more) == expected, f"{method} {path}"


def test_an_owner_of_the_subscription_manages_containers_and_reads_no_blob(blobs: Blobs) -> None:
    owner = blobs.process.connection["object_id"]
    assert blobs.as_(owner, "GET", "/?comp=list") == (200, "")
    assert blobs.as_(owner, "PUT", "/by-owner?restype=container") == (201, "")
    assert blobs.as_(owner, "GET", "/mine/b.txt") == DENIED
    assert blobs.as_(owner, "GET", "/mine?restype=container&comp=list") == DENIED


def test_custom_roles_add_without_replacing_and_withhold_data_actions(blobs: Blobs, who: Any) -> None:
    adder, keeper = who(), who()
    prefix = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    group = "resourceGroups/rg"
    blobs.assign(adder, blobs.define(dataActions=[f"{prefix}/add/action"]), group)
    blobs.assign(keeper, blobs.define(dataActions=[f"{prefix}/*"], notDataActions=[f"{prefix}/delete"]), group)
    name = f"/mine/{uuid.uuid4()}"
    assert blobs.as_(adder, "PUT", name, b"1") == (201, "")
    assert blobs.as_(adder, "PUT", name, b"2") == DENIED
    assert blobs.as_(adder, "GET", name) == DENIED
    assert blobs.as_(adder, "PUT", f"{name}-tagged", b"1", {"x-ms-tags": "a=b"}) == DENIED
    assert blobs.as_(keeper, "PUT", name, b"3", {"x-ms-tags": "a=b"}) == (201, "")
    assert blobs.as_(keeper, "GET", f"{name}?comp=tags") == (200, "")
    assert blobs.as_(keeper, "DELETE", name) == DENIED


def test_a_copy_reads_its_source_with_the_callers_role(blobs: Blobs, who: Any) -> None:
    writer, copier = who(), who()
    blobs.assign(writer, CONTRIBUTOR)
    blobs.assign(copier, CONTRIBUTOR, f"{ACCOUNT}/blobServices/default/containers/mine")
    blobs.as_(writer, "PUT", "/other/secret.txt", b"s")
    origin = blobs.process.connection["blob_origin"]
    port = origin.rsplit(":", 1)[1]
    for source in (f"{origin}/stroles1/other/secret.txt", f"https://stroles1.blob.localhost:{port}/other/secret.txt"):
        assert blobs.as_(copier, "PUT", "/mine/taken.txt", headers={"x-ms-copy-source": source}) == DENIED
    source = f"{origin}/stroles1/other/secret.txt"
    assert blobs.as_(writer, "PUT", "/mine/copied.txt", headers={"x-ms-copy-source": source}) == (202, "")


def test_a_member_has_what_the_group_has_until_it_leaves(blobs: Blobs) -> None:
    def graph(method: str, path: str, body: object = None) -> httpx.Response:
        token = blobs.process.token(f"{blobs.process.connection['origin']}/graph/.default")
        with blobs.process.client() as client:
            return client.request(
                method, f"/graph/v1.0/{path}", json=body, headers={"Authorization": f"Bearer {token}"}
            )

    name = {"displayName": "Class", "mailNickname": "class", "mailEnabled": False, "securityEnabled": True}
    group = graph("POST", "groups", name).json()["id"]
    person = {"displayName": "Anna", "mailNickname": "anna", "accountEnabled": True}
    person |= {"userPrincipalName": "anna@example.com", "passwordProfile": {"password": "Not-kept-1"}}
    made = graph("POST", "users", person)
    assert made.status_code == 201, made.text
    anna = made.json()["id"]
    blobs.assign(group, CONTRIBUTOR, kind="Group")
    link = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{anna}"}
    assert blobs.as_(anna, "PUT", "/mine/by-anna", b"1") == DENIED
    assert graph("POST", f"groups/{group}/members/$ref", link).status_code == 204
    assert blobs.as_(anna, "PUT", "/mine/by-anna", b"1") == (201, "")
    assert graph("DELETE", f"groups/{group}/members/{anna}/$ref").status_code == 204
    assert blobs.as_(anna, "PUT", "/mine/by-anna", b"1") == DENIED


def test_user_delegation_is_no_more_than_the_delegators_role(blobs: Blobs, who: Any) -> None:
    reader = who()
    path = blobs.assign(reader, READER)
    token = blobs.tokens.issue(object_id=reader, app_id="app", audience="https://storage.azure.com")

    key = delegation_key(blobs, token)
    sas = sas_of(key, "rd", "mine", "a.txt")
    assert blobs.http.get(f"/stroles1/mine/a.txt?{sas}").status_code == 200
    beyond = blobs.http.delete(f"/stroles1/mine/a.txt?{sas}")
    assert (beyond.status_code, beyond.headers["x-ms-error-code"]) == DENIED
    blobs.process.send("DELETE", path)
    assert blobs.http.get(f"/stroles1/mine/a.txt?{sas}").status_code == 403


def test_nobody_else_can_make_a_delegation_key(blobs: Blobs, who: Any) -> None:
    """Azurite's own would come from a constant of its source code."""
    reader = who()
    blobs.assign(reader, READER)
    token = blobs.tokens.issue(object_id=reader, app_id="app", audience="https://storage.azure.com")
    key = delegation_key(blobs, token)
    parts = [key["SignedOid"], key["SignedTid"], key["SignedStart"], key["SignedExpiry"], "b", key["SignedVersion"]]
    constants = (Path(find_toolchain(os.environ).azurite) / "dist/src/blob/utils/constants.js").read_text()
    (constant,) = re.findall(r'USERDELEGATIONKEY_BASIC_KEY = "([^"]+)"', constants)
    forged = base64.b64encode(hmac.digest(constant.encode(), "\n".join(parts).encode(), "sha256")).decode()
    assert key["Value"] != forged
    sas = sas_of(key | {"Value": forged}, "r", "mine", "a.txt")
    assert blobs.http.get(f"/stroles1/mine/a.txt?{sas}").status_code == 403


def delegation_key(blobs: Blobs, token: str) -> dict[str, str]:
    now = datetime.now(UTC)
    start, end = (f"{(now + timedelta(minutes=m)):%Y-%m-%dT%H:%M:%SZ}" for m in (-5, 60))
    answer = blobs.http.post(
        "/stroles1/?restype=service&comp=userdelegationkey",
        content=f"<KeyInfo><Start>{start}</Start><Expiry>{end}</Expiry></KeyInfo>",
        headers={"Authorization": f"Bearer {token}", "x-ms-version": VERSION, "Content-Type": "application/xml"},
    )
    assert answer.status_code == 200, answer.text
    return {node.tag: node.text or "" for node in ET.fromstring(answer.content)}


def sas_of(key: Mapping[str, str], permission: str, container: str, blob: str) -> str:
    """A user delegation SAS of version 2020-12-06: later ones of the SDK are more than Azurite knows."""
    end = f"{(datetime.now(UTC) + timedelta(minutes=30)):%Y-%m-%dT%H:%M:%SZ}"
    owner = [key[f"Signed{name}"] for name in ("Oid", "Tid", "Start", "Expiry", "Service", "Version")]
    resource = f"/blob/stroles1/{container}/{blob}"
    signed = [permission, "", end, resource, *owner, "", "", "", "", "", "2020-12-06", "b", *[""] * 7]
    value = hmac.digest(base64.b64decode(key["Value"]), "\n".join(signed).encode(), "sha256")
    names = dict(zip(("skoid", "sktid", "skt", "ske", "sks", "skv"), owner, strict=True))
    sas = {"sv": "2020-12-06", "sr": "b", "sp": permission, "se": end, **names}
    return urlencode(sas | {"sig": base64.b64encode(value).decode()})
