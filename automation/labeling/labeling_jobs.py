"""The back end azure-ml: Azure Machine Learning's data labeling, by ARM's labelingJobs.

Owns: data assets, projects, export; and import, which only the local Azure has, at a path of its own.
Leaves: following long work to `automation.azure`, downloading the exported file to `automation.storage`.

Azure retired it on 30 September 2026; the local Azure serves the last contract there was, 2024-04-01-preview.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager

from automation.azure import Arm, Cloud, Rest
from automation.errors import Finding, InvalidRequest, NotFound, Refused, ServiceError
from automation.labeling.batches import cut
from automation.labeling.types import Export, ImportReport, Project, ProjectSpec, different_fields, hint_for_difference
from automation.labeling.wire import dump_data_asset, dump_project, parse_export, parse_import, parse_project

__all__ = ["INSTEAD", "RETIRED", "LabelingJobs"]

JOBS_API = "2024-04-01-preview"
DATA_API = "2025-12-01"
MOST_BYTES = 3_500_000  # the local Azure takes 4 MB of JSON

RETIRED = "Azure ML data labeling was retired on 30 September 2026"
INSTEAD = "use stack local, where it goes on, or backend label-studio"

_GONE_CODES = frozenset(
    {"invalidapiversionparameter", "invalidresourcetype", "noregisteredproviderfound", "resourcetypenotsupported"}
)


class LabelingJobs:
    """The labeling projects of one workspace."""

    def __init__(self, arm: Arm, rest: Rest, cloud: Cloud, workspace_id: str) -> None:
        self._arm, self._rest, self._cloud = arm, rest, cloud
        self._workspace_id = "/" + workspace_id.strip("/")

    def ensure_data_asset(self, name: str, datastore: str, folder: str = "") -> str:
        """The ARM id of a data asset version that is this folder of the datastore; made when there is none.

        A version never changes. When version 1 is another folder, the next free version is taken.
        """
        uri = f"{_workspace_uri(self._workspace_id)}/datastores/{datastore}/paths/{folder.strip('/')}".rstrip("/") + "/"
        versions = f"{self._workspace_id}/data/{name}/versions"
        first = self._arm.find(f"{versions}/1", api_version=DATA_API)
        there = [] if first is None else list(self._arm.list(versions, api_version=DATA_API))
        for asset in there:
            if _path(asset["properties"].get("dataUri")) == _path(uri):
                return str(asset["id"])
        number = 1 + max((int(asset["name"]) for asset in there if str(asset["name"]).isdigit()), default=0)
        made = self._arm.put(f"{versions}/{number}", dump_data_asset(uri), api_version=DATA_API)
        return str(made["id"])

    def create(self, spec: ProjectSpec) -> Project:
        """Make the project; Azure never gives the name of a deleted one again."""
        with self._retired():
            return parse_project(self._arm.put(self._job(spec.name), dump_project(spec), api_version=JOBS_API))

    def get(self, name: str) -> Project:
        with self._retired():
            return parse_project(self._arm.get(self._job(name), api_version=JOBS_API))

    def find(self, name: str) -> Project | None:
        with self._retired():
            found = self._arm.find(self._job(name), api_version=JOBS_API)
        return None if found is None else parse_project(found)

    def list(self) -> Iterator[Project]:
        with self._retired():
            jobs = [*self._arm.list(f"{self._workspace_id}/labelingJobs", api_version=JOBS_API)]
        return map(parse_project, jobs)

    def ensure(self, spec: ProjectSpec) -> Project:
        """The project as asked for; Refused when one of this name is about something else."""
        found = self.find(spec.name)
        if found is None:
            return self.create(spec)
        if different := different_fields(found.spec, spec):
            raise Refused(
                f"labeling project {spec.name} exists already, and differs in {', '.join(different)}",
                hint=hint_for_difference(found.spec, different),
            )
        return found

    def delete(self, name: str) -> None:
        """Delete the project; one that is not there is deleted."""
        with self._retired():
            self._arm.delete(self._job(name), api_version=JOBS_API)

    def pause(self, name: str) -> None:
        """Hand out no more pictures; classes can be added now. Pausing twice is pausing."""
        with self._retired():
            self._arm.post(f"{self._job(name)}/pause", api_version=JOBS_API)

    def resume(self, name: str) -> None:
        """Go on, or begin. Starting what runs is no error."""
        with self._retired():
            self._arm.post(f"{self._job(name)}/resume", api_version=JOBS_API)

    def import_coco(self, name: str, coco: bytes, *, state: str = "labeled") -> ImportReport:
        """Give the project labels that exist already; importing the same again changes nothing.

        Args:
            name: The project.
            coco: A COCO file; pictures are matched by URL, path or name.
            state: "labeled" for finished labels, "prelabeled" for proposals that people shall confirm.
        """
        self._demand_import()
        labeled = ignored = 0
        findings: list[Finding] = []
        for batch in cut(coco, most_bytes=MOST_BYTES):
            report = self._import(name, {"coco": batch.coco, "state": state})
            labeled, ignored = labeled + report.labeled, ignored + report.ignored
            findings += map(batch.in_whole_file, report.findings)
        return ImportReport(labeled=labeled, ignored=ignored, findings=tuple(findings))

    def import_csv(self, name: str, csv: str, *, state: str = "labeled") -> ImportReport:
        """As `import_coco`, for a CSV like those that the service exports; its unit is that of the whole file."""
        self._demand_import()
        if len(csv.encode()) > MOST_BYTES:
            said = f"a CSV of labels has {MOST_BYTES:,} bytes at most here"
            raise Refused(said, hint="export COCO instead, which has no limit, and import that")
        return self._import(name, {"csv": csv, "state": state})

    def _demand_import(self) -> None:
        if not self._cloud.is_local:
            raise Refused("Azure ML has no public way to import labels by program", hint=INSTEAD)

    def _import(self, name: str, body: Mapping[str, object]) -> ImportReport:
        operation = f"import labels into project {name}"
        url = f"{self._cloud.arm_endpoint}/labeling/v1.0{self._workspace_id}/projects/{name}/labels:import"
        scope = self._cloud.ml_scope
        answer = self._rest.send("POST", url, scope=scope, operation=operation, json=body, deadline_s=300.0)
        return parse_import(answer.json_object(operation), operation=operation)

    def export_coco(self, name: str) -> Export:
        """Write what is labeled as a COCO file into the workspace's blob store, and say where it is."""
        with self._retired():
            body = self._arm.post(f"{self._job(name)}/exportLabels", {"format": "Coco"}, api_version=JOBS_API)
        return parse_export(body, operation=f"export labels of project {name}")

    def _job(self, name: str) -> str:
        return f"{self._workspace_id}/labelingJobs/{name}"

    @contextmanager
    def _retired(self) -> Generator[None]:
        """Says that Azure has no such service any more, when that is what a refusal means."""
        try:
            yield
        except (NotFound, InvalidRequest) as exc:
            if not self._cloud.is_local and _is_gone(exc):
                raise Refused(RETIRED, hint=INSTEAD) from exc
            raise


def _is_gone(exc: ServiceError) -> bool:
    """A refusal of the type itself, and not of one project, workspace or group that is not there."""
    return exc.status == 410 or exc.code.lower() in _GONE_CODES or (exc.status == 404 and not exc.code)


def _workspace_uri(workspace_id: str) -> str:
    """The workspace as data assets name it: its ARM id, without the provider."""
    parts = workspace_id.strip("/").split("/")
    named = dict(zip((part.lower() for part in parts[::2]), parts[1::2], strict=False))
    subscription, group, workspace = (named.get(key, "") for key in ("subscriptions", "resourcegroups", "workspaces"))
    return f"azureml://subscriptions/{subscription}/resourcegroups/{group}/workspaces/{workspace}"


def _path(uri: object) -> str:
    return str(uri).rstrip("/").lower()
