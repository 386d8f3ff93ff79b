"""Microsoft Graph inside a whole local Azure, in this process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from tests.localazure.arm.conftest import Lab, lab

__all__ = ["lab"]

BASE = "/graph/v1.0"
AUDIENCE = "https://localhost:8443/graph"


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Requests to Graph: as the owner, or with the permissions that a test names."""

    lab: Lab
    roles: tuple[str, ...] | None = None

    def having(self, *roles: str) -> "Graph":
        return replace(self, roles=roles)

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, **query: str
    ) -> httpx.Response:
        own = self.lab.settings.object_id if self.roles is None else "99999999-9999-4999-8999-999999999999"
        token = self.lab.azure.tokens.issue(object_id=own, app_id="app", audience=AUDIENCE, roles=self.roles or ())
        path = path.removeprefix("https://localhost:8443/graph/v1.0")
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        params = {f"${name}": value for name, value in query.items()}
        return self.lab.send(method, BASE + path, body, None, headers=sent, params=params)

    def get(self, path: str, **query: str) -> Any:
        answer = self.send("GET", path, None, None, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def names(self, kind: str, **query: str) -> list[str]:
        return [entry["displayName"] for entry in self.get(f"/{kind}", **query)["value"]]

    def post(self, path: str, body: object) -> Any:
        answer = self.send("POST", path, body)
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.json() if answer.content else None

    def user(self, name: str, **more: object) -> str:
        known = {
            "accountEnabled": True,
            "displayName": name,
            "mailNickname": name,
            "userPrincipalName": f"{name.lower()}@school.example",
            "passwordProfile": {"password": "Correct-Horse-7"},
        }
        return self.post("/users", known | more)["id"]

    def group(self, name: str, *members: str) -> str:
        body: dict[str, object] = {
            "displayName": name,
            "mailEnabled": False,
            "mailNickname": name,
            "securityEnabled": True,
        }
        if members:
            body["members@odata.bind"] = [f"https://graph.microsoft.com/v1.0/directoryObjects/{m}" for m in members]
        return self.post("/groups", body)["id"]

    def add(self, group: str, member: str) -> httpx.Response:
        reference = {"@odata.id": f"https://localhost:8443/graph/v1.0/directoryObjects/{member}"}
        return self.send("POST", f"/groups/{group}/members/$ref", reference)


@pytest.fixture
def graph(lab: Lab) -> Graph:
    return Graph(lab=lab)


@pytest.fixture
def error() -> Callable[[httpx.Response], tuple[int, str]]:
    def code(answer: httpx.Response) -> tuple[int, str]:
        said = answer.json()["error"]
        assert set(said) == {"code", "message", "innerError"}
        return answer.status_code, said["code"]

    return code
