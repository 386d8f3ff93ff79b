import asyncio
import errno
from typing import Any

import httpx
import pytest

from localazure.arm.ids import canonical, parse
from localazure.arm.listing import matcher
from localazure.errors import AzureError


def test_a_bug_is_a_500_in_azures_envelope_and_says_nothing_more(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object, **__: object) -> bool:
        raise KeyError("secret")

    monkeypatch.setattr(lab.azure.authorization, "allowed", stumble)

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app=lab.azure.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
            headers = {"Authorization": f"Bearer {lab.token()}"}
            return await client.get(f"{lab.subscription}/resourceGroups/rg?api-version=2024-01-01", headers=headers)

    answer = asyncio.run(once())
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "InternalServerError")
    assert "secret" not in answer.text
    assert len(answer.headers["x-ms-request-id"]) == 36


def test_a_full_disk_is_told_and_is_not_called_a_bug(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lab.azure.authorization, "allowed", full)

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app=lab.azure.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
            headers = {"Authorization": f"Bearer {lab.token()}"}
            return await client.get(f"{lab.subscription}/resourceGroups/rg?api-version=2024-01-01", headers=headers)

    answer = asyncio.run(once())
    assert answer.status_code == 507
    assert answer.json() == {
        "error": {
            "code": "InsufficientStorage",
            "message": "The disk of the local Azure is full. Free some space and try again.",
        }
    }


def test_a_path_is_parsed_by_its_last_providers() -> None:
    lock = parse(
        "/subscriptions/S/resourcegroups/G/providers/microsoft.storage/storageAccounts/a"
        "/PROVIDERS/Microsoft.Authorization/locks/keep"
    )
    assert (lock.group, lock.type, lock.name) == ("G", "Microsoft.Authorization/locks", "keep")
    assert lock.scope == "/subscriptions/S/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/a"
    child = parse(f"{lock.scope}/blobServices/default/containers")
    assert (child.type, child.name) == ("Microsoft.Storage/storageAccounts/blobServices/containers", None)
    assert child.parent == f"{lock.scope}/blobServices/default"


def test_fixed_words_get_azures_casing_and_names_keep_theirs() -> None:
    given = "/Subscriptions/s//RESOURCEGROUPS/MyGroup/Providers/microsoft.keyvault/vaults/MyVault/"
    assert canonical(given) == "/subscriptions/s/resourceGroups/MyGroup/providers/Microsoft.KeyVault/vaults/MyVault"


def test_the_filter_language() -> None:
    item = {"id": "/subscriptions/s/resourceGroups/g/x", "name": "it's", "type": "A/b", "tags": {"Team": "x"}}
    for text, expected in {
        "name eq 'it''s'": True,
        "name ne 'other' and resourceType eq 'a/B'": True,
        "substringof('T''', name)": True,
        "tagName eq 'team'": True,
        "tagName eq 'team' and tagValue eq 'y'": False,
        "resourceGroup eq 'h'": False,
    }.items():
        assert matcher(text)(item) is expected, text
    with pytest.raises(AzureError) as caught:
        matcher("name eq 'a' or name eq 'b'")
    assert caught.value.code == "InvalidFilterInQueryString"


def test_services_whose_accounts_are_resources_only_say_so(lab: Any, error: Any) -> None:
    for path in ("/openai/deployments/d/chat/completions", "/cognitiveservices/cv/customvision/v3.3/Training/projects"):
        assert error(lab.send("POST", path, {})) == (501, "NotImplementedByLocalAzure"), path
    assert error(lab.send("POST", "/elsewhere/openai/", {})) == (404, "NotFound")
