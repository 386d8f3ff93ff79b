"""A whole local Azure in this process: real ARM, Entra and pipeline; a clock that tests move; containers in memory."""

import asyncio
from collections.abc import AsyncIterable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from localazure.app import BlobSide, LocalAzure, build
from localazure.blobs import PublishedAccount
from localazure.entra.keys import SigningKey
from localazure.settings import Settings
from localazure.store import Store

KEY = SigningKey(None)
SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
OWNER = "33333333-3333-4333-8333-333333333333"


class ManualClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


@dataclass(frozen=True, kw_only=True)
class MemoryContainer:
    name: str
    public_access: str
    metadata: Mapping[str, str]
    etag: str = '"1"'
    last_modified: str = "2026-06-01T00:00:00.0000000Z"


@dataclass
class MemoryContainers:
    """The blob server's containers, as ARM asks for them."""

    accounts: dict[str, dict[str, MemoryContainer]] = field(default_factory=dict[str, dict[str, MemoryContainer]])
    cors: dict[str, Sequence[Mapping[str, object]]] = field(default_factory=dict[str, Sequence[Mapping[str, object]]])

    def put(self, account: str, name: str, *, public_access: str, metadata: Mapping[str, str]) -> bool:
        new = name not in self.accounts.setdefault(account, {})
        self.accounts[account][name] = MemoryContainer(name=name, public_access=public_access, metadata=metadata)
        return new

    def find(self, account: str, name: str) -> MemoryContainer | None:
        return self.accounts.get(account, {}).get(name)

    def list(self, account: str) -> Sequence[MemoryContainer]:
        return [self.accounts[account][name] for name in sorted(self.accounts.get(account, {}))]

    def delete(self, account: str, name: str) -> bool:
        return self.accounts.get(account, {}).pop(name, None) is not None

    def delete_all(self, account: str) -> None:
        self.accounts.pop(account, None)

    def sas(self, account: str, name: str, *, permissions: str, expires: datetime) -> str:
        return f"sp={permissions}&se={expires:%Y-%m-%d}&of={account}/{name}"

    def set_cors(self, account: str, rules: Sequence[Mapping[str, object]]) -> None:
        self.cors[account] = rules


def no_reader(*_: object) -> Any:
    """Nobody reads blobs in these tests."""
    return None


@dataclass
class Lab:
    """Requests to the local Azure, as the subscription's owner unless said otherwise."""

    azure: LocalAzure
    clock: ManualClock
    containers: MemoryContainers
    published: dict[str, PublishedAccount]
    settings: Settings
    store: Store
    subscription: str = f"/subscriptions/{SUBSCRIPTION}"

    def token(self, object_id: str = OWNER, audience: str = "https://localhost:8443") -> str:
        return self.azure.tokens.issue(object_id=object_id, app_id="app", audience=audience)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        version: str | None = "2024-01-01",
        *,
        who: str = OWNER,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        **more: str,
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token(who)}", **(headers or {})}
        query = ({"api-version": version} if version else {}) | dict(params or {}) | more
        query |= dict(httpx.URL(path).params)
        transport = httpx.ASGITransport(app=self.azure.app)

        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
                return await client.request(
                    method, path.split("?", maxsplit=1)[0], json=body, params=query, headers=sent
                )

        return asyncio.run(once())

    def send_raw(self, method: str, path: str, body: bytes | AsyncIterable[bytes]) -> httpx.Response:
        """A request with just these bytes, to just this path."""
        transport = httpx.ASGITransport(app=self.azure.app)
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}

        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
                url = f"{path}?api-version=2024-01-01"
                return await client.request(method, url, content=body, headers=headers)

        return asyncio.run(once())

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.send("GET", path, params=params)

    def put(self, path: str, body: object, **params: str) -> httpx.Response:
        return self.send("PUT", path, body, params=params)

    def pass_s(self, seconds: float) -> None:
        self.clock.time += timedelta(seconds=seconds)
        self.azure.operations.advance()

    def group(self, name: str = "rg", location: str = "eastus") -> str:
        path = f"{self.subscription}/resourceGroups/{name}"
        assert self.put(path, {"location": location}).status_code in {200, 201}
        return path

    def make(self, path: str, body: object) -> dict[str, Any]:
        """PUT, wait until the operation has ended, GET."""
        answer = self.put(path, body)
        assert answer.status_code < 300, answer.text
        self.pass_s(2)
        shown = self.get(path)
        assert shown.status_code == 200, shown.text
        return shown.json()

    def storage(self, name: str = "stlab1", group: str = "rg", **properties: object) -> str:
        path = f"{self.group(group)}/providers/Microsoft.Storage/storageAccounts/{name}"
        sku = {"name": "Standard_LRS"}
        self.make(path, {"location": "eastus", "kind": "StorageV2", "sku": sku, "properties": properties})
        return path

    def vision(self, name: str = "cv1", group: str = "rg", sku: str = "S1", **properties: object) -> str:
        path = f"{self.group(group)}/providers/Microsoft.CognitiveServices/accounts/{name}"
        body = {
            "location": "eastus",
            "kind": "ComputerVision",
            "sku": {"name": sku},
            "identity": {"type": "SystemAssigned"},
            "properties": {"customSubDomainName": name, **properties},
        }
        self.make(path, body)
        return path

    def vault(self, name: str = "kv-lab-1", group: str = "rg", **properties: object) -> str:
        path = f"{self.group(group)}/providers/Microsoft.KeyVault/vaults/{name}"
        sku = {"family": "A", "name": "standard"}
        known = {"tenantId": self.settings.tenant_id, "sku": sku, "enableRbacAuthorization": True}
        self.make(path, {"location": "eastus", "properties": {**known, **properties}})
        return path

    def workspace(self, name: str = "mlw-lab", group: str = "rg") -> str:
        storage, vault = self.storage(group=group), self.vault(group=group)
        path = f"{self.group(group)}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
        properties = {"storageAccount": storage, "keyVault": vault, "systemDatastoresAuthMode": "Identity"}
        identity = {"type": "SystemAssigned"}
        self.make(path, {"location": "eastus", "identity": identity, "properties": properties})
        return path


def error_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.fixture
def lab(tmp_path: Path) -> Generator[Lab]:
    settings = Settings(
        state_dir=tmp_path,
        port=8443,
        blob_port=10000,
        tenant_id="11111111-1111-4111-8111-111111111111",
        subscription_id=SUBSCRIPTION,
        client_id="44444444-4444-4444-8444-444444444444",
        client_secret="the-secret",
        object_id=OWNER,
        admin_token="admin",
        role_delay_s=2.0,
    )
    clock, containers, published = ManualClock(), MemoryContainers(), dict[str, PublishedAccount]()

    def publish(accounts: Mapping[str, PublishedAccount]) -> None:
        published.clear()
        published.update(accounts)

    store = Store(None)
    azure = build(
        settings,
        store=store,
        clock=clock,
        key=KEY,
        blob=BlobSide(containers=containers, publish=publish, reader=no_reader),
    )
    yield Lab(azure=azure, clock=clock, containers=containers, published=published, settings=settings, store=store)
    azure.close()
    store.close()


@pytest.fixture
def error() -> Any:
    return error_of
