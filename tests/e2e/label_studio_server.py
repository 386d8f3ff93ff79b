"""A real Label Studio for tests: its own process, port and folder on this machine, and no way out to the network."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

__all__ = ["StudioProcess", "label_studio_process"]

PROGRAM = Path(__file__).resolve().parents[2] / ".tools" / "label-studio" / "bin" / "label-studio"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
START_S = 150


@dataclass(frozen=True, kw_only=True)
class StudioProcess:
    """A server that answers; `token` is a legacy one of its only user."""

    url: str
    token: str = TOKEN

    def call(self, method: str, path: str, body: object = None) -> Any:
        """What its page does, or a person in it."""
        headers = {"authorization": f"Token {self.token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def tasks(self, project: str) -> dict[str, dict[str, Any]]:
        """Every task of a project, by its picture."""
        [found] = self.call("GET", f"/api/projects/?title={project}")["results"]
        there = self.call("GET", f"/api/tasks/?project={found['id']}&fields=all&page_size=100")["tasks"]
        return {task["data"]["blob"]: task for task in there}

    def annotate(self, task: int, results: list[dict[str, Any]], **fields: Any) -> None:
        self.call("POST", f"/api/tasks/{task}/annotations/", {"result": results, **fields})

    def personal_token(self) -> str:
        return self.call("POST", "/api/token/", {})["token"]


@contextmanager
def label_studio_process(folder: Path) -> Generator[StudioProcess]:
    """Start it, wait until it answers, and end it; skipped where `make label-studio` was not run."""
    if not PROGRAM.is_file():
        pytest.skip("Label Studio is not in .tools: run `make label-studio`")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    user = ("--username", "lab@example.com", "--password", "unused-secret", "--user-token", TOKEN)
    command = [PROGRAM, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port), *user]
    studio = StudioProcess(url=f"http://127.0.0.1:{port}")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=_environment(folder), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            _wait(studio, process, folder / "server.log")
            yield studio
        finally:
            process.terminate()
            process.wait(30)


def _environment(folder: Path) -> Mapping[str, str]:
    """No telemetry, no look for new versions; whatever tried the network all the same would meet a dead proxy."""
    (folder / "data").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "no_proxy": "127.0.0.1,localhost",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _wait(studio: StudioProcess, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text("utf-8", errors="replace")[-2000:]
        try:
            studio.call("GET", "/api/current-user/whoami")
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"Label Studio did not answer in {START_S} s: {log.read_text('utf-8', errors='replace')[-2000:]}")
