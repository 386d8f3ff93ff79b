"""`kill -9` of the real server while people submit: what was acknowledged is there, and nothing is there twice."""

import sqlite3
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL
from typing import Any

import httpx
import msgspec
import pytest

from localazure.clock import SystemClock
from localazure.labeling.labels import of_tasks
from localazure.labeling.people.people import People
from localazure.labeling.people.roles import Role
from localazure.labeling.people.sessions import Sessions
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks
from localazure.settings import keep_settings, load_settings
from localazure.store import Store
from tests.localazure.labeling.labeling_desk import BOXES, a_project

pytestmark = pytest.mark.server

PEOPLE, TASKS, BEFORE_THE_END = 4, 4_000, 60


@dataclass
class Page:
    """One person: what they sent, and what the server said it had."""

    person: str
    cookie: str
    sent: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    acknowledged: list[str] = field(default_factory=list[str])


def seeded(state: Path) -> tuple[str, list[Page]]:
    """A state folder with a workspace, a running project, and people who are signed in: the path of the data plane."""
    settings = load_settings(state)
    keep_settings(settings)
    kind = "Microsoft.MachineLearningServices/workspaces"
    workspace = f"/subscriptions/{settings.subscription_id}/resourceGroups/rg/providers/{kind}/mlw"
    document = {"id": workspace, "name": "mlw", "type": kind, "properties": {"workspaceId": "generation-1"}}
    project = msgspec.to_builtins(a_project(BOXES)) | {"workspace_id": workspace, "id": f"{workspace}/labelingJobs/p"}
    store = Store(settings.database)
    with store.transaction():
        store.put(f"resource/{kind.lower()}", workspace.lower(), document)
        store.put("labeling.job", f"{workspace.lower()}|p", project)
        store.put("labeling.used_name", f"{workspace.lower()}|p", {"generation": "generation-1"})
    store.close()
    tables, clock = Tables(state / "labeling.sqlite3"), SystemClock()
    Tasks(tables).add(1, [f"{number}.jpg" for number in range(TASKS)], at_most=TASKS)
    pages: list[Page] = []
    for number in range(PEOPLE):
        email = f"p{number}@example.org"
        People(tables, clock).put(workspace, 1, email, name=None, team=None, role=Role.LABELER)
        pages.append(Page(person=email, cookie=Sessions(tables, clock).open(workspace, email)))
    tables.close()
    return f"/labeling/v1.0{workspace}/projects/p", pages


def labeled_until_the_end(client: httpx.Client, project: str, page: Page, enough: threading.Semaphore) -> None:
    """Take and submit until the connection breaks."""
    headers = {"cookie": f"labeling_session_{client.base_url.port}={page.cookie}", "x-labeling-client": "page"}
    try:
        while True:
            taken = client.post(f"{project}/queue/take", json={"count": 2}, headers=headers).json()["tasks"]
            answers = [
                {
                    "task": task["id"],
                    "lease": task["lease"]["token"],
                    "version": task["version"],
                    "state": "labeled",
                    "seconds": 1.5,
                    "labels": [{"class": "apple", "bbox": [0.0, 0.0, 0.5, task["id"] / TASKS]}],
                }
                for task in taken
            ]
            submission = str(uuid.uuid4())
            page.sent[submission] = {"submission": submission, "answers": answers}
            answer = client.post(f"{project}/queue/submit", json=page.sent[submission], headers=headers)
            if answer.status_code == 200:
                page.acknowledged.append(submission)
                enough.release()
    except httpx.TransportError:
        return


def test_kill_9_during_submits_loses_nothing_that_was_acknowledged(launch: Callable[..., Any], tmp_path: Path) -> None:
    project, pages = seeded(tmp_path / "state")
    first = launch()
    enough = threading.Semaphore(0)
    with ThreadPoolExecutor(PEOPLE) as pool, first.client() as client:
        working = [pool.submit(labeled_until_the_end, client, project, page, enough) for page in pages]
        for _ in range(BEFORE_THE_END):
            assert enough.acquire(timeout=20)
        first.end(SIGKILL)
        for one in working:
            one.result(20)
    acknowledged = {
        answer["task"]: page.person
        for page in pages
        for submission in page.acknowledged
        for answer in page.sent[submission]["answers"]
    }
    assert len(acknowledged) == 2 * sum(len(page.acknowledged) for page in pages) >= 2 * BEFORE_THE_END
    with sqlite3.connect(tmp_path / "state" / "labeling.sqlite3") as db:
        rows = db.execute("SELECT number, labeled_by FROM task WHERE state='labeled'").fetchall()
    db.close()
    assert acknowledged.items() <= dict(rows).items()

    second = launch()
    with second.client() as client:
        for page in pages:
            headers = {"cookie": f"labeling_session_{client.base_url.port}={page.cookie}", "x-labeling-client": "page"}
            for body in page.sent.values():
                again = client.post(f"{project}/queue/submit", json=body, headers=headers)
                assert again.status_code == 200, again.text
    second.end()
    expected = {
        answer["task"]: (0.0, 0.0, 0.5, answer["task"] / TASKS)
        for page in pages
        for body in page.sent.values()
        for answer in body["answers"]
    }
    tables = Tables(tmp_path / "state" / "labeling.sqlite3")
    with tables.read() as db:
        numbers = [number for (number,) in db.execute("SELECT number FROM task WHERE state='labeled'")]
        labels = of_tasks(db, 1, numbers)
        counts = db.execute("SELECT count(*), count(DISTINCT task) FROM answer").fetchone()
    tables.close()
    assert {task: [label.box for label in found] for task, found in labels.items()} == {
        task: [box] for task, box in expected.items()
    }
    assert counts == (len(expected), len(expected))
