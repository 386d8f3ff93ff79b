"""When a project with incremental refresh looks into its folder again.

Owns: the operation `labeling.refresh`, which goes on as long as the project wants it, and its pace. Leaves: looking to
`projects.py`, which says what has become of the project.

The less is left to do, the sooner new pictures are wanted: a project that is nearly done is looked at every five
minutes, one that has just begun once an hour.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from localazure.clock import Clock
from localazure.errors import AzureError, is_disk_full
from localazure.labeling.jobs.projects import Projects
from localazure.labeling.tasks import Counts
from localazure.labeling.types import JobStatus, Project, ProvisioningState
from localazure.operations import NotYet, Operations

__all__ = ["Refreshing", "interval_s"]

_KIND = "labeling.refresh"
_FIRST_S = 1.0


class Refreshing:
    def __init__(self, *, operations: Operations, projects: Projects, clock: Clock) -> None:
        self._operations = operations
        self._projects = projects
        self._clock = clock
        operations.on(_KIND, self._turn)
        projects.on_refreshing(self.start)

    def start(self, project: Project) -> None:
        """Incremental refresh was turned on. An operation of an earlier turn ends by itself."""
        payload = {"workspace": project.workspace_id, "name": project.name, "turn": project.refresh_turn}
        self._operations.start(_KIND, payload, seconds=_FIRST_S)

    def _turn(self, payload: Mapping[str, Any]) -> None:
        try:
            project = self._projects.get(str(payload["workspace"]), str(payload["name"]))
        except AzureError:
            return
        if not project.spec.incremental_refresh or project.refresh_turn != payload["turn"]:
            return
        counts = self._projects.counts(project)
        if project.provisioning is ProvisioningState.FAILED:
            return
        wait = self._wait_s(project, counts)
        if project.status is JobStatus.RUNNING and wait <= 0:
            try:
                self._projects.look_again(project)
            except Exception as error:
                if not is_disk_full(error):
                    raise
            wait = interval_s(self._projects.counts(project))
        raise NotYet(max(wait, _FIRST_S))

    def _wait_s(self, project: Project, counts: Counts) -> float:
        if project.refreshed is None or project.status is not JobStatus.RUNNING:
            return interval_s(counts)
        due = project.refreshed + timedelta(seconds=interval_s(counts))
        return (due - self._clock.now()).total_seconds()


def interval_s(counts: Counts) -> float:
    """Seconds from one look to the next, by the share of pictures that are done."""
    done = (counts.labeled + counts.skipped) / counts.total if counts.total else 1.0
    if done >= 0.9:
        return 300.0
    return 900.0 if done >= 0.5 else 3600.0
