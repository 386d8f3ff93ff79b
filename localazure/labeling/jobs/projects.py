"""Labeling projects: creating, changing, pausing, resuming, refreshing, deleting.

Owns: their states, and the long-running operations `labeling.create` and `labeling.resume`. Leaves: keeping them to
`project_records.py`, their pictures to `filling.py`, tasks to `tasks.py`, what may change to `changes.py`.
"""

import dataclasses
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from localazure.clock import Clock
from localazure.errors import BlobError
from localazure.labeling.errors import conflict, not_found, parent_not_found, user_error, wrong_state
from localazure.labeling.history import History
from localazure.labeling.jobs.changes import check_change
from localazure.labeling.jobs.class_adding import Choice, NewClass, start_over, with_class
from localazure.labeling.jobs.filling import REFRESH_CODES, Filled, Filling
from localazure.labeling.jobs.job_fields import carried
from localazure.labeling.jobs.places import Places
from localazure.labeling.jobs.project_records import ProjectRecords
from localazure.labeling.people.people import People
from localazure.labeling.project_settings import SettingsTable
from localazure.labeling.seams import Resources, properties_of
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Counts, Tasks
from localazure.labeling.types import JobStatus, Project, ProjectSpec, ProvisioningState, StatusMessage
from localazure.operations import Operations
from localazure.store import Store

__all__ = ["Projects"]

_CREATE_S = 0.2
_RESUME_S = 0.1


class Projects:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        operations: Operations,
        resources: Resources,
        tables: Tables,
        tasks: Tasks,
        filling: Filling,
        settings: SettingsTable,
        people: People,
        history: History,
    ) -> None:
        self._records = ProjectRecords(store, clock)
        self._clock = clock
        self._operations = operations
        self._resources = resources
        self._tables = tables
        self._tasks = tasks
        self._filling = filling
        self._settings = settings
        self._people = people
        self._history = history
        self._places = Places(resources)
        self._refreshing: list[Callable[[Project], None]] = []
        self._forgetting: list[Callable[[Project], None]] = []
        operations.on("labeling.create", self._finish_create)
        operations.on("labeling.resume", self._finish_resume)

    def list(self, workspace_id: str) -> list[Project]:
        """Sorted by name."""
        self._generation(workspace_id)
        return self._records.list(workspace_id)

    def get(self, workspace_id: str, name: str) -> Project:
        self._generation(workspace_id)
        project = self._records.find(workspace_id, name)
        if project is None:
            raise not_found(name)
        return project

    def by_number(self, number: int) -> Project | None:
        return self._records.by_number(number)

    def say(self, number: int, code: str, text: str | None) -> None:
        """A warning among the project's status messages, in place of one with this code; None takes it away."""
        with self._records.transaction():
            project = self._records.by_number(number)
            if project is None:
                return
            others = tuple(message for message in project.messages if message.code != code)
            messages = others if text is None else (*others, self._filling.message(code, "Warning", text))
            if messages != project.messages:
                self._records.write(project, messages=messages)

    def on_refreshing(self, listener: Callable[[Project], None]) -> None:
        """Call `listener` with each project that is to be looked at again and again from now on."""
        self._refreshing.append(listener)

    def counts(self, project: Project) -> Counts:
        return self._tasks.counts(project.number)

    def put(self, workspace_id: str, name: str, spec: ProjectSpec, *, caller: str) -> Project:
        """Create it (it is InProgress until its pictures are listed), or change it at once."""
        generation = self._generation(workspace_id)
        self._check_computes(spec)
        with self._records.transaction():
            old = self._records.find(workspace_id, name)
            if old is not None and old.provisioning is not ProvisioningState.FAILED:
                return self._change(old, spec, who=caller)
            if old is None and self._records.is_used(workspace_id, name):
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
                number=self._records.next_number() if old is None else old.number,
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
            self._records.write(project)
            if _assisted(spec):
                self._assist(project.number, on=True)
            self._records.use_name(workspace_id, name, generation)
        return project

    def delete(self, workspace_id: str, name: str) -> bool:
        """Its tasks and labels go with it; its name stays taken. False when there is none."""
        self._generation(workspace_id)
        with self._records.transaction():
            project = self._records.find(workspace_id, name)
            if project is None:
                return False
            self._records.delete(project)
        self._drop(project)
        return True

    def pause(self, workspace_id: str, name: str, *, who: str) -> Project:
        """At once; a paused one stays paused."""
        with self._records.transaction():
            project = self.get(workspace_id, name)
            if project.status not in (JobStatus.RUNNING, JobStatus.PAUSED):
                raise wrong_state(f"The labeling job '{name}' is {project.status.value} and cannot be paused.")
            if project.status is JobStatus.RUNNING:
                self._note(project, who, "paused")
            return self._records.write(project, status=JobStatus.PAUSED)

    def resume(self, workspace_id: str, name: str, *, who: str) -> tuple[Project, str | None]:
        """The project and the operation that resumes it; no operation when it runs already."""
        with self._records.transaction():
            project = self.get(workspace_id, name)
            if project.status is JobStatus.RUNNING:
                return project, None
            if project.status is not JobStatus.PAUSED:
                raise wrong_state(f"The labeling job '{name}' is {project.status.value} and cannot be resumed.")
            self._note(project, who, "resumed")
            payload = {"workspace": workspace_id, "name": name}
            return project, self._operations.start("labeling.resume", payload, seconds=_RESUME_S)

    def look_again(self, project: Project) -> Filled | None:
        """New pictures become tasks, those that are gone are noted. None: the folder cannot be listed, which is said
        among the messages.
        """
        try:
            filled = self._filling.fill(project)
        except BlobError as error:
            filled = None
            messages = (self._filling.message("DataRefreshFailed", "Warning", str(error)),)
        else:
            messages = filled.messages
        with self._records.transaction():
            fresh = self._records.find(project.workspace_id, project.name)
            if fresh is None or fresh.number != project.number:  # deleted while its pictures were listed
                self._tasks.drop(project.number)
            else:
                refreshed = fresh.refreshed if filled is None else self._clock.now()
                self._records.write(fresh, refreshed=refreshed, messages=_with_messages(fresh, messages))
        return filled

    def revive(self) -> None:
        """Projects of an earlier version, which looked again only when they were resumed, look by themselves now."""
        with self._records.transaction():
            for project in self._records.all():
                fresh = project.refresh_turn == 0 and project.provisioning is ProvisioningState.SUCCEEDED
                if fresh and project.spec.incremental_refresh:
                    self._keep_looking(self._records.write(project, refresh_turn=1))

    def add_class(self, project: Project, new: NewClass, choice: Choice, *, who: str) -> tuple[str, int]:
        """The class's key, and how many pictures returned to the queue. AzureError 400, or 409 unless it is paused.

        Labels go before the class comes, and others need not wait: cut off in between, doing it again ends the same.
        """
        self._check_class(project, new)
        reopened = start_over(self._tables, project.number, choice, now=self._clock.now())
        with self._records.transaction():
            fresh = self.get(project.workspace_id, project.name)
            spec, key = self._check_class(fresh, new)
            self._change(fresh, spec, who=who, choice=choice, reopened=reopened)
        return key, reopened

    def forget_workspace(self, workspace_id: str) -> None:
        """The workspace was purged: its projects, tasks, people and used names go."""
        self._people.forget_workspace(workspace_id)
        with self._records.transaction():
            for project in self._records.list(workspace_id):
                self._records.delete(project)
                self._drop(project)
            self._records.forget_names(workspace_id)

    def on_gone(self, forget: Callable[[Project], None]) -> None:
        """Call `forget` with each project that is deleted, when its tasks are gone."""
        self._forgetting.append(forget)

    def _drop(self, project: Project) -> None:
        self._tasks.drop(project.number)
        for forget in self._forgetting:
            forget(project)

    def _change(
        self, project: Project, spec: ProjectSpec, *, who: str, choice: Choice = Choice.CONTINUE, reopened: int = 0
    ) -> Project:
        if project.provisioning is ProvisioningState.IN_PROGRESS:
            raise conflict(f"The labeling job '{project.name}' is still being created.")
        check_change(project.spec, spec, paused=project.status is JobStatus.PAUSED)
        other = carried(project.spec.other, spec.other, spec.silent_on)
        if _assisted(spec) != _assisted(project.spec):
            self._assist(project.number, on=_assisted(spec))
        known = dict(project.spec.class_names())
        for key, name in spec.class_names():
            if key not in known:
                detail = {"key": key, "name": name, "choice": choice.value, "reopened": reopened}
                self._note(project, who, "class-added", detail)
        turned_on = spec.incremental_refresh and not project.spec.incremental_refresh
        spec = dataclasses.replace(spec, other=other)
        new = self._records.write(project, spec=spec, refresh_turn=project.refresh_turn + int(turned_on))
        if turned_on:
            self._keep_looking(new)
        return new

    def _check_class(self, project: Project, new: NewClass) -> tuple[ProjectSpec, str]:
        spec, key = with_class(project.spec, new)
        check_change(project.spec, spec, paused=project.status is JobStatus.PAUSED)
        return spec, key

    def _note(self, project: Project, who: str, what: str, detail: Mapping[str, Any] | None = None) -> None:
        with self._tables.write() as db:
            self._history.add(db, project.number, who, what, detail=detail)

    def _keep_looking(self, project: Project) -> None:
        for listener in self._refreshing:
            listener(project)

    def _assist(self, number: int, *, on: bool) -> None:
        settings = self._settings.read(number)
        self._settings.write(
            number, dataclasses.replace(settings, assist=dataclasses.replace(settings.assist, enabled=on))
        )

    def _finish_create(self, payload: Mapping[str, Any]) -> None:
        project = self._find(payload)
        if project is None or project.provisioning is not ProvisioningState.IN_PROGRESS:
            return
        try:
            filled = self._filling.fill(project)
        except BlobError as error:
            self._fail(project, str(error))
            raise user_error(f"The pictures cannot be listed: {error}") from error
        except Exception as error:
            self._fail(project, f"{type(error).__name__}: {error}")
            raise
        with self._records.transaction():
            fresh = self._find(payload)
            if fresh is None:  # deleted while its pictures were listed
                self._tasks.drop(project.number)
            else:
                fresh = self._records.write(
                    fresh,
                    provisioning=ProvisioningState.SUCCEEDED,
                    status=JobStatus.RUNNING,
                    refreshed=self._clock.now(),
                    refresh_turn=fresh.refresh_turn + int(fresh.spec.incremental_refresh),
                    messages=filled.messages,
                    place=filled.place,
                )
                if fresh.spec.incremental_refresh:
                    self._keep_looking(fresh)

    def _finish_resume(self, payload: Mapping[str, Any]) -> None:
        project = self._find(payload)
        if project is None:
            raise not_found(str(payload["name"]))
        if project.spec.incremental_refresh:
            self.look_again(project)
        with self._records.transaction():
            fresh = self._find(payload)
            if fresh is not None and fresh.status is JobStatus.PAUSED:
                self._records.write(fresh, status=JobStatus.RUNNING)

    def _fail(self, project: Project, reason: str) -> None:
        message = self._filling.message("ProjectCreationFailed", "Error", reason)
        with self._records.transaction():
            fresh = self._records.find(project.workspace_id, project.name)
            if fresh is not None:
                self._records.write(
                    fresh, provisioning=ProvisioningState.FAILED, status=JobStatus.FAILED, messages=(message,)
                )

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
        if self._records.generations(workspace_id) - {generation}:
            self.forget_workspace(workspace_id)
        return generation

    def _find(self, payload: Mapping[str, Any]) -> Project | None:
        return self._records.find(payload["workspace"], payload["name"])


def _assisted(spec: ProjectSpec) -> bool:
    return spec.ml_assist is not None and spec.ml_assist.enabled


def _with_messages(project: Project, messages: tuple[StatusMessage, ...]) -> tuple[StatusMessage, ...]:
    """What the last look at the folder said, in place of what the one before it said."""
    return (*(one for one in project.messages if one.code not in REFRESH_CODES), *messages)
