"""How soon the next picture stands on the label page, in a real browser that has loaded it meanwhile.

    python benchmarks/labeling_page.py [--times 30]

A real server, pictures of 1280 x 720 in Azurite, Chromium by tools/browser. Measured inside of the page, from the key
that submits to the frame in which the next picture stands there. Needs `make browser` and a Chromium.
"""

import argparse
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx
import numpy as np
from labeling_export import ML, make_project
from local_azure import Figure, Started, running
from PIL import Image

from localazure.blob.azurite import find_toolchain

ROOT = Path(__file__).resolve().parents[1]
GOAL_MS = 100.0
SPARE = 4
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WRITER = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
ROLES = "2022-04-01"
PATIENCE_S = 30


def picture(number: int) -> bytes:
    """Smooth colours with noise: about the size of a photograph as a camera compresses it."""
    drawn = np.random.default_rng(number)
    coarse = Image.fromarray(drawn.integers(0, 255, (9, 16, 3), dtype=np.uint8)).resize(
        (1280, 720), Image.Resampling.BICUBIC
    )
    noisy = np.clip(np.asarray(coarse, dtype=np.int16) + drawn.integers(-12, 12, (720, 1280, 3)), 0, 255)
    file = io.BytesIO()
    Image.fromarray(noisy.astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


def upload(started: Started, client: httpx.Client, workspace: str, pictures: int) -> int:
    """Into the folder of the project's data asset; the bytes of one picture."""
    storage = (
        workspace.partition("/Microsoft.MachineLearningServices/")[0] + "/Microsoft.Storage/storageAccounts/stbench"
    )
    scope = f"/subscriptions/{started.settings.subscription_id}"
    role = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{WRITER}"
    properties = {
        "roleDefinitionId": role,
        "principalId": started.settings.object_id,
        "principalType": "ServicePrincipal",
    }
    path = f"{storage}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}?api-version={ROLES}"
    client.put(path, json={"properties": properties}).raise_for_status()
    store = client.get(f"{workspace}/datastores/workspaceblobstore", params={"api-version": ML}).json()["properties"]
    form = {"grant_type": "client_credentials", "client_id": started.settings.client_id}
    form |= {"client_secret": started.settings.client_secret, "scope": "https://storage.azure.com/.default"}
    token = client.post(f"/{started.settings.tenant_id}/oauth2/v2.0/token", data=form).json()["access_token"]
    headers = {"authorization": f"Bearer {token}", "x-ms-version": "2021-12-02", "x-ms-blob-type": "BlockBlob"}
    size = 0
    for number in range(1, pictures + 1):
        content = picture(number)
        size = len(content)
        url = f"{started.settings.blob_origin}/stbench/{store['containerName']}/photos/image-{number:03}.jpg"
        until_allowed(client, url, headers, content)
    return size


def until_allowed(client: httpx.Client, url: str, headers: dict[str, str], content: bytes) -> None:
    """A new role assignment takes two seconds to work."""
    end = time.monotonic() + PATIENCE_S
    while (answer := client.put(url, headers=headers, content=content)).status_code == 403 and time.monotonic() < end:
        time.sleep(0.25)
    answer.raise_for_status()


def in_the_browser(link: str, times: int) -> list[float]:
    """Milliseconds from the key to the next picture, each time."""
    ended = subprocess.run(
        [find_toolchain(os.environ).node, Path(__file__).with_suffix(".mjs")],
        env={**os.environ, "FACTS": json.dumps({"link": link, "times": times})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if ended.returncode != 0:
        raise SystemExit(f"the browser failed:\n{ended.stderr}")
    return json.loads(ended.stdout.splitlines()[-1])["shown"]


def main() -> int:
    parser = argparse.ArgumentParser(description="The next picture on the label page.")
    parser.add_argument("--times", type=int, default=30)
    times: int = parser.parse_args().times
    if "VISIONLAB_CHROMIUM" not in os.environ and not any(map(shutil.which, BROWSERS)):
        print("the label page: not measured, there is no Chromium here")
        return 0
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors, n = {times}")
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "state") as started, started.client() as client:
        job = make_project(started, client)
        size = upload(started, client, job.partition("/labelingJobs/")[0], times + SPARE)
        project = f"/labeling/v1.0{job.replace('/labelingJobs/', '/projects/')}"
        client.post(f"{project}/refresh", json={}).raise_for_status()
        client.put(f"{project}/people/ada@example.org", json={"role": "labeler"}).raise_for_status()
        link = client.post(f"{project}/people/ada@example.org/invite", json={}).json()["link"]
        taken = in_the_browser(link, times)
    name = f"next picture on the label page ({size // 1000} kB)"
    figures = [
        Figure(name=f"{name}, median", value=statistics.median(taken), unit="ms", most=GOAL_MS),
        Figure(name=f"{name}, slowest", value=max(taken), unit="ms", most=GOAL_MS),
    ]
    for figure in figures:
        print(figure)
    return 1 if figures[0].value > figures[0].most else 0


if __name__ == "__main__":
    sys.exit(main())
