"""How long a person waits for the next picture while a project has 100,000 of them, and what fifty people at once do.

    python benchmarks/labeling_queue.py [--pictures 100000] [--times 300] [--people 50]

Real requests over TLS to a server of its own, as pages send them: signed in by cookie, one picture taken, one answer
with five boxes submitted. A pair is both together. Fifty people are threads of one client process, so their pairs a
second tell of the client as much as of the server; at the end each answer is looked up in the tables.
"""

import argparse
import json
import os
import platform
import sqlite3
import ssl
import statistics
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from labeling_export import make_project
from local_azure import Figure, Started, running

GOAL_MS = 5.0
BOX = {"class": "apple", "bbox": [0.1, 0.2, 0.3, 0.4]}
WARM_UP = 20
EACH = 20


def fill(tables: Path, pictures: int) -> None:
    """Open tasks of the first project."""
    with sqlite3.connect(tables, timeout=30) as db:
        db.executemany(
            "INSERT INTO task (project, number, path, name) VALUES (1, ?, ?, ?)",
            (
                (number, f"photos/{number % 100:02}/image-{number:06}.jpg", f"image-{number:06}.jpg")
                for number in range(1, pictures + 1)
            ),
        )
    db.close()


class Labeler:
    """One person's browser: a connection that stays open, a cookie, and little work of its own."""

    def __init__(self, started: Started, administrator: httpx.Client, project: str, email: str) -> None:
        administrator.put(f"{project}/people/{email}", json={"role": "labeler"}).raise_for_status()
        link = administrator.post(f"{project}/people/{email}/invite", json={}).json()["link"]
        origin = urlsplit(started.settings.origin)
        trusted = ssl.create_default_context(cafile=started.connection["ca_file"])
        self.connection = HTTPSConnection(origin.hostname or "", origin.port, context=trusted, timeout=60)
        self.headers = {"x-labeling-client": "page", "content-type": "application/json"}
        self.project = project
        answer = self.send("/labeling/session", {"token": link.partition("#")[2]})
        self.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
        self.done: list[int] = []
        self.parts: list[tuple[float, float]] = []

    def pair(self) -> None:
        """Take one picture, submit five boxes; the times of both in milliseconds."""
        began = time.perf_counter()
        (task,) = self.post("take", {"count": 1})["tasks"]
        between = time.perf_counter()
        answer = {"task": task["id"], "lease": task["lease"]["token"], "version": task["version"], "state": "labeled"}
        answer |= {"seconds": 2.5, "labels": [BOX] * 5}
        self.post("submit", {"submission": str(uuid.uuid4()), "answers": [answer]})
        ended = time.perf_counter()
        self.parts.append(((between - began) * 1000, (ended - between) * 1000))
        self.done.append(task["id"])

    def post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return json.loads(self.send(f"{self.project}/queue/{what}", body).read())

    def send(self, path: str, body: dict[str, Any]) -> HTTPResponse:
        """AssertionError with the answer when it is a refusal."""
        self.connection.request("POST", path, body=json.dumps(body), headers=self.headers)
        answer = self.connection.getresponse()
        if answer.status >= 300:
            raise AssertionError(answer.read())
        if answer.status == 204:
            answer.read()
        return answer


def alone(started: Started, labeler: Labeler, times: int, pictures: int) -> list[Figure]:
    for _ in range(WARM_UP):
        labeler.pair()
    labeler.parts.clear()
    before = started.process.cpu_times()
    for _ in range(times):
        labeler.pair()
    after = started.process.cpu_times()
    cpu = (after.user + after.system - before.user - before.system) * 1000 / times
    taking, submitting = zip(*labeler.parts, strict=True)
    both = [sum(parts) for parts in labeler.parts]
    for words, times_ms in (("take", taking), ("submit", submitting)):
        spread = statistics.quantiles(times_ms, n=20)[-1]
        print(f"{words:<52} {statistics.median(times_ms):8.3f} ms  (95 of 100 below {spread:.3f})")
    name = f"take and submit one picture of {pictures:,}"
    return [Figure(name=name, value=statistics.median(both), unit="ms", most=GOAL_MS, cpu=cpu)]


def together(everybody: list[Labeler], tables: Path) -> list[Figure]:
    """All at once but the first, who has worked before. Each answer must be there, once."""
    labelers = everybody[1:]

    def work(labeler: Labeler) -> None:
        for _ in range(EACH):
            labeler.pair()

    began = time.perf_counter()
    with ThreadPoolExecutor(len(labelers)) as pool:
        list(pool.map(work, labelers))
    took = time.perf_counter() - began
    both = [sum(parts) for labeler in labelers for parts in labeler.parts]
    pairs = len(labelers) * EACH
    print(f"{len(labelers)} at once: {pairs / took:.0f} pairs a second, median {statistics.median(both):.1f} ms a pair")
    done = [task for labeler in everybody for task in labeler.done]
    with sqlite3.connect(tables, timeout=30) as db:
        (known,) = db.execute("SELECT count(*) FROM task WHERE state='labeled'").fetchone()
        (answers,) = db.execute("SELECT count(*) FROM answer").fetchone()
    db.close()
    wrong = abs(len(done) - known) + abs(answers - known) + len(done) - len(set(done))
    return [Figure(name="labels lost or given twice", value=wrong, unit="", most=0)]


def main() -> int:
    parser = argparse.ArgumentParser(description="The queue of a large labeling project.")
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=300, help="how many pairs are measured")
    parser.add_argument("--people", type=int, default=50, help="how many label at once")
    arguments = parser.parse_args()
    times: int = arguments.times
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors, n = {times}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        state = Path(name) / "state"
        with running(state) as started, started.client() as client:
            project = f"/labeling/v1.0{make_project(started, client).replace('/labelingJobs/', '/projects/')}"
            fill(state / "labeling.sqlite3", arguments.pictures)
            people = [
                Labeler(started, client, project, f"p{number}@example.org") for number in range(arguments.people + 1)
            ]
            figures += alone(started, people[0], times, arguments.pictures)
            print(figures[-1], flush=True)
            for one in people:
                one.parts.clear()
            figures += together(people, state / "labeling.sqlite3")
            print(figures[-1], flush=True)
    return 1 if any(figure.value > figure.most for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
