"""The back end label-studio: projects of a Label Studio server, for people who label there.

Owns: projects, their tasks, proposals that go in and annotations that come out.
Leaves: requests to `label_studio_api.py`, which annotation counts to `label_studio_tasks.py`, what a result means to
`automation.coco`.

A project is known by its title; where its pictures are stands in its description.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from automation.azure import as_date, reading
from automation.errors import ConfigError, Finding, NotFound, Refused, Severity
from automation.labeling.label_studio_api import StudioApi
from automation.labeling.label_studio_config import dump_config, parse_config
from automation.labeling.label_studio_tasks import (
    Answers,
    Results,
    StudioTask,
    answers_of,
    dump_task,
    needs_new_link,
    parse_task,
    same_results,
)
from automation.labeling.types import ImportReport, Project, ProjectSpec, Task, different_fields
from automation.progress import Progress, silent

__all__ = ["LabelStudio", "SyncReport"]

LONGEST_TITLE = 50
BATCH = 200
MODEL = "visionlab"
_PLACE = "Pictures of "


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What the tasks of a project were made to be: new ones, new links, and pictures whose blob is gone."""

    added: int
    renewed: int
    missing: tuple[str, ...]
    total: int


class LabelStudio:
    """The labeling projects of one server."""

    def __init__(self, api: StudioApi) -> None:
        self._api = api

    def close(self) -> None:
        self._api.close()

    def page(self, project: Project) -> str:
        """Where people label."""
        return f"{self._api.url}/projects/{_number(project)}/data"

    def create(self, spec: ProjectSpec) -> Project:
        """Make the project, empty. Raises ConfigError for names that Label Studio does not take."""
        if not 3 <= len(spec.name) <= LONGEST_TITLE:
            raise ConfigError(f"a title in Label Studio has 3 to {LONGEST_TITLE} characters: {spec.name!r}")
        operation = f"create project {spec.name} in Label Studio"
        body = {
            "title": spec.name,
            "description": f"{_PLACE}{spec.data_id}",
            "label_config": dump_config(Task(spec.task), spec.classes),
            "expert_instruction": _as_html(spec.instructions),
            "show_instruction": bool(spec.instructions),
            "show_skip_button": True,
            "enable_empty_annotation": True,
        }
        answer = self._api.call("POST", "/api/projects/", operation=operation, json=body)
        return _parse(answer.json_object(operation), operation)

    def find(self, name: str) -> Project | None:
        """The project of this title, or None. Raises Refused when several have it."""
        operation = f"find project {name} in Label Studio"
        there = self._api.pages("/api/projects/", "results", operation=operation, params={"title": name})
        found = [body for body in there if body.get("title") == name]
        if len(found) > 1:
            ids = ", ".join(str(body.get("id")) for body in found)
            raise Refused(f"Label Studio has {len(found)} projects named {name} ({ids})", hint="rename all but one")
        return _parse(found[0], operation) if found else None

    def get(self, name: str) -> Project:
        project = self.find(name)
        if project is None:
            operation = f"get project {name} in Label Studio"
            raise NotFound("there is no project of this title", operation=operation, status=404)
        return project

    def list(self) -> Iterator[Project]:
        """Every project whose labeling config is one of ours."""
        operation = "list projects in Label Studio"
        for body in self._api.pages("/api/projects/", "results", operation=operation, params={}):
            try:
                parse_config(body)
                project = _parse(body, operation)
            except (ValueError, ConfigError):  # made by hand, or by another program
                continue
            yield project

    def ensure(self, spec: ProjectSpec) -> Project:
        """The project as asked for; Refused when one of this title is about something else."""
        found = self.find(spec.name)
        if found is None:
            return self.create(spec)
        if different := different_fields(found.spec, spec):
            raise Refused(
                f"project {spec.name} exists already in Label Studio, and differs in {', '.join(different)}",
                hint="choose another name for it in lab.yaml, or rename the one that is there",
            )
        return found

    def delete(self, name: str) -> None:
        """Delete the project with all its annotations; one that is not there is deleted."""
        project = self.find(name)
        if project is not None:
            operation = f"delete project {name} in Label Studio"
            self._api.call("DELETE", f"/api/projects/{_number(project)}/", operation=operation)

    def sync(self, name: str, links: Mapping[str, str], *, progress: Progress = silent) -> SyncReport:
        """A task for each picture, and a good link in each task; what has been annotated stays.

        Args:
            name: The project.
            links: Where to read each picture, by its blob's name. These are secrets, and stand in the tasks.
            progress: Hears of every request.
        """
        project = self.get(name)
        there: dict[str, StudioTask] = {task.picture: task for task in self._tasks(project) if task.picture}
        new = [picture for picture in sorted(links) if picture not in there]
        now = self._api.clock.now()
        old = [t for p, t in there.items() if p in links and needs_new_link(t.link, links[p], now)]
        total, operation = len(new) + len(old), f"sync pictures of project {name} with Label Studio"
        for start in range(0, len(new), BATCH):
            batch = [dump_task(picture, links[picture]) for picture in new[start : start + BATCH]]
            self._api.call("POST", f"/api/projects/{_number(project)}/import", operation=operation, json=batch)
            progress(start + len(batch), total, f"{start + len(batch)} new pictures")
        for done, task in enumerate(old, 1):
            body = dump_task(task.picture, links[task.picture])
            self._api.call("PATCH", f"/api/tasks/{task.id}/", operation=operation, json=body)
            progress(len(new) + done, total, f"{done} links renewed")
        missing = tuple(sorted(picture for picture in there if picture not in links))
        return SyncReport(added=len(new), renewed=len(old), missing=missing, total=len(there) + len(new))

    def connect(self, name: str, *, account: str, container: str, key: str | None) -> SyncReport:
        """Let Label Studio read the container itself, by its own Azure storage, and make a task for each blob there.

        Args:
            name: The project.
            account: The storage account. One of a lab has no keys; this is for accounts that have.
            container: The container.
            key: The account's key; None when the server has it (AZURE_BLOB_ACCOUNT_KEY in its environment).
        """
        project, operation = self.get(name), f"connect project {name} with container {container}"
        asked = {"project": str(_number(project))}
        answer: object = self._api.call("GET", "/api/storages/azure/", operation=operation, params=asked).body
        storages = cast("list[dict[str, Any]]", answer) if isinstance(answer, list) else []
        there = [storage for storage in storages if storage.get("container") == container]
        if not there:
            body: dict[str, Any] = {
                "project": _number(project),
                "title": f"{account}/{container}",
                "container": container,
                "account_name": account,
                "use_blob_urls": True,
                "presign": True,
                "presign_ttl": 60,
                "recursive_scan": True,
                "regex_filter": r"(?i).*\.(jpe?g|png|bmp|gif|webp|tiff?)$",
            }
            made = self._api.call(
                "POST", "/api/storages/azure/", operation=operation, json=body | ({"account_key": key} if key else {})
            )
            there = [made.json_object(operation)]
        before = project.total
        self._api.call("POST", f"/api/storages/azure/{there[0]['id']}/sync", operation=operation, deadline_s=600.0)
        after = self.get(name).total
        return SyncReport(added=after - before, renewed=0, missing=(), total=after)

    def propose(self, name: str, labels: Mapping[str, Results], *, progress: Progress = silent) -> ImportReport:
        """Pre-labels, as Label Studio's predictions; ours of earlier times go, the same again changes nothing."""
        project, operation = self.get(name), f"send pre-labels to project {name} in Label Studio"
        waiting: list[dict[str, Any]] = []
        known, done = set[str](), 0
        for task in [*self._tasks(project)]:
            if (results := labels.get(task.picture)) is None:
                continue
            known.add(task.picture)
            ours = [p for p in task.predictions if p.get("model_version") == MODEL]
            if any(same_results(prediction, results) for prediction in ours):
                continue
            for prediction in ours:
                self._api.call("DELETE", f"/api/predictions/{prediction['id']}/", operation=operation)
            scores = [float(r["score"]) for r in results if isinstance(r.get("score"), int | float)]
            said = {"score": min(scores)} if scores else {}
            waiting.append({"task": task.id, "result": list(results), "model_version": MODEL, **said})
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            path = f"/api/projects/{_number(project)}/import/predictions"
            self._api.call("POST", path, operation=operation, json=batch)
            done += len(batch)
            progress(done, len(waiting), f"{done} pictures")
        if waiting:  # people see the predictions of the version that the project names
            body = {"model_version": MODEL, "show_collab_predictions": True}
            self._api.call("PATCH", f"/api/projects/{_number(project)}/", operation=operation, json=body)
        return _report(known, labels, kept=())

    def annotate(self, name: str, labels: Mapping[str, Results], *, progress: Progress = silent) -> ImportReport:
        """Finished labels, as annotations; pictures that have one already keep it."""
        project, operation = self.get(name), f"send labels to project {name} in Label Studio"
        known, kept = set[str](), list[str]()
        for task in [*self._tasks(project)]:
            if (results := labels.get(task.picture)) is None:
                continue
            known.add(task.picture)
            if task.submitted:
                if not same_results(task.submitted[0], results):
                    kept.append(task.picture)
                continue
            body = {"result": list(results)}
            self._api.call("POST", f"/api/tasks/{task.id}/annotations/", operation=operation, json=body)
            progress(len(known), len(labels), f"{len(known)} pictures")
        return _report(known, labels, kept=kept)

    def pull(self, name: str) -> Answers:
        """What people have done so far."""
        return answers_of(self._tasks(self.get(name)))

    def _tasks(self, project: Project) -> Iterator[StudioTask]:
        operation = f"read tasks of project {project.name} in Label Studio"
        asked = {"project": str(_number(project)), "fields": "all"}
        with reading(operation):
            yield from map(parse_task, self._api.pages("/api/tasks/", "tasks", operation=operation, params=asked))


def _report(known: set[str], labels: Mapping[str, Results], *, kept: Sequence[str]) -> ImportReport:
    unknown = sorted(set(labels) - known)
    findings = [
        *(_finding("unknown-picture", picture, "is not in the project") for picture in unknown),
        *(_finding("already-labeled", picture, "has labels already, which stay") for picture in sorted(kept)),
    ]
    return ImportReport(labeled=len(known) - len(kept), ignored=len(unknown) + len(kept), findings=tuple(findings))


def _finding(code: str, picture: str, said: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, where=picture, message=f"the picture {picture!r} {said}")


def _parse(body: Mapping[str, Any], operation: str) -> Project:
    with reading(operation):
        task, classes = parse_config(body)
        about = str(body.get("description") or "")
        total, done = int(body.get("task_number") or 0), int(body.get("num_tasks_with_annotations") or 0)
        skipped = int(body.get("skipped_annotations_number") or 0)
        return Project(
            spec=ProjectSpec(
                name=str(body["title"]),
                task=task,
                classes=classes,
                data_id=about.removeprefix(_PLACE) if about.startswith(_PLACE) else "",
            ),
            status="Running" if done + skipped < total or not total else "Completed",
            total=total,
            completed=done,
            skipped=skipped,
            created=as_date(body.get("created_at")),
            raw={"id": int(body["id"])},
        )


def _number(project: Project) -> int:
    return int(project.raw["id"])


def _as_html(text: str | None) -> str:
    """Instructions as they were typed: Label Studio shows HTML, and no markup of theirs is to run there."""
    return f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>' if text else ""
