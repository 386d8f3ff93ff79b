"""How long the local Azure takes to export 100,000 pictures with 700,000 boxes, and what it weighs meanwhile.

    python benchmarks/labeling_export.py [--pictures 100000] [--times 3]

The whole way, by the clock on the wall: from POST to the operation's end, the file in the blob store. Memory is the
peak of the server's process since its start, by Linux; the blob server is a process of its own. Tasks and labels are
put into the server's tables beforehand.
"""

import argparse
import json
import os
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from local_azure import Figure, Started, running

BOXES = 7
CLASSES = ("apple", "banana", "cherry")
GOAL_S, GOAL_MB = 5.0, 300.0
ARM, ML, JOBS = "2024-01-01", "2024-10-01", "2024-04-01-preview"


def settled(client: httpx.Client, path: str, version: str, body: dict[str, Any]) -> dict[str, Any]:
    """PUT, and wait until it is there."""
    client.put(path, params={"api-version": version}, json=body).raise_for_status()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        shown = client.get(path, params={"api-version": version}).json()
        if shown["properties"].get("provisioningState", "Succeeded") == "Succeeded":
            return shown
        time.sleep(0.1)
    raise TimeoutError(path)


def make_project(started: Started, client: httpx.Client) -> str:
    """The labeling job's ARM id; its folder is empty."""
    group = f"/subscriptions/{started.settings.subscription_id}/resourceGroups/rg-bench"
    settled(client, group, ARM, {"location": "eastus"})
    providers = f"{group}/providers"
    kind = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    storage = settled(
        client, f"{providers}/Microsoft.Storage/storageAccounts/stbench", ARM, {"location": "eastus", **kind}
    )
    known = {"tenantId": started.settings.tenant_id, "sku": {"family": "A", "name": "standard"}}
    path = f"{providers}/Microsoft.KeyVault/vaults/kv-bench"
    vault = settled(
        client, path, "2023-07-01", {"location": "eastus", "properties": known | {"enableRbacAuthorization": True}}
    )
    properties = {"storageAccount": storage["id"], "keyVault": vault["id"]}
    body = {"location": "eastus", "identity": {"type": "SystemAssigned"}, "properties": properties}
    workspace = f"{providers}/Microsoft.MachineLearningServices/workspaces/mlw-bench"
    settled(client, workspace, ML, body)
    asset = {"dataType": "uri_folder", "dataUri": "azureml://datastores/workspaceblobstore/paths/photos/"}
    settled(client, f"{workspace}/data/photos/versions/1", ML, {"properties": asset})
    classes = {name: {"displayName": name} for name in CLASSES}
    job = {
        "jobType": "Labeling",
        "dataConfiguration": {"dataId": f"{workspace}/data/photos/versions/1"},
        "labelCategories": {"fruit": {"displayName": "Fruit", "classes": classes}},
        "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "BoundingBox"},
    }
    return settled(client, f"{workspace}/labelingJobs/bench", JOBS, {"properties": job})["id"]


def fill(tables: Path, pictures: int) -> None:
    """Labeled tasks of the first project, as a week of labeling would leave them."""
    drawn = random.Random(7)
    with sqlite3.connect(tables, timeout=30) as db:
        db.executemany(
            "INSERT INTO task (project, number, path, name, state, version, width, height, changed, labeled_at, wanted)"
            " VALUES (1, ?, ?, ?, 'labeled', 1, 1280, 720, ?, ?, 0)",
            (
                (number, f"photos/{number % 100:02}/image-{number:06}.jpg", f"image-{number:06}.jpg", moment, moment)
                for number in range(1, pictures + 1)
                for moment in [f"2026-11-20T{number % 24:02}:{number % 60:02}:05.123456Z"]
            ),
        )
        db.executemany(
            "INSERT INTO label VALUES (1, ?, ?, ?, ?, ?, ?, ?, NULL, 1.0, 'person')",
            (
                (number, place, CLASSES[place % 3], *(drawn.random() / 2 for _ in range(4)))
                for number in range(1, pictures + 1)
                for place in range(BOXES)
            ),
        )
    db.close()


def export(client: httpx.Client, job: str, wanted: str) -> tuple[float, dict[str, Any]]:
    """Seconds, and the summary."""
    began = time.perf_counter()
    answer = client.post(f"{job}/exportLabels", params={"api-version": JOBS}, json={"format": wanted})
    answer.raise_for_status()
    location = answer.headers["location"]
    while answer.status_code == 202:
        time.sleep(0.05)
        answer = client.get(location, timeout=120)
        answer.raise_for_status()
    return time.perf_counter() - began, answer.json()


def measured(started: Started, client: httpx.Client, job: str, wanted: str, *, pictures: int, times: int) -> Figure:
    """The median of several exports, and that all labels were in them."""
    seconds: list[float] = []
    before = started.process.cpu_times()
    for _ in range(times):
        took, summary = export(client, job, wanted)
        seconds.append(took)
        if summary["exportedRowCount"] != (pictures * BOXES if wanted == "CSV" else pictures):
            raise AssertionError(json.dumps(summary))
    after = started.process.cpu_times()
    cpu = (after.user + after.system - before.user - before.system) / times
    name = f"export {pictures:,} pictures, {pictures * BOXES:,} boxes: {wanted}"
    return Figure(name=name, value=statistics.median(seconds), unit="s", most=GOAL_S, cpu=cpu)


def peak_mb(started: Started) -> float:
    status = Path(f"/proc/{started.process.pid}/status").read_text("utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description="Exports of a large labeling project.")
    parser.add_argument("--pictures", type=int, default=100_000, help="how many, with seven boxes each")
    parser.add_argument("--times", type=int, default=3, help="how often each format is exported")
    arguments = parser.parse_args()
    pictures, times = arguments.pictures, arguments.times
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors, n = {times}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        state = Path(name) / "state"
        with running(state) as started, started.client() as client:
            job = make_project(started, client)
            fill(state / "labeling.sqlite3", pictures)
            for wanted in ("Coco", "CSV", "Dataset"):
                figures.append(measured(started, client, job, wanted, pictures=pictures, times=times))
                print(figures[-1], flush=True)
            figures.append(Figure(name="peak memory of the server", value=peak_mb(started), unit="MB", most=GOAL_MB))
            print(figures[-1])
    return 1 if any(figure.value > figure.most for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
