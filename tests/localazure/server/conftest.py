"""The local Azure as the process that users start: real sockets, TLS, Azurite."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest


@dataclass
class Process:
    """One running `python -m localazure serve`."""

    state: Path
    popen: subprocess.Popen[bytes]
    connection: Mapping[str, Any]

    def client(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=self.connection["ca_file"])
        return httpx.Client(base_url=self.connection["origin"], verify=context, trust_env=False)

    def token(self, scope: str | None = None) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.connection["client_id"],
            "client_secret": self.connection["client_secret"],
            "scope": scope or f"{self.connection['origin']}/.default",
        }
        with self.client() as client:
            return client.post(f"/{self.connection['tenant_id']}/oauth2/v2.0/token", data=form).json()["access_token"]

    def send(self, method: str, path: str, body: object = None, **params: str) -> httpx.Response:
        """An ARM request below the subscription."""
        query = {"api-version": "2024-01-01"} | params
        path = path if path.startswith("/") else f"/subscriptions/{self.connection['subscription_id']}/{path}"
        headers = {"Authorization": f"Bearer {self.token()}"}
        with self.client() as client:
            return client.request(method, path, json=body, params=query, headers=headers)

    def wait_for(self, path: str, state: str = "Succeeded", timeout_s: float = 20.0) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            shown = self.send("GET", path)
            if shown.status_code == 200 and shown.json()["properties"]["provisioningState"] == state:
                return shown.json()
            time.sleep(0.05)
        raise AssertionError(f"{path} did not become {state}")

    def end(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(20)


def start(state: Path, *more: str, timeout_s: float = 30.0) -> Process:
    log = (state.parent / f"{state.name}.log").open("ab")
    with log:
        popen = subprocess.Popen(
            [sys.executable, "-m", "localazure", "serve", "--state", str(state), "--role-delay", "0", *more],
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
    endpoint = state / "endpoint.json"
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and popen.poll() is None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            connection = json.loads(endpoint.read_text())
            if connection["pid"] == popen.pid:
                return Process(state=state, popen=popen, connection=connection)
        time.sleep(0.02)
    popen.kill()
    raise AssertionError((state.parent / f"{state.name}.log").read_text())


@pytest.fixture
def launch(tmp_path: Path) -> Generator[Callable[..., Process]]:
    """Start a local Azure on a state folder; whatever still runs at the end is ended."""
    started: list[Process] = []

    def launched(name: str = "state", *more: str) -> Process:
        started.append(start(tmp_path / name, *more))
        return started[-1]

    yield launched
    for process in started:
        if process.popen.poll() is None:
            process.end()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Process]:
    """One local Azure for the tests of a module that do not stop it."""
    process = start(tmp_path_factory.mktemp("azure") / "state")
    yield process
    if process.popen.poll() is None:
        process.end()
