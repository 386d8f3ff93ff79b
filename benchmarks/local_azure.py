"""How soon the local Azure listens, what it weighs, and how it lists 5,000 resources.

    python benchmarks/local_azure.py [--times 7]

Each start is a process of its own. Times are by the clock on the wall, as the goals are; beside them stands the
processor time of the Python process, which other work on the machine moves less. `visionlab --help` and the two
engines side by side: commands.py.
"""

import argparse
import contextlib
import copy
import json
import os
import platform
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from localazure.settings import Settings, keep_settings, load_settings
from localazure.store import Store

RESOURCES, GROUPS = 5_000, 50
STORAGE, VISION = "Microsoft.Storage/storageAccounts", "Microsoft.CognitiveServices/accounts"
BODIES: dict[str, dict[str, Any]] = {
    STORAGE: {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": {"seat": "1"}},
    VISION: {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "S1"}, "properties": {}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line: what was measured, in the unit of its goal, and in processor time."""

    name: str
    value: float
    unit: str
    most: float
    cpu: float | None = None

    def __str__(self) -> str:
        beside = "" if self.cpu is None else f"(processor {self.cpu:.3f})"
        mark = "reached" if self.value <= self.most else "MISSED"
        return f"{self.name:<52} {self.value:8.3f} {self.unit:<3} {beside:<20} goal {self.most:g} {self.unit:<3} {mark}"


@dataclass(slots=True, kw_only=True)
class Started:
    """A local Azure that listens, and how long that took."""

    settings: Settings
    process: psutil.Process
    listening_s: float
    listening_cpu_s: float
    answered_s: float
    answered_cpu_s: float
    ready_s: float
    connection: dict[str, Any]

    def client(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=self.connection["ca_file"])
        form = {"grant_type": "client_credentials", "client_id": self.settings.client_id}
        form |= {"client_secret": self.settings.client_secret, "scope": f"{self.settings.origin}/.default"}
        with httpx.Client(verify=context, trust_env=False, timeout=30) as asking:
            url = f"{self.settings.origin}/{self.settings.tenant_id}/oauth2/v2.0/token"
            token = asking.post(url, data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.settings.origin, verify=context, trust_env=False, timeout=30, headers=headers)


@contextlib.contextmanager
def running(state: Path) -> Generator[Started]:
    """From the start of the process: the first answered request, then the blob server beside it."""
    settings = load_settings(state)
    keep_settings(settings)
    command = [sys.executable, "-m", "localazure", "serve", "--state", str(state), "--throttle", "1000"]
    ports = [f"--port={settings.port}", f"--blob-port={settings.blob_port}"]
    began = time.perf_counter()
    with subprocess.Popen([*command, *ports], stderr=subprocess.DEVNULL) as popen:
        try:
            process = psutil.Process(popen.pid)
            listening = until(lambda: listens(settings), began)
            used = process.cpu_times()
            answered = until(lambda: answers(settings), began)
            used_answering = process.cpu_times()
            ready = until(settings.endpoint_file.exists, began)
            connection = json.loads(settings.endpoint_file.read_text())
            yield Started(
                settings=settings, process=process, listening_s=listening, listening_cpu_s=used.user + used.system,
                answered_s=answered,
                answered_cpu_s=used_answering.user + used_answering.system,
                ready_s=ready, connection=connection,
            )  # fmt: skip
        finally:
            popen.send_signal(signal.SIGTERM)


def until(happened: Any, began: float) -> float:
    while not happened():
        if time.perf_counter() - began > 60:
            raise TimeoutError
        time.sleep(0.003)
    return time.perf_counter() - began


def listens(settings: Settings) -> bool:
    """Whether connections are taken; who comes before the first answer waits for it."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", settings.port)) == 0


def answers(settings: Settings) -> bool:
    """Whether a request over TLS is answered; who answers is not looked at, for speed."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", settings.port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            secure.sendall(b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\nhost: localhost\r\n\r\n")
            return secure.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def fill(client: httpx.Client, settings: Settings) -> list[tuple[str, str, dict[str, Any]]]:
    """Documents for many resources, copied from one of each type that ARM made."""
    subscription = f"/subscriptions/{settings.subscription_id}"
    params = {"api-version": "2024-01-01"}
    group = f"{subscription}/resourceGroups/rg-000"
    client.put(group, params=params, json={"location": "eastus"}).raise_for_status()
    models: dict[str, dict[str, Any]] = {}
    for kind, body in BODIES.items():
        path = f"{group}/providers/{kind}/model0"
        client.put(path, params=params, json=body).raise_for_status()
        while (shown := client.get(path, params=params).json())["properties"]["provisioningState"] != "Succeeded":
            time.sleep(0.05)
        models[kind] = shown
    documents: list[tuple[str, str, dict[str, Any]]] = []
    for number in range(RESOURCES):
        kind = (STORAGE, VISION)[number % 2]
        inside = f"{subscription}/resourceGroups/rg-{number % GROUPS:03}"
        name = f"bench{number:05}"
        text = json.dumps(models[kind]).replace("model0", name)
        document = json.loads(text) | {"id": f"{inside}/providers/{kind}/{name}", "name": name}
        documents.append((f"resource/{kind.lower()}", document["id"].lower(), document))
        documents.append(("keys", document["id"].lower(), {"keys": ["a" * 88, "b" * 88]}))
    shown = client.get(group, params=params).json()
    for number in range(GROUPS):
        one = copy.deepcopy(shown) | {"id": f"{subscription}/resourceGroups/rg-{number:03}", "name": f"rg-{number:03}"}
        documents.append(("resource/microsoft.resources/resourcegroups", one["id"].lower(), one))
    return documents


def lists(started: Started, times: int) -> list[Figure]:
    subscription = f"/subscriptions/{started.settings.subscription_id}"
    version = "?api-version=2024-01-01"
    asked = (
        ("list all resources, first page (1,000)", f"{subscription}/resources{version}"),
        ("list all resources by a tag", f"{subscription}/resources{version}&$filter=tagName eq 'seat'"),
        ("list all resources, $top=10", f"{subscription}/resources{version}&$top=10"),
        ("list storage accounts, first page (1,000 of 2,501)", f"{subscription}/providers/{STORAGE}{version}"),
        ("list resource groups", f"{subscription}/resourceGroups{version}"),
    )
    with started.client() as client:
        return [one_list(started, client, name, path, times) for name, path in asked]


def one_list(started: Started, client: httpx.Client, name: str, path: str, times: int) -> Figure:
    client.get(path).raise_for_status()
    walls: list[float] = []
    before = started.process.cpu_times()
    for _ in range(times):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        walls.append((time.perf_counter() - began) * 1000)
    after = started.process.cpu_times()
    cpu = (after.user + after.system - before.user - before.system) * 1000 / times
    return Figure(name=name, value=statistics.median(walls), unit="ms", most=30, cpu=cpu)


def starts(state: Path, times: int, words: str, goals: tuple[float, float]) -> list[Figure]:
    """Medians over several starts on the same state."""
    seen: list[tuple[float, ...]] = []
    for _ in range(times):
        with running(state) as one:
            seen.append((one.listening_s, one.listening_cpu_s, one.answered_s, one.answered_cpu_s, one.ready_s))
    listening, cpu, answered, answered_cpu, ready = (statistics.median(column) for column in zip(*seen, strict=True))
    return [
        Figure(name=f"{words}: listens", value=listening, unit="s", most=goals[0], cpu=cpu),
        Figure(name=f"{words}: answers a request", value=answered, unit="s", most=goals[1], cpu=answered_cpu),
        Figure(name=f"{words}: ready, with the blob server", value=ready, unit="s", most=goals[1]),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="The local Azure's own speed.")
    parser.add_argument("--times", type=int, default=7, help="how often each is measured")
    times: int = parser.parse_args().times
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors, n = {times}")
    figures: list[Figure] = []

    def tell(more: Sequence[Figure]) -> None:
        figures.extend(more)
        for figure in more:
            print(figure, flush=True)

    with tempfile.TemporaryDirectory() as name:
        state = Path(name) / "state"
        with running(state) as started, started.client() as client:
            documents = fill(client, started.settings)
            resident = started.process.memory_info().rss / 1e6
        tell([Figure(name="memory of the Python process, idle", value=resident, unit="MB", most=80)])
        tell(starts(state, times, "start, little in it", (0.25, 1.3)))
        store = Store(state / "state.db")
        with store.transaction():
            for kind, key, document in documents:
                store.put(kind, key, document)
        store.close()
        tell(starts(state, times, f"start, {RESOURCES} resources", (0.5, 1.3)))
        with running(state) as started:
            tell(lists(started, times))
            resident = started.process.memory_info().rss / 1e6
        print(f"{'memory after these lists':<52} {resident:8.3f} MB")
    return 1 if any(figure.value > figure.most for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
