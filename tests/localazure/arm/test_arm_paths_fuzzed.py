"""Whatever path is asked, with whatever method: Azure's envelope, and never a 500."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localazure.arm.ids import canonical, key, parse
from localazure.arm.throttle import Throttle

SUBSCRIPTION = "/subscriptions/22222222-2222-4222-8222-222222222222"
WORDS = (
    "subscriptions", "resourceGroups", "RESOURCEGROUPS", "rg", "providers", "Providers", "Microsoft.Storage",
    "microsoft.storage", "storageAccounts", "st1", "blobServices", "default", "containers", "pictures", "listKeys",
    "Microsoft.Authorization", "locks", "roleAssignments", "roleDefinitions", "Microsoft.Resources", "tags",
    "deployments", "operations", "whatIf", "resources", "locations", "eastus", "operationStatuses", "deletedAccounts",
    "Microsoft.CognitiveServices", "accounts", "Microsoft.MachineLearningServices", "workspaces", "labelingJobs",
    "datastores", "data", "versions", "jobs", "Microsoft.KeyVault", "vaults", "purge", "tagNames", "..", ".", "%2e%2e",
    "%00", "%2F", "%5C", "%E2%80%AE", "%F0%9F%8D%8E", "%FF", "'", "*", "a" * 300, "$ref", ";", "?", "#", "%25", " ",
)  # fmt: skip
SEGMENTS = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=12)
BODIES = st.sampled_from(
    (b"", b"{}", b'{"location":"eastus"}', b'{"properties":{}}', b"[]", b"null", b'{"properties":7}')
)
QUERIES = st.sampled_from(
    ("", "&$top=0", "&$top=99999999999999999999", "&$skiptoken=x", "&$filter=name%20eq", "&$expand=x", "&$skip=-1",
     "&$skiptoken=eyJhdCI6IDFlOTk5LCAiYWZ0ZXIiOiAiIn0=", "&%24filter=%00", "&monitor=true")
)  # fmt: skip
BOUNDED = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow),
)


def test_any_path_is_answered_with_an_envelope(lab: Any) -> None:
    lab.storage("st1")
    transport = httpx.ASGITransport(app=lab.azure.app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {lab.token()}", "Content-Type": "application/json"}

    @BOUNDED
    @given(
        method=st.sampled_from(("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS")),
        base=st.sampled_from((SUBSCRIPTION, f"{SUBSCRIPTION}/resourceGroups/rg", "", "/providers", "/tenants")),
        segments=SEGMENTS,
        body=BODIES,
        query=QUERIES,
    )
    def ask(method: str, base: str, segments: list[str], body: bytes, query: str) -> None:
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
                url = f"{base}/{'/'.join(segments)}"
                return await client.request(
                    method, f"{url}?api-version=2024-01-01{query}", content=body, headers=headers
                )

        try:
            answer = asyncio.run(once())
        except httpx.InvalidURL:
            return
        assert answer.status_code < 500 or answer.status_code == 501, (method, base, segments, body, query, answer.text)
        if answer.status_code >= 400 and method != "HEAD" and answer.content:
            assert set(answer.json()["error"]) >= {"code", "message"}
        lab.clock.time = type(lab.clock)().time  # the token lasts, and nothing is throttled for long
        lab.azure.operations.advance()

    def never_empty(_self: object, _subscription: str, _object_id: str, _kind: str) -> int:
        return 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Throttle, "take", never_empty)
        ask()


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(segments=SEGMENTS)
def test_ids_are_read_alike_however_they_are_written(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    once = canonical(path)
    assert canonical(once) == once
    assert key(once) == key(path) or "//" in path or path.endswith("/")
    assert parse(path).id == once
