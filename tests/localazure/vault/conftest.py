"""A local Azure in this process with one vault, asked by host name as clients do."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.localazure.arm.conftest import error, lab

__all__ = ["error", "lab"]  # ARM's whole local Azure in this process

SEAT = "55555555-5555-4555-8555-555555555555"
ROLES = {
    "admin": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "user": "4633458b-17de-408a-b874-0445c86b69e6",
    "reader": "21090545-7ca7-4776-b22c-e363652d74d2",
}


class Vault:
    """Requests to a vault as the subscription's owner, who is given a role first, or as somebody else."""

    def __init__(self, lab: Any, host: str = "kv-lab-1.vault.localhost:8443") -> None:
        self.lab = lab
        self.host = host

    def send(self, method: str, path: str, body: object = None, *, who: str | None = None, **params: str) -> Any:
        token = self.lab.token(who or self.lab.settings.object_id, audience="https://vault.localhost:8443")
        return self.send_as(f"Bearer {token}", method, path, body, **params)

    def send_as(
        self, authorization: str | None, method: str, path: str, body: object = None, **params: str
    ) -> httpx.Response:
        headers = {"Authorization": authorization} if authorization else {}
        transport = httpx.ASGITransport(app=self.lab.azure.app)

        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url=f"https://{self.host}") as client:
                query = {"api-version": "7.6"} | params | dict(httpx.URL(path).params)
                return await client.request(
                    method, path.split("?", maxsplit=1)[0], json=body, params=query, headers=headers
                )

        return asyncio.run(once())

    def set(self, name: str, value: str = "first", **more: object) -> dict[str, Any]:
        answer = self.send("PUT", f"/secrets/{name}", {"value": value, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def assign(lab: Any) -> Callable[..., None]:
    """Give somebody a role, and wait until it counts."""

    def assigned(role: str, scope: str, who: str = SEAT) -> None:
        definition = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"
        properties = {"principalId": who, "roleDefinitionId": definition, "principalType": "ServicePrincipal"}
        name = f"{ROLES[role][:8]}-0000-4000-8000-{who[-12:]}"
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
        assert lab.put(path, {"properties": properties}).status_code == 201
        lab.pass_s(3)

    return assigned


@pytest.fixture
def vault(lab: Any, assign: Callable[..., None]) -> Vault:
    path = lab.vault()
    assign("officer", path, lab.settings.object_id)
    return Vault(lab)


@pytest.fixture
def vault_at() -> type[Vault]:
    return Vault


@pytest.fixture
def seat() -> str:
    return SEAT
