"""The labeling service as one object: its parts and its end.

Owns: putting the parts together. Leaves: everything else to them.
"""

from pathlib import Path

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.labeling.door import Door
from localazure.labeling.exporting import Exporter
from localazure.labeling.history import History
from localazure.labeling.importing import Importer
from localazure.labeling.invites import Invites
from localazure.labeling.people import People
from localazure.labeling.project_settings import SettingsTable
from localazure.labeling.projects import Projects
from localazure.labeling.seams import Assets, Resources
from localazure.labeling.sessions import Sessions
from localazure.labeling.sizes import Sizes
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Tasks
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
    ) -> None:
        """`database` None keeps tasks in memory, for tests."""
        self.operations = operations
        self.tables = Tables(database)
        self.tasks = Tasks(self.tables)
        self.settings = SettingsTable(self.tables)
        self.people = People(self.tables, clock)
        self.invites = Invites(self.tables, clock)
        self.sessions = Sessions(self.tables, clock)
        self.history = History(self.tables, clock)
        sizes = Sizes(blobs, self.tasks)
        self.projects = Projects(
            store=store, clock=clock, operations=operations, resources=resources, blobs=blobs, tasks=self.tasks
        )
        self.door = Door(sessions=self.sessions, people=self.people, projects=self.projects)
        self.importer = Importer(self.tasks, sizes, clock)
        self.exporter = Exporter(
            store=store,
            projects=self.projects,
            tables=self.tables,
            sizes=sizes,
            blobs=blobs,
            resources=resources,
            assets=assets,
            clock=clock,
            operations=operations,
        )

    def forget_workspace(self, workspace_id: str) -> None:
        """The workspace was purged."""
        self.projects.forget_workspace(workspace_id)

    def close(self) -> None:
        """Call it when operations have stopped: they use the tables."""
        self.tables.close()
