"""Opens the vision service of vision_lab.py for a test."""

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import anyio.from_thread
import httpx
import pytest
from starlette.applications import Starlette

from localazure.errors import AzureError
from localazure.store import Store
from localazure.vision.routes import vision_routes
from localazure.vision.service import VisionService, VisionSettings
from localazure.worker_process import WorkerTimes
from tests.localazure.vision.vision_lab import (
    KEY,
    WORKER,
    FakeAccounts,
    FakeBlobs,
    FakeClock,
    InProcess,
    Lab,
    OneSlash,
    azure_error,
    coco_of,
    jpeg,
    load_look,
)


@pytest.fixture(scope="session")
def portal() -> Generator[anyio.from_thread.BlockingPortal]:
    with anyio.from_thread.start_blocking_portal() as portal:
        yield portal


OpenLab = Callable[..., Lab]


@pytest.fixture
def open_lab(tmp_path: Path, portal: anyio.from_thread.BlockingPortal) -> Generator[OpenLab]:
    """Opens the service; calling it again is a restart over the same state."""
    opened: list[VisionService] = []
    store = Store(None)
    blobs, accounts, clock = FakeBlobs(), FakeAccounts(), FakeClock()

    def open_(worker: str = "succeed", *, start: bool = True, **settings: Any) -> Lab:
        for service in opened:
            service.close()
        python = (sys.executable, "-I", "-S", str(WORKER))
        service = VisionService(
            store=store,
            clock=clock,
            accounts=accounts,
            blobs=blobs,
            folder=tmp_path / "vision",
            load_look=load_look,
            settings=VisionSettings(
                training_command=(*python, worker),
                evaluation_command=(*python, "succeed"),
                **settings,
                worker_times=WorkerTimes(look_s=0.02, cancel_s=0.4, terminate_s=2.0),
            ),
        )
        opened.append(service)
        if start:
            service.start()
        routes = vision_routes(service, accounts.authenticate)
        app = OneSlash(Starlette(routes=routes, exception_handlers={AzureError: azure_error}))
        client = httpx.Client(
            transport=InProcess(app, portal), base_url="https://local", headers={"Ocp-Apim-Subscription-Key": KEY}
        )
        return Lab(service=service, client=client, blobs=blobs, accounts=accounts, folder=tmp_path)

    yield open_
    for service in opened:
        service.close()
    store.close()


@pytest.fixture
def lab(open_lab: OpenLab) -> Lab:
    """A service with a dataset of two labelled pictures in the blob store."""
    lab = open_lab()
    lab.upload("fruit", coco_of(["a", "b"]), a=jpeg(), b=jpeg(200, 100))
    return lab
