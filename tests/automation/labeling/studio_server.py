"""As much of Label Studio as its back end asks for, with the answers that version 1.23 gives; nothing leaves memory.

tests/clients drives the real server with the same calls.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from automation.azure import Rest
from automation.labeling import LabelStudio, open_studio
from tests.automation.azure.fakes import FakeClock, FakeTokens, a_cloud

URL = "https://labels.example.com"
LEGACY = "0123456789abcdef0123456789abcdef01234567"


def a_jwt(ends: float, what: str) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"exp": int(ends), "token_type": what}]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*coded, "c2lnbmF0dXJl"])


@dataclass
class StudioServer:
    """One server; `refused` are tokens that end before their time."""

    clock: FakeClock = field(default_factory=FakeClock)
    projects: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    tasks: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    storages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    calls: list[str] = field(default_factory=list[str])
    personal: str = a_jwt(9e9, "refresh")
    access: list[str] = field(default_factory=list[str])
    refused: set[str] = field(default_factory=set[str])
    ids: int = 0
    largest_page: int = 100

    def next_id(self) -> int:
        self.ids += 1
        return self.ids

    def client(self, token: str = LEGACY, url: str = URL) -> LabelStudio:
        rest = Rest(
            a_cloud(name="label-studio"),
            FakeTokens(),
            self.clock,
            transport=httpx.MockTransport(self),
            dice=lambda: 0.0,
        )
        return LabelStudio(open_studio(url, token, rest=rest))

    def annotate(self, task: int, results: list[dict[str, Any]], **fields: Any) -> None:
        """As a person does on the page."""
        number = self.next_id()
        when = f"2026-11-20T12:00:{number:02d}.000000Z"
        said = {"id": number, "result": results, "was_cancelled": False, "ground_truth": False, "updated_at": when}
        self.tasks[task]["annotations"].append(said | fields)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls.append(f"{request.method} {path}")
        body: Any = json.loads(request.content) if request.content else None
        if path == "/api/token/refresh/":
            if body != {"refresh": self.personal}:
                return httpx.Response(401, json={"status_code": 401, "detail": "Token is invalid"})
            self.access.append(a_jwt(self.clock.now().timestamp() + 300 + len(self.access), "access"))
            return httpx.Response(200, json={"access": self.access[-1]})
        known = {f"Token {LEGACY}"} | ({f"Bearer {self.access[-1]}"} if self.access else set[str]())
        asked = request.headers.get("authorization", "")
        if asked not in known or asked.removeprefix("Bearer ") in self.refused:
            return httpx.Response(401, json={"status_code": 401, "detail": f"Invalid token. {asked}"})
        answer = self.answer(request.method, path.strip("/").split("/")[1:], dict(request.url.params), body)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def answer(  # noqa: C901, PLR0911, PLR0912 # a table of routes
        self, method: str, parts: list[str], query: dict[str, str], body: Any
    ) -> Any:
        match method, *parts:
            case "GET", "projects":
                found = [p for p in self.projects.values() if query.get("title", "") in p["title"]]
                return self.page(found, query, "results")
            case "POST", "projects":
                number = self.next_id()
                self.projects[number] = {"id": number, "created_at": "2026-11-20T12:00:00Z", **body, **parsed(body)}
                return httpx.Response(201, json=self.projects[number])
            case "PATCH", "projects", number:
                self.projects[int(number)] |= body
                return self.projects[int(number)]
            case "DELETE", "projects", number:
                del self.projects[int(number)]
                return httpx.Response(204)
            case "POST", "projects", number, "import":
                for entry in body:
                    self.task(int(number), entry["data"])
                return httpx.Response(201, json={"task_count": len(body)})
            case "GET", "tasks":
                assert query["fields"] == "all"
                found = [t for t in self.tasks.values() if str(t["project"]) == query["project"]]
                return self.page(found, query, "tasks")
            case "PATCH", "tasks", number:
                self.tasks[int(number)] |= body
                return self.tasks[int(number)]
            case "POST", "tasks", number, "annotations":
                self.annotate(int(number), body["result"])
                return httpx.Response(201, json={})
            case "POST", "projects", _, "import", "predictions":
                for entry in body:
                    self.tasks[entry["task"]]["predictions"].append({"id": self.next_id(), **entry})
                return httpx.Response(201, json={"created": len(body)})
            case "DELETE", "predictions", number:
                for task in self.tasks.values():
                    task["predictions"] = [p for p in task["predictions"] if p["id"] != int(number)]
                return httpx.Response(204)
            case "GET", "storages", "azure":
                return self.storages
            case "POST", "storages", "azure":
                self.storages.append({"id": self.next_id(), **body})
                return httpx.Response(201, json=self.storages[-1])
            case "POST", "storages", "azure", _, "sync":
                self.task(self.storages[0]["project"], {"$undefined$": "azure-blob://photos/a b%20.jpg"})
                return {}
            case _:
                raise AssertionError(f"not expected: {method} {parts}")

    def task(self, project: int, data: dict[str, Any]) -> int:
        number = self.next_id()
        self.tasks[number] = {"id": number, "project": project, "data": data, "annotations": [], "predictions": []}
        return number

    def page(self, found: list[dict[str, Any]], query: dict[str, str], key: str) -> Any:
        size, number = min(int(query["page_size"]), self.largest_page), int(query["page"])
        part = found[(number - 1) * size : number * size]
        if not part and number > 1:
            return httpx.Response(404, json={"status_code": 404, "detail": "Invalid page."})
        shown = [self.counted(entry) if key == "results" else entry for entry in part]
        return {key: shown, "total": len(found), "count": len(found)}

    def counted(self, project: dict[str, Any]) -> dict[str, Any]:
        tasks = [t for t in self.tasks.values() if t["project"] == project["id"]]
        done = sum(any(not a["was_cancelled"] for a in t["annotations"]) for t in tasks)
        skipped = sum(a["was_cancelled"] for t in tasks for a in t["annotations"])
        counts = {"task_number": len(tasks), "num_tasks_with_annotations": done, "skipped_annotations_number": skipped}
        return project | counts


def parsed(body: dict[str, Any]) -> dict[str, Any]:
    """What the server reads in a labeling config."""
    found: dict[str, Any] = {}
    for control in ET.fromstring(body["label_config"]):
        if control.tag != "Image":
            names = [part.attrib["value"] for part in control]
            found[control.attrib["name"]] = {
                "type": control.tag,
                "to_name": [control.attrib["toName"]],
                "labels": names,
            }
    return {"parsed_label_config": found}
