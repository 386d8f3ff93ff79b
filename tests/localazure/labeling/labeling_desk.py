"""The queue without HTTP: one project in memory or in a file, and people who work on it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from localazure.labeling.history import History
from localazure.labeling.labels import Label
from localazure.labeling.project_settings import ProjectSettings, SettingsTable
from localazure.labeling.queue.accepting import Given
from localazure.labeling.queue.queue import Queue, Submitted, Taken
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
from tests.localazure.labeling.labeling_lab import FakeClock

BOXES, POLYGONS, CLASSES = (
    AnnotationType.BOUNDING_BOX,
    AnnotationType.INSTANCE_SEGMENTATION,
    AnnotationType.CLASSIFICATION,
)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
APPLE = Label(class_key="apple", source="person")


def a_project(kind: AnnotationType, *, several: bool = False) -> Project:
    fruit = Category(
        display_name="Fruit",
        multi_select=several,
        classes={
            "apple": LabelClass(display_name="Apple", subclasses={"red": LabelClass(display_name="Red")}),
            "pear": LabelClass(display_name="Pear"),
        },
    )
    light = Category(display_name="Light", classes={"dark": LabelClass(display_name="Dark")})
    place = DataPlace(datastore="d", account="a", container="c", folder="", base_url="https://x/")
    return Project(
        id="/ws/labelingJobs/p",
        name="p",
        workspace_id="/ws",
        workspace_generation="1",
        number=1,
        project_id="1",
        spec=ProjectSpec(data_id="d", annotation_type=kind, categories={"fruit": fruit, "light": light}),
        place=place,
        status=JobStatus.RUNNING,
        provisioning=ProvisioningState.SUCCEEDED,
        created=NOW,
        created_by="me",
        modified=NOW,
    )


def a_box(*box: float, key: str = "apple") -> Label:
    return Label(class_key=key, box=(box[0], box[1], box[2], box[3]), source="person")


@dataclass
class Desk:
    """Where people take tasks and bring answers."""

    tables: Tables
    queue: Queue
    settings: SettingsTable
    clock: FakeClock
    project: Project
    submissions: int = 0
    tokens: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])

    def take(self, person: str, count: int = 1, *, seen: tuple[int, ...] = ()) -> list[int]:
        taken = self.taken(person, count, seen=seen)
        return [view.number for view, _ in taken.tasks]

    def taken(self, person: str, count: int = 1, *, seen: tuple[int, ...] = ()) -> Taken:
        taken = self.queue.take(self.project, person, count=count, seen=seen)
        for view, lease in taken.tasks:
            self.tokens[person, view.number] = lease.token
        return taken

    def answer(
        self, task: int, person: str, *labels: Label, version: int = 0, state: str = "labeled", lease: str | None = None
    ) -> Given:
        token = self.tokens.get((person, task), "") if lease is None else lease
        return Given(task=task, lease=token, version=version, state=state, seconds=1.5, labels=labels or (APPLE,))

    def submit(self, person: str, *given: Given, submission: str | None = None) -> Submitted:
        self.submissions += 1
        return self.queue.submit(self.project, person, submission or f"s{self.submissions}", given)

    def do(self, person: str, task: int, *labels: Label, version: int = 0, state: str = "labeled") -> Submitted:
        return self.submit(person, self.answer(task, person, *labels, version=version, state=state))

    def wait(self, minutes: float) -> None:
        self.clock.time += timedelta(minutes=minutes)

    def column(self, name: str) -> list[object]:
        """Of all tasks, in the order of their numbers."""
        with self.tables.read() as db:
            return [value for (value,) in db.execute(f"SELECT {name} FROM task WHERE project=1 ORDER BY number")]


def open_desk(
    tasks: int,
    *,
    kind: AnnotationType = CLASSES,
    several: bool = False,
    overlap: int = 1,
    gold_every: int = 0,
    path: Path | None = None,
) -> Desk:
    tables, clock = Tables(path), FakeClock()
    settings = SettingsTable(tables)
    queue = Queue(tables=tables, settings=settings, history=History(tables, clock), clock=clock)
    settings.write(1, ProjectSettings(overlap=overlap, gold_every=gold_every))
    Tasks(tables).add(1, [f"{number}.jpg" for number in range(tasks)], at_most=tasks)
    return Desk(tables=tables, queue=queue, settings=settings, clock=clock, project=a_project(kind, several=several))
