"""The labeling service as one object: its parts and its end.

Owns: putting the parts together. Leaves: everything else to them.
"""

from pathlib import Path
from typing import Any

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.labeling.assist import Assist, AssistWork
from localazure.labeling.history import History
from localazure.labeling.jobs.filling import Filling
from localazure.labeling.jobs.instructions import Instructions
from localazure.labeling.jobs.places import Places
from localazure.labeling.jobs.projects import Projects
from localazure.labeling.jobs.refreshing import Refreshing
from localazure.labeling.jobs.table_pictures import TablePictures
from localazure.labeling.people.door import Door
from localazure.labeling.people.guessing import Guesses
from localazure.labeling.people.invites import Invites
from localazure.labeling.people.people import People
from localazure.labeling.people.reach import Reach
from localazure.labeling.people.sessions import Sessions
from localazure.labeling.pictures.picture_access import PictureAccess
from localazure.labeling.pictures.sizes import Sizes
from localazure.labeling.pictures.thumbs import Thumbs
from localazure.labeling.project_settings import SettingsTable
from localazure.labeling.queue.agreement_report import AgreementReports
from localazure.labeling.queue.assigning import Assigning
from localazure.labeling.queue.late import Late
from localazure.labeling.queue.queue import Queue
from localazure.labeling.queue.shares import Shares
from localazure.labeling.review.events import Events
from localazure.labeling.review.project_statistics import Agreement, Statistics
from localazure.labeling.review.review import Review
from localazure.labeling.seams import Assets, Resources
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks
from localazure.labeling.transfer.exporting import Exporter
from localazure.labeling.transfer.importing import Importer
from localazure.labeling.types import Project
from localazure.operations import Operations
from localazure.store import Store

__all__ = ["LabelingService"]


class LabelingService:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        operations: Operations,
        blobs: Blobs,
        resources: Resources,
        assets: Assets,
        database: Path | None,
        models: Path | None,
        assist_work: AssistWork,
    ) -> None:
        """`database` None keeps tasks in memory, for tests; `models` None keeps models no longer than this object."""
        self.operations = operations
        self.tables = Tables(database)
        self.tasks = Tasks(self.tables)
        self.settings = SettingsTable(self.tables)
        self.people = People(self.tables, clock)
        self.invites = Invites(self.tables, clock)
        self.sessions = Sessions(self.tables, clock)
        self.guesses = Guesses(clock)
        self.pictures = PictureAccess(self.tables, blobs)
        self.thumbs = Thumbs(self.pictures)
        self.shares = Shares(self.tables)
        self.instructions = Instructions(blobs, Places(resources), clock)
        self.history = History(self.tables, clock)
        self.queue = Queue(tables=self.tables, settings=self.settings, history=self.history, clock=clock)
        self.review = Review(self.tables, self.history, clock)
        self.agreement = AgreementReports(self.tables, clock)
        self.assigning = Assigning(self.tables, self.history)
        agreement = Late(self._agreement, nothing=Agreement())
        self.statistics = Statistics(
            self.tables,
            self.history,
            clock,
            agreement=agreement.of,
            experiments=self._experiments,
        )
        self.events = Events(self.tables)
        agreement.watch(self.statistics.changed)
        agreement.watch(self.events.changed)
        sizes = Sizes(blobs, self.tasks)
        self.projects = Projects(
            store=store,
            clock=clock,
            operations=operations,
            resources=resources,
            tables=self.tables,
            tasks=self.tasks,
            filling=Filling(
                blobs=blobs,
                tables=self.tables,
                tasks=self.tasks,
                named=TablePictures(blobs, Places(resources)),
                clock=clock,
            ),
            settings=self.settings,
            people=self.people,
            history=self.history,
        )
        self.refreshing = Refreshing(operations=operations, projects=self.projects, clock=clock)
        self.reach = Reach(self.people, self.projects)
        self.door = Door(sessions=self.sessions, people=self.people, projects=self.projects)
        self.importer = Importer(tables=self.tables, tasks=self.tasks, sizes=sizes, history=self.history, clock=clock)
        self.assist = Assist(
            tables=self.tables,
            settings=self.settings,
            projects=self.projects,
            blobs=blobs,
            clock=clock,
            history=self.history,
            folder=models,
            work=assist_work,
        )
        self.exporter = Exporter(
            store=store,
            projects=self.projects,
            tables=self.tables,
            sizes=sizes,
            blobs=blobs,
            resources=resources,
            assets=assets,
            history=self.history,
            clock=clock,
            operations=operations,
        )

    def forget_workspace(self, workspace_id: str) -> None:
        """The workspace was purged."""
        self.projects.forget_workspace(workspace_id)

    def start(self) -> None:
        """Once blobs can be read: go on with what was under way before."""
        self.projects.revive()
        self.assist.start()

    def close(self) -> None:
        """Call it when operations have stopped: they use the tables."""
        self.assist.close()
        self.events.close()
        self.tables.close()

    def _experiments(self, project: int) -> list[dict[str, Any]]:
        return self.assist.latest(project)

    def _agreement(self, project: Project) -> Agreement:
        report = self.agreement.of(project)
        return Agreement(project=report.project, people=report.people, classes=report.classes)
