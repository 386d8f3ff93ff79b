"""Labeling projects: creating, changing, pausing, resuming, deleting, and finding their pictures.

Owns: projects in the store, their states, the long-running operations `labeling.create` and `labeling.resume`.
Leaves: tasks to `tasks.py`, what may change to `changes.py`, exports to `exporting.py`.
"""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.errors import BlobError
from localazure.labeling.changes import check_change
from localazure.labeling.errors import conflict, not_found, parent_not_found, user_error, wrong_state
from localazure.labeling.job_fields import carried
from localazure.labeling.places import Places
from localazure.labeling.seams import Resources, properties_of
from localazure.labeling.tasks import Counts, Tasks
from localazure.labeling.types import JobStatus, Project, ProjectSpec, ProvisioningState, StatusMessage
from localazure.operations import Operations
from localazure.store import Store

__all__ = ["IMAGE_SUFFIXES", "MOST_IMAGES", "Projects"]

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".jpe", ".jfif", ".bmp", ".tif", ".tiff", ".dcm", ".dicom")
MOST_IMAGES = 500_000
_BATCH = 5_000
_KIND = "labeling.job"
_USED_NAMES = "labeling.used_name"
_COUNTER = "labeling.counter"
_CREATE_S = 0.2
_RESUME_S = 0.1


class Projects:
    def __init__(
        self, *, store: Store, clock: Clock, operations: Operations, resources: Resources, blobs: Blobs, tasks: Tasks
    ) -> None:
        self._store = store
        self._clock = clock
        self._operations = operations
        self._resources = resources
        self._blobs = blobs
        self._tasks = tasks
        self._places = Places(resources)
        operations.on("labeling.create", self._finish_create)
        operations.on("labeling.resume", self._finish_resume)

    def list(self, workspace_id: str) -> list[Project]:
        """Sorted by name."""
        self._generation(workspace_id)
        return [_read(document) for _, document in self._store.list(_KIND, workspace_id.lower() + "|")]

    def get(self, workspace_id: str, name: str) -> Project:
        self._generation(workspace_id)
        document = self._store.get(_KIND, _key(workspace_id, name))
        if document is None:
            raise not_found(name)
        return _read(document)

    def counts(self, project: Project) -> Counts:
        return self._tasks.counts(project.number)

    def put(self, workspace_id: str, name: str, spec: ProjectSpec, *, caller: str) -> Project:
        """Create it (it is InProgress until its pictures are listed), or change it at once."""
        generation = self._generation(workspace_id)
        self._check_computes(spec)
        with self._store.transaction():
            document = self._store.get(_KIND, _key(workspace_id, name))
            if document is not None and _read(document).provisioning is not ProvisioningState.FAILED:
                return self._change(_read(document), spec)
            if document is None and self._store.get(_USED_NAMES, _key(workspace_id, name)) is not None:
                raise conflict(f"The name '{name}' belonged to a labeling job that was deleted; take another one.")
            now = self._clock.now()
            place = self._places.of_data(spec.data_id, workspace_id)
            operation_id = self._operations.start(
                "labeling.create", {"workspace": workspace_id, "name": name}, seconds=_CREATE_S
            )
            project = Project(
                id=f"{workspace_id}/labelingJobs/{name}",
                name=name,
                workspace_id=workspace_id,
                workspace_generation=generation,
                number=self._next_number() if document is None else _read(document).number,
                project_id=str(uuid.uuid4()),
                spec=spec,
                place=place,
                status=JobStatus.PREPARING,
                provisioning=ProvisioningState.IN_PROGRESS,
                created=now,
                created_by=caller,
                modified=now,
                operation_id=operation_id,
            )
            self._write(project)
            self._store.put(_USED_NAMES, _key(workspace_id, name), {"generation": generation})
        return project

    def delete(self, workspace_id: str, name: str) -> bool:
        """Its tasks and labels go with it; its name stays taken. False when there is none."""
        self._generation(workspace_id)
        with self._store.transaction():
            document = self._store.get(_KIND, _key(workspace_id, name))
            if document is None:
                return False
            self._store.delete(_KIND, _key(workspace_id, name))
        self._tasks.drop(_read(document).number)
        return True

    def pause(self, workspace_id: str, name: str) -> Project:
        """At once; a paused one stays paused."""
        with self._store.transaction():
            project = self.get(workspace_id, name)
            if project.status not in (JobStatus.RUNNING, JobStatus.PAUSED):
                raise wrong_state(f"The labeling job '{name}' is {project.status.value} and cannot be paused.")
            return self._write(project, status=JobStatus.PAUSED)

    def resume(self, workspace_id: str, name: str) -> tuple[Project, str | None]:
        """The project and the operation that resumes it; no operation when it runs already."""
        with self._store.transaction():
            project = self.get(workspace_id, name)
            if project.status is JobStatus.RUNNING:
                return project, None
            if project.status is not JobStatus.PAUSED:
                raise wrong_state(f"The labeling job '{name}' is {project.status.value} and cannot be resumed.")
            payload = {"workspace": workspace_id, "name": name}
            return project, self._operations.start("labeling.resume", payload, seconds=_RESUME_S)

    def forget_workspace(self, workspace_id: str) -> None:
        """The workspace was purged: its projects, tasks and used names go."""
        with self._store.transaction():
            for kind in (_KIND, _USED_NAMES):
                for key, document in self._store.list(kind, workspace_id.lower() + "|"):
                    self._store.delete(kind, key)
                    if kind == _KIND:
                        self._tasks.drop(_read(document).number)

    def _change(self, project: Project, spec: ProjectSpec) -> Project:
        if project.provisioning is ProvisioningState.IN_PROGRESS:
            raise conflict(f"The labeling job '{project.name}' is still being created.")
        check_change(project.spec, spec, paused=project.status is JobStatus.PAUSED)
        other = carried(project.spec.other, spec.other, spec.silent_on)
        return self._write(project, spec=dataclasses.replace(spec, other=other))

    def _finish_create(self, payload: Mapping[str, Any]) -> None:
        project = self._find(payload)
        if project is None or project.provisioning is not ProvisioningState.IN_PROGRESS:
            return
        try:
            messages = self._fill(project)
        except BlobError as error:
            self._fail(project, str(error))
            raise user_error(f"The pictures cannot be listed: {error}") from error
        except Exception as error:
            self._fail(project, f"{type(error).__name__}: {error}")
            raise
        with self._store.transaction():
            fresh = self._find(payload)
            if fresh is None:  # deleted while its pictures were listed
                self._tasks.drop(project.number)
            else:
                self._write(
                    fresh,
                    provisioning=ProvisioningState.SUCCEEDED,
                    status=JobStatus.RUNNING,
                    refreshed=self._clock.now(),
                    messages=messages,
                )

    def _finish_resume(self, payload: Mapping[str, Any]) -> None:
        project = self._find(payload)
        if project is None:
            raise not_found(str(payload["name"]))
        messages = project.messages
        refreshed = project.refreshed
        if project.spec.incremental_refresh:
            try:
                messages, refreshed = self._fill(project), self._clock.now()
            except BlobError as error:
                messages = (self._message("DataRefreshFailed", "Warning", str(error)),)
        with self._store.transaction():
            fresh = self._find(payload)
            if fresh is not None and fresh.status is JobStatus.PAUSED:
                self._write(fresh, status=JobStatus.RUNNING, refreshed=refreshed, messages=messages)

    def _fill(self, project: Project) -> tuple[StatusMessage, ...]:
        """A task for each picture in the folder that has none yet. Doing it twice changes nothing."""
        place = project.place
        batch: list[str] = []
        left_out = 0
        for item in self._blobs.list(place.account, place.container, place.folder):
            if item.name.lower().endswith(IMAGE_SUFFIXES):
                batch.append(item.name)
            if len(batch) == _BATCH:
                left_out += self._add(project, batch)
                batch = []
        left_out += self._add(project, batch)
        total = self._tasks.counts(project.number).total
        if total == 0:
            folder = f"{place.container}/{place.folder}"
            return (self._message("NoData", "Warning", f"There are no pictures in '{folder}'."),)
        if total == MOST_IMAGES and left_out:
            text = f"A project holds at most {MOST_IMAGES} pictures; the others are left out."
            return (self._message("TooMuchData", "Warning", text),)
        return ()

    def _add(self, project: Project, paths: Sequence[str]) -> int:
        return len(paths) - self._tasks.add(project.number, paths, at_most=MOST_IMAGES)

    def _fail(self, project: Project, reason: str) -> None:
        message = self._message("ProjectCreationFailed", "Error", reason)
        with self._store.transaction():
            fresh = self._find({"workspace": project.workspace_id, "name": project.name})
            if fresh is not None:
                self._write(fresh, provisioning=ProvisioningState.FAILED, status=JobStatus.FAILED, messages=(message,))

    def _message(self, code: str, level: str, text: str) -> StatusMessage:
        return StatusMessage(code=code, level=level, message=text, created=self._clock.now())

    def _check_computes(self, spec: ProjectSpec) -> None:
        assist = spec.ml_assist
        if assist is None or not assist.enabled:
            return
        for compute in (assist.training_compute, assist.inferencing_compute):
            if self._resources.get(compute or "") is None:
                raise user_error(f"The compute '{compute}' was not found.", target="properties.mlAssistConfiguration")

    def _generation(self, workspace_id: str) -> str:
        """What tells this workspace from an earlier one of the same name; projects of that one are forgotten."""
        workspace = self._resources.get(workspace_id)
        if workspace is None:
            raise parent_not_found(workspace_id)
        generation = str(properties_of(workspace).get("workspaceId", ""))
        names = self._store.list(_USED_NAMES, workspace_id.lower() + "|")
        if any(document["generation"] != generation for _, document in names):
            self.forget_workspace(workspace_id)
        return generation

    def _find(self, payload: Mapping[str, Any]) -> Project | None:
        document = self._store.get(_KIND, _key(payload["workspace"], payload["name"]))
        return None if document is None else _read(document)

    def _next_number(self) -> int:
        number = int((self._store.get(_COUNTER, "next") or {"number": 1})["number"])
        self._store.put(_COUNTER, "next", {"number": number + 1})
        return number

    def _write(self, project: Project, **changes: Any) -> Project:
        new = dataclasses.replace(project, modified=self._clock.now(), **changes)
        self._store.put(_KIND, _key(new.workspace_id, new.name), msgspec.to_builtins(new))
        return new


def _key(workspace_id: str, name: str) -> str:
    return f"{workspace_id.lower()}|{name.lower()}"


def _read(document: Mapping[str, Any]) -> Project:
    return msgspec.convert(document, Project)
