"""A strict stand-in for the Image Analysis service, behind httpx: it knows the documented calls and nothing else.

Written from the published API description (2023-04-01-preview); names are taken only exactly as written there.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx

from automation.azure import Rest
from automation.training import ImageAnalysis
from tests.automation.azure.fakes import FakeClock, FakeTokens, a_cloud

ENDPOINT = "https://localhost:8443/cognitiveservices/lab1/"
BASE = "/cognitiveservices/lab1/computervision"
CREATED = "2026-11-20T12:00:00.1234567Z"


def error(status: int, code: str, message: str = "No.") -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": message}})


class FakeVision:
    """Data sets and models in memory; a training goes through `states` at each GET, one a time."""

    def __init__(self) -> None:
        self.datasets: dict[str, dict[str, Any]] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.evaluations: dict[str, dict[str, Any]] = {}
        self.states: list[dict[str, Any]] = [{"status": "training"}, {"status": "succeeded"}]
        self.calls: list[str] = []
        self.intercept: Callable[[str], httpx.Response | None] = lambda _: None
        self.analyzed: dict[str, Any] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        assert query.pop("api-version") == "2023-04-01-preview"
        assert request.headers["authorization"].startswith("Bearer ")
        path = request.url.path
        assert path.startswith(BASE), path
        path = path.removeprefix(BASE)
        call = f"{request.method} {path}"
        self.calls.append(call)
        if answer := self.intercept(call):
            return answer
        for pattern, answer_with in (
            (r"/datasets(?:/([^/]+))?", self._dataset),
            (r"/models(?:/([^/:]+))?(:cancel)?", self._model),
            (r"/models/([^/]+)/evaluations(?:/([^/]+))?", self._evaluation),
        ):
            if match := re.fullmatch(pattern, path):
                return answer_with(request, query, *match.groups())
        if call == "POST /imageanalysis:analyze":
            assert request.headers["content-type"] == "application/octet-stream"
            assert set(query) == {"model-name"}
            return httpx.Response(200, json=self.analyzed)
        raise AssertionError(f"not an operation of the service: {call}")

    def _dataset(self, request: httpx.Request, query: dict[str, str], name: str | None) -> httpx.Response:
        if name is None:
            return self._page(self.datasets, query)
        there = self.datasets.get(name)
        if request.method == "PUT":
            if there:
                return error(409, "DatasetAlreadyExists")
            self.datasets[name] = self._stored(request, name, {"eTag": '"1"'})
            return httpx.Response(201, json=self.datasets[name])
        if there is None:
            return error(404, "404", "Resource not found")
        if request.method == "PATCH":
            if request.headers.get("if-match", "*") not in {"*", there["eTag"]}:
                return error(412, "PreconditionFailed")
            there.update(json.loads(request.content))
            there["eTag"] = '"2"'
        return self._get_or_delete(self.datasets, name, request)

    def _model(
        self, request: httpx.Request, query: dict[str, str], name: str | None, cancel: str | None
    ) -> httpx.Response:
        if name is None:
            return self._page(self.models, query)
        if request.method == "PUT":
            if name in self.models:
                return error(409, "ModelAlreadyExists")
            self.models[name] = self._stored(request, name, {"status": "notStarted"})
            return httpx.Response(201, json=self.models[name])
        if name not in self.models:
            return error(404, "404", "Resource not found")
        if cancel:
            assert request.content == b""
            self.states = [{"status": "cancelling"}, {"status": "cancelled"}]
            return httpx.Response(202)
        return self._run(self.models, name, request)

    def _evaluation(
        self, request: httpx.Request, query: dict[str, str], model: str, name: str | None
    ) -> httpx.Response:
        if name is None:
            return self._page(self.evaluations, query)
        if request.method == "PUT":
            if name in self.evaluations:
                return error(409, "EvaluationAlreadyExists")
            self.evaluations[name] = self._stored(request, name, {"status": "notStarted", "modelName": model})
            return httpx.Response(201, json=self.evaluations[name])
        if name not in self.evaluations:
            return error(404, "404", "Resource not found")
        return self._run(self.evaluations, name, request)

    def _run(self, kept: dict[str, dict[str, Any]], name: str, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE" and kept[name]["status"] not in {"succeeded", "failed", "cancelled"}:
            return error(400, "InvalidRequest", "It is training.")
        if request.method == "GET" and self.states:
            kept[name].update(self.states.pop(0))
        return self._get_or_delete(kept, name, request)

    @staticmethod
    def _stored(request: httpx.Request, name: str, more: dict[str, Any]) -> dict[str, Any]:
        body = json.loads(request.content)
        return body | more | {"name": name, "createdDateTime": CREATED, "updatedDateTime": CREATED}

    @staticmethod
    def _get_or_delete(kept: dict[str, dict[str, Any]], name: str, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            del kept[name]
            return httpx.Response(204)
        assert request.method in {"GET", "PATCH"}
        return httpx.Response(200, json=kept[name])

    @staticmethod
    def _page(kept: dict[str, dict[str, Any]], query: dict[str, str]) -> httpx.Response:
        skip, top = int(query["skip"]), int(query["top"])
        assert 1 <= top <= 30
        values = list(kept.values())
        body: dict[str, Any] = {"value": values[skip : skip + top]}
        if skip + top < len(values):
            body["nextLink"] = "https://evil.example/next"  # must not be followed with our token
        return httpx.Response(200, json=body)


def a_client(service: FakeVision, clock: FakeClock | None = None, *, cloud: str = "local") -> ImageAnalysis:
    place = a_cloud(name=cloud)
    rest = Rest(place, FakeTokens(), clock or FakeClock(), transport=httpx.MockTransport(service), dice=lambda: 0.0)
    return ImageAnalysis(ENDPOINT, rest, place)
