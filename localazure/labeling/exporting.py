"""Exporting labels into the workspace's default blob store, as Azure ML does.

Owns: the long-running operation `labeling.export`, where files lie, the summary.
Leaves: the formats to `export_files.py`.
"""

import uuid
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.errors import AzureError, BlobError
from localazure.labeling.errors import not_implemented
from localazure.labeling.export_files import CocoFile, csv_file
from localazure.labeling.places import Places
from localazure.labeling.projects import Projects
from localazure.labeling.seams import Resources
from localazure.labeling.sizes import Sizes
from localazure.labeling.tasks import Task, Tasks
from localazure.labeling.types import ExportFormat, Project
from localazure.labeling.wire import arm_time
from localazure.operations import Operations

__all__ = ["Exporter"]

_EXPORT_S = 0.1
_PAGE = 500


class Exporter:
    def __init__(
        self,
        *,
        projects: Projects,
        tasks: Tasks,
        sizes: Sizes,
        blobs: Blobs,
        resources: Resources,
        clock: Clock,
        operations: Operations,
    ) -> None:
        self._projects = projects
        self._tasks = tasks
        self._sizes = sizes
        self._blobs = blobs
        self._places = Places(resources)
        self._clock = clock
        self._operations = operations
        operations.on("labeling.export", self._finish)

    def start(self, project: Project, wanted: ExportFormat) -> str:
        """The operation's id; its result is the summary."""
        if wanted is ExportFormat.DATASET:
            raise not_implemented("The export format 'Dataset'")
        payload = {
            "workspace": project.workspace_id,
            "name": project.name,
            "format": wanted.value,
            "export": str(uuid.uuid4()),
            "started": arm_time(self._clock.now()),
        }
        return self._operations.start("labeling.export", payload, seconds=_EXPORT_S)

    def _finish(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Write the file. Its path is fixed beforehand, so doing it twice leaves one file."""
        project = self._projects.get(payload["workspace"], payload["name"])
        wanted = ExportFormat(payload["format"])
        store = self._places.of_exports(project.workspace_id)
        labeled = self._tasks.in_state(project.number, "labeled")
        if wanted is ExportFormat.COCO:
            data, rows = self._coco(project, labeled)
            kind, suffix = "application/json", "json"
        else:
            data, rows = csv_file(project, labeled)
            kind, suffix = "text/csv", "csv"
        path = f"Labeling/export/{wanted.value.lower()}/{payload['export']}/{project.name}.{suffix}"
        try:
            self._blobs.write(store.account, store.container, path, data, kind)
        except BlobError as error:
            raise AzureError(500, "ExportFailed", f"The export cannot be written: {error}") from error
        return {
            "format": wanted.value,
            "labelingJobId": project.id,
            "exportedRowCount": rows,
            "startDateTime": payload["started"],
            "endDateTime": arm_time(self._clock.now()),
            "containerName": store.container,
            "snapshotPath": path,
        }

    def _coco(self, project: Project, labeled: Iterator[Task]) -> tuple[bytes, int]:
        file = CocoFile.begin(project)
        while page := _take(labeled, _PAGE):
            sizes = self._sizes.of(project, page)
            for task in page:
                file.add(task, sizes.get(task.number))
        return file.data(), len(file.images)


def _take(tasks: Iterator[Task], count: int) -> list[Task]:
    return list(islice(tasks, count))
