"""The assistance over a few pictures in memory, with a worker that reads what is to be seen out of the picture."""

import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localazure.labeling.assist import Assist, AssistWork
from localazure.labeling.assist.experiments import Experiment, Kind
from localazure.labeling.history import History
from localazure.labeling.labels import Label, of_tasks
from localazure.labeling.project_settings import AssistSettings, ProjectSettings, SettingsTable
from localazure.labeling.queue import answers
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks
from localazure.labeling.types import (
    AnnotationType,
    Category,
    DataPlace,
    JobStatus,
    LabelClass,
    Project,
    ProjectSpec,
    ProvisioningState,
)
from localazure.worker_process import WorkerTimes
from tests.localazure.labeling.labeling_lab import FakeBlobs, FakeClock

NUMBER = 7
WORKER = Path(__file__).with_name("assist_fake_worker.py")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def a_project(kind: AnnotationType = AnnotationType.BOUNDING_BOX, *, several: bool = False) -> Project:
    """Its classes are apple, banana and cherry."""
    classes = {key: LabelClass(display_name=key.title()) for key in ("apple", "banana", "cherry")}
    category = Category(display_name="Fruit", multi_select=several, classes=classes)
    return Project(
        id="/x/fruit",
        name="fruit",
        workspace_id="/x",
        workspace_generation="1",
        number=NUMBER,
        project_id="p",
        spec=ProjectSpec(data_id="d", annotation_type=kind, categories={"fruit": category}),
        place=DataPlace(
            datastore="s", account="acct", container="training-images", folder="", base_url="https://127.0.0.1:2/acct/"
        ),
        status=JobStatus.RUNNING,
        provisioning=ProvisioningState.SUCCEEDED,
        created=NOW,
        created_by="me",
        modified=NOW,
    )


@dataclass
class FakeProjects:
    project: Project | None
    said: dict[str, str] = field(default_factory=dict[str, str])

    def by_number(self, number: int) -> Project | None:
        return self.project if number == NUMBER else None

    def say(self, number: int, code: str, text: str | None) -> None:
        assert number == NUMBER
        if text is None:
            self.said.pop(code, None)
        else:
            self.said[code] = text


class AssistLab:
    """`pictures`: what is seen in each, in the order of the tasks."""

    def __init__(
        self,
        folder: Path,
        pictures: Sequence[object],
        *,
        project: Project | None = None,
        mode: str = "work",
        database: Path | None = None,
        real: AssistWork | None = None,
        **work: Any,
    ) -> None:
        self.folder = folder
        self.project = project or a_project()
        self.projects = FakeProjects(self.project)
        self.tables = Tables(database)
        self.settings = SettingsTable(self.tables)
        self.tasks = Tasks(self.tables)
        self.history = History(self.tables, FakeClock())
        self.blobs = FakeBlobs()
        names = [f"{number:02}.jpg" for number in range(1, len(pictures) + 1)]
        for name, seen in zip(names, pictures, strict=True):
            self.see(int(name[:2]), seen)
        self.tasks.add(NUMBER, names, at_most=1_000)
        self.assist = Assist(
            tables=self.tables,
            settings=self.settings,
            projects=self.projects,
            blobs=self.blobs,
            clock=FakeClock(),
            history=self.history,
            folder=folder,
            work=real
            or AssistWork(
                command=(sys.executable, "-I", "-S", str(WORKER), mode),
                times=WorkerTimes(look_s=0.02, cancel_s=0.5, terminate_s=2.0),
                **{"first_batch": 2, "batch": 3} | work,
            ),
        )

        self._news = threading.Event()
        self.tables.watch(lambda _project: self._news.set())

    def close(self) -> None:
        self.assist.close()
        self.tables.close()

    def set(self, *, order: str = "manual", **assist: Any) -> None:
        settings = ProjectSettings(order=order, assist=replace(AssistSettings(enabled=True, after=4), **assist))
        self.settings.write(NUMBER, settings)

    def label(self, *numbers: int, key: str = "apple", labels: Sequence[Label] | None = None) -> None:
        """One transaction each, as people submit. Boxes where the project asks for boxes."""
        box = (0.25, 0.25, 0.5, 0.5) if self.project.spec.annotation_type is AnnotationType.BOUNDING_BOX else None
        for number in numbers:
            with self.tables.write() as db:
                found = [Label(class_key=key, box=box)] if labels is None else labels
                answers.put(db, NUMBER, number, state="labeled", labels=found, source="person", who="ann", at=NOW)
                self.tables.touch(NUMBER)

    def reject(self, number: int) -> None:
        with self.tables.write() as db:
            answers.reopen(db, NUMBER, number, at=NOW)
            self.tables.touch(NUMBER)

    def import_prelabels(self, number: int, labels: Sequence[Label]) -> None:
        with self.tables.write() as db:
            assert answers.propose(db, NUMBER, number, labels, at=NOW)

    def see(self, number: int, seen: object) -> None:
        """From now on this is seen in the picture."""
        self.blobs.blobs[f"acct/training-images/{number:02}.jpg"] = json.dumps(seen).encode()

    def lease(self, number: int) -> None:
        with self.tables.write() as db:
            row = {"project": NUMBER, "task": number, "person": "bea", "token": "t", "until": "2999", "living": 1}
            names = ",".join(row)
            db.execute(f"INSERT INTO lease ({names}) VALUES ({','.join('?' * len(row))})", tuple(row.values()))

    def idle(self) -> None:
        assert self.assist.wait_idle(20)

    def until_at_work(self, kind: Kind, stage: str = "fake") -> None:
        """Until the worker tells that it is at this stage of an experiment of this kind."""
        deadline = time.monotonic() + 20
        while not any(
            one["kind"] == kind.value and one["progress"]["stage"].endswith(stage) for one in self.assist.latest(NUMBER)
        ):
            assert time.monotonic() < deadline
            self._news.wait(0.05)
            self._news.clear()

    def states(self) -> list[tuple[str, str]]:
        """Kind and state of each experiment, the oldest first."""
        return [(one.kind.value, one.state.value) for one in reversed(self.assist.experiments.newest(NUMBER))]

    def last(self, kind: Kind) -> Experiment:
        found = self.assist.experiments.last(NUMBER, kind)
        assert found is not None
        return found

    def labels(self, number: int) -> tuple[Label, ...]:
        with self.tables.read() as db:
            return of_tasks(db, NUMBER, [number]).get(number, ())

    def column(self, name: str) -> list[Any]:
        """One column of all tasks."""
        with self.tables.read() as db:
            rows = db.execute(f"SELECT {name} FROM task WHERE project=? ORDER BY number", (NUMBER,)).fetchall()
        return [value for (value,) in rows]

    def job(self, work: str) -> Mapping[str, Any]:
        """What the worker was last told of this kind."""
        return json.loads((self.folder / f"job-{work}.json").read_text())


def box(score: float, label: int = 0) -> dict[str, Any]:
    """Something that is seen."""
    return {"label": label, "score": score, "box": [0.125, 0.25, 0.5, 0.25]}


def found(*things: dict[str, Any]) -> dict[str, Any]:
    return {"width": 100, "height": 50, "found": list(things)}
