"""The steps about labels: the project, its export, COCO files, datasets.

Owns: these steps, each safe to repeat. Leaves: COCO to `automation.coco`, the project to `automation.labeling`, labels
that exist already to `importing.py`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from automation.coco import Dataset, dump, for_vision_service, read_coco
from automation.errors import DatasetError, Refused
from automation.progress import Progress, silent
from automation.training import DatasetSpec, ModelKind
from automation.workflow.coco_sources import (
    counts,
    kind_of,
    kind_of_task,
    quota_of,
    read_labels,
    with_true_sizes,
)
from automation.workflow.importing import done_by_people, import_labels
from automation.workflow.lab_types import DatasetPlan, Lab, LabelingPlan
from automation.workflow.labeling_setup import set_up_people
from automation.workflow.prepare import summarise
from automation.workflow.run import StepContext
from automation.workflow.studio import links_of, studio_dataset
from automation.workflow.workbench import Workbench

if TYPE_CHECKING:
    from automation.labeling import Project, SyncReport

__all__ = [
    "dataset_spec",
    "ensure_project",
    "export_labels",
    "export_project",
    "labels_now",
    "make_datasets",
    "put_coco",
    "put_coco_files",
    "set_up_labeling",
    "sync_pictures",
]

# What happens in a project and leaves its labels alone.
_NO_LABELS = frozenset(
    (
        "assigned",
        "exported",
        "invited",
        "person-put",
        "person-removed",
        "revoked",
        "settings",
        "team-put",
        "team-removed",
    )
)
COCO_LIMIT_BYTES = 256 * 1024 * 1024
_JSON = "application/json"


def set_up_labeling(context: StepContext[Workbench]) -> Mapping[str, object]:
    """The project, its instructions, and the labels that exist already."""
    plan = context.lab.labeling
    if plan is None:
        return {}
    project = ensure_project(context.bench, plan)
    result: dict[str, object] = {"project": project.name, "summary": f"project {project.name}"}
    if plan.in_label_studio:
        synced = sync_pictures(context.bench, plan)
        result |= {"pictures": synced.total, "summary": f"project {project.name}, {synced.total} pictures"}
    else:
        set_up_people(context.bench, plan)
    if plan.imported is not None:
        kept = done_by_people(context.bench, plan)
        report = import_labels(context.lab, context.bench, plan, context.say, keep=kept)
        told = f"; {len(kept)} are as people left them" if kept else ""
        result |= {
            "labeled": report.labeled,
            "ignored": report.ignored,
            "summary": f"project {project.name}, {report.labeled} pictures labeled{told}",
        }
    return result


def ensure_project(bench: Workbench, plan: LabelingPlan) -> "Project":
    """The project, made when it is not there yet. Raises Refused when its name stands for something else."""
    from automation.labeling import ProjectSpec

    spec = ProjectSpec(name=plan.project, task=plan.task.value, classes=plan.classes, data_id="")
    text = plan.instructions.read_text("utf-8") if plan.instructions is not None else None
    if plan.in_label_studio:
        place = bench.blobs.url(plan.container, "")
        return bench.label_studio(plan.url).ensure(replace(spec, data_id=place, instructions=text))
    if not bench.cloud.is_local:
        bench.labeling.find(plan.project)  # says that Azure has no such service any more, before anything is made
    datastore = bench.outputs().datastores[plan.container]
    data_id = bench.labeling.ensure_data_asset(plan.container, datastore)
    instructions_uri = None
    if plan.instructions is not None:
        name = f"instructions/{plan.instructions.name}"
        bench.blobs.wait_for_access(plan.container)
        bench.blobs.put(plan.container, name, plan.instructions.read_bytes(), "text/markdown; charset=utf-8")
        instructions_uri = bench.blobs.url(plan.container, name)
    return bench.labeling.ensure(replace(spec, data_id=data_id, instructions_uri=instructions_uri))


def sync_pictures(bench: Workbench, plan: LabelingPlan, progress: Progress = silent) -> "SyncReport":
    """Label Studio's tasks, one for each picture of the container, each with a link that is good for days."""
    studio = bench.label_studio(plan.url)
    if plan.connected:
        key = bench.storage_key()
        return studio.connect(plan.project, account=bench.blobs.account, container=plan.container, key=key)
    return studio.sync(plan.project, links_of(bench.blobs, plan.container), progress=progress)


def export_labels(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Each labeling dataset's COCO file: out of the project, in the service's form, into the container."""
    files: dict[str, object] = {}
    for plan in context.lab.datasets:
        if plan.labeling:
            dataset = export_project(context.bench, plan.labeling, context.lab.labeling, context.say)
            files[plan.name] = put_coco(context.lab, context.bench, plan, dataset)
    summary = ", ".join(f"{name}: {_said(f)}" for name, f in files.items())
    return {"summary": summary, "files": files, "content": files}


def labels_now(bench: Workbench, lab: Lab) -> object:
    """What tells whether people have labeled since the last export, without exporting."""
    plan = lab.labeling
    if plan is None:
        return None
    if plan.in_label_studio:
        return asdict(bench.label_studio(plan.url).pull(plan.project))
    if not bench.cloud.is_local:
        return None
    found = bench.labeling_data.statistics(plan.project)
    events = [event["n"] for event in found["history"] if event["what"] not in _NO_LABELS]
    return {"labeled": found["progress"]["labeled"], "last": max(events, default=None)}


def export_project(
    bench: Workbench,
    project: str,
    plan: LabelingPlan | None,
    say: Callable[[str], None],
    *,
    approved: bool = False,
) -> Dataset:
    """What has been labeled in a project. Raises DatasetError when that is nothing.

    Args:
        bench: Has the clients.
        project: Its name.
        plan: The lab's labeling plan, which says where projects are.
        say: Hears of what COCO cannot hold.
        approved: Whether only what a reviewer approved is wanted.
    """
    if plan is not None and plan.in_label_studio:
        if approved:
            raise Refused("Label Studio keeps no approvals that can be read", hint="leave out --approved")
        studio = bench.label_studio(plan.url)
        dataset, warnings = studio_dataset(studio.pull(project), studio.get(project).spec.classes)
        for line in summarise(warnings):
            say(line)
        if not dataset.images:
            raise DatasetError(
                f"nothing is labeled in project {project}",
                findings=(),
                hint=f"people label it at {studio.page(studio.get(project))}",
            )
        return dataset
    if approved:
        export, _ = bench.labeling_data.export(project, form="Coco", coordinates="normalized", approved=True)
    else:
        export = bench.labeling.export_coco(project)
    if export is None or not export.rows:
        raise DatasetError(
            f"nothing is {'approved' if approved else 'labeled'} in project {project}",
            findings=(),
            hint="label it (`visionlab labeling open`), or import labels (`visionlab labeling import`)",
        )
    # Azure says where an export is by its blob or by the folder that the blob is in.
    exports = bench.export_blobs
    names = [blob.name for blob in exports.list(export.container, export.path) if blob.name.endswith(".json")]
    if len(names) != 1:
        raise DatasetError(
            f"the export of project {project} has {len(names)} COCO files at {export.container}/{export.path}",
            findings=(),
            hint="run the command again: it exports anew",
        )
    return read_coco(exports.get(export.container, names[0], limit_bytes=COCO_LIMIT_BYTES))


def put_coco_files(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Each COCO file of this machine, checked, in the service's form, into its container."""
    files: dict[str, object] = {}
    for plan in context.lab.datasets:
        if plan.coco_file is not None:
            folder = context.lab.folder_of(plan.container)
            quota = quota_of(context.lab, plan, kind_of(context.lab, plan))
            dataset, warnings = read_labels(plan.coco_file, folder, quota=quota)
            for line in summarise(warnings):
                context.say(line)
            files[plan.name] = put_coco(context.lab, context.bench, plan, dataset)
    return {"summary": ", ".join(f"{name}: {_said(f)}" for name, f in files.items()), "files": files}


def put_coco(lab: Lab, bench: Workbench, plan: DatasetPlan, dataset: Dataset) -> dict[str, object]:
    """A dataset as the vision service reads it, into its container; what it has."""
    sized = with_true_sizes(dataset, lab.folder_of(plan.container))
    ready = for_vision_service(sized, lambda name: bench.blobs.url(plan.container, name))
    content = dump(ready)
    bench.blobs.put(plan.container, plan.coco_name, content, _JSON)
    digest = hashlib.sha256(content).hexdigest()
    return {**counts(ready), "kind": kind_of(lab, plan, ready).value, "sha256": digest}


def _said(file: object) -> str:
    return f"{file['images']} pictures, {file['annotations']} labels" if isinstance(file, dict) else str(file)  # pyright: ignore[reportUnknownVariableType] # one of ours


def make_datasets(context: StepContext[Workbench]) -> Mapping[str, object]:
    """The vision service's datasets, one for each COCO file."""
    for plan in context.lab.datasets:
        files = context.results.get("labels" if plan.labeling else "files", {}).get("files", {})
        kind = ModelKind(files[plan.name]["kind"]) if plan.name in files else None
        context.bench.vision.datasets.ensure(dataset_spec(context.lab, context.bench, plan, kind))
    names = [plan.name for plan in context.lab.datasets]
    return {"summary": ", ".join(names), "datasets": names}


def dataset_spec(lab: Lab, bench: Workbench, plan: DatasetPlan, kind: ModelKind | None = None) -> DatasetSpec:
    """A dataset as we ask the service for it."""
    default = kind_of_task(lab.labeling.task) if plan.labeling and lab.labeling else kind_of(lab, plan)
    return DatasetSpec(
        name=plan.name,
        kind=kind or default,
        annotation_urls=(bench.blobs.url(plan.container, plan.coco_name),),
    )
