"""The vision service in this process: its routes under Starlette, fake blobs and accounts, a fake worker."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio.from_thread
import httpx
from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from localazure.blobs import BlobItem
from localazure.errors import AzureError, BlobDenied, BlobMissing, BlobUnreachable
from localazure.identity import Identity
from localazure.vision.predictions import Prediction, from_objects, from_probabilities
from localazure.vision.seams import Look
from localazure.vision.service import VisionService

STORE_URL = "https://127.0.0.1:1/acct"
KEY = "0123456789abcdef"
WORKER = Path(__file__).with_name("fake_worker.py")


class FakeClock:
    def __init__(self) -> None:
        self._now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()


@dataclass(frozen=True, kw_only=True)
class FakeAccount:
    id: str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/Vision"
    name: str = "Vision"
    subdomain: str = "vision-sub"
    principal_id: str | None = "principal"
    location: str = "eastus"
    sku: str = "S1"


@dataclass
class FakeAccounts:
    account: FakeAccount = field(default_factory=FakeAccount)

    def by_key(self, key: str) -> FakeAccount | None:
        return self.account if key == KEY else None

    def by_subdomain(self, subdomain: str) -> FakeAccount | None:
        return self.account if subdomain == self.account.subdomain else None

    def authenticate(self, request: Request) -> FakeAccount:
        account = self.by_key(request.headers.get("ocp-apim-subscription-key", ""))
        if account is None:
            raise AzureError(401, "401", "Access denied due to invalid subscription key or wrong API endpoint.")
        return account


@dataclass
class FakeBlobs:
    """Blobs by URL. While `unreachable`, reads get no answer; `readers` are the identities that may read, None: all."""

    blobs: dict[str, bytes] = field(default_factory=dict[str, bytes])
    readers: tuple[Identity, ...] | None = None
    unreachable: bool = False
    seen: list[tuple[str, Identity]] = field(default_factory=list[tuple[str, Identity]])

    def read(self, url: str, identity: Identity, *, limit_bytes: int) -> bytes:
        self.seen.append((url, identity))
        if self.unreachable:
            raise BlobUnreachable(url, "the blob server does not answer")
        if self.readers is not None and identity not in self.readers:
            raise BlobDenied(url, "The identity has no role that allows it.")
        if url not in self.blobs:
            raise BlobMissing(url, "The blob does not exist.")
        if len(self.blobs[url]) > limit_bytes:
            raise BlobDenied(url, f"It is larger than {limit_bytes} bytes.")
        return self.blobs[url]

    def read_start(self, url: str, *, most_bytes: int) -> bytes:
        raise AssertionError

    def list(self, account: str, container: str, prefix: str) -> Iterator[BlobItem]:
        yield from ()

    def write(self, account: str, container: str, name: str, data: bytes, content_type: str) -> str:
        raise AssertionError

    def write_pieces(self, account: str, container: str, name: str, pieces: Iterable[bytes], content_type: str) -> str:
        raise AssertionError


@dataclass(frozen=True, kw_only=True)
class Found:
    class_index: int
    score: float
    x: float
    y: float
    w: float
    h: float


def load_look(path: Path) -> Look:
    """Knows the classes of the file that the fake worker wrote, and always sees the same."""
    file = json.loads(path.read_text())

    def look(image: Image.Image) -> Prediction:
        if file["kind"] == "classifier":
            return from_probabilities([0.25, 0.75], file["classes"], width=image.width, height=image.height)
        found = [
            Found(class_index=0, score=0.25, x=-3.0, y=10.4, w=8.0, h=0.2),
            Found(class_index=1, score=0.987654321, x=90.4, y=10.5, w=50.0, h=20.0),
        ]
        return from_objects(found, file["classes"], width=image.width, height=image.height)

    return look


class OneSlash:
    """What the app does with `//`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] = re.sub("/+", "/", scope["path"])
        await self.app(scope, receive, send)


async def azure_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AzureError)
    return JSONResponse(error.body(), error.status, headers={"x-ms-error-code": error.code, **error.headers})


class InProcess(httpx.BaseTransport):
    """A synchronous door to an ASGI app."""

    def __init__(self, app: ASGIApp, portal: anyio.from_thread.BlockingPortal) -> None:
        self._inner = httpx.ASGITransport(app=app)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


@dataclass
class Lab:
    """One vision service with what surrounds it."""

    service: VisionService
    client: httpx.Client
    blobs: FakeBlobs
    accounts: FakeAccounts
    folder: Path

    def call(self, method: str, path: str, *, version: str = "2023-04-01-preview", **kwargs: Any) -> httpx.Response:
        params = {"api-version": version} | kwargs.pop("params", {})
        return self.client.request(method, f"/computervision{path}", params=params, **kwargs)

    def dataset(self, name: str = "fruit", kind: str = "imageObjectDetection", **more: Any) -> httpx.Response:
        body = {"annotationKind": kind, "annotationFileUris": [f"{STORE_URL}/images/{name}.json"], **more}
        return self.call("PUT", f"/datasets/{name}", json=body)

    def train(self, name: str = "model", kind: str = "Generic-Detector", **more: Any) -> httpx.Response:
        asked = {"trainingDatasetName": "fruit", "timeBudgetInHours": 1, "modelKind": kind} | more
        return self.call("PUT", f"/models/{name}", json={"trainingParameters": asked})

    def settle(self) -> None:
        assert self.service.training_lane.wait_idle(10)
        assert self.service.evaluation_lane.wait_idle(10)

    def model(self, name: str = "model") -> dict[str, Any]:
        return self.call("GET", f"/models/{name}").json()

    def last_job(self) -> dict[str, Any]:
        return json.loads((self.folder / "vision" / "last-job.json").read_text())

    def upload(self, name: str, coco: dict[str, Any], **pictures: bytes) -> None:
        self.blobs.blobs[f"{STORE_URL}/images/{name}.json"] = json.dumps(coco).encode()
        for stem, data in pictures.items():
            self.blobs.blobs[f"{STORE_URL}/images/{stem}.jpg"] = data


def jpeg(width: int = 100, height: int = 60, **save: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "green").save(buffer, "JPEG", **save)
    return buffer.getvalue()


def coco_of(images: list[str], boxes: bool = True) -> dict[str, Any]:
    """Each picture shows an apple (the left half) and a pear, or is an apple and a pear in turn."""
    annotations: list[dict[str, Any]] = []
    for number in range(1, len(images) + 1):
        labels = [1, 2] if boxes else [1 + number % 2]
        for category in labels:
            row = {"id": len(annotations) + 1, "image_id": number, "category_id": category}
            annotations.append(row | ({"bbox": [0.0, 0.25, 0.5, 0.5]} if boxes else {}))
    return {
        "images": [
            {
                "id": number,
                "width": 0.0,
                "height": 0.0,
                "file_name": f"{stem}.jpg",
                "absolute_url": f"{STORE_URL}/images/{stem}.jpg",
            }
            for number, stem in enumerate(images, start=1)
        ],
        "annotations": annotations,
        "categories": [{"id": 2, "name": "pear"}, {"id": 1, "name": "apple"}],
    }
