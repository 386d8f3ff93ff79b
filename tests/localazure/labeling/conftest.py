"""Opens the labeling service of labeling_lab.py for a test."""

from collections.abc import Callable, Generator
from pathlib import Path

import anyio.from_thread
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from localazure.errors import AzureError
from localazure.identity import Caller
from localazure.labeling.people.cookies import check_client, session_token
from localazure.labeling.people.roles import ACTIONS, Asker, Role
from localazure.labeling.routes import labeling_routes
from localazure.labeling.wiring import build_labeling
from localazure.operations import Operations
from localazure.store import Store
from tests.localazure.labeling.labeling_lab import FakeBlobs, FakeClock, FakeResources, LabelingLab
from tests.localazure.vision.vision_lab import InProcess, azure_error, jpeg

OpenLabeling = Callable[..., LabelingLab]


@pytest.fixture(scope="session")
def labeling_portal() -> Generator[anyio.from_thread.BlockingPortal]:
    with anyio.from_thread.start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def open_labeling(tmp_path: Path, labeling_portal: anyio.from_thread.BlockingPortal) -> Generator[OpenLabeling]:
    """Opens the service, in memory or over one state folder; calling it again there is a restart after `kill -9`."""
    clock, resources, blobs = FakeClock(), FakeResources(), FakeBlobs()
    opened: list[tuple[LabelingLab, Store]] = []

    def open_(*, on_disk: bool = False) -> LabelingLab:
        store = Store(tmp_path / "state.sqlite3" if on_disk else None)
        operations = Operations(store, clock)
        service = build_labeling(
            store, clock, operations, blobs, resources, assets=resources, state_dir=tmp_path if on_disk else None
        )
        caller = Caller(object_id="me", app_id="app", audience="arm")

        def arm_gate(request: Request) -> Caller:
            if request.headers.get("authorization") == "none":
                raise AzureError(401, "AuthenticationFailed", "No token.")
            return caller

        def data_gate(request: Request, workspace_id: str, action: str) -> Asker:
            authorization = request.headers.get("authorization")
            token = session_token(request)
            if authorization is None and token is not None:
                check_client(request)
                return service.door.admit(token, workspace_id, request.path_params["name"], action)
            if authorization == action:
                raise AzureError(403, "AuthorizationFailed", f"{caller.object_id} may not {action} in {workspace_id}")
            return Asker(identity=caller.object_id, name="Me", role=Role.ADMINISTRATOR, actions=ACTIONS, by_token=True)

        app = Starlette(
            routes=labeling_routes(service, arm_gate, data_gate), exception_handlers={AzureError: azure_error}
        )
        transport = InProcess(app, labeling_portal)
        client = httpx.Client(transport=transport, base_url="https://local")
        lab = LabelingLab(
            service=service,
            client=client,
            transport=transport,
            blobs=blobs,
            resources=resources,
            operations=operations,
            clock=clock,
            routes=app.routes,
        )
        opened.append((lab, store))
        return lab

    yield open_
    for lab, store in opened:
        lab.service.close()
        store.close()


@pytest.fixture
def labeling(open_labeling: OpenLabeling) -> LabelingLab:
    """A workspace whose container holds three pictures and a note."""
    lab = open_labeling()
    fill(lab)
    return lab


def fill(lab: LabelingLab) -> None:
    for name in ("a.jpg", "b c.PNG", "more/a2.jpeg", "notes.txt"):
        lab.blobs.blobs[f"acct/training-images/{name}"] = jpeg(100, 50)
